-- Keep what one file adds: its lines by batch, item and quantity.
insert into scan_count
select
    $file_id,
    batch_id,
    item_id,
    maker,
    is_place,
    quantity,
    sum(lines)::bigint,
    sum(whole_lines)::bigint,
    sum(module_lines)::bigint,
    sum(shredded_lines)::bigint
from scan_judged
where verdict = 'line'
group by batch_id, item_id, maker, is_place, quantity;
