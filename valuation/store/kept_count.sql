-- What did the batches that stay list?  One row per batch and item, as they were read.
-- Parameter: the batches that do not stay.
select batch_id, item_id, lines, lines_counted, quantity, lines_of_one
from store.main.batch_item
where origin = 'listed' and batch_id not in (select unnest($except_batches))
order by batch_id, item_id
