-- What does a file that gives back lines say, record by record?  One row per record.
insert into mended_line (file_id, source_line, cells, reject_key, source_file, is_confirmed)
select
    $file_id,
    {line_number},
    list_transform([{cells}], lambda cell: unguarded(coalesce(cell, ''))),
    lower(trim(coalesce({reject_key}, ''))),
    trim({source_file}),
    coalesce(trim({reject_code}), '') = ''
from {relation};
