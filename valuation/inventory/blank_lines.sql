-- Which numbers of a file are still free, every other record having its own?  One row per blank line
-- that no reader of records yields.
insert into read_ignored
select $file_id, record.source_line, 'blank'
from range(1, $lines_read + 1) as record(source_line)
where record.source_line not in (
    select source_line from read_line where file_id = $file_id
    union all
    select source_line from read_reject where file_id = $file_id
    union all
    select source_line from read_ignored where file_id = $file_id
);
