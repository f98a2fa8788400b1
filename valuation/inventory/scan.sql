-- How many records does the file at hand hold of each batch, item and quantity?  One row per group.
create or replace temp table scan as
select
    batch_id,
    item_key,
    quantity_text,
    is_untagged,
    remark,
    count(*) as lines,
    count_if(is_scientific) as scientific_serials,
    count_if(is_unusual) as unusual_status,
    count(*) filter (where form = 'whole') as whole_lines,
    count(*) filter (where form = 'module') as module_lines,
    count(*) filter (where form = 'shredded') as shredded_lines,
    bool_or(is_day_first) as is_day_first
from scan_record
where file_number = $file_number
group by all;
