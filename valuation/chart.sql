-- What does the picture show?  Contained rare earths by batch, and net value of all batches by route.

create or replace temp view chart_contained as
select
    batch_id,
    false as is_last,
    mean,
    p10,
    p90,
    p90 as edge,
    printf('%.2g kg', mean) as label
from batch_value
where measure = 'contained_ree_kg' and mean > 0
order by mean desc
limit 12;

create or replace temp view chart_net as
with summed as (
    select route_id, sum(mean) as mean, count(*) as batches, count(mean) as known
    from batch_value
    where measure = 'net_usd'
    group by route_id
),

place as (
    select route_id, unnest(draws) as figure, generate_subscripts(draws, 1) as place
    from batch_draw
    where measure = 'net_usd'
),

world as (
    select route_id, place, sum(figure::double) as total
    from place
    group by all
),

policy as (
    select route_id, bool_or(not is_allowed) as is_forbidden
    from batch_route_policy
    group by route_id
),

quantiles as (
    select route_id, quantile_cont(total, 0.1) as p10, quantile_cont(total, 0.9) as p90
    from world
    group by route_id
)

select
    -- what the owner forbids in any batch is told so, and comes after what is allowed
    concat(summed.route_id, if(policy.is_forbidden, ' (forbidden)', '')) as route_id,
    coalesce(policy.is_forbidden, false) as is_last,
    if(batches = known, mean, null) as mean,
    if(batches = known, p10, null) as p10,
    if(batches = known, p90, null) as p90,
    if(batches = known, p90, 0) as edge,
    -- two digits: the interval is far wider than a third would say
    if(
        batches = known,
        format('{:,} USD', round(mean, 1 - floor(log10(greatest(abs(mean), 1)))::int)::bigint),
        'not known: see the reason in batch_value'
    ) as label
from summed
left join quantiles using (route_id)
left join policy using (route_id);
