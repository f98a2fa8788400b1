-- Which records of the file at hand did the scan ignore, and where do they stand?  One row per record.
insert into read_ignored
select
    scan_file.file_id,
    record.source_line,
    coalesce(scan_remark.verdict, 'total')
from scan_record as record
inner join scan_file on scan_file.file_number = record.file_number
inner join scan_item
    on scan_item.file_number = record.file_number and scan_item.item_key = record.item_key
left join scan_remark
    on scan_remark.file_number = record.file_number and scan_remark.remark = record.remark
where scan_file.file_id = $file_id
    and (
        scan_remark.verdict in (select unnest($ignored))
        or (scan_remark.verdict is null and scan_item.is_label and record.is_untagged)
    );
