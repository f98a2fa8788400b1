-- How many lines does the file hold of each batch, item and quantity?  One pass over its records.
create or replace temp table scan as
select
    batch_id,
    item_key,
    quantity_text,
    is_untagged,
    remark,
    count(*) as lines,
    count_if(is_scientific(serial)) as scientific_serials,
    count_if(word.is_unusual) as unusual_status,
    count(*) filter (where word.form = 'whole') as whole_lines,
    count(*) filter (where word.form = 'module') as module_lines,
    count(*) filter (where word.form = 'shredded') as shredded_lines,
    bool_or(regexp_matches(purchase_date, '^\s*(1[3-9]|2[0-9]|3[01])[/-][0-9]')) as is_day_first,
    list(hash(serial_text(serial))) filter (where serial_text(serial) is not null) as serial_keys,
    any_value(manufacturer) as manufacturer,
    any_value(model) as model,
    any_value(part_number) as part_number,
    any_value(description) as description,
    any_value(component_name) as component_name,
    any_value(other_model) as other_model,
    any_value(type) as type,
    any_value(capacity) as capacity
from source_row
left join inventory_status as word on word.word = lower(trim(source_row.status))
group by all;
