-- What does each batch hold, item by item and in all?  Masses are means; units times unit masses.

create or replace temp table numbered_mass as
from part_number join part_mass using (part_id);

-- A view: it is as large as the counts, and wanted once.
create or replace temp view batch_item_mass as
select
    item.batch_id,
    item.item_id,
    item.origin,
    item.component_class,
    item.component_kind,
    part.part_id,
    item.lines,
    item.lines_counted,
    item.quantity,
    item.lines_of_one,
    item.units,
    item.units * part.gross_kg as gross_kg,
    -- an unidentified item has no mass, which is not the same as none: null, never zero;
    -- a class that holds nothing and a line that is not counted hold zero
    columns(part.* exclude (part_no, part_id, gross_kg)) * item.units
from batch_item as item
left join numbered_mass as part using (part_no);

create or replace temp table batch_summary_counts as
with listed as (
    select
        batch_id,
        sum(lines) as lines,
        sum(lines_counted) as lines_counted,
        sum(units) as units_listed,
        sum(units) filter (where kind = 'unidentified') as units_unidentified,
        count(*) filter (where kind = 'unidentified' and units > 0) as items_unidentified,
        sum(lines) filter (where kind = 'unidentified') as lines_unidentified,
        sum(units * capacity_gb) filter (where kind = 'hdd') as hdd_gb,
        sum(units * capacity_gb) filter (where kind = 'ssd') as ssd_gb
    from listed_unit
    group by batch_id
),

hosted as (
    select batch_id, sum(units) as units_embedded
    from hosted_unit
    group by batch_id
),

mass as (
    select item.batch_id, round(sum(item.units * part.gross_kg), 6) as gross_mass_kg
    from batch_item as item
    left join numbered_mass as part using (part_no)
    group by item.batch_id
)

select
    batch_id,
    lines::bigint as lines,
    lines_counted::bigint as lines_counted,
    units_listed,
    coalesce(round(units_embedded, 9), 0) as units_embedded,
    coalesce(units_unidentified, 0) as units_unidentified,
    items_unidentified,
    coalesce(gross_mass_kg, 0) as gross_mass_kg,
    if(lines > 0, 1 - coalesce(lines_unidentified, 0) / lines, null) as identified_share_lines,
    if(units_listed > 0, 1 - coalesce(units_unidentified, 0) / units_listed, null)
        as identified_share_units,
    coalesce(round(hdd_gb, 6), 0) / 1000 as capacity_tb_hdd,
    coalesce(round(ssd_gb, 6), 0) / 1000 as capacity_tb_ssd
from listed
left join hosted using (batch_id)
left join mass using (batch_id);
