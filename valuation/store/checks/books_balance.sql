-- Is every line accounted for?  Offending rows: two counts of the same lines that differ.
with account as (
    select name, file_id, lines_read, lines_loaded, lines_rejected, lines_ignored
    from input_file
    where status = 'loaded'
),

rejected as (
    select file_id, count(*) as lines
    from rejected_line
    group by file_id
),

from_file as (
    select batch_id, sum(lines) as lines
    from batch_file
    group by batch_id
),

from_item as (
    select batch_id, sum(lines) as lines
    from batch_item
    where origin = 'listed'
    group by batch_id
),

kept as (
    select batch_id, count(*) as lines
    from line
    group by batch_id
)

select 'file: read against loaded, rejected and ignored' as place, name as key,
    lines_read as expected, lines_loaded + lines_rejected + lines_ignored as found
from account
where lines_read is distinct from lines_loaded + lines_rejected + lines_ignored
union all
select 'file: rejected lines', account.name, account.lines_rejected, coalesce(rejected.lines, 0)
from account
left join rejected using (file_id)
where account.lines_rejected <> coalesce(rejected.lines, 0)
union all
select 'batch: lines of its files', batch.batch_id, batch.lines, coalesce(from_file.lines, 0)
from batch
left join from_file using (batch_id)
where batch.lines is distinct from coalesce(from_file.lines, 0)
union all
select 'batch: lines of its items', batch.batch_id, batch.lines, coalesce(from_item.lines, 0)
from batch
left join from_item using (batch_id)
where batch.lines is distinct from coalesce(from_item.lines, 0)
union all
select 'batch: lines kept', batch.batch_id, batch.lines, kept.lines
from batch
join kept using (batch_id)
where batch.lines is distinct from kept.lines
order by all;
