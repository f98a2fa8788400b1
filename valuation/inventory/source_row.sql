-- What is each record of the file at hand?  One row per record, keyed for counting.
create or replace temp view source_row as
with named as (
    select
        *,
        case
            when is_told(model) or is_told(description) or is_told(part_number) then false
            else is_blank(model) and is_blank(part_number) and is_blank(description)
                and is_blank(component_name) and is_blank(other_model)
        end as is_unnamed,
        case
            when is_told(serial) or is_told(asset_tag) then false
            else is_blank(serial) and is_blank(asset_tag)
        end as is_untagged
    from source_text
)
select
    *,
    hash(
        manufacturer, model, part_number, description, component_name, other_model, type, capacity
    ) as item_key,
    coalesce(quantity, '') as quantity_text,
    serial_key(serial) as serial_key,
    case
        when is_tight(batch_cell) then batch_cell
        else coalesce(nullif(without_blanks(batch_cell), ''), getvariable('batch_id'))
    end as batch_id,
    -- The text of a row is put together only for the few rows that name no item.
    case
        when not (is_header or is_unnamed) then null
        when is_header then chr(30)
        when is_untagged
            and is_blank(concat(manufacturer, type, capacity))
            and is_blank(concat(host, site, status, purchase_date, batch_cell))
        then chr(29) || {row_text}
        when regexp_matches({row_text}, getvariable('total_pattern'))
            and (
                is_untagged
                or regexp_matches(concat(serial, asset_tag), getvariable('total_pattern'))
            )
        then {row_text}
    end as remark
from named;
