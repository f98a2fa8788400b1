-- What follows from the rows just written: orphans go, counts and flags of kept rows follow the items.

delete from item where item_id not in (select distinct item_id from batch_item);

delete from item_evidence where item_id not in (select item_id from item);

delete from content
where item_class not in (
    select distinct component_class from batch_item where component_class is not null
);

delete from part_value
where part_id not in (select distinct part_id from batch_item where part_id is not null);

delete from part
where part_id not in (select distinct part_id from batch_item where part_id is not null);

delete from part_mass where part_id not in (select part_id from part);

-- Files of this run stay even when refused; older ones only while a batch rests on them.
delete from input_file
where run_id is distinct from (select run_id from run order by rowid desc limit 1)
    and file_id not in (select file_id from batch_file);

delete from rejected_line where file_id not in (select file_id from input_file);

update item
set lines = listed.lines
from (
    select item_id, sum(lines)::bigint as lines
    from batch_item
    where origin = 'listed'
    group by item_id
) as listed
where item.item_id = listed.item_id and item.lines is distinct from listed.lines;

-- A line's own reason comes first, then its item's: a batch valued again keeps its lines, but its
-- items may be identified otherwise now.
update line
set counted = item.counted, not_counted_reason = item.not_counted_reason
from item
where line.item_id = item.item_id
    and coalesce(line.not_counted_reason, '') not in ('repeated_serial', 'quantity_zero_or_less')
    and (
        line.counted is distinct from item.counted
        or line.not_counted_reason is distinct from item.not_counted_reason
    );
