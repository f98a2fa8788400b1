-- How many lines and pieces does each batch hold of each item?  One row per batch and item.
create or replace temp table read_count as
with loaded as (
    select
        batch_id,
        item_id,
        sum(lines) as lines,
        sum(lines) filter (where quantity > 0) as lines_counted,
        sum(lines * quantity) filter (where quantity > 0) as quantity,
        sum(lines) filter (where quantity = 1) as lines_of_one
    from scan_count
    group by batch_id, item_id
),

repeated as (
    select
        batch_id,
        item_id,
        sum(lines) as lines,
        sum(lines * quantity) as quantity,
        sum(lines) filter (where quantity = 1) as lines_of_one
    from repeated_count
    group by batch_id, item_id
)

select
    loaded.batch_id,
    loaded.item_id,
    loaded.lines::bigint as lines,
    (coalesce(loaded.lines_counted, 0) - coalesce(repeated.lines, 0))::bigint as lines_counted,
    (coalesce(loaded.quantity, 0) - coalesce(repeated.quantity, 0))::double as quantity,
    (coalesce(loaded.lines_of_one, 0) - coalesce(repeated.lines_of_one, 0))::bigint
        as lines_of_one
from loaded
left join repeated
    on repeated.batch_id = loaded.batch_id and repeated.item_id = loaded.item_id
order by loaded.batch_id, loaded.item_id;
