-- Which records of the file are set aside, and where do they stand?  One row per record.
insert into read_reject
select
    $file_id,
    source_row.source_line,
    reject_reason.reason_code,
    reject_reason.reason,
    left(replace({row_text}, chr(31), ' | '), $raw_text_characters),
    reject_reason.suggestion,
    {row_cells}
from source_row
inner join scan_item
    on scan_item.file_number = $file_number and scan_item.item_key = source_row.item_key
inner join scan_quantity
    on scan_quantity.file_number = $file_number
    and scan_quantity.quantity_text = source_row.quantity_text
left join scan_remark
    on scan_remark.file_number = $file_number and scan_remark.remark = source_row.remark
inner join reject_reason
    on reject_reason.reason_code = case
        when scan_remark.verdict is not null then scan_remark.verdict
        when scan_item.is_label and source_row.is_untagged then 'total'
        when scan_quantity.quantity is null then 'bad_quantity'
    end
-- Few records may be: most are left out before anything else of them is worked out.
where source_row.is_header
    or source_row.is_unnamed
    or list_contains($bad_quantities::varchar[], source_row.quantity_text);
