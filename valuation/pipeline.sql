-- By which method were the items of some batches identified?  One row per method.
-- Parameter: the batches.
select
    identity.method,
    sum(listed.lines)::bigint as lines,
    count(distinct item_id) as items,
    round(sum(listed.units), 9) as units
from listed_unit as listed
join identity using (item_id)
where listed.batch_id in (select unnest($1))
group by identity.method
order by identity.method
