-- Which of these items stand on a row that may be a header: without a number for a quantity, and
-- without a serial that is no name of a column?  One row per item.
select distinct item_key
from scan_record
where file_number = $file_number
    and item_key in (select unnest($item_keys))
    and remark is distinct from chr(30)
    and try_cast(quantity_text as double) is null
    and (
        serial_key is null
        or serial_key in (select serial_key(name) from (select unnest($names) as name))
    )
