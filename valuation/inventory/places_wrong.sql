-- In which files do the numbers of the records not run from 1 to the last without a gap?  One row
-- per file and the first of what is wrong with it; none when all is well.
with record as (
    select file_id, source_line from read_line
    union all
    select file_id, source_line from read_reject
    union all
    select file_id, source_line from read_ignored
),

told as (
    select
        file_id,
        count(*) as records,
        count(distinct source_line) as numbers,
        min(source_line) as first_line,
        max(source_line) as last_line
    from record
    group by file_id
)

select read_file.file_id
from read_file
left join told on told.file_id = read_file.file_id
where coalesce(told.records, 0) <> read_file.lines_read
    or coalesce(told.numbers, 0) <> read_file.lines_read
    or told.first_line <> 1
    or told.last_line <> read_file.lines_read
order by read_file.file_id
