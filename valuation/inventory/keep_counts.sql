-- Keep what one file adds: its lines by batch, item and quantity.  One row per group of the scan:
-- what is written in several ways is added up where the counts of all files are.
insert into scan_count
select
    $file_id,
    batch_id,
    item_id,
    quantity,
    lines,
    whole_lines,
    module_lines,
    shredded_lines
from scan_judged
where verdict = 'line';
