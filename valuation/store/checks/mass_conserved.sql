-- Is every kilogram recovered or lost?  Offending rows: a flow that does not close.
with row_of_flow as (
    select batch_id, route_id, step_no, element, in_kg, out_kg + lost_kg as away_kg
    from batch_flow
),

chain as (
    select
        batch_id,
        route_id,
        element,
        coalesce(sum(out_kg) filter (product_id is not null), 0) + sum(lost_kg) as away_kg
    from batch_flow
    group by batch_id, route_id, element
),

contained as (
    select batch_id, element, mean as contained_kg
    from batch_value
    where measure = 'contained_kg' and route_id is null and product_id is null
        and mean is not null
),

-- A route that is planned at all must account for everything that has a contained mass.
expected as (
    select contained.batch_id, flow.route_id, contained.element, contained.contained_kg
    from contained
    join (select distinct batch_id, route_id from batch_flow) as flow using (batch_id)
    where contained.element in ('nd', 'pr', 'dy', 'tb', 'al', 'fe', 'cu', 'au', 'ag', 'pd')
)

select
    'step' as place, batch_id, route_id, element, step_no, in_kg as expected_kg,
    away_kg as found_kg
from row_of_flow
where coalesce(abs(in_kg - away_kg) > 1e-9 * greatest(abs(in_kg), abs(away_kg)), true)
    or isnan(in_kg) or isnan(away_kg)
union all
select
    'route', batch_id, route_id, element, null, expected.contained_kg, chain.away_kg
from expected
left join chain using (batch_id, route_id, element)
where abs(expected.contained_kg - coalesce(chain.away_kg, 0))
    > 1e-9 * greatest(abs(expected.contained_kg), abs(coalesce(chain.away_kg, 0)))
order by all;
