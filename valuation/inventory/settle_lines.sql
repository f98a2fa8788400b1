-- Of the lines that share a serial, which one counts?  The largest quantity, then
-- what is no slot of another, then the smallest item.
create or replace temp table settled_line as
with makers as (
    select distinct item_id, maker, is_place from scan_count
)
select
    read_line.rowid as line,
    row_number() over (
        partition by
            read_line.batch_id, makers.maker, serial_text(read_line.serial)
        order by
            read_line.quantity desc, makers.is_place, read_line.item_id, read_line.file_id,
            read_line.asset_tag, read_line.host, read_line.site, read_line.status,
            read_line.purchase_date, read_line.source_line
    ) as place
from read_line
inner join makers on makers.item_id = read_line.item_id
where read_line.counted is null;

update read_line
set
    counted = settled_line.place = 1,
    not_counted_reason = case when settled_line.place > 1 then 'repeated_serial' end
from settled_line
where read_line.rowid = settled_line.line;
