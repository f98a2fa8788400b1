-- Is the file one world?  Offending rows: draws of another number, batches of another world.
with last_run as (
    select draws, world_id
    from run
    order by rowid desc
    limit 1
)

select 'batch_draw' as table_name, batch_draw.batch_id as key, batch_draw.measure as detail
from batch_draw
cross join last_run
where len(batch_draw.draws) is distinct from last_run.draws
union all
select 'parameter_draw', parameter_draw.parameter_key, null
from parameter_draw
cross join last_run
where len(parameter_draw.draws) is distinct from last_run.draws
union all
select 'batch', batch.batch_id, run.world_id
from batch
join run using (run_id)
cross join last_run
where run.world_id is distinct from last_run.world_id
order by all;
