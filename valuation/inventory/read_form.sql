-- In which form do the counted lines of each batch arrive, by their status?  One row per batch and
-- form, null where nothing is said. Lines whose serial repeats count once, whatever they say.
create or replace temp table read_form as
with said as (
    select
        batch_id,
        sum(quantity * whole_lines) as whole,
        sum(quantity * module_lines) as module,
        sum(quantity * shredded_lines) as shredded,
        sum(quantity * lines) as units
    from scan_count
    where quantity > 0
    group by batch_id
),

-- Of lines of one item and quantity, the share that does not count is taken off each form alike.
repeating as (
    select
        scan_count.batch_id,
        scan_count.item_id,
        scan_count.quantity,
        any_value(repeated_count.lines) / sum(scan_count.lines) as share,
        sum(scan_count.lines) as lines,
        sum(scan_count.whole_lines) as whole_lines,
        sum(scan_count.module_lines) as module_lines,
        sum(scan_count.shredded_lines) as shredded_lines
    from scan_count
    inner join repeated_count using (batch_id, item_id, quantity)
    group by scan_count.batch_id, scan_count.item_id, scan_count.quantity
),

repeated as (
    select
        batch_id,
        sum(quantity * whole_lines * share) as whole,
        sum(quantity * module_lines * share) as module,
        sum(quantity * shredded_lines * share) as shredded,
        sum(quantity * lines * share) as units
    from repeating
    group by batch_id
),

counted as (
    select
        said.batch_id,
        said.whole - coalesce(repeated.whole, 0) as whole,
        said.module - coalesce(repeated.module, 0) as module,
        said.shredded - coalesce(repeated.shredded, 0) as shredded,
        said.units - coalesce(repeated.units, 0) as units
    from said
    left join repeated on repeated.batch_id = said.batch_id
),

told as (
    select batch_id, whole as units, 'whole' as form
    from counted
    union all
    select batch_id, module, 'module'
    from counted
    union all
    select batch_id, shredded, 'shredded'
    from counted
    union all
    select batch_id, units - whole - module - shredded, null
    from counted
)

select batch_id, form, round(units, 6) as units
from told
where round(units, 6) > 0
order by batch_id, form;
