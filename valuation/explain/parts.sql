-- What does a batch hold, and what was it taken for?  One row per part and origin.
select
    batch_item.part_id,
    batch_item.origin,
    batch_item.component_class as item_class,
    part.kind,
    part.family_key,
    part.launch_year,
    part.unit_mass_g,
    coalesce(part.confidence, 1) as confidence,
    part.runner_up,
    item.family_key as host_family_key,
    item.item_class as host_class,
    sum(batch_item.units) as units,
    count(distinct batch_item.item_id) as items
from batch_item
join part using (part_id)
join item using (item_id)
where batch_item.batch_id = $batch_id
group by all
order by all;
