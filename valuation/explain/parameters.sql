-- How were shared parameters drawn?  One row per parameter asked for that the file keeps.
select
    parameter_key,
    unit,
    mean,
    list_aggregate(draws, 'quantile_cont', 0.1) as p10,
    list_aggregate(draws, 'quantile_cont', 0.9) as p90,
    len(draws) as draws
from parameter_draw
where list_contains($keys, parameter_key)
order by parameter_key;
