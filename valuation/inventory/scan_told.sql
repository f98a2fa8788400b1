-- Which items do the first records of the file at hand name, so that their texts need be kept once?
-- One row per item.
create or replace temp table scan_told as
select item_key, any_value({item_texts}) as texts
from (from source_row limit $records) as source_row
group by item_key;
