-- What was weighed or assayed, and what would be worth weighing next?  Tables of measurements.

create table if not exists own_measurement (
    source_id varchar not null, source_row bigint not null, quantity varchar, method varchar,
    item_class varchar, location varchar, family_key varchar, part_key varchar, vintage varchar,
    state varchar, n_pieces bigint, n_families bigint, value double, unit varchar, sd double,
    scale_error double, measured_on date, author varchar, note varchar, basis varchar,
    before_value double, before_cv double, after_value double, after_cv double
);
comment on table own_measurement is 'One measurement of one''s own that moved figures, and how far with all the others. Key: source_id, source_row.';
comment on column own_measurement.source_id is 'The file, as a source.';
comment on column own_measurement.source_row is 'Row of the file, the header being 1. [1]';
comment on column own_measurement.quantity is 'magnet_mass of one unit, ree_total or dy of bare alloy, or ndfeb.';
comment on column own_measurement.method is 'weigh, assay or xrf.';
comment on column own_measurement.item_class is 'Content class.';
comment on column own_measurement.location is 'Magnet location.';
comment on column own_measurement.family_key is 'Model family; null where units of several were measured together.';
comment on column own_measurement.part_key is 'Part number looked at; null but for ndfeb.';
comment on column own_measurement.vintage is 'Vintage of the alloy that was assayed; null where it has none.';
comment on column own_measurement.state is 'bare or coated; the mass of a yoke has been taken off.';
comment on column own_measurement.n_pieces is 'Units measured. [1, summable]';
comment on column own_measurement.n_families is 'Families among them. [1]';
comment on column own_measurement.value is 'What was found, in the unit of the next column; 1 or 0 for ndfeb. [see unit]';
comment on column own_measurement.unit is 'g for masses, 1 for fractions and ndfeb.';
comment on column own_measurement.sd is 'SD between the units as stated; null where it was not. [see unit]';
comment on column own_measurement.scale_error is 'SD of the instrument''s error over the value, shared by all rows of one author and scale. [1]';
comment on column own_measurement.measured_on is 'Day; null where it was not said.';
comment on column own_measurement.author is 'Who measured it.';
comment on column own_measurement.note is 'What to know about it.';
comment on column own_measurement.basis is 'measured.';
comment on column own_measurement.before_value is 'Mean before any measurement: mass of one unit, fraction, or chance of NdFeB. [see unit]';
comment on column own_measurement.before_cv is 'SD of what its family, alloy or part number shares, over that mean. [1]';
comment on column own_measurement.after_value is 'The mean after all measurements. [see unit]';
comment on column own_measurement.after_cv is 'The same SD after them, over the new mean. [1]';

create table if not exists batch_measurement (
    batch_id varchar not null, route_id varchar not null, rank bigint not null, method varchar,
    item_class varchar, family_key varchar, part_key varchar, location varchar, alloy_id varchar,
    vintage varchar, pieces bigint, units_in_batch double, magnet_kg double, width_now_usd double,
    width_after_usd double, narrowing_usd_per_piece double, ree_width_now_kg double,
    ree_width_after_kg double, log_variance double, piece_log_variance double,
    instrument_error double, reason varchar
);
comment on table batch_measurement is 'One measurement worth making in a batch: how much it would narrow the net of a route, the best first. Key: batch_id, route_id, rank.';
comment on column batch_measurement.batch_id is 'The batch.';
comment on column batch_measurement.route_id is 'A route with a net.';
comment on column batch_measurement.rank is 'Place by narrowing per piece, 1 the best. [1]';
comment on column batch_measurement.method is 'weigh a family''s magnets, assay a composite of one alloy, or xrf to see whether a part number is NdFeB.';
comment on column batch_measurement.item_class is 'Content class; for an assay the one with most of the alloy.';
comment on column batch_measurement.family_key is 'Model family to weigh; null otherwise.';
comment on column batch_measurement.part_key is 'Part number to look at; null otherwise.';
comment on column batch_measurement.location is 'Magnet location.';
comment on column batch_measurement.alloy_id is 'Alloy to assay; null otherwise.';
comment on column batch_measurement.vintage is 'Vintage of that alloy; any where it has none.';
comment on column batch_measurement.pieces is 'Units measured in that. [1]';
comment on column batch_measurement.units_in_batch is 'Units of the batch it speaks of. [1]';
comment on column batch_measurement.magnet_kg is 'Mean NdFeB mass of those. [kg]';
comment on column batch_measurement.width_now_usd is 'P90 less P10 of the net as known now. [USD]';
comment on column batch_measurement.width_after_usd is 'The same after the measurement, averaged over what it may find. [USD]';
comment on column batch_measurement.narrowing_usd_per_piece is 'By how much that is less, per piece measured. [USD]';
comment on column batch_measurement.ree_width_now_kg is 'P90 less P10 of contained Nd, Pr, Dy and Tb as known now. [kg]';
comment on column batch_measurement.ree_width_after_kg is 'The same after the measurement, averaged over what it may find. [kg]';
comment on column batch_measurement.log_variance is 'Variance of the log of the family''s magnet mass as known now; null unless weighed. [1]';
comment on column batch_measurement.piece_log_variance is 'Variance of the log of one piece about that. [1]';
comment on column batch_measurement.instrument_error is 'SD of the instrument''s error over the value, as assumed. [1]';
comment on column batch_measurement.reason is 'Why it would narrow anything.';
