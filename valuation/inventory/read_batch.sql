-- Which files feed which batch?  One row per batch and file.
create or replace temp table read_batch as
select batch_id, file_id, sum(lines)::bigint as lines
from scan_count
group by batch_id, file_id
order by batch_id, file_id;
