-- How sure are we of a sum over batches?  One row: draws are added place by place, then cut.
-- An argument left out must not matter: where several series match, the figures are null.
--   from quantile_of_sum('net_usd', 'ionic-belfast');
--   from quantile_of_sum('contained_ree_kg', of_batches := ['lot-1', 'lot-2']);
create or replace macro quantile_of_sum(
    of_measure,
    of_route := null,
    of_product := null,
    of_element := null,
    of_batches := null
) as table
with asked as (
    select batch_id
    from batch
    where of_batches is null or list_contains(of_batches::varchar[], batch_id)
),

chosen as (
    select batch_id, route_id, product_id, element, measure, draws
    from batch_draw
    semi join asked using (batch_id)
    where measure = of_measure
        and (of_route is null or route_id = of_route)
        and (of_product is null or product_id = of_product)
        and (of_element is null or element = of_element)
),

place as (
    select unnest(draws) as figure, generate_subscripts(draws, 1) as place
    from chosen
),

world as (
    select place, sum(figure::double) as total
    from place
    group by place
),

-- The mean is the sum of the published means, so that it equals what batch_value adds up to.
published as (
    select sum(batch_value.mean) as mean
    from chosen
    join batch_value
        on batch_value.batch_id = chosen.batch_id
        and batch_value.measure = chosen.measure
        and batch_value.route_id is not distinct from chosen.route_id
        and batch_value.product_id is not distinct from chosen.product_id
        and batch_value.element is not distinct from chosen.element
),

series as (
    select
        count(distinct batch_id) as batches,
        count(distinct (route_id, product_id, element)) as series
    from chosen
),

counted as (
    select
        series.series,
        series.batches,
        coalesce(len(list_distinct(of_batches::varchar[])), count(batch.batch_id))
            - series.batches as batches_left_out
    from series
    left join batch on true
    group by series.series, series.batches
),

cut as (
    select
        quantile_cont(total, 0.1) as p10,
        quantile_cont(total, 0.5) as p50,
        quantile_cont(total, 0.9) as p90
    from world
)

select
    counted.batches,
    counted.batches_left_out,
    case when counted.series = 1 then published.mean end as mean,
    case when counted.series = 1 then cut.p10 end as p10,
    case when counted.series = 1 then cut.p50 end as p50,
    case when counted.series = 1 then cut.p90 end as p90,
    case
        when counted.series = 0 then 'no batch keeps draws of this'
        when counted.series > 1
            then 'several routes, products or elements match: name one of each'
        when counted.batches_left_out > 0 then 'batches without draws of this are left out'
    end as reason
from counted
cross join published
cross join cut;

comment on macro table quantile_of_sum is 'Mean, P10, P50 and P90 of one measure summed over batches: all, or those listed.';
