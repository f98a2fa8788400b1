-- How many units of each part does a batch hold?  Listed units first, then what hosts contain.

create or replace temp table listed_unit as
select
    counts.batch_id,
    counts.item_id,
    counts.lines,
    counts.lines_counted,
    counts.quantity,
    counts.lines_of_one,
    identity.kind,
    identity.capacity_gb,
    case
        when not identity.counted then 0
        when identity.pieces_rule = 'each' then counts.quantity * identity.pieces
        when identity.pieces_rule = 'lot' then
            counts.quantity + counts.lines_of_one * (identity.pieces - 1)
        else counts.quantity
    end as units
from batch_count as counts
join identity using (item_id);

-- Typical contents give way to what the host's own row describes of the same kind, then to what
-- the batch lists: typical minus listed, never below zero, spread evenly over the hosts.
-- Sums are rounded so that they do not depend on the order in which threads add.
create or replace temp table hosted_unit as
with hosted as (
    select
        listed.batch_id,
        listed.item_id,
        part.origin,
        part.component_kind,
        part.component_class,
        part.part_no,
        part.capacity_gb,
        listed.units * part.units_per_host as units
    from listed_unit as listed
    join host_part as part using (item_id)
    where
        listed.units > 0
        and (part.origin = 'described' or (part.item_id, part.component_kind) not in (
            select (described.item_id, described.component_kind)
            from host_part as described
            where described.origin = 'described'
        ))
),

typical as (
    select batch_id, component_kind, sum(units) as units
    from hosted
    where origin = 'typical'
    group by all
),

listed as (
    select batch_id, kind as component_kind, sum(units) as units
    from listed_unit
    group by all
),

guard as (
    select
        typical.batch_id,
        typical.component_kind,
        greatest(typical.units - coalesce(listed.units, 0), 0) / typical.units as kept
    from typical
    left join listed using (batch_id, component_kind)
)

select
    hosted.* exclude (units),
    round(hosted.units * if(hosted.origin = 'typical', guard.kept, 1), 9) as units
from hosted
left join guard using (batch_id, component_kind);

-- Parts of a batch that does not arrive whole are parts of their own, numbered form by form.
create or replace temp table batch_item as
with item_unit as (
    select
        listed.batch_id,
        listed.item_id,
        'listed' as origin,
        identity.item_class as component_class,
        listed.kind as component_kind,
        part.part_no,
        listed.lines,
        listed.lines_counted,
        listed.quantity,
        listed.lines_of_one,
        listed.units
    from listed_unit as listed
    join identity using (item_id)
    left join item_part as part using (item_id)
    union all by name
    select batch_id, item_id, origin, component_class, component_kind, part_no, units
    from hosted_unit
)

select item_unit.* replace (part_no + coalesce(batch_form.parts_before, 0) as part_no)
from item_unit
left join batch_form using (batch_id);

create or replace temp table batch_part_units as
select batch_id, part_no, round(sum(units), 9) as units
from batch_item
where part_no is not null and units > 0
group by all;

create or replace temp table batch_kind_units as
select
    batch_id,
    component_kind as kind,
    origin,
    round(sum(units), 9) as units,
    round(sum(units * capacity_gb), 6) as capacity_gb,
    coalesce(round(sum(units) filter (where capacity_gb is null), 9), 0) as units_without_size
from (
    select batch_id, kind as component_kind, 'listed' as origin, units, capacity_gb
    from listed_unit
    union all by name
    select batch_id, component_kind, origin, units, capacity_gb
    from hosted_unit
)
group by all;
