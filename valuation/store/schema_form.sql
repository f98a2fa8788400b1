-- Which steps act on a lot that does not arrive whole, and how much of a plant's year does a batch
-- fill?  The tables of forms and capacity.

create table if not exists route_step_form (
    form varchar not null, step_id varchar not null, acts varchar, instead_step_id varchar,
    instead_title varchar, reason varchar, source_id varchar, locator varchar, note varchar
);
comment on table route_step_form is 'What one process does with a lot in another form than whole. Key: form, step_id.';
comment on column route_step_form.form is 'How the lot arrives: module or shredded.';
comment on column route_step_form.step_id is 'The process, as in route_step.';
comment on column route_step_form.acts is 'as_is, skipped (it frees nothing and costs nothing) or instead (another process acts).';
comment on column route_step_form.instead_step_id is 'The process that acts instead, as in batch_flow and batch_cost.';
comment on column route_step_form.instead_title is 'What is done instead.';
comment on column route_step_form.reason is 'Why it does not act as it is.';
comment on column route_step_form.source_id is 'Source.';
comment on column route_step_form.locator is 'Place in the source.';
comment on column route_step_form.note is 'What to know about it.';

create table if not exists batch_capacity (
    batch_id varchar not null, route_id varchar not null, reading varchar not null,
    boundary varchar not null, from_on date, batch_kg double, plant_kg double, share_of_year double
);
comment on table batch_capacity is 'One batch against one stated capacity of a route; readings that disagree are rows of their own and never converted. Key: batch_id, route_id, reading, boundary.';
comment on column batch_capacity.batch_id is 'The batch.';
comment on column batch_capacity.route_id is 'The route.';
comment on column batch_capacity.reading is 'Which plant or which reading of the source, as in route_capacity.';
comment on column batch_capacity.boundary is 'What is counted: oxide_out, magnet_in, magnet_out, alloy_out, metal_out, drive_in.';
comment on column batch_capacity.from_on is 'When that capacity is to start.';
comment on column batch_capacity.batch_kg is 'Mean mass of the batch at that boundary: magnets coated, oxides and alloy as sold, metals as elements, magnets that oxides become after manufacturing loss. [kg, summable]';
comment on column batch_capacity.plant_kg is 'What the plant takes or makes in a year. [kg]';
comment on column batch_capacity.share_of_year is 'Share of that year the batch fills; above 1 where the batch alone is more than that. [1]';
