-- Which columns does a database hold?  One row per column of its main schema.
select table_name, column_name, data_type
from duckdb_columns()
where database_name = $database and schema_name = 'main'
order by all;
