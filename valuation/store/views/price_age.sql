-- How old is each price that was used, and is there trade behind it?  One row per price, oldest first.
create or replace view price_age as
select
    deck_id,
    product_id,
    form,
    price_basis,
    usd_per_kg,
    observed_on,
    published_on,
    age_days,
    age_days > (
        select value
        from assumption
        where assumption_id = 'price_age_warning_days'
    ) as is_old,
    volume_backed,
    conversion,
    source_id
from price
order by age_days desc, deck_id, product_id;

comment on view price_age is 'One price the deck read, with its age on the as-of date.';
comment on column price_age.deck_id is 'The deck.';
comment on column price_age.product_id is 'What is quoted.';
comment on column price_age.form is 'oxide, metal, scrap ...';
comment on column price_age.price_basis is 'Trade basis.';
comment on column price_age.usd_per_kg is 'Mid as used. [USD/kg]';
comment on column price_age.observed_on is 'Day the price was observed.';
comment on column price_age.published_on is 'Day it was published.';
comment on column price_age.age_days is 'Days from observation to the as-of date. [days]';
comment on column price_age.is_old is 'Whether it is older than the days from which a warning is shown (table assumption).';
comment on column price_age.volume_backed is 'Whether trade stands behind it.';
comment on column price_age.conversion is 'Tax, unit and currency conversion applied.';
comment on column price_age.source_id is 'Source.';
