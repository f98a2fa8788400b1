-- Lines as the store keeps them: what the line itself says of counting, then what its item says.
-- Batches that are held as they were bring none.

create or replace temp view published_line as
select
    line.* exclude (source_line, counted, not_counted_reason),
    line.counted and identity.counted as counted,
    coalesce(line.not_counted_reason, identity.not_counted_reason) as not_counted_reason
from read_line as line
join identity using (item_id)
where line.batch_id not in (from held_batch);

create or replace temp view published_batch_file as
select batch_id, file_id, lines
from read_batch
where batch_id not in (from held_batch)
order by all;
