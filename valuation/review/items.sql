-- Which items are not settled, and what hangs on each?  One row per item, the most at stake first.
-- Parameter: the confidence below which an item is doubtful.
with unsettled as (
    select *
    from item
    where
        method <> 'reviewed'
        and (
            kind = 'unidentified'
            or runner_up is not null
            or (counted and confidence < $below)
        )
),

best as (
    select batch_id, route_id
    from route_comparison
    where place = 1
),

-- What an item stands for: its units, or those it would have if it were a part.
listed as (
    select
        item_id,
        best.route_id,
        count(distinct batch_item.batch_id) as batches,
        sum(batch_item.lines)::bigint as lines,
        sum(batch_item.units) as units,
        sum(if(unsettled.counted, batch_item.units, batch_item.quantity)) as pieces
    from batch_item
    join unsettled using (item_id)
    left join best using (batch_id)
    where batch_item.origin = 'listed'
    group by all
),

total as (
    select
        item_id,
        sum(batches)::bigint as batches,
        sum(lines)::bigint as lines,
        sum(units) as units,
        sum(pieces) as pieces,
        bool_or(route_id is null) as has_no_route
    from listed
    group by item_id
),

-- What an item may be: as the program has it, the runner-up, else what such items mostly are.
-- An unidentified one is what such items mostly are, as the allowance beside the totals has it.
reading as (
    select item_id, item_class, confidence as chance
    from unsettled
    where item_class is not null
    union all
    select item_id, runner_up, coalesce(runner_up_confidence, 1 - confidence)
    from unsettled
    where runner_up is not null and kind <> 'unidentified'
),

rest as (
    select unsettled.item_id, 1 - coalesce(sum(reading.chance), 0) as chance
    from unsettled
    left join reading using (item_id)
    group by unsettled.item_id
),

chance as (
    select item_id, item_class, sum(chance) as chance
    from (
        from reading
        union all
        select rest.item_id, mix.item_class, rest.chance * mix.unidentified_share
        from rest
        cross join (
            select distinct item_class, unidentified_share
            from class_value
            where unidentified_share is not null
        ) as mix
        where rest.chance > 1e-9
    )
    group by item_id, item_class
),

mass as (
    select item_class, any_value(ree_kg_per_unit) as ree_kg_per_unit
    from class_value
    group by item_class
),

worth as (
    select
        chance.item_id,
        chance.item_class,
        chance.chance,
        chance.item_class is not distinct from unsettled.item_class as is_told,
        sum(listed.pieces * mass.ree_kg_per_unit) * 1000 as ree_g,
        if(
            count(class_value.gross_usd_per_unit) = count(*),
            sum(listed.pieces * class_value.gross_usd_per_unit),
            null
        ) as usd
    from chance
    join unsettled using (item_id)
    join listed using (item_id)
    left join mass on mass.item_class = chance.item_class
    left join class_value
        on class_value.item_class = chance.item_class
        and class_value.route_id = listed.route_id
    group by all
),

-- What the totals hold for it now: nothing while it is unidentified or not counted.
booked as (
    select
        item_id,
        case
            when any_value(unsettled.kind) = 'unidentified' or not any_value(unsettled.counted)
                then 0
            when any_value(unsettled.runner_up) is not null
                then sum(worth.chance * worth.usd)
            else any_value(worth.usd) filter (worth.is_told)
        end as usd,
        count(*) = count(worth.usd) as is_known
    from worth
    join unsettled using (item_id)
    group by item_id
),

other as (
    select
        *,
        sum(chance) over (partition by item_id order by usd, item_class)
            / sum(chance) over (partition by item_id) as up_to
    from worth
    where not is_told
),

elsewise as (
    select
        item_id,
        sum(chance * usd) / sum(chance) as usd,
        min(usd) filter (up_to >= 0.1 - 1e-9) as usd_p10,
        min(usd) filter (up_to >= 0.9 - 1e-9) as usd_p90,
        sum(chance * ree_g) / sum(chance) as ree_g
    from other
    group by item_id
),

stake as (
    select item_id, sum(worth.chance * abs(worth.usd - booked.usd)) as usd
    from worth
    join booked using (item_id)
    group by item_id
),

counted as (
    select item_id, if(count(gross_usd) = count(*), sum(gross_usd), null) as usd
    from item_value
    where origin = 'listed'
    group by item_id
)

select
    row_number() over (
        order by
            if(booked.is_known, stake.usd, null) desc nulls last, total.pieces desc, item_id
    ) as rank,
    unsettled.item_id,
    unsettled.manufacturer_raw,
    unsettled.model_raw,
    unsettled.part_number_raw,
    unsettled.description_raw,
    unsettled.type_raw,
    unsettled.capacity_raw,
    total.batches,
    total.lines,
    total.pieces as units,
    unsettled.kind as program_kind,
    unsettled.item_class as program_class,
    if(unsettled.kind = 'unidentified', null, unsettled.confidence) as program_confidence,
    unsettled.runner_up as program_runner_up,
    unsettled.runner_up_confidence as program_runner_up_confidence,
    coalesce(
        unidentified_items.settled_by,
        if(
            unsettled.runner_up is null,
            'a look at one piece, or its part number',
            concat('a look at one piece: ', unsettled.item_class, ' or ', unsettled.runner_up, '?')
        )
    ) as settled_by,
    if(unsettled.kind = 'unidentified', null, counted.usd) as counted_usd,
    if(booked.is_known, elsewise.usd, null) as could_be_usd,
    if(booked.is_known, elsewise.usd_p10, null) as could_be_usd_p10,
    if(booked.is_known, elsewise.usd_p90, null) as could_be_usd_p90,
    elsewise.ree_g as could_hold_ree_g,
    if(booked.is_known, stake.usd, null) as at_stake_usd,
    case
        when booked.is_known then null
        when total.has_no_route then 'no route of its batch has a net'
        else 'a product it could yield has no price'
    end as usd_unknown_because
from unsettled
join total using (item_id)
join booked using (item_id)
join stake using (item_id)
left join elsewise using (item_id)
left join unidentified_items using (item_id)
left join counted using (item_id)
order by rank
