"""Marginal: what one more kilogram of each contained series adds to the mean net of a route.

Sales and costs are linear in contained mass but for minimum charges and whole shipments, so the
whole chain is settled once for a kilogram of each series by itself, and nothing taken away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from valuation.deck import Deck, ProductPrice
from valuation.shapes import BatchContent, Means, Plan, Series
from valuation.uncertain import Source
from valuation.units import WHOLE
from valuation.value.money import Terms, settle
from valuation.value.yields import YieldDraws, recover

DRAWS: Final = 2
"""Draws that are carried along: only means are read."""


def net_usd_per_kg(
    plans: Sequence[Plan], series: tuple[Series, ...], deck: Deck, terms: Terms
) -> dict[str, Means]:
    """Mean net per contained kilogram of each series on each route, shape (series,). [USD/kg]

    The plans are of one form of lots. Gross mass is left as it is: a magnet takes the place of
    other materials.
    nan where what it yields has no price; a route whose net is not known at all is left out.
    """
    source = Source(0, DRAWS)
    columns = len(series) + 1
    chunk = BatchContent(
        batch_ids=("nothing", *("/".join(name) for name in series)),
        series=series,
        mean_kg=np.hstack([np.zeros((len(series), 1)), np.eye(len(series))]),
        draws_kg=np.zeros((len(series), columns, DRAWS), np.float32),
        gross_mean_kg=np.zeros(columns),
        gross_draws_kg=np.zeros((columns, DRAWS), np.float32),
        units={},
        unknown={},
        form=plans[0].form if plans else WHOLE,
    )
    few = replace(deck, products=_few(deck.products), contained=_few(deck.contained))
    found = {}
    for plan in plans:
        masses = recover(plan, chunk, YieldDraws(source), terms.mass_basis)
        money = settle(plan.route, masses, chunk, few, terms, source)
        net = money.totals()["net_usd"].estimate.mean
        if not np.isnan(net[0]):
            found[plan.route.route_id] = net[1:] - net[0]
    return found


def _few(prices: Mapping[str, ProductPrice]) -> dict[str, ProductPrice]:
    return {
        name: replace(price, draws={key: draws[:DRAWS] for key, draws in price.draws.items()})
        for name, price in prices.items()
    }
