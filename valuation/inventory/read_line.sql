-- What does each loaded record say?  One row per line, read off the records when it is asked for.
create or replace temp view read_line as
select
    record.batch_id,
    scan_item.item_id,
    scan_file.file_id,
    {source_line} as source_line,
    scan_quantity.quantity,
    record.serial,
    record.asset_tag,
    record.host,
    record.site,
    record.status,
    coalesce(scan_date.day, record.purchase_date) as purchase_date,
    scan_quantity.quantity > 0 and settled_line.record is null as counted,
    case
        when scan_quantity.quantity <= 0 then 'quantity_zero_or_less'
        when settled_line.record is not null then 'repeated_serial'
    end as not_counted_reason
from scan_record as record
inner join scan_file on scan_file.file_number = record.file_number
inner join scan_item
    on scan_item.file_number = record.file_number and scan_item.item_key = record.item_key
inner join scan_quantity
    on scan_quantity.file_number = record.file_number
    and scan_quantity.quantity_text = record.quantity_text
left join scan_remark
    on scan_remark.file_number = record.file_number and scan_remark.remark = record.remark
left join scan_date
    on scan_date.purchase_date = record.purchase_date
    and scan_date.is_day_first = scan_file.is_day_first
left join settled_line on settled_line.record = record.rowid
where scan_remark.verdict is null
    and scan_quantity.quantity is not null
    and not (scan_item.is_label and record.is_untagged);
