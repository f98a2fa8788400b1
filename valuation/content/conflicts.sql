-- What do columns say against the model strings that won?  One row per kind and what was said.
select
    identity.kind,
    identity.conflict,
    count(distinct item_id) as items,
    sum(listed.units)::bigint as units,
    min(identity.model) as example
from listed_unit as listed
join identity using (item_id)
where identity.conflict is not null and identity.counted
group by identity.kind, identity.conflict
order by units desc, identity.kind, identity.conflict
