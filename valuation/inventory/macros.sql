-- What may a cell hold besides its meaning?  Functions the scan of every file uses.

-- Whether a text begins with a printable ASCII sign, so that it is not blank.
create or replace temp macro is_told(text) as text >= '!' and text < chr(127);

-- The last sign of a text of ASCII, none of any other: to count signs of several bytes from the end,
-- as `right` does, takes four times as long.
create or replace temp macro last_ascii(text) as substr(text, strlen(text), 1);

-- Whether a text begins and ends with a printable ASCII sign, so that no blank is around it.
create or replace temp macro is_tight(text) as is_told(text) and last_ascii(text) > ' ';

create or replace temp macro is_blank(text) as
case
    when is_told(text) then false
    else coalesce(trim(text, getvariable('blanks')), '') = ''
end;

-- Without a regular expression: classes of Unicode letters take 5 ms each to compile.
create or replace temp macro is_letter_or_digit(sign) as
lower(sign) <> upper(sign) or sign between '0' and '9';

-- A text without a tag, serial or host name that stands in it as a word of its own.  Few hold one
-- at all, which is asked first and alone.
create or replace temp macro without_word(text, word) as
case
    when contains(text, word)
    then case
        when strlen(word) >= strlen(text) or length(word) < 3 then text
        when is_letter_or_digit(right(split_part(text, word, 1), 1))
            or is_letter_or_digit(substr(text, strpos(text, word) + length(word), 1))
        then text
        else trim(
            replace(
                split_part(text, word, 1)
                || ' '
                || substr(text, strpos(text, word) + length(word)),
                '( )',
                ''
            ),
            ' -:|,'
        )
    end
    else text
end;

create or replace temp macro is_scientific(serial) as
contains(serial, '+') and regexp_matches(serial, '^\s*[0-9]+([.,][0-9]+)?[eE][+][0-9]+\s*$');

create or replace temp macro without_blanks(text) as
case
    when is_tight(text) then text
    else trim(text, getvariable('blanks'))
end;

-- A serial as compared: none for what cannot tell one piece from another.
create or replace temp macro serial_text(serial) as
case
    when length(trim(serial)) < 2 then null
    when replace(trim(serial), left(trim(serial), 1), '') = '' then null
    when length(trim(serial)) < 4 and lower(serial) = upper(serial) then null
    when is_scientific(serial) then null
    else upper(trim(serial))
end;

-- The key a serial is compared by, null for none.  Most serials show that they are one: they are of
-- ASCII without blanks around them, and begin with another sign than they end with.
create or replace temp macro serial_key(serial) as
case
    when strlen(serial) > 3
        and serial >= '!'
        and not suffix(serial, ' ')
        and not starts_with(serial, last_ascii(serial))
        and not contains(serial, '+')
    then hash(upper(serial))
    when serial_text(serial) is not null then hash(serial_text(serial))
end;

-- Whether a date can only be read with its day first; what begins with a year is none.
create or replace temp macro is_day_first(day) as
case
    when day like '____-%' then false
    else regexp_matches(day, '^\s*(1[3-9]|2[0-9]|3[01])[/-][0-9]')
end;

create or replace temp macro iso_text(day) as strftime(day, '%Y-%m-%d');

-- A text without the time of day that follows a date.
create or replace temp macro without_time(text) as
case
    when contains(text, ':') then trim(regexp_replace(text, '[ T][ ]*[0-9]{1,2}:[0-9]{2}.*$', ''))
    else text
end;

create or replace temp macro day_month(text) as
try_strptime(text, ['%d/%m/%y', '%d/%m/%Y', '%d-%m-%y', '%d-%m-%Y']);

create or replace temp macro month_day(text) as
try_strptime(text, ['%m/%d/%y', '%m/%d/%Y', '%m-%d-%y', '%m-%d-%Y']);

-- A date in a form that has one reading only.  Years of two digits come first: `%Y` takes them too.
create or replace temp macro sure_date(text) as
try_strptime(
    text,
    [
        '%d.%m.%y', '%d.%m.%Y', '%Y-%m-%d', '%Y/%m/%d', '%Y.%m.%d', '%Y. %m. %d', '%Y. %m. %d.', '%Y.%m.%d.',
        '%Y년 %m월 %d일', '%d %b %Y', '%d %B %Y', '%d-%b-%y', '%d-%b-%Y',
        '%d. %b %Y', '%d. %B %Y', '%b %d, %Y', '%b %d %Y', '%B %d, %Y', '%B %d %Y'
    ]
);

-- A date as ISO text when it can be read, as received otherwise; 44066 is a day of a spreadsheet.
-- What could be a day or a month is what it is elsewhere in the file.
create or replace temp macro dated(text, day, is_day_first) as
coalesce(
    case
        when regexp_matches(day, '^[1-6][0-9]{4}([.,][0-9]+)?$')
        then iso_text(date '1899-12-30' + cast(left(day, 5) as integer))
        when regexp_matches(day, '^(19|20)[0-9]{6}$') then iso_text(try_strptime(day, '%Y%m%d'))
        when regexp_matches(day, '^[0-9]{1,2}[/-][0-9]{1,2}[/-]([0-9]{2}|[0-9]{4})$')
        then iso_text(
            case
                when is_day_first then coalesce(day_month(day), month_day(day))
                else coalesce(month_day(day), day_month(day))
            end
        )
        else iso_text(sure_date(day))
    end,
    text
);

create or replace temp macro iso_date(text, is_day_first) as
dated(text, without_time(text), is_day_first);
