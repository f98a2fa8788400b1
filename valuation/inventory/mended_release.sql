-- Which lines of the original are set aside no more, since another record stands in for them?
create or replace temp table mended_release as
select source_line, reason_code
from read_reject
where file_id = $original_id and source_line in (
    select named_line
    from mended_claim
    where place = 1 and file_id in (select unnest($file_ids))
);

insert into read_ignored
select $original_id, source_line, 'mended'
from mended_release;

delete from read_reject
where file_id = $original_id and source_line in (select source_line from mended_release);
