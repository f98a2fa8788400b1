-- Where does each element go, step by step?  One row per batch, route, element and change.
create or replace view recovery_waterfall as
with contained as (
    select
        batch_id,
        route_id,
        element,
        0 as step_no,
        'contained' as change,
        null::varchar as destination,
        sum(lost_kg) + coalesce(sum(out_kg) filter (product_id is not null), 0) as kg
    from batch_flow
    group by batch_id, route_id, element
),

lost as (
    select batch_id, route_id, element, step_no, 'lost' as change, sink as destination,
        sum(lost_kg) as kg
    from batch_flow
    where lost_kg > 0
    group by batch_id, route_id, element, step_no, sink
),

recovered as (
    select batch_id, route_id, element, step_no, 'recovered' as change,
        product_id as destination, sum(out_kg) as kg
    from batch_flow
    where product_id is not null and out_kg > 0
    group by batch_id, route_id, element, step_no, product_id
),

change as (
    from contained
    union all by name
    from lost
    union all by name
    from recovered
)

select
    change.batch_id,
    change.route_id,
    change.element,
    change.step_no,
    route_step.title as step,
    change.change,
    change.destination,
    change.kg,
    -- never below nothing: the last digit of a sum may be
    greatest(0, sum(case change.change when 'contained' then change.kg else -change.kg end) over (
        partition by change.batch_id, change.route_id, change.element
        order by change.step_no, change.change, change.destination
        rows unbounded preceding
    )) as remaining_kg
from change
left join route_step using (route_id, step_no)
order by
    change.batch_id, change.route_id, change.element, change.step_no, change.change,
    change.destination;

comment on view recovery_waterfall is 'One batch, route, element and change: contained, then what each step loses or recovers.';
comment on column recovery_waterfall.batch_id is 'The batch.';
comment on column recovery_waterfall.route_id is 'The route.';
comment on column recovery_waterfall.element is 'The element.';
comment on column recovery_waterfall.step_no is 'Place of the step; 0 for what is contained. [1]';
comment on column recovery_waterfall.step is 'Title of the step.';
comment on column recovery_waterfall.change is 'contained, lost or recovered.';
comment on column recovery_waterfall.destination is 'Sink it is lost to, or product it leaves as.';
comment on column recovery_waterfall.kg is 'Mean element mass of the change; sum one kind of change at a time. [kg, summable]';
comment on column recovery_waterfall.remaining_kg is 'Mean element mass still on its way after the change. [kg]';
