-- What could not be identified, and what would settle it?  One row per item, most units first.
create or replace view unidentified_items as
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
    item.part_number_raw,
    item.description_raw,
    item.type_raw,
    item.capacity_raw,
    listed.batches,
    listed.lines,
    listed.units,
    item.runner_up,
    item.runner_up_kind,
    item.runner_up_confidence,
    case
        when item.method = 'reviewed' then 'another look: a person could not tell'
        when concat(item.model_raw, item.part_number_raw, item.description_raw) = ''
            then 'a model, part number or description'
        when concat(item.part_number_raw, item.model_raw) = '' then 'a model or part number'
        when length(item.model_raw) = 16 and concat(item.part_number_raw) = ''
            then 'the whole model: this one looks cut at 16 characters'
        when item.runner_up is not null
            then concat('a look at one piece, or its part number: is it ', item.runner_up, '?')
        when concat(item.part_number_raw) = '' then 'a part number, or a photograph of the label'
        else 'a data sheet for this part number, or a photograph of one piece'
    end as settled_by
from item
join listed using (item_id)
where item.kind = 'unidentified'
order by listed.units desc, item.item_id;

comment on view unidentified_items is 'One item the program abstains from; its mass is in no total.';
comment on column unidentified_items.item_id is 'The item.';
comment on column unidentified_items.manufacturer_raw is 'Maker as received.';
comment on column unidentified_items.model_raw is 'Model as received.';
comment on column unidentified_items.part_number_raw is 'Part number as received.';
comment on column unidentified_items.description_raw is 'Description as received.';
comment on column unidentified_items.type_raw is 'Type as received.';
comment on column unidentified_items.capacity_raw is 'Capacity as received.';
comment on column unidentified_items.batches is 'Batches that list it. [1]';
comment on column unidentified_items.lines is 'Lines over all batches. [1, summable]';
comment on column unidentified_items.units is 'Units over all batches. [1, summable]';
comment on column unidentified_items.runner_up is 'Most likely class, below the threshold.';
comment on column unidentified_items.runner_up_kind is 'Kind of that class.';
comment on column unidentified_items.runner_up_confidence is 'Chance of that class, 0-1. [1]';
comment on column unidentified_items.settled_by is 'What would settle it.';
