-- Which comments does the current database hold?  One row per table and column, as it is written.
select 'comment on column ' || table_name || '.' || column_name as target, comment
from duckdb_columns()
where database_name = current_database() and comment is not null
union all
select 'comment on table ' || table_name, comment
from duckdb_tables()
where database_name = current_database() and comment is not null;
