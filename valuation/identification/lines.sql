-- What is each record of the files, and how sure is that?  One row per record, also of those that
-- were set aside or ignored; it stands in its file as the `source_line`-th under the header.
create or replace temp view identified_line as
with record as (
    select
        file_id,
        source_line,
        'loaded' as line_state,
        batch_id,
        item_id,
        status,
        quantity,
        counted,
        not_counted_reason
    from read_line
    union all by name
    select
        file_id,
        source_line,
        'rejected' as line_state,
        false as counted,
        'rejected: ' || reason_code as not_counted_reason
    from read_reject
    union all by name
    select
        file_id,
        source_line,
        'ignored' as line_state,
        false as counted,
        'ignored: ' || reason_code as not_counted_reason
    from read_ignored
),

described as (
    select
        record.*,
        record.counted and coalesce(identity.counted, true) as is_counted,
        coalesce(record.not_counted_reason, identity.not_counted_reason) as reason,
        identity.* exclude (item_id, counted, not_counted_reason)
    from record
    left join identity on identity.item_id = record.item_id
)

select
    input_file.file_place,
    input_file.name as source_file,
    described.source_line,
    kind,
    item_class,
    manufacturer,
    model,
    family,
    form_factor_in,
    capacity_gb,
    rpm,
    power_w,
    fan_size_mm,
    -- pieces as `value` counts them; how many a line that was set aside stands for is not known
    case
        when line_state = 'rejected' then null
        when not is_counted then 0
        when pieces_rule = 'each' then quantity * pieces
        when pieces_rule = 'lot' and quantity = 1 then pieces
        else quantity
    end::bigint as units,
    is_counted as counted,
    reason as not_counted_reason,
    method,
    matched_on,
    confidence,
    runner_up,
    runner_up_confidence,
    runner_up_kind,
    capacity_source,
    interface,
    generation,
    u_height,
    line_state,
    quantity::bigint as quantity,
    status,
    batch_id,
    item_id
from described
inner join input_file on input_file.file_id = described.file_id;
