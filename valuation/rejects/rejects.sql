-- Which lines of a file were set aside, as cells to write?  One row per line, in its order.
select list_concat(
    list_transform(fitted, lambda cell: guarded(cell, $is_read_as_typed)),
    case when $has_raw_text then [guarded(coalesce(raw_text, ''), $is_read_as_typed)] else [] end,
    [
        reason_code,
        reason,
        coalesce(suggestion, ''),
        guarded($source_file, $is_read_as_typed),
        cast(source_line as varchar),
        reject_key($file, source_line, fitted, $names)
    ]
) as cells
from (
    select
        *,
        case
            when $width = 0 then []
            else fitted_cells(coalesce(cells, []), $width, $separator)
        end as fitted
    from rejected_line
    where file_id = $file_id
)
order by source_line
