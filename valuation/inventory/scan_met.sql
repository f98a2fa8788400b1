-- What that is seldom said do the records of the file at hand say at all?  One row.
select
    count(remark) > 0 as remark,
    coalesce(bool_or(is_untagged), false) as is_untagged,
    coalesce(bool_or(is_scientific), false) as is_scientific,
    coalesce(bool_or(is_unusual), false) as is_unusual,
    coalesce(bool_or(is_whole), false) as is_whole,
    coalesce(bool_or(is_module), false) as is_module,
    coalesce(bool_or(is_shredded), false) as is_shredded,
    coalesce(bool_or(is_day_first), false) as is_day_first
from scan_record
where file_number = $file_number
