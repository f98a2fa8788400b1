-- Do hosts list what they say is in them, and is anything said twice?
-- Lines tell which host holds a part, so this asks them; without lines the tables stay empty.

-- What lines say is in a host, by the name they give it.  One row per batch and name, and item.
create or replace temp table named_unit as
with named as (
    select
        line.batch_id,
        hash(line.batch_id, upper(line.host)) as name_key,
        line.item_id,
        sum(line.quantity) as quantity,
        count_if(line.quantity = 1) as lines_of_one
    from read_line as line
    where line.host is not null
        and line.counted
        and line.item_id in (
            select item_id from identity where counted and kind in ('hdd', 'ssd', 'psu')
        )
    group by all
)
select
    named.batch_id,
    named.name_key,
    identity.kind,
    identity.capacity_gb,
    sum(
        case identity.pieces_rule
            when 'each' then named.quantity * identity.pieces
            when 'lot' then named.quantity + named.lines_of_one * (identity.pieces - 1)
            else named.quantity
        end
    ) as units
from named
join identity using (item_id)
group by all;

-- What hosts hold by lines that name them by name, tag or serial.  One row per host, kind and size.
-- Lines are read again only where one names a host.
create or replace temp table linked_unit as
with host as (
    select row_number() over () as host_line, line.batch_id, line.item_id,
        unnest([line.host, line.asset_tag, line.serial]) as name
    from read_line as line
    where line.counted
        and line.batch_id in (select batch_id from named_unit)
        and line.item_id in (
            select item_id
            from identity
            where counted and kind in ('server', 'storage', 'switch', 'chassis')
        )
),

host_name as (
    select distinct host_line, batch_id, item_id, hash(batch_id, upper(name)) as name_key
    from host
    where name is not null
)
select
    host_name.batch_id,
    host_name.item_id,
    host_name.host_line,
    named_unit.kind,
    named_unit.capacity_gb,
    sum(named_unit.units) as units
from host_name
join named_unit using (name_key)
group by all;

-- Drives a host describes beside those its own lines list.  One row per batch, host and kind.
create or replace temp table told_unit as
with told as (
    select item_id, component_kind as kind, origin, sum(units_per_host) as units
    from host_part
    where (component_kind in ('hdd', 'ssd') and origin = 'described') or component_kind = 'psu'
    group by all
),

linked as (
    select batch_id, item_id, host_line, kind, sum(units) as units
    from linked_unit
    group by all
)

select
    linked.batch_id,
    linked.kind,
    linked.units as linked_units,
    told.units as told_units,
    told.origin
from linked
join told using (item_id, kind);

create or replace temp table host_warning as
-- Hosts whose own lines list fewer parts than their text, or what is typical, says.
select
    batch_id,
    kind,
    if(origin = 'described', 'partial_described', 'partial_typical') as warning,
    null::double as capacity_gb,
    count(*) filter (where linked_units < told_units) as hosts,
    sum(told_units) filter (where linked_units < told_units) as told_units,
    sum(linked_units) filter (where linked_units < told_units) as listed_units,
    null::double as linked_units
from told_unit
group by batch_id, kind, origin
having hosts > 0
union all
-- Drives that a host's text describes and a line of the same batch lists in the same size.
select
    described.batch_id,
    described.kind,
    'twice' as warning,
    described.capacity_gb,
    described.hosts,
    described.units as told_units,
    listed.units as listed_units,
    coalesce(linked.units, 0) as linked_units
from (
    select
        hosted.batch_id,
        hosted.component_kind as kind,
        hosted.capacity_gb,
        sum(hosted.units) as units,
        sum(host.units) as hosts
    from hosted_unit as hosted
    join listed_unit as host using (batch_id, item_id)
    where hosted.origin = 'described' and hosted.component_kind in ('hdd', 'ssd')
    group by all
) as described
join (
    select batch_id, kind, capacity_gb, sum(units) as units
    from listed_unit
    where kind in ('hdd', 'ssd') and units > 0
    group by all
) as listed
    on listed.batch_id = described.batch_id
    and listed.kind = described.kind
    and abs(listed.capacity_gb / described.capacity_gb - 1) <= 0.03
left join (
    select linked_unit.batch_id, linked_unit.kind, linked_unit.capacity_gb,
        sum(linked_unit.units) as units
    from linked_unit
    where (linked_unit.item_id, linked_unit.kind) in (
        select (item_id, component_kind) from host_part where origin = 'described'
    )
    group by all
) as linked
    on linked.batch_id = listed.batch_id
    and linked.kind = listed.kind
    and linked.capacity_gb = listed.capacity_gb
-- A few loose drives of the size are what any lot has; half of them or more is a coincidence.
where described.units > 0 and (linked_units > 0 or listed.units >= described.units / 2);
