-- How many records does the file at hand hold of each batch, item and quantity?  One row per group.
create or replace temp table scan as
select
    batch_id,
    item_key,
    quantity_text,
    {seldom}count(*) as lines
from scan_record
where file_number = $file_number
group by batch_id, item_key, quantity_text{seldom_keys};
