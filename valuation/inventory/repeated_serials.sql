-- Which serials stand on more than one line of a batch, and which lines then do not count?

-- The lines that bear them: few, so that what follows stays small.
create or replace temp table serial_line as
with record as (
    select
        rowid as record, file_number, batch_id, item_key, quantity_text, is_untagged, remark,
        serial_key
    from scan_record
    where serial_key in (
        select serial_key
        from serial_candidate
        where serial_key not in (select hash(text) from inventory_placeholder)
    )
)
select
    record.record,
    record.batch_id,
    scan_item.item_id,
    scan_item.maker,
    scan_item.is_place,
    scan_quantity.quantity,
    record.serial_key
from record
inner join scan_item
    on scan_item.file_number = record.file_number and scan_item.item_key = record.item_key
inner join scan_quantity
    on scan_quantity.file_number = record.file_number
    and scan_quantity.quantity_text = record.quantity_text
left join scan_remark
    on scan_remark.file_number = record.file_number and scan_remark.remark = record.remark
where scan_quantity.quantity > 0
    and scan_remark.verdict is null
    and not (scan_item.is_label and record.is_untagged);

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
