-- What is valued in this run?  One row per batch and item: read now, or kept from the file.
create or replace temp view batch_count as
select batch_id, item_id, lines, lines_counted, quantity, lines_of_one
from read_count
where batch_id in (from replaced_batch)
union all
select batch_id, item_id, lines, lines_counted, quantity, lines_of_one
from kept_count
{kept};
