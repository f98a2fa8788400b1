-- What does the owner allow, what does that cost, and what would working units fetch?

create table if not exists route_policy (
    policy_id varchar not null, route_id varchar not null, allowed boolean, why varchar,
    source_id varchar, locator varchar
);
comment on table route_policy is 'Whether an owner''s policy lets data-bearing kit take a route. Key: policy_id, route_id.';
comment on column route_policy.policy_id is 'shred: drives are destroyed whole before anything else; harvest: opened as part of their destruction, never sold; wipe: wiped drives may be sold again.';
comment on column route_policy.route_id is 'The route.';
comment on column route_policy.allowed is 'Whether data-bearing kit may take it.';
comment on column route_policy.why is 'Why it may or may not.';
comment on column route_policy.source_id is 'Source.';
comment on column route_policy.locator is 'Place in the source.';

create table if not exists batch_route_policy (
    batch_id varchar not null, route_id varchar not null, policy_id varchar, is_allowed boolean,
    reason varchar
);
comment on table batch_route_policy is 'Whether the owner''s policy lets a batch take a route; a route that is ruled out keeps its figures and is never the best. Key: batch_id, route_id.';
comment on column batch_route_policy.batch_id is 'The batch.';
comment on column batch_route_policy.route_id is 'The route.';
comment on column batch_route_policy.policy_id is 'Policy of the run; null when not stated.';
comment on column batch_route_policy.is_allowed is 'Whether the batch may take the route.';
comment on column batch_route_policy.reason is 'Why it may or may not.';

create table if not exists batch_policy (
    batch_id varchar not null, policy_id varchar, data_bearing_units double, is_bound boolean,
    best_route_id varchar, best_allowed_route_id varchar, best_recycling_route_id varchar,
    policy_cost_usd double, policy_cost_usd_p10 double, policy_cost_usd_p90 double,
    ree_route_id varchar, ree_allowed_route_id varchar, ree_forgone_kg double,
    ree_forgone_kg_p10 double, ree_forgone_kg_p90 double, reason varchar
);
comment on table batch_policy is 'What the owner''s policy costs a batch: the best route of all less the best one allowed, draw by draw. Key: batch_id.';
comment on column batch_policy.batch_id is 'The batch.';
comment on column batch_policy.policy_id is 'shred, harvest or wipe; null when the owner has not said.';
comment on column batch_policy.data_bearing_units is 'Units that bear data or may do so: drives, listed or inside hosts, and what nobody could identify. [1, summable]';
comment on column batch_policy.is_bound is 'Whether the policy binds the batch: it is stated, and something in the batch bears data.';
comment on column batch_policy.best_route_id is 'Route with the highest mean net of all; null where none has one.';
comment on column batch_policy.best_allowed_route_id is 'Route with the highest mean net of those allowed.';
comment on column batch_policy.best_recycling_route_id is 'The same among routes that sell material: what recycling is compared on in batch_reuse.';
comment on column batch_policy.policy_cost_usd is 'Mean net given up; null with a reason. [USD, summable]';
comment on column batch_policy.policy_cost_usd_p10 is '10 % point of it; below zero where the other route may have been the better. [USD]';
comment on column batch_policy.policy_cost_usd_p90 is '90 % point of it. [USD]';
comment on column batch_policy.ree_route_id is 'Route that recovers most rare earths on average.';
comment on column batch_policy.ree_allowed_route_id is 'The same among those allowed.';
comment on column batch_policy.ree_forgone_kg is 'Mean rare earths, as elements, that the best route for them recovers more than the best one allowed. [kg, summable]';
comment on column batch_policy.ree_forgone_kg_p10 is '10 % point of it. [kg]';
comment on column batch_policy.ree_forgone_kg_p90 is '90 % point of it. [kg]';
comment on column batch_policy.reason is 'Why the policy costs nothing or why the cost is not known; null where it is bound and known.';

create table if not exists resale_price (
    resale_key varchar not null, file varchar, file_row bigint, level varchar, name varchar,
    capacity_gb double, currency varchar, price_usd double, price_low_usd double,
    price_high_usd double, share_passing double, share_passing_low double,
    share_passing_high double, cost_to_test_usd double, observed_on date, age_days bigint,
    source varchar
);
comment on table resale_price is 'One row of the resale table given, as it was used. Key: resale_key.';
comment on column resale_price.resale_key is 'Key of its draws in parameter_draw: what it is about.';
comment on column resale_price.file is 'The file, as given.';
comment on column resale_price.file_row is 'Row of the file, the header being row 1. [1]';
comment on column resale_price.level is 'family, class or kind.';
comment on column resale_price.name is 'Family key, item class or kind it is about.';
comment on column resale_price.capacity_gb is 'Only units of this capacity; all when null. [GB]';
comment on column resale_price.currency is 'Currency of the row; the figures here are converted.';
comment on column resale_price.price_usd is 'Price of a unit that passes. [USD]';
comment on column resale_price.price_low_usd is '5 % point of the price on its day. [USD]';
comment on column resale_price.price_high_usd is '95 % point of the price on its day. [USD]';
comment on column resale_price.share_passing is 'Share of units that pass the test, 0-1. [1]';
comment on column resale_price.share_passing_low is '5 % point of that share; null when exact. [1]';
comment on column resale_price.share_passing_high is '95 % point of that share; null when exact. [1]';
comment on column resale_price.cost_to_test_usd is 'Cost of wiping and testing one unit, whether or not it passes. [USD]';
comment on column resale_price.observed_on is 'Day the price is of.';
comment on column resale_price.age_days is 'Days from then to the date prices are taken as of. [d]';
comment on column resale_price.source is 'Where the user has it from.';

create table if not exists batch_reuse (
    batch_id varchar not null, thing varchar not null, component_kind varchar,
    component_class varchar, family_key varchar, family varchar, capacity_gb double, units double,
    recycling_route_id varchar, recycling_usd_per_unit double, pickup_usd_per_unit double,
    resale_key varchar, share_passing double, price_usd_per_unit double, test_usd_per_unit double,
    resale_usd double, resale_usd_p10 double, resale_usd_p90 double, reuse_usd double,
    recycling_usd double, better varchar, flip_price_usd_per_unit double,
    least_flip_price_usd_per_unit double, is_priced boolean, is_reuse_allowed boolean,
    reason varchar
);
comment on table batch_reuse is 'One batch and thing sold by the unit (kind, class, family, capacity): its reuse beside its recycling. Costs that follow no unit (per lot or shipment) are in neither. Fans and power supplies inside a host go with the host. Key: batch_id, thing.';
comment on column batch_reuse.batch_id is 'The batch.';
comment on column batch_reuse.thing is 'Text key of the thing: kind/class/family/capacity.';
comment on column batch_reuse.component_kind is 'Kind of the thing.';
comment on column batch_reuse.component_class is 'Content class; null when unidentified.';
comment on column batch_reuse.family_key is 'Family; a resale table may name it.';
comment on column batch_reuse.family is 'Name of the family, where it has one.';
comment on column batch_reuse.capacity_gb is 'Stated capacity of one unit. [GB]';
comment on column batch_reuse.units is 'Units that could be sold. [1, summable]';
comment on column batch_reuse.recycling_route_id is 'Best route that recycles and is allowed for the batch.';
comment on column batch_reuse.recycling_usd_per_unit is 'Mean net of recycling one unit on it: its sales less every cost that follows the unit, pickup by mass included. [USD/unit]';
comment on column batch_reuse.pickup_usd_per_unit is 'Mean cost of bringing one unit to the test. [USD/unit]';
comment on column batch_reuse.resale_key is 'Row of the resale table that is about it; null where none is.';
comment on column batch_reuse.share_passing is 'Mean share of units that pass, 0-1. [1]';
comment on column batch_reuse.price_usd_per_unit is 'Mean price of a unit that passes. [USD/unit]';
comment on column batch_reuse.test_usd_per_unit is 'Cost of wiping and testing one unit. [USD/unit]';
comment on column batch_reuse.resale_usd is 'Mean sales of units that pass. [USD, summable]';
comment on column batch_reuse.resale_usd_p10 is '10 % point of those sales. [USD]';
comment on column batch_reuse.resale_usd_p90 is '90 % point of those sales. [USD]';
comment on column batch_reuse.reuse_usd is 'Mean net of selling what passes and recycling what fails, of all units; null when not priced. [USD, summable]';
comment on column batch_reuse.recycling_usd is 'Mean net of recycling all units. [USD, summable]';
comment on column batch_reuse.better is 'reuse or recycle, by mean net; null when not priced.';
comment on column batch_reuse.flip_price_usd_per_unit is 'Price of a unit that passes at which both are worth the same: (test + pickup) / share passing + recycling. [USD/unit]';
comment on column batch_reuse.least_flip_price_usd_per_unit is 'The same if every unit passed a test that cost nothing: below it reuse is never the better, whatever the table. [USD/unit]';
comment on column batch_reuse.is_priced is 'Whether a row of the resale table is about it.';
comment on column batch_reuse.is_reuse_allowed is 'Whether the owner''s policy lets the batch be sold again.';
comment on column batch_reuse.reason is 'Why it is not priced or compared.';
