-- What moves a figure most, as a tornado?  One row per batch, route, measure and group of parameters.
create or replace view sensitivity as
with figure as (
    select batch_id, route_id, measure, mean
    from batch_value
    where
        measure = 'contained_ree_kg'
        or (product_id = 'total' and measure in ('net_usd', 'net_before_unknown_usd'))
),

bar as (
    select
        sensitivity.batch_id,
        sensitivity.route_id,
        sensitivity.measure,
        sensitivity.parameter_group,
        sensitivity.in_quantiles,
        figure.mean,
        sensitivity.low,
        sensitivity.high,
        sensitivity.high - sensitivity.low as width,
        sensitivity.first_order_share,
        sensitivity.standard_error,
        sensitivity.reason
    from batch_sensitivity as sensitivity
    left join figure
        on
            sensitivity.batch_id = figure.batch_id
            and sensitivity.route_id is not distinct from figure.route_id
            and sensitivity.measure = figure.measure
)

select
    bar.batch_id,
    bar.route_id,
    bar.measure,
    row_number() over (
        partition by bar.batch_id, bar.route_id, bar.measure
        order by bar.width desc nulls last, bar.parameter_group
    ) as place,
    bar.parameter_group,
    bar.in_quantiles,
    bar.mean,
    bar.low,
    bar.high,
    bar.width,
    bar.first_order_share,
    bar.standard_error,
    bar.reason
from bar
order by bar.batch_id, bar.route_id, bar.measure, place;

comment on view sensitivity is 'The tornado of a figure: one batch, route, measure and group of parameters, the widest first; interaction, which has no bar, last.';
comment on column sensitivity.batch_id is 'The batch.';
comment on column sensitivity.route_id is 'The route; null for what the batch contains.';
comment on column sensitivity.measure is 'net_usd; net_before_unknown_usd where the net of the route is not known in the batch; contained_ree_kg.';
comment on column sensitivity.place is 'Place in the tornado of the figure, the widest first. [1]';
comment on column sensitivity.parameter_group is 'Group of uncertain parameters, as in batch_sensitivity.';
comment on column sensitivity.in_quantiles is 'Whether the published quantiles hold it; false for count, which is off there and says what it would add.';
comment on column sensitivity.mean is 'Expected figure. [kg or USD by measure]';
comment on column sensitivity.low is 'Expected figure with the group at its 10 % point, all else at its mean; null for interaction. [kg or USD by measure]';
comment on column sensitivity.high is 'The same at the 90 % point of the group. [kg or USD by measure]';
comment on column sensitivity.width is 'From low to high. [kg or USD by measure]';
comment on column sensitivity.first_order_share is 'Share of the variance of the figure that the group explains alone. [1]';
comment on column sensitivity.standard_error is 'Sampling error of the share; null for count, which is not sampled. [1]';
comment on column sensitivity.reason is 'Why there is no figure, or why it is the net before what is unknown.';
