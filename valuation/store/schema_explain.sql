-- On which rows does each figure rest?  Tables that lead from a figure to the rows it was made of.

create table if not exists reference_row (
    table_name varchar not null, row_key varchar not null, value double, low double, high double,
    spread_kind varchar, unit varchar, basis varchar, source_id varchar, locator varchar,
    owner varchar, review_on date, note varchar, attributes varchar,
    source_ids varchar[]
);
comment on table reference_row is 'One row of the reference data that a run reads numbers from, as the run used it: a fitted number stands in the place of its prior row. Key: table_name, row_key.';
comment on column reference_row.table_name is 'Table of the reference data.';
comment on column reference_row.row_key is 'Its key there; several columns are joined by a slash.';
comment on column reference_row.value is 'The number as its row states it. [see unit]';
comment on column reference_row.low is 'Lower limit of its spread. [see unit]';
comment on column reference_row.high is 'Upper limit of its spread. [see unit]';
comment on column reference_row.spread_kind is 'How low and high are meant: exact, ci90_lognormal, ci90_beta, range_beta or sd_normal.';
comment on column reference_row.unit is 'Unit of the number.';
comment on column reference_row.basis is 'measured, reported, derived or assumed.';
comment on column reference_row.source_id is 'Source.';
comment on column reference_row.locator is 'Place in the source.';
comment on column reference_row.owner is 'Role that answers for an assumption.';
comment on column reference_row.review_on is 'Day an assumption is to be reviewed.';
comment on column reference_row.note is 'What to know about it.';
comment on column reference_row.source_ids is 'Sources its number rests on: more than one where it was fitted to what several published.';
comment on column reference_row.attributes is 'The other columns of the row that are not empty, as a JSON object.';

create table if not exists deck (
    deck_id varchar not null, title varchar, origin varchar, declared_basis varchar,
    takes_asks boolean, pinned_on date, seen_on date, deck_version varchar, note varchar
);
comment on table deck is 'The price deck of the last run. Key: deck_id.';
comment on column deck.deck_id is 'The deck.';
comment on column deck.title is 'Its title.';
comment on column deck.origin is 'shipped, or own: given by the user over the default deck.';
comment on column deck.declared_basis is 'Basis of its rare-earth prices; null for a deck of one''s own.';
comment on column deck.takes_asks is 'Whether it reads asks and records that no trade stands behind.';
comment on column deck.pinned_on is 'Day it is held at; null follows the as-of date.';
comment on column deck.seen_on is 'Last day whose observations it saw.';
comment on column deck.deck_version is 'Hash of what it read.';
comment on column deck.note is 'What to know about it.';

create table if not exists part (
    part_id varchar not null, kind varchar, item_class varchar, family_key varchar,
    part_key varchar, launch_year bigint, unit_mass_g double, unit_mass_log_sd double,
    confidence double, runner_up varchar, form varchar
);
comment on table part is 'What is valued as one: a class with its family, part number and doubt. Key: part_id.';
comment on column part.part_id is 'The part, as in batch_item.';
comment on column part.kind is 'Its kind.';
comment on column part.item_class is 'Its content class.';
comment on column part.family_key is 'Text key of the spread shared by its family.';
comment on column part.part_key is 'Text key of what is shared by its part number.';
comment on column part.launch_year is 'Year its family came to market; null when unknown. [year]';
comment on column part.unit_mass_g is 'Mass of one unit where the catalogue knows it. [g]';
comment on column part.unit_mass_log_sd is 'Spread of the logarithm of that mass. [1]';
comment on column part.confidence is 'Chance that it is of its class and not the runner-up, 0-1. [1]';
comment on column part.runner_up is 'Class it is otherwise; null without doubt.';
comment on column part.form is 'Form it arrives in; null where it arrives whole.';

create table if not exists part_mass (
    part_id varchar not null, stream varchar not null, element varchar not null, kg_per_unit double
);
comment on table part_mass is 'What one unit of a part holds of one series: a stream (magnet location or material) and an element. Times the units of batch_item it adds up to what a batch contains. Key: part_id, stream, element.';
comment on column part_mass.part_id is 'The part, as in batch_item.';
comment on column part_mass.stream is 'Magnet location or material.';
comment on column part_mass.element is 'The element; mass for the stream itself, bare_mass for magnets without coating.';
comment on column part_mass.kg_per_unit is 'Mean mass in one unit. [kg/unit]';

create table if not exists route_path (
    route_id varchar not null, form varchar not null, purpose varchar not null,
    step_no bigint not null,
    product_id varchar, stream varchar not null, element varchar not null, share double,
    takes_rest boolean, captures varchar[]
);
comment on table route_path is 'Which share of one series reaches a destination on a route, and by which captures. Key: route_id, form, purpose, step_no, product_id, stream, element.';
comment on column route_path.route_id is 'The route.';
comment on column route_path.form is 'Form of the lots it holds for: whole, module or shredded.';
comment on column route_path.purpose is 'product (what is sold), recovered (what is made but not sold apart), feed (magnet feed sold by assay), liberated (leaves the last preprocess step), magnet_feed (magnets as the first plant takes them), kg_step_feed, kg_bare_magnet or kg_oxide_out (what a cost of a step is per).';
comment on column route_path.step_no is 'Step whose costs are per this quantity; 0 where no step is meant. [1]';
comment on column route_path.product_id is 'The product; null where none is meant.';
comment on column route_path.stream is 'Magnet location or material.';
comment on column route_path.element is 'The element, or mass or bare_mass.';
comment on column route_path.share is 'Mean share of the contained mass that arrives, 0-1. [1]';
comment on column route_path.takes_rest is 'Whether the last capture counts by what it leaves, for a co-product.';
comment on column route_path.captures is 'Captures on the way, in order, by their row_key in reference_row.';

create table if not exists route_sale (
    route_id varchar not null, form varchar not null, product_id varchar not null,
    settlement varchar, mode varchar, payable_share double, row_key varchar
);
comment on table route_sale is 'How one product of a route is paid at the point of sale. Key: route_id, form, product_id.';
comment on column route_sale.route_id is 'The route.';
comment on column route_sale.form is 'Form of the lots it holds for: whole, module or shredded.';
comment on column route_sale.product_id is 'The product.';
comment on column route_sale.settlement is 'own, sell_feed or toll, as valued.';
comment on column route_sale.mode is 'Which share is paid: own, or toll where the processor returns it; feed by assay.';
comment on column route_sale.payable_share is 'Mean share that is paid, 0-1; null when none is known. [1]';
comment on column route_sale.row_key is 'Its row in reference_row, table route_product.';

create table if not exists product_price (
    product_id varchar not null, element varchar not null, usd_per_kg double, kg_per_kg double,
    product_kg_per_kg double, quoted_product_id varchar, factor_table varchar, factor_key varchar,
    reason varchar
);
comment on table product_price is 'What one kilogram of an element in a product is paid on the deck, before the payable share. Key: product_id, element.';
comment on column product_price.product_id is 'The product.';
comment on column product_price.element is 'The element; mass for the product''s own mass.';
comment on column product_price.usd_per_kg is 'Mean price per kg as priced; null when there is none. [USD/kg]';
comment on column product_price.kg_per_kg is 'Kilograms priced per kilogram of the element: oxide per metal, else 1. [kg/kg]';
comment on column product_price.product_kg_per_kg is 'Kilograms of product as sold per kilogram of the element; 0 where its mass does not count. [kg/kg]';
comment on column product_price.quoted_product_id is 'Product whose quotation the price rests on; null for a charge.';
comment on column product_price.factor_table is 'Table of the row the quotation is multiplied by; null when it is taken as it is.';
comment on column product_price.factor_key is 'Key of that row in reference_row.';
comment on column product_price.reason is 'Why there is no price.';
