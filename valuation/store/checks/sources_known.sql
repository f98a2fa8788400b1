-- Can every figure be traced?  Offending rows: a source that is not in the table of sources.
with named as (
    select 'content' as table_name, concat(item_class, '/', stream) as key, unnest(sources) as source_id
    from content
    union all
    select 'price', concat(deck_id, '/', product_id), source_id
    from price
    union all
    select 'route', route_id, source_id
    from route
    union all
    select 'route_step', concat(route_id, '/', step_no), source_id
    from route_step
    union all
    select 'route_capture', concat(step_id, '/', stream, '/', element), source_id
    from route_capture
    union all
    select 'route_cost', concat(step_id, '/', cost_id), source_id
    from route_cost
    union all
    select 'route_capacity', concat(route_id, '/', reading), source_id
    from route_capacity
    union all
    select 'assumption', assumption_id, source_id
    from assumption
    union all
    select table_name, row_key, source_id
    from reference_row
    union all
    select 'own_measurement', concat(source_id, '/', source_row), source_id
    from own_measurement
    union all
    select table_name, row_key, unnest(source_ids)
    from reference_row
)

select named.table_name, named.key, named.source_id
from named
anti join source using (source_id)
where named.source_id is not null
order by all;
