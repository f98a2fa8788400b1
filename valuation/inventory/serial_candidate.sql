-- Which serials stand on more than one record anywhere?  One row per serial; one part of all keys at
-- a time, so that what is counted at once stays small.
insert into serial_candidate
select serial_key
from scan_record
where serial_key % $parts::ubigint = $part::ubigint
group by serial_key
having count(*) > 1;
