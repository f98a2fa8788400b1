-- Which files have lines that were set aside, and why?  One row per file.
with reason as (
    select file_id, reason_code, count(*) as lines, count_if(cells is null) as lines_without_cells
    from rejected_line
    group by file_id, reason_code
)
select
    input_file.file_id,
    input_file.name,
    input_file.sha256,
    input_file.encoding,
    input_file.layout,
    map(
        list(reason.reason_code order by reason.reason_code),
        list(reason.lines order by reason.reason_code)
    ) as reasons,
    sum(reason.lines_without_cells) > 0 as has_raw_text
from input_file
inner join reason on reason.file_id = input_file.file_id
group by all
order by input_file.name, input_file.file_id
