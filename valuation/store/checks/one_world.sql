-- Is the file one world?  Offending rows: draws of another number than the last run made.
with last_run as (
    select draws
    from run
    order by rowid desc
    limit 1
)

select 'batch_draw' as table_name, batch_draw.batch_id as key, batch_draw.measure,
    len(batch_draw.draws) as draws
from batch_draw
cross join last_run
where len(batch_draw.draws) is distinct from last_run.draws
union all
select 'parameter_draw', parameter_draw.parameter_key, null, len(parameter_draw.draws)
from parameter_draw
cross join last_run
where len(parameter_draw.draws) is distinct from last_run.draws
order by all;
