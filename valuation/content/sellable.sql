-- Which units could be sold again, and which parts go with them?  One row per batch, thing and part.
-- A fan or a power supply inside a host goes with the host; a drive inside one is sold by itself.

-- What each item, and each part of a host, is as a thing that is sold.
create or replace temp table item_thing as
with named as (
    select
        item_id,
        'listed' as origin,
        null as component_class,
        kind,
        item_class,
        family_key,
        family,
        capacity_gb,
        false as goes_along
    from identity
    where kind <> 'other'
    union all by name
    select
        part.item_id,
        part.origin,
        part.component_class,
        part.component_kind in ('fan', 'psu') as goes_along,
        if(goes_along, host.kind, part.component_kind) as kind,
        if(goes_along, host.item_class, part.component_class) as item_class,
        if(goes_along, host.family_key, part.family_key) as family_key,
        if(goes_along, host.family, null) as family,
        if(goes_along, host.capacity_gb, part.capacity_gb) as capacity_gb
    from host_part as part
    join identity as host using (item_id)
)

select
    *,
    dense_rank() over (order by kind, item_class, family_key, capacity_gb) - 1 as thing_no
from named;

create or replace temp table sellable_thing as
select
    thing_no,
    kind,
    item_class,
    family_key,
    min(family) as family,
    capacity_gb
from item_thing
group by all;

create or replace temp table sellable_piece as
with piece as (
    select item.batch_id, thing.thing_no, item.part_no, item.units, item.units as units_sold
    from batch_item as item
    join item_thing as thing on thing.item_id = item.item_id and thing.origin = 'listed'
    where item.origin = 'listed' and item.units > 0
    union all by name
    select
        hosted.batch_id,
        thing.thing_no,
        hosted.part_no,
        hosted.units,
        if(thing.goes_along, 0, hosted.units) as units_sold
    from hosted_unit as hosted
    join item_thing as thing using (item_id, origin, component_class)
    where hosted.units > 0
)

select
    batch_id,
    thing_no,
    part_no,
    round(sum(units), 9) as units,
    round(sum(units_sold), 9) as units_sold
from piece
group by all;
