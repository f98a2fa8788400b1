-- Is each table's key a key?  Offending rows: a key that stands twice.
with key as (
    select 'run' as table_name, run_id as key
    from run
    union all
    select 'batch', batch_id
    from batch
    union all
    select 'batch_file', concat_ws('/', batch_id, file_id)
    from batch_file
    union all
    select 'input_file', file_id
    from input_file
    union all
    select 'rejected_line', concat_ws('/', file_id, source_line)
    from rejected_line
    union all
    select 'item', item_id::varchar
    from item
    union all
    select 'item_evidence', concat_ws('/', item_id, clue)
    from item_evidence
    union all
    select 'content', concat_ws('/', item_class, stream)
    from content
    union all
    select 'batch_item', concat_ws('/', batch_id, item_id, origin, coalesce(component_class, '-'))
    from batch_item
    union all
    select 'batch_flow', concat_ws('/', batch_id, route_id, step_no, element,
        coalesce(sink, '-'), coalesce(product_id, '-'))
    from batch_flow
    union all
    select 'batch_cost', concat_ws('/', batch_id, route_id, step_no, cost_id)
    from batch_cost
    union all
    select 'batch_value', concat_ws('/', batch_id, coalesce(route_id, '-'),
        coalesce(product_id, '-'), coalesce(element, '-'), measure)
    from batch_value
    union all
    select 'batch_draw', concat_ws('/', batch_id, coalesce(route_id, '-'),
        coalesce(product_id, '-'), coalesce(element, '-'), measure)
    from batch_draw
    union all
    select 'batch_sensitivity', concat_ws('/', batch_id, coalesce(route_id, '-'), measure,
        parameter_group)
    from batch_sensitivity
    union all
    select 'batch_break_even', concat_ws('/', batch_id, route_id, what, against)
    from batch_break_even
    union all
    select 'parameter_draw', parameter_key
    from parameter_draw
    union all
    select 'route', route_id
    from route
    union all
    select 'route_step', concat_ws('/', route_id, step_no)
    from route_step
    union all
    select 'batch_capacity', concat_ws('/', batch_id, route_id, reading, boundary)
    from batch_capacity
    union all
    select 'route_step_form', concat_ws('/', form, step_id)
    from route_step_form
    union all
    select 'product', product_id
    from product
    union all
    select 'class_value', concat_ws('/', item_class, route_id)
    from class_value
    union all
    select 'price', concat_ws('/', deck_id, product_id, price_basis, form)
    from price
    union all
    select 'source', source_id
    from source
    union all
    select 'assumption', assumption_id
    from assumption
    union all
    select 'reference_row', concat_ws('/', table_name, row_key)
    from reference_row
    union all
    select 'part', part_id
    from part
    union all
    select 'part_mass', concat_ws('/', part_id, stream, element)
    from part_mass
    union all
    select 'route_path', concat_ws('/', route_id, form, purpose, step_no, coalesce(product_id, '-'),
        stream, element)
    from route_path
    union all
    select 'route_sale', concat_ws('/', route_id, form, product_id)
    from route_sale
    union all
    select 'product_price', concat_ws('/', product_id, element)
    from product_price
)

select table_name, key, count(*) as times
from key
group by table_name, key
having count(*) > 1
order by all;
