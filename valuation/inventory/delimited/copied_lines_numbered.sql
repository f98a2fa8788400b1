-- What are the cells of a text of which plain lines were copied, and where do they stand in it?
-- One row per record.
select clean.* exclude (clean_line), clean.clean_line + shifted.shift as source_line
from (select *, row_number() over () as clean_line from {clean}) as clean
asof inner join {shifts} as shifted on clean.clean_line >= shifted.clean_line
union all by name
select * from {others}
