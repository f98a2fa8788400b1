-- Which records of the file are set aside before they are looked at?  One row per record.
copy (
    select
        mended_line.source_line,
        mended_line.verdict as reason_code,
        coalesce(mended_line.reason, reject_reason.reason) as reason,
        coalesce(
            mended_line.raw_text,
            left(array_to_string(mended_line.cells, ' | '), {raw_text_characters})
        ) as raw_text,
        coalesce(mended_line.suggestion, reject_reason.suggestion) as suggestion,
        mended_line.cells
    from mended_line
    left join reject_reason on reject_reason.reason_code = mended_line.verdict
    where mended_line.file_id = $file_id and mended_line.verdict not in ('line', 'given_twice')
    order by mended_line.source_line
) to {target} (format parquet);
