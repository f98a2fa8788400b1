-- Which items does a column call something else than their model?  One row per item, most units first.
create or replace view conflicting_items as
with listed as (
    select
        item_id,
        count(distinct batch_id) as batches,
        sum(lines)::bigint as lines,
        sum(units) as units
    from batch_item
    where origin = 'listed'
    group by item_id
)

select
    item.item_id,
    item.manufacturer_raw,
    item.model_raw,
    item.type_raw,
    item.capacity_raw,
    item.kind,
    item.capacity_gb,
    item.conflict,
    item.confidence,
    listed.batches,
    listed.lines,
    listed.units
from item
join listed using (item_id)
where item.conflict is not null
order by listed.units desc, item.item_id;

comment on view conflicting_items is 'One item that a column calls something else than its model string does; the model counts.';
comment on column conflicting_items.item_id is 'The item.';
comment on column conflicting_items.manufacturer_raw is 'Maker as received.';
comment on column conflicting_items.model_raw is 'Model as received.';
comment on column conflicting_items.type_raw is 'Type as received.';
comment on column conflicting_items.capacity_raw is 'Capacity as received.';
comment on column conflicting_items.kind is 'What its model says it is, which counts.';
comment on column conflicting_items.capacity_gb is 'Capacity its model says, which counts. [GB]';
comment on column conflicting_items.conflict is 'What the column says instead.';
comment on column conflicting_items.confidence is 'Chance that the kind is right, 0-1. [1]';
comment on column conflicting_items.batches is 'Batches that list it. [1]';
comment on column conflicting_items.lines is 'Lines over all batches. [1, summable]';
comment on column conflicting_items.units is 'Units over all batches. [1, summable]';
