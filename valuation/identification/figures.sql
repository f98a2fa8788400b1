-- How many lines and units are there of each kind, by method and by what became of them?
select
    line_state,
    kind,
    method,
    not_counted_reason,
    count(*)::bigint as lines,
    coalesce(sum(units), 0)::bigint as units
from identified_line
group by all
order by all
