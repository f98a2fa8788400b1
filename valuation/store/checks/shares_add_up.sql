-- Do shares of variance and interaction add up to one?  Offending rows: a figure whose shares do not.
select batch_id, route_id, measure, sum(first_order_share) as share
from batch_sensitivity
where in_quantiles
group by batch_id, route_id, measure
having abs(sum(first_order_share) - 1) > 1e-6 or count(*) filter (where low > high) > 0
order by all;
