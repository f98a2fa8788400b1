-- Which serials stand on more than one line of a batch, and which lines then do not count?

-- Serials met more than once anywhere: few, so that what follows stays small.
create or replace temp table serial_candidate as
select serial_key
from (select unnest(serial_keys) as serial_key from scan_count where quantity > 0)
where serial_key not in (select hash(text) from inventory_placeholder)
group by serial_key
having count(*) > 1;

create or replace temp table serial_line as
select
    lines.batch_id, lines.item_id, lines.maker, lines.is_place, lines.quantity, lines.serial_key
from (
    select batch_id, item_id, maker, is_place, quantity, unnest(serial_keys) as serial_key
    from scan_count
    where quantity > 0
) as lines
where lines.serial_key in (select serial_key from serial_candidate);

-- A serial on many lines of different items belongs to what they are part of, not to each.
create or replace temp table repeated_serial as
select batch_id, maker, serial_key
from serial_line
group by batch_id, maker, serial_key
having count(*) > 1 and not (count(*) > $shared_lines and min(item_id) <> max(item_id));

-- A slot that says the serial of its chassis again gives way to the chassis.
create or replace temp table repeated_count as
with ranked as (
    select
        batch_id,
        item_id,
        quantity,
        row_number() over (
            partition by batch_id, maker, serial_key order by quantity desc, is_place, item_id
        ) as place
    from serial_line
    inner join repeated_serial using (batch_id, maker, serial_key)
)
select batch_id, item_id, quantity, count(*) as lines
from ranked
where place > 1
group by batch_id, item_id, quantity;

create or replace temp table serial_overlap as
select count(*) as serials
from (
    select maker, serial_key
    from serial_line
    group by maker, serial_key
    having count(distinct batch_id) > 1
);
