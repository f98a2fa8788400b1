-- What are the sales of a batch made of?  One row per batch, route and group of products.
create or replace view value_share as
with part as (
    select
        batch_id,
        route_id,
        case
            when measure = 'ree_gross_usd' then 'rare_earths'
            when measure = 'other_gross_usd' then 'other_metals'
            when measure = 'resale_usd' then 'resale'
            else product_id
        end as value_group,
        mean,
        p10,
        p90
    from batch_value
    where measure in ('ree_gross_usd', 'other_gross_usd', 'resale_usd')
        or (measure = 'gross_usd' and product_id in ('aluminium', 'steel', 'boards'))
),

total as (
    select batch_id, route_id, mean
    from batch_value
    where measure = 'gross_usd' and product_id = 'total'
),

-- what a route of resale sells besides: its rest, recycled on another route
rest as (
    select
        total.batch_id,
        total.route_id,
        'recycled_rest' as value_group,
        total.mean - part.mean as mean
    from total
    join part using (batch_id, route_id)
    where part.value_group = 'resale'
)

select
    part.batch_id,
    part.route_id,
    part.value_group,
    part.mean as gross_usd,
    part.p10 as gross_usd_p10,
    part.p90 as gross_usd_p90,
    part.mean / nullif(total.mean, 0) as gross_share
from (from part union all by name from rest) as part
join total using (batch_id, route_id)
order by part.batch_id, part.route_id, part.mean desc nulls last, part.value_group;

comment on view value_share is 'One batch, route and group of products: its sales and its share of all sales of the route, before costs.';
comment on column value_share.batch_id is 'The batch.';
comment on column value_share.route_id is 'The route.';
comment on column value_share.value_group is 'rare_earths (in whatever product), aluminium, steel, boards, other_metals (copper, gold, silver, palladium sold as such), resale (units that pass) or recycled_rest (what is not sold again).';
comment on column value_share.gross_usd is 'Mean sales; null where a product has no price. [USD, summable]';
comment on column value_share.gross_usd_p10 is '10 % point of those sales. [USD]';
comment on column value_share.gross_usd_p90 is '90 % point of those sales. [USD]';
comment on column value_share.gross_share is 'Mean sales as a share of those of the route, 0-1. [1]';
