-- What names a line that was set aside, in a file written for a person to mend?  Functions that the
-- one who writes such files and the one who reads them back share.

-- The cells of a line as many as its columns: what is over stays in the last one, none is null.
create or replace temp macro fitted_cells(cells, width, separator) as
list_transform(
    list_append(
        list_resize(cells[1:width - 1], width - 1, ''),
        coalesce(array_to_string(cells[width:], separator), '')
    ),
    lambda cell: coalesce(cell, '')
);

-- A key of a line: equal cells under equal names have the same one, whatever the order of columns,
-- whatever blank ones a program adds, and whatever ends the lines inside them. Zeros in front, blanks
-- around and capitals do not count: a spreadsheet that loses them has mended nothing.
create or replace temp macro reject_key(file, line, cells, names) as
concat_ws(
    '-',
    file,
    line,
    left(
        sha256(
            replace(
                replace(
                    array_to_string(
                        list_sort(
                            list_transform(
                                list_filter(
                                    list_zip(names, cells), lambda pair: pair[2] <> ''
                                ),
                                lambda pair: concat(
                                    pair[1], chr(30), lower(ltrim(trim(pair[2]), '0'))
                                )
                            )
                        ),
                        chr(31)
                    ),
                    chr(13) || chr(10),
                    chr(10)
                ),
                chr(13),
                chr(10)
            )
        ),
        16
    )
);

create or replace temp macro is_reject_key(text) as
regexp_full_match(text, '[0-9a-f]{16}-[0-9]{1,15}-[0-9a-f]{16}');

-- The file a key names: the first half of the hash of its content.
create or replace temp macro keyed_file(text) as split_part(text, '-', 1);

create or replace temp macro keyed_line(text) as cast(split_part(text, '-', 2) as bigint);

-- A text that a spreadsheet would take for a formula is written with an apostrophe before it, and
-- so is one that begins like that already: taking one away is then exact.
create or replace temp macro guarded(cell, is_read_as_typed) as
case
    when regexp_matches(cell, '^''+[=+@\t\r-]') then '''' || cell
    when is_read_as_typed
        and regexp_matches(cell, '^[=+@\t\r-]')
        and not regexp_full_match(cell, '[+-]?([0-9]+([.,][0-9]+)*|[.,][0-9]+)')
    then '''' || cell
    else cell
end;

create or replace temp macro unguarded(cell) as
case when regexp_matches(cell, '^''+[=+@\t\r-]') then cell[2:] else cell end;

-- A cell without the ="..." that keeps a spreadsheet from changing it.
create or replace temp macro plain_cell(cell) as
case when regexp_full_match(cell, '(?s)=".*"') then cell[3:-2] else cell end;
