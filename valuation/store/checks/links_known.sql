-- Does every row lead somewhere?  Offending rows: an identifier without its row in the other table.
-- Items are looked up at once: as texts beside the others they would be most of the work.
with link as (
    select distinct 'batch_file' as table_name, 'batch' as other_table, batch_id as id
    from batch_file
    union all
    select distinct 'line', 'batch', batch_id
    from line
    union all
    select distinct 'batch_item', 'batch', batch_id
    from batch_item
    union all
    select distinct 'batch_flow', 'batch', batch_id
    from batch_flow
    union all
    select distinct 'batch_cost', 'batch', batch_id
    from batch_cost
    union all
    select distinct 'batch_value', 'batch', batch_id
    from batch_value
    union all
    select distinct 'batch_draw', 'batch', batch_id
    from batch_draw
    union all
    select distinct 'batch_capacity', 'batch', batch_id
    from batch_capacity
    union all
    select distinct 'batch_sensitivity', 'batch', batch_id
    from batch_sensitivity
    union all
    select distinct 'batch_break_even', 'batch', batch_id
    from batch_break_even
    union all
    select distinct 'batch_measurement', 'batch', batch_id
    from batch_measurement
    union all
    select distinct 'batch_measurement', 'route', route_id
    from batch_measurement
    union all
    select distinct 'batch', 'run', run_id
    from batch
    union all
    select distinct 'input_file', 'run', run_id
    from input_file
    union all
    select distinct 'batch_file', 'input_file', file_id
    from batch_file
    union all
    select distinct 'line', 'input_file', file_id
    from line
    union all
    select distinct 'rejected_line', 'input_file', file_id
    from rejected_line
    union all
    select distinct 'line', 'item', item_id::varchar
    from line
    anti join item using (item_id)
    union all
    select distinct 'batch_item', 'item', item_id::varchar
    from batch_item
    anti join item using (item_id)
    union all
    select distinct 'item_evidence', 'item', item_id::varchar
    from item_evidence
    anti join item using (item_id)
    union all
    select distinct 'batch_flow', 'route', route_id
    from batch_flow
    union all
    select distinct 'batch_cost', 'route', route_id
    from batch_cost
    union all
    select distinct 'batch_value', 'route', route_id
    from batch_value
    where route_id is not null
    union all
    select distinct 'batch_sensitivity', 'route', route_id
    from batch_sensitivity
    where route_id is not null
    union all
    select distinct 'batch_break_even', 'route', route_id
    from batch_break_even
    union all
    select distinct 'batch_flow', 'product', product_id
    from batch_flow
    where product_id is not null
    union all
    select distinct 'batch_value', 'product', product_id
    from batch_value
    where product_id <> 'total'
),

known as (
    select 'batch' as other_table, batch_id as id
    from batch
    union all
    select 'run', run_id
    from run
    union all
    select 'input_file', file_id
    from input_file
    union all
    select 'route', route_id
    from route
    union all
    select 'product', product_id
    from product
)

select link.table_name, link.other_table, link.id
from link
anti join known using (other_table, id)
order by all;
