-- What has to happen for a route to pay, or to stop paying?  One row per batch, route, what moves and what the net is set against.
create or replace view break_even as
select
    batch_id,
    route_id,
    what,
    against,
    at_present,
    value,
    unit,
    (value / at_present - 1) * 100 as change_percent,
    better_when,
    net_usd_at_present,
    net_usd_per_percent,
    chance_better,
    reason
from batch_break_even
order by batch_id, route_id, what, against;

comment on view break_even is 'One batch, route, thing that moves and what the net is set against: present value, break-even, and how far apart they are.';
comment on column break_even.batch_id is 'The batch.';
comment on column break_even.route_id is 'The route.';
comment on column break_even.what is 'ndpr_price: the oxide prices of Nd, Pr and NdPr together, told as that of NdPr oxide; capture: the share of the magnets that the first step able to lose them keeps.';
comment on column break_even.against is 'zero: the net itself; a route that sells no rare earths: the difference from its net, which says whether recovering them pays.';
comment on column break_even.at_present is 'What it is now: the quotation, the mean capture; null where there is none. [see unit]';
comment on column break_even.value is 'Where the sign changes; null with the reason when it does not. [see unit]';
comment on column break_even.unit is 'Unit of value and at_present: USD/kg, or 1 for a share.';
comment on column break_even.change_percent is 'How far it has to move from what it is now; null without a value. [%]';
comment on column break_even.better_when is 'Whether the route does better above or below the value; null without a value.';
comment on column break_even.net_usd_at_present is 'Expected net now, less that of the other route where there is one; null when not known. [USD, summable]';
comment on column break_even.net_usd_per_percent is 'How much that net gains when the price or the capture grows by 1 % of itself; null where it cannot; without charges that have a minimum. [USD/%]';
comment on column break_even.chance_better is 'Share of draws in which the net is above zero, or above that of the other route, at present. [1]';
comment on column break_even.reason is 'Why there is no value: better or not better everywhere, or a net that is not known.';
