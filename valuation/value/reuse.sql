-- Reuse beside recycling: what is each thing of a batch worth either way?  One row per batch and thing.

-- What recycling all units brings on the best route allowed, and what picking them up to be tested
-- costs. Routes are planned form by form: a part has no worth on those of another form.
create or replace temp table reuse_figure as
with recycled as (
    select
        piece.batch_id,
        piece.thing_no,
        sum_if_known(piece.units, best.gross_usd, best.part_no)
        - sum_if_known(piece.units, best.cost_usd, best.part_no) as recycling_usd,
        sum_if_known(piece.units, picked.cost_usd, picked.part_no) as pickup_usd
    from sellable_piece as piece
    left join batch_ruling as ruling using (batch_id)
    left join stock_worth as best
        on best.part_no = piece.part_no and best.route_no = ruling.route_no
    left join stock_worth as picked
        on picked.part_no = piece.part_no and picked.route_no = ruling.reuse_route_no
    where piece.units > 0
    group by piece.batch_id, piece.thing_no
)

select stock.*, recycled.recycling_usd, recycled.pickup_usd
from stock
left join recycled using (batch_id, thing_no)
where stock.units > 0;

create or replace temp view thing_reuse as
with priced as (
    select
        figure.*,
        thing.* exclude (thing_no, term),
        if(figure.is_whole, thing.term, null) as term,
        ruling.recycling_route_id,
        coalesce(ruling.is_reuse_allowed, true) as is_reuse_allowed,
        figure.recycling_usd / figure.units as recycling_usd_per_unit,
        figure.pickup_usd / figure.units as pickup_usd_per_unit
    from reuse_figure as figure
    join stock_thing as thing using (thing_no)
    left join batch_ruling as ruling using (batch_id)
),

compared as (
    select
        priced.*,
        term.* exclude (term),
        sale.* exclude (batch_id, thing),
        term.test_usd_per_unit + priced.pickup_usd_per_unit as spent_usd_per_unit,
        priced.units * (
            term.share_passing * term.price_usd_per_unit
            - spent_usd_per_unit
            + (1 - term.share_passing) * priced.recycling_usd_per_unit
        ) as reuse_usd
    from priced
    left join resale_term as term using (term)
    left join resale_sale as sale using (batch_id, thing)
)

select
    batch_id,
    thing,
    kind as component_kind,
    item_class as component_class,
    family_key,
    family,
    capacity_gb,
    units,
    recycling_route_id,
    recycling_usd_per_unit,
    pickup_usd_per_unit,
    resale_key,
    share_passing,
    price_usd_per_unit,
    test_usd_per_unit,
    resale_usd,
    resale_usd_p10,
    resale_usd_p90,
    reuse_usd,
    recycling_usd,
    case
        when reuse_usd > recycling_usd then 'reuse'
        when reuse_usd <= recycling_usd then 'recycle'
    end as better,
    if(share_passing > 0, spent_usd_per_unit / share_passing + recycling_usd_per_unit, null)
        as flip_price_usd_per_unit,
    if(is_whole, pickup_usd_per_unit + recycling_usd_per_unit, null)
        as least_flip_price_usd_per_unit,
    term is not null as is_priced,
    is_reuse_allowed,
    case
        when kind = 'unidentified' then 'not priced: nobody knows what it is'
        when not is_whole
        then 'not priced: it does not arrive whole, so no unit is left to sell'
        when term is null and getvariable('has_resale')
        then 'not priced: no row of the resale table is about it'
        when term is null then 'not priced: no resale table is given'
        when recycling_usd is null then 'no allowed route that recycles it has a net'
        when share_passing = 0 then 'no unit passes, so no price makes reuse the better'
    end as reason
from compared;

-- The things of the batches told of, together: figures per unit weighted by units, null where that
-- of one batch is not known.
create or replace temp table reuse_told as
with told as (
    select * from thing_reuse where batch_id in (from told_batch)
)

select
    thing,
    any_value(component_kind) as component_kind,
    any_value(component_class) as component_class,
    any_value(family_key) as family_key,
    any_value(family) as family,
    any_value(capacity_gb) as capacity_gb,
    arg_min(is_priced, batch_id) as is_priced,
    arg_min(struct_pack(reason), batch_id).reason as reason,
    mean_if_known(units, recycling_usd_per_unit) as recycling_usd_per_unit,
    mean_if_known(units, price_usd_per_unit) as price_usd_per_unit,
    mean_if_known(units, flip_price_usd_per_unit) as flip_price_usd_per_unit,
    mean_if_known(units, least_flip_price_usd_per_unit) as least_flip_price_usd_per_unit,
    round(fsum(units), 9) as units,
    round(fsum(units) filter (is_priced), 9) as units_priced,
    round(fsum(units) filter (is_priced and better = 'reuse'), 9) as units_better_sold,
    round(fsum(reuse_usd - recycling_usd) filter (is_priced and better = 'reuse'), 9)
        as better_sold_gain_usd,
    bool_or(better is not null) as is_compared,
    if(count(reuse_usd - recycling_usd) = count(*), round(fsum(reuse_usd - recycling_usd), 9), null)
        as reuse_gain_usd
from told
group by thing;
