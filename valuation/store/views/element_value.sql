-- What does a contained kilogram of an element bring on a route?  One row per batch, route, element.
create or replace view element_value as
with flow as (
    select
        batch_id,
        route_id,
        product_id,
        element,
        sum(out_kg) as recovered_kg
    from batch_flow
    where product_id is not null
    group by batch_id, route_id, product_id, element
),

gross as (
    select batch_id, route_id, product_id, element, mean as gross_usd
    from batch_value
    where measure = 'gross_usd' and route_id is not null and product_id <> 'total'
),

-- Where a product is not priced by element, its elements share the proceeds by mass.
shared as (
    select
        flow.batch_id,
        flow.route_id,
        flow.element,
        flow.recovered_kg,
        coalesce(
            by_element.gross_usd,
            whole.gross_usd * flow.recovered_kg / nullif(sum(flow.recovered_kg) over product, 0)
        ) as gross_usd
    from flow
    left join gross as by_element
        on by_element.batch_id = flow.batch_id
        and by_element.route_id = flow.route_id
        and by_element.product_id = flow.product_id
        and by_element.element = flow.element
    left join gross as whole
        on whole.batch_id = flow.batch_id
        and whole.route_id = flow.route_id
        and whole.product_id = flow.product_id
        and whole.element is null
    window product as (partition by flow.batch_id, flow.route_id, flow.product_id)
),

contained as (
    select batch_id, element, mean as contained_kg
    from batch_value
    where measure = 'contained_kg' and route_id is null and product_id is null
)

select
    shared.batch_id,
    shared.route_id,
    shared.element,
    any_value(contained.contained_kg) as contained_kg,
    sum(shared.recovered_kg) as recovered_kg,
    sum(shared.gross_usd) as gross_usd,
    sum(shared.gross_usd) / nullif(any_value(contained.contained_kg), 0) as usd_per_contained_kg
from shared
left join contained using (batch_id, element)
group by shared.batch_id, shared.route_id, shared.element
order by shared.batch_id, shared.route_id, shared.element;

comment on view element_value is 'One batch, route and element: mean mass contained and recovered, and the proceeds it carries.';
comment on column element_value.batch_id is 'The batch.';
comment on column element_value.route_id is 'The route.';
comment on column element_value.element is 'The element.';
comment on column element_value.contained_kg is 'Mean mass contained. [kg]';
comment on column element_value.recovered_kg is 'Mean mass recovered, as element, over all products. [kg, summable]';
comment on column element_value.gross_usd is 'Mean proceeds the element carries; a product that is not priced by element is shared by mass. [USD, summable]';
comment on column element_value.usd_per_contained_kg is 'Those proceeds per contained kilogram. [USD/kg]';
