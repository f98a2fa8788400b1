-- Put the cells of a file's records where its original has them, a column it lacks being blank, and
-- see which records were changed since they were written.
update mended_line
set cells = list_transform($places, lambda place: coalesce(cells[place], ''))
where file_id = $file_id and reason_code is null;

update mended_line
set is_changed = is_confirmed
    or reject_key
        <> reject_key(keyed_file(reject_key), keyed_line(reject_key), cells, $names)
where file_id = $file_id and reason_code is null and is_reject_key(reject_key);
