-- Which serials stand on more than one record anywhere?  One row per serial; one part of all keys at
-- a time, so that what is counted at once stays small.
insert into serial_candidate
select serial_key
from scan_record
where serial_key is not null
    and serial_key % $parts = $part
    and serial_key not in (select hash(text) from inventory_placeholder)
group by serial_key
having count(*) > 1;
