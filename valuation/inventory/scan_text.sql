-- What are the texts of each item of the file at hand?  One row per item.
with told as (
    select item_key, texts from scan_told
    union all
    select item_key, any_value(texts)
    from scan_record
    where file_number = $file_number and texts is not null
    group by item_key
)

select item_key, {columns}
from told
where item_key in (select item_key from scan)
