-- Which of its records could not be read, and whose place do they take?  One row per record; its
-- key is found by its looks, since its cells do not stand where they should.
insert into mended_line
    (file_id, source_line, cells, reject_key, reason_code, reason, raw_text, suggestion, verdict)
select
    $file_id,
    source_line,
    case
        when place is null or place <= $cells_before_key then cells
        else cells[:place - 1 - $cells_before_key]
    end,
    case when place is null then '' else lower(trim(cells[place])) end,
    reason_code,
    reason,
    raw_text,
    suggestion,
    reason_code
from (
    select
        *,
        list_position(
            list_transform(cells, lambda cell: is_reject_key(lower(trim(cell)))), true
        ) as place
    from read_parquet($rejects)
);
