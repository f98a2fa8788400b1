-- What does each item bring on the best route of its batch?  One row per row of batch_item.
create or replace view item_value as
with best as (
    select batch_id, route_id
    from route_comparison
    where place = 1
)

select
    batch_item.batch_id,
    batch_item.item_id,
    batch_item.origin,
    batch_item.component_class,
    batch_item.component_kind,
    best.route_id,
    batch_item.lines,
    batch_item.units,
    batch_item.nd_kg + batch_item.pr_kg + batch_item.dy_kg + batch_item.tb_kg as ree_kg,
    batch_item.units * part_value.ree_gross_usd_per_unit as ree_gross_usd,
    batch_item.units * part_value.gross_usd_per_unit as gross_usd
from batch_item
left join best using (batch_id)
left join part_value
    on part_value.part_id = batch_item.part_id
    and part_value.route_id = best.route_id;

comment on view item_value is 'One batch, item, origin and class: its sales on the best route of the batch; they add up to those of the batch.';
comment on column item_value.batch_id is 'The batch.';
comment on column item_value.item_id is 'The item; for parts inside a host, the host.';
comment on column item_value.origin is 'listed, described or typical.';
comment on column item_value.component_class is 'Content class; null when unidentified.';
comment on column item_value.component_kind is 'Kind of that class.';
comment on column item_value.route_id is 'Best route of the batch; null where no route has a net.';
comment on column item_value.lines is 'Lines of the item in the batch; null unless listed. [1, summable]';
comment on column item_value.units is 'Physical pieces. [1, summable]';
comment on column item_value.ree_kg is 'Mean Nd, Pr, Dy and Tb contained; null when unidentified. [kg, summable]';
comment on column item_value.ree_gross_usd is 'Of those, from products that hold rare earths. [USD, summable]';
comment on column item_value.gross_usd is 'Mean sales from it; null when unidentified. [USD, summable]';
