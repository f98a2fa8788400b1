-- How many lines and pieces does each batch hold of each item?  One row per batch and item.
create or replace temp table read_count as
with loaded as (
    select batch_id, item_id, quantity, sum(lines) as lines
    from scan_count
    group by batch_id, item_id, quantity
),
counted as (
    select
        loaded.batch_id,
        loaded.item_id,
        loaded.quantity,
        loaded.lines,
        case
            when loaded.quantity > 0 then loaded.lines - coalesce(repeated_count.lines, 0)
            else 0
        end as lines_counted
    from loaded
    left join repeated_count
        on repeated_count.batch_id = loaded.batch_id
        and repeated_count.item_id = loaded.item_id
        and repeated_count.quantity = loaded.quantity
)
select
    batch_id,
    item_id,
    sum(lines)::bigint as lines,
    sum(lines_counted)::bigint as lines_counted,
    sum(lines_counted * quantity)::double as quantity,
    coalesce(sum(lines_counted) filter (where quantity = 1), 0)::bigint as lines_of_one
from counted
group by batch_id, item_id
order by batch_id, item_id;
