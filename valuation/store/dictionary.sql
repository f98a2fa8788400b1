-- What does each column mean?  One row per column of our tables and views, from their comments.
-- Parameters: the database, the names of our tables and views.
insert into data_dictionary
with described as (
    select
        table_name,
        column_name,
        column_index,
        data_type,
        trim(regexp_replace(comment, '\s*\[[^\]]*\]$', '')) as meaning,
        string_split(regexp_extract(comment, '\[([^\]]*)\]$', 1), ', ') as mark
    from duckdb_columns()
    where database_name = $database and list_contains($objects, table_name)
)

select
    table_name,
    column_name,
    data_type as type,
    nullif(mark[1], '') as unit,
    meaning,
    list_contains(mark, 'summable') as summable
from described
order by table_name, column_index;
