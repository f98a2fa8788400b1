-- Which lines does a table hold, whatever their order and parts?  One row.
select
    count(*) as lines,
    coalesce(count_if({is_overlong}), 0) as overlong_lines,
    coalesce(bit_xor(hash({cells})), 0)::varchar as parity,
    coalesce(sum(cast(hash({cells}) as decimal(38, 0))), 0)::varchar as total
from {relation}
