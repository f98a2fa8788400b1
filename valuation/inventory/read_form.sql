-- In which form do the counted lines of each batch arrive, by their status?  One row per batch and
-- form, null where nothing is said. Lines whose serial repeats count once, whatever they say.
create or replace temp table read_form as
with said as (
    select
        batch_id,
        item_id,
        quantity,
        sum(lines) as lines,
        sum(whole_lines) as whole,
        sum(module_lines) as module,
        sum(shredded_lines) as shredded
    from scan_count
    where quantity > 0
    group by batch_id, item_id, quantity
),

counted as (
    select
        said.*,
        quantity * (said.lines - coalesce(repeated_count.lines, 0)) / said.lines as units_per_line
    from said
    left join repeated_count using (batch_id, item_id, quantity)
),

told as (
    select batch_id, units_per_line * whole as units, 'whole' as form
    from counted
    union all
    select batch_id, units_per_line * module, 'module'
    from counted
    union all
    select batch_id, units_per_line * shredded, 'shredded'
    from counted
    union all
    select batch_id, units_per_line * (lines - whole - module - shredded), null
    from counted
)

select batch_id, form, round(sum(units), 6) as units
from told
group by batch_id, form
having sum(units) > 0
order by batch_id, form;
