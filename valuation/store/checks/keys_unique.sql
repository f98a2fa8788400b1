-- Is each table's key a key?  Offending rows: a key that stands twice.
select 'run' as table_name, run_id as key, count(*) as times
from run
group by run_id
having count(*) > 1
union all
select 'batch', batch_id, count(*)
from batch
group by batch_id
having count(*) > 1
union all
select 'batch_file', concat_ws('/', batch_id, file_id), count(*)
from batch_file
group by batch_id, file_id
having count(*) > 1
union all
select 'input_file', file_id, count(*)
from input_file
group by file_id
having count(*) > 1
union all
select 'rejected_line', concat_ws('/', file_id, source_line), count(*)
from rejected_line
group by file_id, source_line
having count(*) > 1
union all
select 'item', item_id::varchar, count(*)
from item
group by item_id
having count(*) > 1
union all
select 'item_evidence', concat_ws('/', item_id, clue), count(*)
from item_evidence
group by item_id, clue
having count(*) > 1
union all
select 'content', concat_ws('/', item_class, stream), count(*)
from content
group by item_class, stream
having count(*) > 1
union all
select 'batch_item', concat_ws('/', batch_id, item_id, origin,
    coalesce(component_class, '-')), count(*)
from batch_item
group by batch_id, item_id, origin, component_class
having count(*) > 1
union all
select 'batch_flow', concat_ws('/', batch_id, route_id, step_no, element,
    coalesce(sink, '-'), coalesce(product_id, '-')), count(*)
from batch_flow
group by batch_id, route_id, step_no, element, sink, product_id
having count(*) > 1
union all
select 'batch_cost', concat_ws('/', batch_id, route_id, step_no, cost_id), count(*)
from batch_cost
group by batch_id, route_id, step_no, cost_id
having count(*) > 1
union all
select 'batch_value', concat_ws('/', batch_id, coalesce(route_id, '-'),
    coalesce(product_id, '-'), coalesce(element, '-'), measure), count(*)
from batch_value
group by batch_id, route_id, product_id, element, measure
having count(*) > 1
union all
select 'batch_draw', concat_ws('/', batch_id, coalesce(route_id, '-'),
    coalesce(product_id, '-'), coalesce(element, '-'), measure), count(*)
from batch_draw
group by batch_id, route_id, product_id, element, measure
having count(*) > 1
union all
select 'batch_sensitivity', concat_ws('/', batch_id,
    coalesce(route_id, '-'), measure, parameter_group), count(*)
from batch_sensitivity
group by batch_id, route_id, measure, parameter_group
having count(*) > 1
union all
select 'batch_break_even', concat_ws('/', batch_id, route_id, what, against), count(*)
from batch_break_even
group by batch_id, route_id, what, against
having count(*) > 1
union all
select 'parameter_draw', parameter_key, count(*)
from parameter_draw
group by parameter_key
having count(*) > 1
union all
select 'route', route_id, count(*)
from route
group by route_id
having count(*) > 1
union all
select 'route_step', concat_ws('/', route_id, step_no), count(*)
from route_step
group by route_id, step_no
having count(*) > 1
union all
select 'batch_capacity', concat_ws('/', batch_id, route_id, reading, boundary), count(*)
from batch_capacity
group by batch_id, route_id, reading, boundary
having count(*) > 1
union all
select 'route_step_form', concat_ws('/', form, step_id), count(*)
from route_step_form
group by form, step_id
having count(*) > 1
union all
select 'product', product_id, count(*)
from product
group by product_id
having count(*) > 1
union all
select 'class_value', concat_ws('/', item_class, route_id), count(*)
from class_value
group by item_class, route_id
having count(*) > 1
union all
select 'price', concat_ws('/', deck_id, product_id, price_basis, form), count(*)
from price
group by deck_id, product_id, price_basis, form
having count(*) > 1
union all
select 'source', source_id, count(*)
from source
group by source_id
having count(*) > 1
union all
select 'assumption', assumption_id, count(*)
from assumption
group by assumption_id
having count(*) > 1
union all
select 'reference_row', concat_ws('/', table_name, row_key), count(*)
from reference_row
group by table_name, row_key
having count(*) > 1
union all
select 'part', part_id, count(*)
from part
group by part_id
having count(*) > 1
union all
select 'part_mass', concat_ws('/', part_id, stream, element), count(*)
from part_mass
group by part_id, stream, element
having count(*) > 1
union all
select 'route_path', concat_ws('/', route_id, form, purpose, step_no,
    coalesce(product_id, '-'), stream, element), count(*)
from route_path
group by route_id, form, purpose, step_no, product_id, stream, element
having count(*) > 1
union all
select 'route_sale', concat_ws('/', route_id, form, product_id), count(*)
from route_sale
group by route_id, form, product_id
having count(*) > 1
union all
select 'product_price', concat_ws('/', product_id, element), count(*)
from product_price
group by product_id, element
having count(*) > 1
order by all;
