-- Which groups of the scan are lines, which are set aside, which are ignored?  One row per group.
create or replace temp table scan_judged as
select
    scan.batch_id,
    scan.quantity_text,
    scan.lines,
    scan.scientific_serials,
    scan.unusual_status,
    scan.whole_lines,
    scan.module_lines,
    scan.shredded_lines,
    scan.is_day_first,
    scan_item.item_id,
    scan_quantity.quantity,
    case
        when scan_remark.verdict is not null then scan_remark.verdict
        when scan_item.is_label and scan.is_untagged then 'total'
        when scan_quantity.quantity is null then 'bad_quantity'
        else 'line'
    end as verdict
from scan
inner join scan_item
    on scan_item.file_number = $file_number and scan_item.item_key = scan.item_key
inner join scan_quantity
    on scan_quantity.file_number = $file_number
    and scan_quantity.quantity_text = scan.quantity_text
left join scan_remark
    on scan_remark.file_number = $file_number and scan_remark.remark = scan.remark;
