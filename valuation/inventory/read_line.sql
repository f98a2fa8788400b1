-- What does each loaded record of the file at hand say?  `counted` is open where a serial repeats.
insert into read_line
select
    source_row.batch_id,
    scan_item.item_id,
    $file_id,
    source_row.source_line,
    scan_quantity.quantity,
    nullif(trim(source_row.serial), ''),
    nullif(trim(source_row.asset_tag), ''),
    nullif(trim(source_row.host), ''),
    nullif(trim(source_row.site), ''),
    nullif(trim(source_row.status), ''),
    iso_date(nullif(trim(source_row.purchase_date), ''), $is_day_first),
    case
        when scan_quantity.quantity <= 0 then false
        when repeated_serial.serial_key is null then true
    end,
    case when scan_quantity.quantity <= 0 then 'quantity_zero_or_less' end
from source_row
inner join scan_item on scan_item.item_key = source_row.item_key
inner join scan_quantity on scan_quantity.quantity_text = source_row.quantity_text
left join scan_remark on scan_remark.remark = source_row.remark
left join repeated_serial
    on repeated_serial.batch_id = source_row.batch_id
    and repeated_serial.maker = scan_item.maker
    and repeated_serial.serial_key = hash(serial_text(source_row.serial))
where scan_remark.verdict is null
    and scan_quantity.quantity is not null
    and not (scan_item.is_label and source_row.is_untagged);
