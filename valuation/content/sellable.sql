-- Which units could be sold again, and which parts go with them?  One row per batch, thing and part.
-- A fan or a power supply inside a host goes with the host; a drive inside one is sold by itself.
with listed as (
    select
        item.batch_id,
        identity.kind,
        identity.item_class,
        identity.family_key,
        identity.family,
        identity.capacity_gb,
        item.part_id,
        item.units,
        item.units as units_sold
    from batch_item as item
    join identity using (item_id)
    where item.origin = 'listed' and item.units > 0 and identity.kind <> 'other'
),

hosted as (
    select *, component_kind in ('fan', 'psu') as goes_along
    from hosted_unit
    where units > 0
),

inside as (
    select
        hosted.batch_id,
        if(goes_along, host.kind, hosted.component_kind) as kind,
        if(goes_along, host.item_class, hosted.component_class) as item_class,
        if(goes_along, host.family_key, part.family_key) as family_key,
        if(goes_along, host.family, null) as family,
        if(goes_along, host.capacity_gb, hosted.capacity_gb) as capacity_gb,
        hosted.part_id,
        hosted.units,
        if(goes_along, 0, hosted.units) as units_sold
    from hosted
    join identity as host using (item_id)
    left join host_part as part using (item_id, origin, component_class)
)

select
    batch_id,
    kind,
    item_class,
    family_key,
    any_value(family) as family,
    capacity_gb,
    part_id,
    round(sum(units), 9) as units,
    round(sum(units_sold), 9) as units_sold
from (from listed union all by name from inside)
group by batch_id, kind, item_class, family_key, capacity_gb, part_id
order by batch_id, kind, item_class, family_key, capacity_gb, part_id;
