-- What does each item bring on the best route of its batch?  One row per row of batch_item.
create or replace view item_value as
with best as (
    select batch_id, route_id
    from route_comparison
    where place = 1
),

price as (
    select element_value.batch_id, element_value.element, element_value.usd_per_contained_kg
    from element_value
    semi join best using (batch_id, route_id)
),

mass as (
    unpivot (
        select
            batch_id, item_id, origin, component_class,
            nd_kg as nd, pr_kg as pr, dy_kg as dy, tb_kg as tb, gd_kg as gd, ho_kg as ho,
            al_kg as al, fe_kg as fe, cu_kg as cu, au_kg as au, ag_kg as ag, pd_kg as pd,
            sn_kg as sn, ta_kg as ta, co_kg as co, sb_kg as sb, ga_kg as ga, ge_kg as ge
        from batch_item
    )
    on nd, pr, dy, tb, gd, ho, al, fe, cu, au, ag, pd, sn, ta, co, sb, ga, ge
    into name element value kg
),

worth as (
    select
        mass.batch_id,
        mass.item_id,
        mass.origin,
        mass.component_class,
        sum(mass.kg * price.usd_per_contained_kg) as gross_usd,
        coalesce(sum(mass.kg * price.usd_per_contained_kg) filter (
            mass.element in ('nd', 'pr', 'dy', 'tb')
        ), 0) as ree_gross_usd
    from mass
    join price using (batch_id, element)
    group by mass.batch_id, mass.item_id, mass.origin, mass.component_class
)

select
    batch_item.batch_id,
    batch_item.item_id,
    batch_item.origin,
    batch_item.component_class,
    batch_item.component_kind,
    best.route_id,
    batch_item.lines,
    batch_item.units,
    batch_item.nd_kg + batch_item.pr_kg + batch_item.dy_kg + batch_item.tb_kg as ree_kg,
    worth.ree_gross_usd,
    worth.gross_usd
from batch_item
left join best using (batch_id)
left join worth
    on worth.batch_id = batch_item.batch_id
    and worth.item_id = batch_item.item_id
    and worth.origin = batch_item.origin
    and worth.component_class is not distinct from batch_item.component_class;

comment on view item_value is 'One batch, item, origin and class: what it brings on the best route of the batch, shared out by contained element mass.';
comment on column item_value.batch_id is 'The batch.';
comment on column item_value.item_id is 'The item; for parts inside a host, the host.';
comment on column item_value.origin is 'listed, described or typical.';
comment on column item_value.component_class is 'Content class; null when unidentified.';
comment on column item_value.component_kind is 'Kind of that class.';
comment on column item_value.route_id is 'Best route of the batch; null where no route has a net.';
comment on column item_value.lines is 'Lines of the item in the batch; null unless listed. [1, summable]';
comment on column item_value.units is 'Physical pieces. [1, summable]';
comment on column item_value.ree_kg is 'Mean Nd, Pr, Dy and Tb contained; null when unidentified. [kg, summable]';
comment on column item_value.ree_gross_usd is 'Mean proceeds from Nd, Pr, Dy and Tb. [USD, summable]';
comment on column item_value.gross_usd is 'Mean proceeds; the batch recovers every element at one rate here, wherever it sits. [USD, summable]';
