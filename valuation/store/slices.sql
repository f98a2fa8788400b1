-- Which batches of a relation are put in together?  First and last of each slice, in order.
with batch as (
    select batch_id, sum({width}) as rows
    from {relation}
    group by batch_id
),

placed as (
    select batch_id, sum(rows) over (order by batch_id) // $rows as slice
    from batch
)

select min(batch_id), max(batch_id)
from placed
group by slice
order by slice
