-- Which files do the records of a mended file name, by key and by name?  One row per pair.
select
    case when is_reject_key(reject_key) then keyed_file(reject_key) end as keyed,
    nullif(source_file, '') as source_file,
    count(*) as records
from mended_line
where file_id = $1
group by all
order by records desc, keyed, source_file
