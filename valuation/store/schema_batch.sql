-- What does a batch hold, what comes out, what is it worth?  The tables of results, and their draws.

create table if not exists batch_item (
    batch_id varchar not null, item_id bigint not null, origin varchar not null,
    component_class varchar, component_kind varchar, part_id varchar, lines bigint,
    lines_counted bigint, quantity double, lines_of_one bigint, units double, gross_kg double,
    nd_kg double, pr_kg double, dy_kg double, tb_kg double, gd_kg double, ho_kg double,
    al_kg double, fe_kg double, cu_kg double, au_kg double, ag_kg double, pd_kg double,
    sn_kg double, ta_kg double, co_kg double, sb_kg double, ga_kg double, ge_kg double
);
comment on table batch_item is 'One batch, one item and one class of what it stands for: the item itself (listed), or parts inside a host. Key: batch_id, item_id, origin, component_class.';
comment on column batch_item.batch_id is 'The batch.';
comment on column batch_item.item_id is 'The item; for parts inside a host, the host.';
comment on column batch_item.origin is 'listed, described in the text of a host, or typical for the host.';
comment on column batch_item.component_class is 'Content class; null when unidentified.';
comment on column batch_item.component_kind is 'Kind of that class.';
comment on column batch_item.part_id is 'Part that was valued: class, family, part number and doubt.';
comment on column batch_item.lines is 'Lines of the item in the batch; null unless listed. [1, summable]';
comment on column batch_item.lines_counted is 'Lines that are not repeated and have a quantity above zero; null unless listed. [1, summable]';
comment on column batch_item.quantity is 'Quantity on those lines; null unless listed. [1, summable]';
comment on column batch_item.lines_of_one is 'Of those, lines with a quantity of one; null unless listed. [1, summable]';
comment on column batch_item.units is 'Physical pieces. [1, summable]';
comment on column batch_item.gross_kg is 'Mean gross mass, of hosts without their drives, power supplies and fans; null when unidentified. [kg, summable]';
comment on column batch_item.nd_kg is 'Mean neodymium contained; null when unidentified. [kg, summable]';
comment on column batch_item.pr_kg is 'Mean praseodymium contained; null when unidentified. [kg, summable]';
comment on column batch_item.dy_kg is 'Mean dysprosium contained; null when unidentified. [kg, summable]';
comment on column batch_item.tb_kg is 'Mean terbium contained; null when unidentified. [kg, summable]';
comment on column batch_item.gd_kg is 'Mean gadolinium contained; null when unknown. [kg, summable]';
comment on column batch_item.ho_kg is 'Mean holmium contained; null when unknown. [kg, summable]';
comment on column batch_item.al_kg is 'Mean aluminium contained; null when unidentified. [kg, summable]';
comment on column batch_item.fe_kg is 'Mean iron contained; null when unidentified. [kg, summable]';
comment on column batch_item.cu_kg is 'Mean copper contained; null when unidentified. [kg, summable]';
comment on column batch_item.au_kg is 'Mean gold contained; null when unidentified. [kg, summable]';
comment on column batch_item.ag_kg is 'Mean silver contained; null when unidentified. [kg, summable]';
comment on column batch_item.pd_kg is 'Mean palladium contained; null when unidentified. [kg, summable]';
comment on column batch_item.sn_kg is 'Mean tin contained; null when unknown. [kg, summable]';
comment on column batch_item.ta_kg is 'Mean tantalum contained; null when unknown. [kg, summable]';
comment on column batch_item.co_kg is 'Mean cobalt contained; null when unknown. [kg, summable]';
comment on column batch_item.sb_kg is 'Mean antimony contained; null when unknown. [kg, summable]';
comment on column batch_item.ga_kg is 'Mean gallium contained; null when unknown. [kg, summable]';
comment on column batch_item.ge_kg is 'Mean germanium contained; null when unknown. [kg, summable]';

create table if not exists batch_flow (
    batch_id varchar not null, route_id varchar not null, step_no bigint not null,
    step_id varchar, element varchar not null, in_kg double, out_kg double, lost_kg double,
    sink varchar, product_id varchar, reason varchar
);
comment on table batch_flow is 'One batch, route, step, element and destination: the next step, a product or a sink; means of element mass. Key: batch_id, route_id, step_no, element, sink, product_id.';
comment on column batch_flow.batch_id is 'The batch.';
comment on column batch_flow.route_id is 'The route.';
comment on column batch_flow.step_no is 'Place of the step in the route. [1]';
comment on column batch_flow.step_id is 'The step.';
comment on column batch_flow.element is 'The element.';
comment on column batch_flow.in_kg is 'Element mass that enters towards this destination. [kg]';
comment on column batch_flow.out_kg is 'Element mass that goes on, or leaves as the product. [kg]';
comment on column batch_flow.lost_kg is 'Element mass lost to the sink. [kg, summable]';
comment on column batch_flow.sink is 'Where it is lost: steel, slag, dust, residue ...';
comment on column batch_flow.product_id is 'Product it leaves as; null when it goes on or is lost.';
comment on column batch_flow.reason is 'Why a step of a batch that does not arrive whole passes everything on, or loses this; null otherwise.';

create table if not exists batch_cost (
    batch_id varchar not null, route_id varchar not null, step_no bigint not null,
    step_id varchar, cost_id varchar not null, title varchar, cost_kind varchar,
    denominator varchar, quantity double, mean double, p10 double, p90 double, unknown boolean,
    reason varchar, basis varchar
);
comment on table batch_cost is 'One batch, route, step and cost line. Key: batch_id, route_id, step_no, cost_id.';
comment on column batch_cost.batch_id is 'The batch.';
comment on column batch_cost.route_id is 'The route.';
comment on column batch_cost.step_no is 'Place of the step in the route. [1]';
comment on column batch_cost.step_id is 'The step.';
comment on column batch_cost.cost_id is 'The cost row.';
comment on column batch_cost.title is 'What is paid for.';
comment on column batch_cost.cost_kind is 'operating, capital, freight, toll or fee.';
comment on column batch_cost.denominator is 'What the cost is per: unit, kg_kit, kg_step_feed, kg_bare_magnet, kg_oxide_out, lot, shipment.';
comment on column batch_cost.quantity is 'Mean quantity of the denominator in the batch. [unit of denominator]';
comment on column batch_cost.mean is 'Mean cost; null when unknown. [USD, summable]';
comment on column batch_cost.p10 is '10 % point of the cost. [USD]';
comment on column batch_cost.p90 is '90 % point of the cost. [USD]';
comment on column batch_cost.unknown is 'Whether nobody could bracket the cost.';
comment on column batch_cost.reason is 'Why it is unknown.';
comment on column batch_cost.basis is 'measured, reported, derived or assumed.';

create table if not exists batch_value (
    batch_id varchar not null, route_id varchar, product_id varchar, element varchar,
    measure varchar not null, mean double, p10 double, p50 double, p90 double,
    standard_error double, mean_at_fixed_prices double, reason varchar
);
comment on table batch_value is 'One batch, route, product, element and measure; route, product or element is null where it is not meant. Key: batch_id, route_id, product_id, element, measure.';
comment on column batch_value.batch_id is 'The batch.';
comment on column batch_value.route_id is 'The route; null for what the batch contains.';
comment on column batch_value.product_id is 'The product; total for all of a route together; null where none is meant.';
comment on column batch_value.element is 'The element; null where none is meant.';
comment on column batch_value.measure is 'contained_kg, contained_ree_kg (Nd, Pr, Dy and Tb together), contained_fan_ree_kg (those in fans), liberated_kg, recovered_element_kg (element mass), recovered_kg (product mass), payable_kg, gross_usd, ree_gross_usd (of those, products that hold rare earths), other_gross_usd (copper, gold, silver and palladium sold as such), resale_usd (units sold again), cost_usd, net_usd, net_before_unknown_usd, net_usd_at_fixed_prices, magnet_feed_kg (magnets with their coating, as the first plant that takes them gets them), magnet_equivalent_kg and magnet_equivalent_before_loss_kg (magnets the recovered oxides could become downstream, with and without manufacturing loss: information, never in a net).';
comment on column batch_value.mean is 'Mean; null with a reason. [kg or USD by measure, summable]';
comment on column batch_value.p10 is '10 % point; never add quantiles, use quantile_of_sum. [kg or USD by measure]';
comment on column batch_value.p50 is 'Median. [kg or USD by measure]';
comment on column batch_value.p90 is '90 % point. [kg or USD by measure]';
comment on column batch_value.standard_error is 'Sampling error of a mean taken from draws; null for an analytic mean. [kg or USD by measure]';
comment on column batch_value.mean_at_fixed_prices is 'Mean with every price at its mid. [kg or USD by measure, summable]';
comment on column batch_value.reason is 'Why there is no figure.';

create table if not exists batch_draw (
    batch_id varchar not null, route_id varchar, product_id varchar, element varchar,
    measure varchar not null, draws float[]
);
comment on table batch_draw is 'All draws of one figure of batch_value; the same place in the list is the same world in every row. Key: batch_id, route_id, product_id, element, measure.';
comment on column batch_draw.batch_id is 'The batch.';
comment on column batch_draw.route_id is 'The route; null for what the batch contains.';
comment on column batch_draw.product_id is 'The product; null where none is meant.';
comment on column batch_draw.element is 'The element; null where none is meant.';
comment on column batch_draw.measure is 'Measure, as in batch_value.';
comment on column batch_draw.draws is 'The draws; add them place by place, as quantile_of_sum does. [kg or USD by measure]';

create table if not exists part_value (
    part_id varchar not null, route_id varchar not null, gross_usd_per_unit double,
    ree_gross_usd_per_unit double
);
comment on table part_value is 'What one unit of a part brings on one route; times the units of batch_item it adds up to the sales of a batch. Key: part_id, route_id.';
comment on column part_value.part_id is 'The part, as in batch_item.';
comment on column part_value.route_id is 'The route.';
comment on column part_value.gross_usd_per_unit is 'Mean sales from one unit; null where a product it yields has no price. [USD/unit]';
comment on column part_value.ree_gross_usd_per_unit is 'Of those, from products that hold rare earths. [USD/unit]';

create table if not exists class_value (
    item_class varchar not null, route_id varchar not null, kind varchar, unidentified_share double,
    ree_kg_per_unit double, gross_usd_per_unit double, ree_gross_usd_per_unit double
);
comment on table class_value is 'What one unit of a class holds and brings on one route, without what typically sits inside it. Key: item_class, route_id.';
comment on column class_value.item_class is 'Content class.';
comment on column class_value.route_id is 'The route.';
comment on column class_value.kind is 'Kind of that class.';
comment on column class_value.unidentified_share is 'Share of unidentified units taken to be of this class, 0-1; null for classes not in that mix. [1]';
comment on column class_value.ree_kg_per_unit is 'Mean rare earths in one unit. [kg/unit]';
comment on column class_value.gross_usd_per_unit is 'Mean sales from one unit; null where a product it yields has no price. [USD/unit]';
comment on column class_value.ree_gross_usd_per_unit is 'Of those, from products that hold rare earths. [USD/unit]';

create table if not exists parameter_draw (
    parameter_key varchar not null, stage varchar, unit varchar, mean double, draws float[]
);
comment on table parameter_draw is 'All draws of one shared uncertain parameter. Key: parameter_key.';
comment on column parameter_draw.parameter_key is 'Text key the draws are made from.';
comment on column parameter_draw.stage is 'Stage it belongs to.';
comment on column parameter_draw.unit is 'Unit of the draws.';
comment on column parameter_draw.mean is 'Exact mean. [see unit]';
comment on column parameter_draw.draws is 'The draws, places as in batch_draw. [see unit]';
