-- Which items carry the value of a batch?  One row per batch and item, dearest first.
create or replace view top_items as
with worth as (
    select
        batch_id,
        item_id,
        sum(units) filter (origin = 'listed') as units,
        sum(ree_kg) as ree_kg,
        sum(gross_usd) as gross_usd
    from item_value
    group by batch_id, item_id
)

select
    worth.batch_id,
    row_number() over (
        partition by worth.batch_id
        order by worth.gross_usd desc nulls last, worth.ree_kg desc nulls last, worth.item_id
    ) as place,
    worth.item_id,
    item.kind,
    item.item_class,
    item.manufacturer_raw,
    item.model_raw,
    item.part_number_raw,
    item.description_raw,
    item.method,
    item.confidence,
    worth.units,
    worth.ree_kg,
    worth.gross_usd,
    worth.gross_usd / nullif(sum(worth.gross_usd) over (partition by worth.batch_id), 0)
        as value_share
from worth
join item using (item_id)
order by worth.batch_id, place;

comment on view top_items is 'One batch and item, with what sits inside it when it is a host: what it brings on the best route.';
comment on column top_items.batch_id is 'The batch.';
comment on column top_items.place is 'Place by proceeds within the batch. [1]';
comment on column top_items.item_id is 'The item.';
comment on column top_items.kind is 'What it is.';
comment on column top_items.item_class is 'Content class; null when unidentified.';
comment on column top_items.manufacturer_raw is 'Maker as received.';
comment on column top_items.model_raw is 'Model as received.';
comment on column top_items.part_number_raw is 'Part number as received.';
comment on column top_items.description_raw is 'Description as received.';
comment on column top_items.method is 'How it was identified.';
comment on column top_items.confidence is 'Calibrated chance that kind and class are right, 0-1. [1]';
comment on column top_items.units is 'Units listed. [1, summable]';
comment on column top_items.ree_kg is 'Mean Nd, Pr, Dy and Tb contained; null when unidentified. [kg, summable]';
comment on column top_items.gross_usd is 'Mean sales on the best route, parts inside a host included. [USD, summable]';
comment on column top_items.value_share is 'Share of the proceeds of the batch, 0-1. [1]';
