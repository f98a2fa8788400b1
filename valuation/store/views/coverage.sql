-- On what do lines, units and value rest?  One row per batch, question (method, basis) and answer.
create or replace view coverage as
with weighed as (
    select distinct item_class as component_class, family_key, location as stream
    from own_measurement
    where quantity = 'magnet_mass' and family_key is not null
),

piece as (
    select
        item_value.batch_id,
        item.method,
        item_value.component_class,
        case
            when item_value.origin = 'listed'
                and (item_value.component_class, item.family_key) in (
                    select (weighed.component_class, weighed.family_key)
                    from weighed
                )
                then item.family_key
        end as family_key,
        coalesce(item_value.lines, 0) as lines,
        item_value.units,
        coalesce(item_value.gross_usd, 0) as gross_usd,
        coalesce(item_value.ree_gross_usd, 0) as ree_gross_usd
    from item_value
    join item using (item_id)
),

-- A class rests on each basis by the share of its mass that does; proceeds from rare earths by the
-- share of its magnets, other proceeds by the share of its materials. Where a family was weighed, its
-- magnets at that location rest on that.
stream as (
    select
        item_class as component_class,
        null::varchar as family_key,
        coalesce(basis, 'unknown') as basis,
        mean_g,
        not is_magnet as is_material
    from content
    union all
    select
        content.item_class,
        family.family_key,
        case
            when weighed.stream is not null then 'measured'
            else coalesce(content.basis, 'unknown')
        end,
        content.mean_g,
        not content.is_magnet
    from content
    join (select distinct component_class, family_key from weighed) as family
        on family.component_class = content.item_class
    left join weighed
        on weighed.component_class = content.item_class
        and weighed.family_key = family.family_key
        and weighed.stream = content.stream
),

weight as (
    select
        component_class,
        family_key,
        basis,
        sum(mean_g) / nullif(sum(sum(mean_g)) over class, 0) as share,
        coalesce(sum(mean_g) filter (not is_material), 0)
            / nullif(sum(sum(mean_g) filter (not is_material)) over class, 0) as magnet_share,
        coalesce(sum(mean_g) filter (is_material), 0)
            / nullif(sum(sum(mean_g) filter (is_material)) over class, 0) as material_share
    from stream
    group by component_class, family_key, basis
    window class as (partition by component_class, family_key)
),

answer as (
    select
        batch_id,
        'method' as question,
        coalesce(method, 'unknown') as answer,
        lines,
        units,
        gross_usd
    from piece
    union all by name
    select
        piece.batch_id,
        'basis' as question,
        coalesce(weight.basis, 'no content') as answer,
        piece.lines * coalesce(weight.share, 1) as lines,
        piece.units * coalesce(weight.share, 1) as units,
        piece.ree_gross_usd * coalesce(weight.magnet_share, weight.share, 1)
            + (piece.gross_usd - piece.ree_gross_usd)
            * coalesce(weight.material_share, weight.share, 1) as gross_usd
    from piece
    left join weight
        on weight.component_class = piece.component_class
        and weight.family_key is not distinct from piece.family_key
),

total as (
    select
        batch_id,
        question,
        answer,
        sum(lines) as lines,
        sum(units) as units,
        sum(gross_usd) as gross_usd
    from answer
    group by batch_id, question, answer
)

select
    batch_id,
    question,
    answer,
    lines,
    units,
    gross_usd,
    lines / nullif(sum(lines) over question, 0) as lines_share,
    units / nullif(sum(units) over question, 0) as units_share,
    gross_usd / nullif(sum(gross_usd) over question, 0) as value_share
from total
window question as (partition by batch_id, question)
order by batch_id, question, answer;

comment on view coverage is 'One batch, question and answer: by which method items were identified, and on which basis their content rests.';
comment on column coverage.batch_id is 'The batch.';
comment on column coverage.question is 'method of identification, or basis of the content figures.';
comment on column coverage.answer is 'The method or basis; no content where a class holds nothing or is unknown.';
comment on column coverage.lines is 'Lines; sum within one question. [1, summable]';
comment on column coverage.units is 'Units, parts inside hosts included; sum within one question. [1, summable]';
comment on column coverage.gross_usd is 'Mean proceeds on the best route; sum within one question. [USD, summable]';
comment on column coverage.lines_share is 'Share of the lines of the batch, 0-1. [1]';
comment on column coverage.units_share is 'Share of the units of the batch, 0-1. [1]';
comment on column coverage.value_share is 'Share of the proceeds of the batch, 0-1. [1]';
