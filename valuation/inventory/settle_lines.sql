-- Of the lines that share a serial, which one counts?  The largest quantity, then
-- what is no slot of another, then the smallest item.

-- The records of lines that give way to another of their serial.
create or replace temp table settled_line as
select record
from (
    select
        serial_line.record,
        row_number() over (
            partition by serial_line.batch_id, serial_line.maker, serial_line.serial_key
            order by
                serial_line.quantity desc, serial_line.is_place, serial_line.item_id,
                scan_file.file_id, line.asset_tag, line.host, line.site, line.status,
                line.purchase_date, {source_line}, line.rowid
        ) as place
    from serial_line
    inner join repeated_serial using (batch_id, maker, serial_key)
    inner join scan_record as line on line.rowid = serial_line.record
    inner join scan_file on scan_file.file_number = line.file_number
)
where place > 1;

-- Each purchase date as it is read in files of either way of writing days.
create or replace temp table scan_date as
select purchase_date, is_day_first, iso_date(purchase_date, is_day_first) as day
from (select distinct purchase_date from scan_record where purchase_date is not null)
cross join (select distinct is_day_first from scan_file);
