-- On which reference data do the figures rest?  The tables of routes, prices, sources, assumptions.

create table if not exists route (
    route_id varchar not null, title varchar, chain varchar, settlement varchar,
    point_of_sale varchar, rare_earth_basis varchar, status varchar, status_on date,
    country varchar, source_id varchar, locator varchar, note varchar
);
comment on table route is 'One chain of facilities from batch to product, as valued. Key: route_id.';
comment on column route.route_id is 'The route.';
comment on column route.title is 'Its title.';
comment on column route.chain is 'Who does what, in order.';
comment on column route.settlement is 'How its products are paid: own, sell_feed or toll.';
comment on column route.point_of_sale is 'Where we sell; what happens after is in no figure.';
comment on column route.rare_earth_basis is 'Form the rare earths are sold in: ndpr, separated, mixed, alloy or none.';
comment on column route.status is 'Running, pilot, planned, talks ...';
comment on column route.status_on is 'Date of that status.';
comment on column route.country is 'Country of the point of sale.';
comment on column route.source_id is 'Source.';
comment on column route.locator is 'Place in the source.';
comment on column route.note is 'What to know about it.';

create table if not exists route_step (
    route_id varchar not null, step_no bigint not null, step_id varchar, title varchar,
    stage varchar, facility varchar, country varchar, status varchar, source_id varchar,
    locator varchar, note varchar
);
comment on table route_step is 'One step of a route. Key: route_id, step_no.';
comment on column route_step.route_id is 'The route.';
comment on column route_step.step_no is 'Place in the route. [1]';
comment on column route_step.step_id is 'The process; the same process in two routes shares its yields.';
comment on column route_step.title is 'Its title.';
comment on column route_step.stage is 'transport, preprocess, separate, refine, make or use.';
comment on column route_step.facility is 'Who runs it.';
comment on column route_step.country is 'Where.';
comment on column route_step.status is 'Running, pilot, planned, talks ...';
comment on column route_step.source_id is 'Source.';
comment on column route_step.locator is 'Place in the source.';
comment on column route_step.note is 'What to know about it.';

create table if not exists product (
    product_id varchar not null, title varchar, form varchar, mass_basis varchar,
    price_rule varchar, exchange_product_id varchar, factor_id varchar, note varchar
);
comment on table product is 'One thing that is sold. Key: product_id.';
comment on column product.product_id is 'The product.';
comment on column product.title is 'Its title.';
comment on column product.form is 'oxide, metal, alloy, magnet, scrap, board or pieces.';
comment on column product.mass_basis is 'Which mass recovered_kg is: oxide, element or stream.';
comment on column product.price_rule is 'How it is priced.';
comment on column product.exchange_product_id is 'Exchange metal whose price a factor is applied to.';
comment on column product.factor_id is 'Price factor it moves with: light, heavy, base or precious.';
comment on column product.note is 'What to know about it.';

create table if not exists price (
    deck_id varchar not null, product_id varchar not null, price_basis varchar, form varchar,
    place varchar, vat_included boolean, currency varchar, unit varchar, low double, mid double,
    high double, observed_on date, published_on date, age_days bigint, volume_backed boolean,
    usd_per_kg_low double, usd_per_kg double, usd_per_kg_high double, conversion varchar,
    basis varchar, source_id varchar, locator varchar, note varchar
);
comment on table price is 'One quotation the deck read, as published and as used. Key: deck_id, product_id, price_basis, form.';
comment on column price.deck_id is 'The deck.';
comment on column price.product_id is 'What is quoted.';
comment on column price.price_basis is 'Trade basis: china-domestic-vat-incl, fob-china, us-floor ...';
comment on column price.form is 'oxide, metal, contained_in_scrap, alloy, scrap, board ...';
comment on column price.place is 'Place of the quotation.';
comment on column price.vat_included is 'Whether the published figure includes value-added tax.';
comment on column price.currency is 'Currency as published.';
comment on column price.unit is 'Mass unit as published.';
comment on column price.low is '5 % point of the quotation as published. [currency per unit]';
comment on column price.mid is 'Mid of the quotation as published. [currency per unit]';
comment on column price.high is '95 % point of the quotation as published. [currency per unit]';
comment on column price.observed_on is 'Day the price was observed.';
comment on column price.published_on is 'Day it was published.';
comment on column price.age_days is 'Days from observation to the as-of date. [days]';
comment on column price.volume_backed is 'Whether trade stands behind it; an ask does not.';
comment on column price.usd_per_kg_low is '5 % point as used. [USD/kg]';
comment on column price.usd_per_kg is 'Mid as used. [USD/kg]';
comment on column price.usd_per_kg_high is '95 % point as used. [USD/kg]';
comment on column price.conversion is 'Tax, unit and currency conversion applied, in words.';
comment on column price.basis is 'reported, derived or assumed.';
comment on column price.source_id is 'Source.';
comment on column price.locator is 'Place in the source.';
comment on column price.note is 'What to know about it.';

create table if not exists source (
    source_id varchar not null, title varchar, authors varchar, year bigint, url_or_doi varchar,
    accessed_on date, licence varchar, note varchar
);
comment on table source is 'One publication or judgement a figure rests on. Key: source_id.';
comment on column source.source_id is 'The source.';
comment on column source.title is 'Its title.';
comment on column source.authors is 'Its authors.';
comment on column source.year is 'Year of publication. [year]';
comment on column source.url_or_doi is 'Where to find it.';
comment on column source.accessed_on is 'When it was read.';
comment on column source.licence is 'Licence of its content.';
comment on column source.note is 'What to know about it.';

create table if not exists assumption (
    assumption_id varchar not null, title varchar, value double, low double, high double,
    spread_kind varchar, unit varchar, basis varchar, source_id varchar, locator varchar,
    owner varchar, review_on date, note varchar, table_name varchar, row_key varchar
);
comment on table assumption is 'One default of the model that was used, or one assumed row of another table of the reference data. Key: assumption_id.';
comment on column assumption.assumption_id is 'The default; for rows of other tables their table and key.';
comment on column assumption.title is 'What it is.';
comment on column assumption.value is 'Value: median of ci90_lognormal, else mean. [see unit]';
comment on column assumption.low is 'Lower limit as spread_kind says. [see unit]';
comment on column assumption.high is 'Upper limit as spread_kind says. [see unit]';
comment on column assumption.spread_kind is 'exact, ci90_lognormal, ci90_beta, range_beta or sd_normal.';
comment on column assumption.unit is 'Unit of the value.';
comment on column assumption.basis is 'measured, reported, derived or assumed.';
comment on column assumption.source_id is 'Source.';
comment on column assumption.locator is 'Place in the source.';
comment on column assumption.owner is 'Role that answers for it.';
comment on column assumption.review_on is 'When it is to be looked at again.';
comment on column assumption.note is 'What to know about it.';
comment on column assumption.table_name is 'Table of the reference data it stands in.';
comment on column assumption.row_key is 'Its key there, columns parted by a slash.';
