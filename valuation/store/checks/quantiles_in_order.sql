-- Does every range lie the right way round?  Offending rows: p10 <= p50 <= p90 broken or half given.
select 'batch_value' as table_name, batch_id, route_id, product_id, element, measure, p10, p50, p90
from batch_value
where not coalesce(p10 <= p50 and p50 <= p90, p10 is null and p50 is null and p90 is null)
    or isnan(mean) or isnan(p10) or isnan(p90)
union all by name
select 'batch_cost' as table_name, batch_id, route_id, cost_id as measure, p10, p90
from batch_cost
where not coalesce(p10 <= p90, p10 is null and p90 is null)
union all by name
select 'content' as table_name, concat(item_class, '/', stream) as measure, low_g as p10,
    high_g as p90
from content
where not coalesce(low_g <= high_g, low_g is null and high_g is null)
union all by name
select 'price' as table_name, concat(deck_id, '/', product_id) as measure, usd_per_kg_low as p10,
    usd_per_kg as p50, usd_per_kg_high as p90
from price
where usd_per_kg_low > usd_per_kg or usd_per_kg > usd_per_kg_high
order by all;
