-- Which yields, costs and capacities were used, and where do they come from?  Rows of routes.

create table if not exists route_capture (
    step_id varchar not null, stream varchar not null, element varchar not null, leaves_as varchar,
    sink varchar, value double, low double, high double, spread_kind varchar, unit varchar,
    basis varchar, source_id varchar, locator varchar, owner varchar, review_on date, note
    varchar
);
comment on table route_capture is 'One share of a stream that a step moves on; the rest goes to its sink. Key: step_id, stream, element.';
comment on column route_capture.step_id is 'The process, as in route_step.';
comment on column route_capture.stream is 'Magnet location or material.';
comment on column route_capture.element is 'One element, ree, mass, or * for all; the most specific holds.';
comment on column route_capture.leaves_as is 'next, or the product it leaves as.';
comment on column route_capture.sink is 'Where the rest goes; product: and an id for a co-product.';
comment on column route_capture.value is 'The number as its row states it. [see unit]';
comment on column route_capture.low is 'Lower limit of its spread. [see unit]';
comment on column route_capture.high is 'Upper limit of its spread. [see unit]';
comment on column route_capture.spread_kind is 'How low and high are meant: exact, ci90_lognormal, ci90_beta, range_beta or sd_normal.';
comment on column route_capture.unit is 'Unit of the number.';
comment on column route_capture.basis is 'measured, reported, derived or assumed.';
comment on column route_capture.source_id is 'Source.';
comment on column route_capture.locator is 'Place in the source.';
comment on column route_capture.owner is 'Role that answers for an assumption.';
comment on column route_capture.review_on is 'Day an assumption is to be reviewed.';
comment on column route_capture.note is 'What to know about it.';

create table if not exists route_cost (
    step_id varchar not null, cost_id varchar not null, title varchar, cost_kind varchar,
    denominator varchar, unit_kind varchar, currency varchar, priced_on date, minimum double,
    includes_feed boolean, includes_capital boolean, unknown boolean, unknown_reason varchar,
    value double, low double, high double, spread_kind varchar, unit varchar, basis varchar,
    source_id varchar, locator varchar, owner varchar, review_on date, note varchar
);
comment on table route_cost is 'One cost of a process per unit of its denominator. Key: step_id, cost_id.';
comment on column route_cost.step_id is 'The process, as in route_step.';
comment on column route_cost.cost_id is 'The cost.';
comment on column route_cost.title is 'What is paid for.';
comment on column route_cost.cost_kind is 'operating, capital, freight, toll or fee.';
comment on column route_cost.denominator is 'What the cost is per: unit, kg_kit, kg_step_feed, kg_bare_magnet, kg_oxide_out, lot or shipment.';
comment on column route_cost.unit_kind is 'Kind of units it counts; all when null.';
comment on column route_cost.currency is 'Its currency.';
comment on column route_cost.priced_on is 'Day it is as of.';
comment on column route_cost.minimum is 'Least that is paid; null when none. [currency]';
comment on column route_cost.includes_feed is 'Whether the price of feed is in it.';
comment on column route_cost.includes_capital is 'Whether capital is in it.';
comment on column route_cost.unknown is 'Whether nobody could bracket it.';
comment on column route_cost.unknown_reason is 'Why it is unknown.';
comment on column route_cost.value is 'The number as its row states it. [see unit]';
comment on column route_cost.low is 'Lower limit of its spread. [see unit]';
comment on column route_cost.high is 'Upper limit of its spread. [see unit]';
comment on column route_cost.spread_kind is 'How low and high are meant: exact, ci90_lognormal, ci90_beta, range_beta or sd_normal.';
comment on column route_cost.unit is 'Unit of the number.';
comment on column route_cost.basis is 'measured, reported, derived or assumed.';
comment on column route_cost.source_id is 'Source.';
comment on column route_cost.locator is 'Place in the source.';
comment on column route_cost.owner is 'Role that answers for an assumption.';
comment on column route_cost.review_on is 'Day an assumption is to be reviewed.';
comment on column route_cost.note is 'What to know about it.';

create table if not exists route_capacity (
    route_id varchar not null, reading varchar not null, boundary varchar not null, from_on
    date, value double, low double, high double, spread_kind varchar, unit varchar, basis
    varchar, source_id varchar, locator varchar, owner varchar, review_on date, note varchar
);
comment on table route_capacity is 'One stated capacity of a route; two readings of one figure are two rows. Key: route_id, reading, boundary.';
comment on column route_capacity.route_id is 'The route.';
comment on column route_capacity.reading is 'Which plant or which reading of the source.';
comment on column route_capacity.boundary is 'What is counted: oxide_out, magnet_in, magnet_out ...';
comment on column route_capacity.from_on is 'When it is to start.';
comment on column route_capacity.value is 'The number as its row states it. [see unit]';
comment on column route_capacity.low is 'Lower limit of its spread. [see unit]';
comment on column route_capacity.high is 'Upper limit of its spread. [see unit]';
comment on column route_capacity.spread_kind is 'How low and high are meant: exact, ci90_lognormal, ci90_beta, range_beta or sd_normal.';
comment on column route_capacity.unit is 'Unit of the number.';
comment on column route_capacity.basis is 'measured, reported, derived or assumed.';
comment on column route_capacity.source_id is 'Source.';
comment on column route_capacity.locator is 'Place in the source.';
comment on column route_capacity.owner is 'Role that answers for an assumption.';
comment on column route_capacity.review_on is 'Day an assumption is to be reviewed.';
comment on column route_capacity.note is 'What to know about it.';
