-- What else was met in the lines of the file at hand?  One row.
create or replace temp table scan_fact as
select
    coalesce(sum(lines) filter (where is_blank(quantity_text)), 0)::bigint as blank_quantities,
    coalesce(sum(lines) filter (where quantity <= 0), 0)::bigint as zero_quantities,
    coalesce(sum(scientific_serials), 0)::bigint as scientific_serials,
    coalesce(sum(unusual_status), 0)::bigint as unusual_status,
    coalesce(bool_or(is_day_first), false) as is_day_first
from scan_judged
where verdict = 'line';
