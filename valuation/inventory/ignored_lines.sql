-- Which records of the file at hand did the scan ignore, and where do they stand?  One row per record.
insert into read_ignored
select $file_id, source_row.source_line, coalesce(scan_remark.verdict, 'total')
from source_row
inner join scan_item on scan_item.item_key = source_row.item_key
left join scan_remark on scan_remark.remark = source_row.remark
where scan_remark.verdict in (select unnest($ignored))
    or (scan_remark.verdict is null and scan_item.is_label and source_row.is_untagged);
