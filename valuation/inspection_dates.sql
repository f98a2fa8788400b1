-- How many purchase dates of each file cannot be read or cannot be right?  One row per file.
select
    file_id,
    count_if(not regexp_matches(purchase_date, '^[0-9]{4}-[0-9]{2}-[0-9]{2}'))::bigint as unread,
    count_if(
        regexp_matches(purchase_date, '^[0-9]{4}-[0-9]{2}-[0-9]{2}')
        and (purchase_date > $1 or purchase_date < '1980')
    )::bigint as impossible
from read_line
where purchase_date is not null
group by all;
