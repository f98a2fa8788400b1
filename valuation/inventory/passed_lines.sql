-- Which records of a file were ignored before the scan, and where do they stand?  One row per
-- record.
insert into read_ignored
select $file_id, source_line, 'given_twice'
from mended_line
where file_id = $file_id and verdict = 'given_twice';

insert into read_ignored
select $file_id, source_line, reason_code
from {passed_over};
