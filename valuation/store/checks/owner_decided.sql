-- Is every route of a batch decided on, once, and every gap told?  Offending rows: doubled, unknown or unsaid.
select 'batch_route_policy' as table_name, concat_ws('/', batch_id, route_id) as key
from batch_route_policy
group by batch_id, route_id
having count(*) > 1
union all
select 'batch_policy', batch_id
from batch_policy
group by batch_id
having count(*) > 1
union all
select 'batch_reuse', concat_ws('/', batch_id, thing)
from batch_reuse
group by batch_id, thing
having count(*) > 1
union all
select 'batch_policy', batch_id
from batch_policy
where (policy_cost_usd is null and reason is null)
    or batch_id not in (select batch_id from batch)
union all
select 'batch_reuse', concat_ws('/', batch_id, thing)
from batch_reuse
where ((reuse_usd is null or flip_price_usd_per_unit is null) and reason is null)
    or batch_id not in (select batch_id from batch)
union all
select 'batch_route_policy', concat_ws('/', batch_id, route_id)
from batch_route_policy
where is_allowed is null or route_id not in (select route_id from route)
order by all;
