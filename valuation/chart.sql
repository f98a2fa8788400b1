-- What does the picture show?  Contained rare earths by batch, and net value of all batches by route.

create or replace temp view chart_contained as
select
    batch_id,
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

quantiles as (
    select route_id, quantile_cont(total, 0.1) as p10, quantile_cont(total, 0.9) as p90
    from world
    group by route_id
)

select
    summed.route_id,
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
left join quantiles using (route_id);
