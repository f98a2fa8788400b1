-- Which is the better for each thing, selling it again or recycling it?  One row per batch and thing.
create or replace view reuse_comparison as
select
    reuse.batch_id,
    reuse.component_kind,
    reuse.component_class,
    coalesce(reuse.family, reuse.family_key) as family,
    reuse.capacity_gb,
    reuse.units,
    reuse.is_priced,
    reuse.is_reuse_allowed,
    reuse.better,
    reuse.reuse_usd - reuse.recycling_usd as reuse_gain_usd,
    reuse.price_usd_per_unit,
    reuse.flip_price_usd_per_unit,
    reuse.least_flip_price_usd_per_unit,
    reuse.share_passing,
    reuse.test_usd_per_unit,
    reuse.recycling_usd_per_unit,
    reuse.recycling_route_id,
    reuse.reuse_usd,
    reuse.recycling_usd,
    reuse.resale_usd,
    reuse.resale_usd_p10,
    reuse.resale_usd_p90,
    reuse.reason
from batch_reuse as reuse
order by reuse.batch_id, reuse.units desc, reuse.thing;

comment on view reuse_comparison is 'One batch and thing sold by the unit: reuse beside recycling, most units first.';
comment on column reuse_comparison.batch_id is 'The batch.';
comment on column reuse_comparison.component_kind is 'Kind of the thing.';
comment on column reuse_comparison.component_class is 'Content class; null when unidentified.';
comment on column reuse_comparison.family is 'Name of the family, else its key.';
comment on column reuse_comparison.capacity_gb is 'Stated capacity of one unit. [GB]';
comment on column reuse_comparison.units is 'Units that could be sold. [1, summable]';
comment on column reuse_comparison.is_priced is 'Whether a row of the resale table is about it.';
comment on column reuse_comparison.is_reuse_allowed is 'Whether the owner''s policy lets the batch be sold again.';
comment on column reuse_comparison.better is 'reuse or recycle, by mean net; null when not priced.';
comment on column reuse_comparison.reuse_gain_usd is 'Mean net of reuse less that of recycling; null when not priced. [USD, summable]';
comment on column reuse_comparison.price_usd_per_unit is 'Mean price of a unit that passes. [USD/unit]';
comment on column reuse_comparison.flip_price_usd_per_unit is 'Price at which both are worth the same. [USD/unit]';
comment on column reuse_comparison.least_flip_price_usd_per_unit is 'The same if every unit passed a test that cost nothing: below it reuse is never the better. [USD/unit]';
comment on column reuse_comparison.share_passing is 'Mean share of units that pass, 0-1. [1]';
comment on column reuse_comparison.test_usd_per_unit is 'Cost of wiping and testing one unit. [USD/unit]';
comment on column reuse_comparison.recycling_usd_per_unit is 'Mean net of recycling one unit, without what is paid per lot. [USD/unit]';
comment on column reuse_comparison.recycling_route_id is 'Best route that recycles and is allowed for the batch.';
comment on column reuse_comparison.reuse_usd is 'Mean net of selling what passes and recycling what fails. [USD, summable]';
comment on column reuse_comparison.recycling_usd is 'Mean net of recycling all units. [USD, summable]';
comment on column reuse_comparison.resale_usd is 'Mean sales of units that pass. [USD, summable]';
comment on column reuse_comparison.resale_usd_p10 is '10 % point of those sales. [USD]';
comment on column reuse_comparison.resale_usd_p90 is '90 % point of those sales. [USD]';
comment on column reuse_comparison.reason is 'Why it is not priced or compared.';
