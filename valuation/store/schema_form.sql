-- Which steps act on a lot that does not arrive whole?  The table of forms.

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
