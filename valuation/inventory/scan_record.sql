-- What does each record of the file at hand say, as short as counting allows?  One pass over the
-- file; one row per record.  The texts of an item stand only where the first records do not tell
-- them.
insert into scan_record
select
    $file_number,
    source_row.batch_id,
    source_row.item_key,
    source_row.quantity_text,
    source_row.is_untagged,
    source_row.remark,
    source_row.serial_key,
    case when source_row.serial_key is null then is_scientific(source_row.serial) end,
    is_day_first(source_row.purchase_date),
    word.is_unusual,
    word.is_whole,
    word.is_module,
    word.is_shredded,
    case when told.item_key is null then {item_texts} end{line_texts}
from source_row
left join inventory_status as word on word.word = lower(without_blanks(source_row.status))
left join scan_told as told on told.item_key = source_row.item_key;
