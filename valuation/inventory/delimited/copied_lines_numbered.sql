-- What are the cells of a text of which plain lines were copied, and where do they stand in it?
-- One row per record.  Joined by equal numbers: an `asof join` sorts all cells, or compares each
-- line with each run of lines where the engine takes the copy for short.
select clean.* exclude (clean_line), clean.clean_line + stretch.shift as source_line
from (select *, row_number() over () as clean_line from {clean}) as clean
inner join {stretches} as stretch
    on stretch.stretch = clean.clean_line // {stretch_lines}
    and clean.clean_line between stretch.first_line and stretch.last_line
union all by name
select * from {others}
