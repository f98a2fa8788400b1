-- What becomes of the records of a mended file?  One row per verdict; `added` have no key.
select
    verdict,
    count(*) as records,
    count_if(verdict = 'line' and reject_key = '' and not is_blank(array_to_string(cells, '')))
        as added
from mended_line
where file_id = $1
group by verdict
order by verdict
