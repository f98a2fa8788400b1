-- Which items do the batches that stay list?  One row per item, its texts as received.
-- Parameter: the batches that do not stay.
with used as (
    select item_id, sum(lines)::bigint as lines
    from store.main.batch_item
    where origin = 'listed' and batch_id not in (select unnest($except_batches))
    group by item_id
)

select
    item.item_id,
    item.manufacturer_raw,
    item.model_raw,
    item.part_number_raw,
    item.description_raw,
    item.type_raw,
    item.capacity_raw,
    used.lines
from store.main.item as item
join used using (item_id)
order by item.item_id;
