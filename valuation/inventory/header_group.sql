-- Which of these items stand in a group that may be of headers: without a number for a quantity?  One
-- row per item; asked before the records are, which are many more.
select distinct item_key
from scan
where item_key in (select unnest($item_keys))
    and remark is distinct from chr(30)
    and try_cast(quantity_text as double) is null
