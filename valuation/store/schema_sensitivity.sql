-- What does a figure rest on, and where does it change sign?  Shares of variance and break-even.

create table if not exists batch_sensitivity (
    batch_id varchar not null, route_id varchar, measure varchar not null,
    parameter_group varchar not null, in_quantiles boolean, first_order_share double,
    standard_error double, low double, high double, reason varchar
);
comment on table batch_sensitivity is 'One batch, route, measure and group of uncertain parameters: how much of the variance goes when the group is known, and how far it moves the mean. Shares of the groups that are in the quantiles add up to one with interaction. Key: batch_id, route_id, measure, parameter_group.';
comment on column batch_sensitivity.batch_id is 'The batch.';
comment on column batch_sensitivity.route_id is 'The route; null for what the batch contains.';
comment on column batch_sensitivity.measure is 'net_usd; net_before_unknown_usd where the net of the route is not known in the batch; contained_ree_kg.';
comment on column batch_sensitivity.parameter_group is 'magnet_mass, alloy (rare earths in it, coating, vintage), fan_share (which part numbers are NdFeB), identity (class or runner-up), kit_mass (gross mass), material_mix (shares of materials), grades (metal in boards and other materials), yields (captures of the steps), prices (quotations, discounts, payable shares), costs, count (pieces received per piece on the manifest), or interaction: what groups do only together.';
comment on column batch_sensitivity.in_quantiles is 'Whether the published quantiles hold it; false for count, which is off there and says what it would add.';
comment on column batch_sensitivity.first_order_share is 'Variance of the expectation given the group, over the variance of the figure; of interaction, one less the others, which sampling can make slightly negative. [1]';
comment on column batch_sensitivity.standard_error is 'Sampling error of the share; null for count, which is not sampled. [1]';
comment on column batch_sensitivity.low is 'Expected figure with the group at its 10 % point, all else at its mean; null for interaction. [kg or USD by measure]';
comment on column batch_sensitivity.high is 'The same at the 90 % point of the group. [kg or USD by measure]';
comment on column batch_sensitivity.reason is 'Why there is no figure, or why it is the net before what is unknown.';

create table if not exists batch_break_even (
    batch_id varchar not null, route_id varchar not null, what varchar not null,
    against varchar not null, value double, at_present double, unit varchar, better_when varchar,
    net_usd_at_present double, net_usd_per_percent double, chance_better double, reason varchar
);
comment on table batch_break_even is 'One batch, route, thing that moves and what the net is set against: where the expected net changes sign, all else at its mean. Key: batch_id, route_id, what, against.';
comment on column batch_break_even.batch_id is 'The batch.';
comment on column batch_break_even.route_id is 'The route.';
comment on column batch_break_even.what is 'ndpr_price: the oxide prices of Nd, Pr and NdPr together, told as that of NdPr oxide; capture: the share of the magnets that the first step able to lose them keeps.';
comment on column batch_break_even.against is 'zero: the net itself; a route that sells no rare earths: the difference from its net, which says whether recovering them pays.';
comment on column batch_break_even.value is 'Where the sign changes; null with the reason when it does not. [see unit]';
comment on column batch_break_even.at_present is 'What it is now: the quotation, the mean capture; null where there is none. [see unit]';
comment on column batch_break_even.unit is 'Unit of value and at_present: USD/kg, or 1 for a share.';
comment on column batch_break_even.better_when is 'Whether the route does better above or below the value; null without a value.';
comment on column batch_break_even.net_usd_at_present is 'Expected net now, less that of the other route where there is one; null when not known. [USD, summable]';
comment on column batch_break_even.net_usd_per_percent is 'How much that net gains when the price or the capture grows by 1 % of itself; null where it cannot; without charges that have a minimum. [USD/%]';
comment on column batch_break_even.chance_better is 'Share of draws in which the net is above zero, or above that of the other route, at present. [1]';
comment on column batch_break_even.reason is 'Why there is no value: better or not better everywhere, or a net that is not known.';
