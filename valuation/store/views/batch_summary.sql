-- What does a batch hold and what is it worth, also per drive and per tonne?  One row per batch.
create or replace view batch_summary as
with file as (
    select batch_id, count(*) as files
    from batch_file
    group by batch_id
),

contained as (
    select
        batch_id,
        any_value(mean) filter (element = 'nd') as nd_kg,
        any_value(mean) filter (element = 'pr') as pr_kg,
        any_value(mean) filter (element = 'dy') as dy_kg,
        any_value(mean) filter (element = 'tb') as tb_kg
    from batch_value
    where measure = 'contained_kg' and route_id is null and product_id is null
    group by batch_id
),

rare_earth as (
    select batch_id, mean, p10, p50, p90
    from batch_value
    where measure = 'contained_ree_kg' and route_id is null
),

fan as (
    select batch_id, mean, p10, p90
    from batch_value
    where measure = 'contained_fan_ree_kg' and route_id is null
),

drive as (
    select
        batch_id,
        sum(units) as units,
        sum(ree_kg) as ree_kg,
        sum(gross_usd) as gross_usd,
        sum(ree_gross_usd) as ree_gross_usd
    from item_value
    where component_kind = 'hdd'
    group by batch_id
),

kind as (
    select batch_id, component_kind, sum(gross_usd) as gross_usd, sum(ree_gross_usd) as ree_usd
    from item_value
    where gross_usd is not null
    group by batch_id, component_kind
),

worth as (
    select batch_id, sum(gross_usd) as gross_usd, sum(ree_usd) as ree_usd
    from kind
    group by batch_id
),

share as (
    select
        kind.batch_id,
        map_from_entries(list(
            (kind.component_kind, kind.gross_usd / worth.gross_usd)
            order by kind.component_kind
        )) as by_kind,
        any_value(worth.ree_usd / worth.gross_usd) as of_ree
    from kind
    join worth using (batch_id)
    where worth.gross_usd > 0
    group by kind.batch_id
)

select
    batch.batch_id,
    batch.read_at,
    coalesce(file.files, 0) as files,
    batch.lines,
    batch.units_listed,
    batch.units_embedded,
    batch.units_unidentified,
    batch.identified_share_units,
    batch.gross_mass_kg,
    coalesce(drive.units, 0) as hdd_units,
    contained.nd_kg,
    contained.pr_kg,
    contained.dy_kg,
    contained.tb_kg,
    rare_earth.mean as ree_kg,
    rare_earth.p10 as ree_kg_p10,
    rare_earth.p50 as ree_kg_p50,
    rare_earth.p90 as ree_kg_p90,
    fan.mean as fan_ree_kg,
    fan.p10 as fan_ree_kg_p10,
    fan.p90 as fan_ree_kg_p90,
    1000 * drive.ree_kg / nullif(drive.units, 0) as ree_g_per_hdd,
    1000 * rare_earth.mean / nullif(batch.gross_mass_kg, 0) as ree_kg_per_t,
    best.route_id as best_route_id,
    best.net_usd,
    best.net_usd_p10,
    best.net_usd_p50,
    best.net_usd_p90,
    drive.gross_usd / nullif(drive.units, 0) as gross_usd_per_hdd,
    drive.ree_gross_usd / nullif(drive.units, 0) as ree_gross_usd_per_hdd,
    best.net_usd_per_t,
    share.of_ree as ree_value_share,
    share.by_kind as value_share_by_kind,
    batch.unidentified_allowance_kg_mean,
    batch.unidentified_allowance_kg_p10,
    batch.unidentified_allowance_kg_p90
from batch
left join file using (batch_id)
left join contained using (batch_id)
left join rare_earth using (batch_id)
left join fan using (batch_id)
left join drive using (batch_id)
left join (from route_comparison where place = 1) as best using (batch_id)
left join share using (batch_id)
order by batch.batch_id;

comment on view batch_summary is 'One batch: counts, rare earths contained, and its net on the route with the highest mean net.';
comment on column batch_summary.batch_id is 'The batch.';
comment on column batch_summary.read_at is 'When its lines were read, UTC.';
comment on column batch_summary.files is 'Files it was read from. [1]';
comment on column batch_summary.lines is 'Lines. [1, summable]';
comment on column batch_summary.units_listed is 'Units of listed parts that count. [1, summable]';
comment on column batch_summary.units_embedded is 'Units inside hosts, described or typical. [1, summable]';
comment on column batch_summary.units_unidentified is 'Units of items the program abstains from. [1, summable]';
comment on column batch_summary.identified_share_units is 'Share of units whose item is identified, 0-1. [1]';
comment on column batch_summary.gross_mass_kg is 'Mean mass of everything identified. [kg, summable]';
comment on column batch_summary.hdd_units is 'Hard drives, listed or inside hosts. [1, summable]';
comment on column batch_summary.nd_kg is 'Mean neodymium contained. [kg, summable]';
comment on column batch_summary.pr_kg is 'Mean praseodymium contained. [kg, summable]';
comment on column batch_summary.dy_kg is 'Mean dysprosium contained. [kg, summable]';
comment on column batch_summary.tb_kg is 'Mean terbium contained. [kg, summable]';
comment on column batch_summary.ree_kg is 'Mean Nd, Pr, Dy and Tb contained. [kg, summable]';
comment on column batch_summary.ree_kg_p10 is '10 % point of their sum. [kg]';
comment on column batch_summary.ree_kg_p50 is 'Median of their sum. [kg]';
comment on column batch_summary.ree_kg_p90 is '90 % point of their sum. [kg]';
comment on column batch_summary.fan_ree_kg is 'Of that sum, mean in fans: a chance per part number, often zero. [kg, summable]';
comment on column batch_summary.fan_ree_kg_p10 is '10 % point of what is in fans. [kg]';
comment on column batch_summary.fan_ree_kg_p90 is '90 % point of what is in fans. [kg]';
comment on column batch_summary.ree_g_per_hdd is 'Mean Nd, Pr, Dy and Tb in one hard drive of the batch. [g/unit]';
comment on column batch_summary.ree_kg_per_t is 'Mean Nd, Pr, Dy and Tb per tonne of kit. [kg/t]';
comment on column batch_summary.best_route_id is 'Route with the highest mean net of those the owner allows; null where none has one.';
comment on column batch_summary.net_usd is 'Mean chain net on that route before any payment to the owner. [USD, summable]';
comment on column batch_summary.net_usd_p10 is '10 % point of that net. [USD]';
comment on column batch_summary.net_usd_p50 is 'Median of that net. [USD]';
comment on column batch_summary.net_usd_p90 is '90 % point of that net. [USD]';
comment on column batch_summary.gross_usd_per_hdd is 'Mean sales from one hard drive itself on that route, before costs. [USD/unit]';
comment on column batch_summary.ree_gross_usd_per_hdd is 'Of those, from products that hold rare earths. [USD/unit]';
comment on column batch_summary.net_usd_per_t is 'Mean net per tonne of kit. [USD/t]';
comment on column batch_summary.ree_value_share is 'Share of sales from products that hold rare earths, 0-1. [1]';
comment on column batch_summary.value_share_by_kind is 'Share of sales by kind, 0-1. [1]';
comment on column batch_summary.unidentified_allowance_kg_mean is 'Mean rare-earth mass unidentified units could add; in no other figure. [kg, summable]';
comment on column batch_summary.unidentified_allowance_kg_p10 is '10 % point of that mass. [kg]';
comment on column batch_summary.unidentified_allowance_kg_p90 is '90 % point of that mass. [kg]';
