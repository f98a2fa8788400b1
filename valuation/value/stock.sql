-- What could be sold again?  Units of things by batch, and what recycling the priced ones brings.

-- A sum over pieces of what one unit of each counts; null where that of one of them is not known.
-- Summed exactly enough that the order in which threads add is rounded away.
create or replace temp macro sum_if_known(units, figure, part_no) as
if(count(part_no) > 0 and count(figure) = count(part_no), round(fsum(units * figure), 9), null);

-- A mean over units; null where that of one of them is not known.
create or replace temp macro mean_if_known(units, figure) as
if(count(figure) = count(*), fsum(units * figure) / fsum(units), null);

-- One batch and thing.
create or replace temp table stock as
select
    piece.batch_id,
    piece.thing_no,
    round(sum(piece.units_sold), 9) as units,
    bool_and(coalesce(part.is_whole, true)) as is_whole
from sellable_piece as piece
left join stock_part as part using (part_no)
group by piece.batch_id, piece.thing_no;

-- One batch and thing that a row of the resale table is about. A table: the engine then knows how
-- few there are, and begins with them.
create or replace temp table priced_thing as
select stock.batch_id, stock.thing_no, thing.thing, stock.units, thing.term
from stock
join stock_thing as thing using (thing_no)
where thing.term is not null and stock.is_whole and stock.units > 0;

-- The same, recycled on one route.
create or replace temp table priced_stock as
with piece as materialized (
    select batch_id, thing_no, part_no, units
    from sellable_piece
    semi join priced_thing using (batch_id, thing_no)
    where units > 0
)

select
    piece.batch_id,
    piece.thing_no,
    worth.route_no,
    sum_if_known(piece.units, worth.gross_usd, worth.part_no) as gross_usd,
    sum_if_known(piece.units, worth.cost_usd, worth.part_no) as cost_usd,
    sum_if_known(piece.units, worth.gross_kg, worth.part_no) as gross_kg
from piece
join stock_worth as worth using (part_no)
group by piece.batch_id, piece.thing_no, worth.route_no;

-- Units of a part that pass the test on average, and so leave the batch.
create or replace temp view leaving_unit as
select
    piece.batch_id,
    piece.thing_no,
    piece.part_no,
    part.part_id,
    part.kind,
    piece.units * term.share_passing as units
from sellable_piece as piece
join stock_part as part using (part_no)
join stock_thing as thing using (thing_no)
join resale_term as term using (term)
where part.is_whole;

-- Rows of the resale table that are about anything here.
create or replace temp view matched_term as
select distinct thing.term
from sellable_piece as piece
join stock_thing as thing using (thing_no)
left join stock_part as part using (part_no)
where thing.term is not null and coalesce(part.is_whole, true);
