-- How many distinct texts does each column hold, about?  One row.
create or replace temp table scan_distinct as
select
    count(*) as lines,
    approx_count_distinct(manufacturer) as manufacturer,
    approx_count_distinct(model) as model,
    approx_count_distinct(part_number) as part_number,
    approx_count_distinct(description) as description,
    approx_count_distinct(component_name) as component_name,
    approx_count_distinct(other_model) as other_model,
    approx_count_distinct(type) as type,
    approx_count_distinct(capacity) as capacity
from {source};
