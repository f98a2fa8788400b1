-- Which route is worth most for a batch, and how sure are we?  One row per batch and route.
create or replace view route_comparison as
with total as (
    select
        batch_id,
        route_id,
        any_value(mean) filter (measure = 'gross_usd') as gross_usd,
        any_value(mean) filter (measure = 'cost_usd') as cost_usd,
        any_value(mean) filter (measure = 'net_usd') as net_usd,
        any_value(p10) filter (measure = 'net_usd') as net_usd_p10,
        any_value(p50) filter (measure = 'net_usd') as net_usd_p50,
        any_value(p90) filter (measure = 'net_usd') as net_usd_p90,
        any_value(mean_at_fixed_prices) filter (measure = 'net_usd') as net_at_fixed_prices_usd,
        any_value(mean) filter (measure = 'net_before_unknown_usd') as net_before_unknown_usd,
        any_value(reason) filter (measure = 'net_usd') as reason
    from batch_value
    where route_id is not null
        and element is null
        and coalesce(product_id, 'total') = 'total'
    group by batch_id, route_id
),

magnet as (
    select
        batch_item.batch_id,
        part_value.route_id,
        case
            when count(*) = count(part_value.ree_gross_usd_per_unit)
                then sum(batch_item.units * part_value.ree_gross_usd_per_unit)
        end as ree_gross_usd
    from batch_item
    join part_value using (part_id)
    where batch_item.units > 0
    group by batch_item.batch_id, part_value.route_id
),

rare_earth as (
    select
        batch_id,
        route_id,
        sum(out_kg) filter (product_id is not null) as recovered_ree_kg,
        sum(lost_kg) as lost_ree_kg
    from batch_flow
    where element in ('nd', 'pr', 'dy', 'tb')
    group by batch_id, route_id
),

cost as (
    select
        batch_id,
        route_id,
        coalesce(sum(mean) filter (basis = 'assumed'), 0) / nullif(sum(mean), 0)
            as assumed_cost_share,
        count(*) filter (unknown) as unknown_costs
    from batch_cost
    group by batch_id, route_id
),

ranked as (
    select
        batch_id,
        route_id,
        row_number() over (partition by batch_id order by net_usd desc, route_id) as place
    from total
    left join batch_route_policy as policy using (batch_id, route_id)
    where net_usd is not null and coalesce(policy.is_allowed, true)
)

select
    total.batch_id,
    total.route_id,
    route.title,
    route.settlement,
    route.point_of_sale,
    route.status,
    ranked.place,
    coalesce(rare_earth.recovered_ree_kg, 0) as recovered_ree_kg,
    rare_earth.recovered_ree_kg / nullif(rare_earth.recovered_ree_kg + rare_earth.lost_ree_kg, 0)
        as recovered_ree_share,
    total.gross_usd,
    magnet.ree_gross_usd,
    total.cost_usd,
    cost.assumed_cost_share,
    cost.unknown_costs,
    total.net_usd,
    total.net_usd_p10,
    total.net_usd_p50,
    total.net_usd_p90,
    total.net_at_fixed_prices_usd,
    total.net_before_unknown_usd,
    total.net_usd * 1000 / nullif(batch.gross_mass_kg, 0) as net_usd_per_t,
    total.reason,
    coalesce(policy.is_allowed, true) as is_allowed,
    policy.policy_id,
    policy.reason as policy_reason
from total
left join batch using (batch_id)
left join route using (route_id)
left join rare_earth using (batch_id, route_id)
left join magnet using (batch_id, route_id)
left join cost using (batch_id, route_id)
left join ranked using (batch_id, route_id)
left join batch_route_policy as policy using (batch_id, route_id)
order by total.batch_id, ranked.place nulls last, total.net_usd desc nulls last, total.route_id;

comment on view route_comparison is 'One batch and route: what comes out and what it is worth, best route first.';
comment on column route_comparison.batch_id is 'The batch.';
comment on column route_comparison.route_id is 'The route.';
comment on column route_comparison.title is 'Title of the route.';
comment on column route_comparison.settlement is 'How its products are paid: own, sell_feed or toll.';
comment on column route_comparison.point_of_sale is 'Where we sell.';
comment on column route_comparison.status is 'Running, pilot, planned, talks ...';
comment on column route_comparison.place is 'Place by mean net; null where a cost or price is unknown or the owner''s policy forbids the route. [1]';
comment on column route_comparison.recovered_ree_kg is 'Mean Nd, Pr, Dy and Tb recovered, as elements. [kg, summable]';
comment on column route_comparison.recovered_ree_share is 'Share of the contained Nd, Pr, Dy and Tb that is recovered, 0-1. [1]';
comment on column route_comparison.gross_usd is 'Mean sales at the point of sale. [USD, summable]';
comment on column route_comparison.ree_gross_usd is 'Of those sales, from products that hold rare earths; null where one has no price. [USD, summable]';
comment on column route_comparison.cost_usd is 'Mean of the known costs. [USD, summable]';
comment on column route_comparison.assumed_cost_share is 'Share of the known mean cost whose basis is assumed, 0-1. [1]';
comment on column route_comparison.unknown_costs is 'Cost lines nobody could bracket. [1]';
comment on column route_comparison.net_usd is 'Mean chain net before any payment to the owner. [USD, summable]';
comment on column route_comparison.net_usd_p10 is '10 % point of the net. [USD]';
comment on column route_comparison.net_usd_p50 is 'Median of the net. [USD]';
comment on column route_comparison.net_usd_p90 is '90 % point of the net. [USD]';
comment on column route_comparison.net_at_fixed_prices_usd is 'Mean net with every price at its mid. [USD, summable]';
comment on column route_comparison.net_before_unknown_usd is 'Mean net before the unknown costs: an upper bound, never an offer. [USD, summable]';
comment on column route_comparison.net_usd_per_t is 'Mean net per tonne of kit. [USD/t]';
comment on column route_comparison.reason is 'Why there is no net.';
comment on column route_comparison.is_allowed is 'Whether the owner''s policy lets the batch take the route; true where nothing is stated.';
comment on column route_comparison.policy_id is 'Owner''s policy; null when not stated.';
comment on column route_comparison.policy_reason is 'Why the route is allowed or forbidden.';
