-- What are the cells of a text of which plain lines were copied?  One row per record.
select * from {clean}
union all by name
select * from {others}
