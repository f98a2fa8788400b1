-- Why are records of each file set aside, how many, and which come first?  One row per reason.
select
    file_id,
    reason_code,
    any_value(suggestion) as suggestion,
    count(*)::bigint as lines,
    list_slice(list(source_line order by source_line), 1, 5) as first_records
from read_reject
group by all
order by lines desc, reason_code;
