-- Which batches does the file hold, and from which files were they read?  One row per batch.
select
    batch.*,
    coalesce(list(input_file.name order by input_file.name)
        filter (input_file.name is not null), []) as files,
    coalesce(list(batch_file.file_id order by input_file.name)
        filter (batch_file.file_id is not null), []) as file_ids
from store.main.batch as batch
left join store.main.batch_file as batch_file using (batch_id)
left join store.main.input_file as input_file using (file_id)
group by all
order by batch.batch_id;
