-- What is worth measuring in a batch on a route?  Parameters: the batch, and a route or null (the best).
select batch_measurement.*, route_comparison.title, route_comparison.place
from batch_measurement
join route_comparison using (batch_id, route_id)
where batch_id = $batch and (route_id = $route or ($route is null and place = 1))
order by rank;
