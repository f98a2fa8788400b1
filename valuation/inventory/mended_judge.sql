-- What becomes of each record of the files that give back lines of one original?  The first that
-- was changed stands in for the line it names; without one, the first that was not. To take away its
-- reject_code says that a line is right as it stands.
create or replace temp table mended_claim as
with keyed as (
    select
        file_id,
        source_line,
        keyed_line(reject_key) as named_line,
        reason_code is not null as is_unread,
        reason_code is not null or is_changed as is_changed
    from mended_line
    where file_id in (select unnest($file_ids)) and is_reject_key(reject_key)
)
select
    *,
    row_number() over (
        partition by named_line
        order by is_changed desc, is_unread, file_id, source_line
    ) as place
from keyed
where $original_id is null or named_line in (
    select source_line from read_reject where read_reject.file_id = $original_id
);

update mended_line
set verdict = case
    when claim.place is null and mended_line.reject_key = '' then 'line'
    when claim.place is null then 'not_rejected_there'
    when claim.place = 1 and claim.is_changed then 'line'
    when claim.place = 1 then 'not_mended'
    when claim.is_changed then 'mended_twice'
    else 'given_twice'
end
from mended_line as record
left join mended_claim as claim
    on claim.file_id = record.file_id and claim.source_line = record.source_line
where record.file_id = mended_line.file_id
    and record.source_line = mended_line.source_line
    and mended_line.file_id in (select unnest($file_ids))
    and mended_line.reason_code is null;
