-- Put the cells of a file's records where its original has them; a column it lacks is blank.
update mended_line
set cells = list_transform($places, lambda place: coalesce(cells[place], ''))
where file_id = $file_id and reason_code is null;
