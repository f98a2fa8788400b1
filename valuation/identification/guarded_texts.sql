-- Texts of files and items, kept from being run as formulas by a spreadsheet: once for each, not once
-- for each of its lines.  They are replaced where the lines take them from.
create or replace temp table input_file as
select * replace (guarded(name, true) as name)
from input_file;

create or replace temp table identity as
select
    * replace (
        guarded(item_class, true) as item_class,
        guarded(manufacturer, true) as manufacturer,
        guarded(model, true) as model,
        guarded(family, true) as family,
        guarded(interface, true) as interface,
        guarded(generation, true) as generation,
        guarded(matched_on, true) as matched_on,
        guarded(runner_up, true) as runner_up
    )
from identity;
