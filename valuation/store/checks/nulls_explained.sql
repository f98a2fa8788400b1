-- Does every missing figure say why?  Offending rows: a null without a reason, an unknown with a sum.
select 'batch_value' as table_name, batch_id, route_id, measure, product_id, element
from batch_value
where mean is null and reason is null
union all by name
select 'batch_cost' as table_name, batch_id, route_id, cost_id as measure
from batch_cost
where (mean is null and reason is null) or (mean is not null and unknown)
union all by name
select 'batch_sensitivity' as table_name, batch_id, route_id, measure
from batch_sensitivity
where first_order_share is null and reason is null
union all by name
select 'batch_break_even' as table_name, batch_id, route_id, what as measure
from batch_break_even
where value is null and reason is null
union all by name
select 'input_file' as table_name, name as batch_id, status as measure
from input_file
where status = 'refused' and reason is null
order by all;
