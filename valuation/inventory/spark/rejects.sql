-- Which lines set aside are brought back?  The first by reason and text, one row per line. A table
-- has no order: their number is their place among the lines set aside. The cells of a long one stay.
select
    file_id,
    row_number() over (partition by file_id order by reason_code, raw_text) as source_line,
    reason_code,
    reason,
    raw_text,
    suggestion,
    case when length(array_to_string(cells, '')) <= $most_characters then cells end as cells
from read_reject
where list_contains($file_ids, file_id)
order by source_line, file_id
limit {most_lines}
