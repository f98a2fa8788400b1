-- Is every column explained?  Offending rows: a column of the dictionary without meaning.
select table_name, column_name
from data_dictionary
where meaning is null or meaning = ''
order by all;
