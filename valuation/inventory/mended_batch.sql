-- A file none of whose lines was loaded feeds the batches of the file it belongs to all the same, so
-- that both accounts stay together.
create or replace temp table read_batch as
select batch_id, file_id, lines
from read_batch
union all
select distinct fed.batch_id, member.file_id, 0::bigint
from mended_family as member
inner join mended_family as other on other.root_id = member.root_id
inner join read_batch as fed on fed.file_id = other.file_id
where member.file_id not in (select file_id from read_batch)
order by batch_id, file_id;
