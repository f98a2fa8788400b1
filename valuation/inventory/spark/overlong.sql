-- Which lines of a table hold a cell too long to be read?  One row per line.
insert into read_reject
select
    $file_id,
    null::bigint,
    reason_code,
    reason,
    left(concat_ws(' | ', {beginnings}), $raw_text_characters),
    suggestion,
    null
from {relation}
cross join reject_reason
where ({is_overlong}) and reason_code = 'cell_too_long';
