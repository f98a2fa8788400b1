"""Break-even: the price of NdPr oxide and the capture of magnets at which a net changes sign.

The net is set against nothing, and against that of routes that sell no rare earths. It is linear
in both, so each is solved, not searched for, unless a charge has a minimum.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from valuation.deck import Deck
from valuation.shapes import MAGNET_STREAMS, BatchContent, Capture, Means, Plan, Series, mean_share
from valuation.units import RARE_EARTHS
from valuation.value.linear import KIT, NOT_KNOWN, Form, LinearNet, Term, column_means, columns_of
from valuation.value.money import Terms
from valuation.value.rows import Amount, Gap, stacked
from valuation.value.yields import YieldDraws

SCHEMA = {
    "batch_id": pl.String,
    "route_id": pl.String,
    "what": pl.String,
    "against": pl.String,
    "value": pl.Float64,
    "at_present": pl.Float64,
    "unit": pl.String,
    "better_when": pl.String,
    "net_usd_at_present": pl.Float64,
    "net_usd_per_percent": pl.Float64,
    "chance_better": pl.Float64,
    "reason": pl.String,
}
KEY = ("batch_id", "route_id", "what", "against")
PRICE, CAPTURE = "ndpr_price", "capture"
ZERO = "zero"
NDPR = "ndpr_oxide"
STEPS = 60
"""Halvings of an interval: more than a double has digits."""
NO_PRICE = "the deck has no price of NdPr oxide"
NOT_PAID = "nothing this route sells is paid by the price of NdPr oxide"
NOT_CAPTURED = "no step before chemistry decides how much of the magnets this route recovers"
NO_MAGNETS = "no magnets that this route recovers are in the batch"
WORDS = {PRICE: "any price of NdPr oxide", CAPTURE: "any capture from nothing to everything"}


@dataclass(frozen=True)
class Question:
    """How the net of a route moves with one thing, times what that is at present.

    Attributes:
        at_present: Price or share, shape (batches,). [USD/kg or 1]
        slope_usd: Change of the net if it doubles, but for charges with a minimum. [USD]
        most: Factor it can grow to, shape (batches,).
        charged: From a factor per batch to what charges with a minimum come to; None without.
        reason: Why it has no answer in a batch.
    """

    what: str
    unit: str
    at_present: Means
    slope_usd: Means
    most: Means
    reason: str
    charged: Callable[[Means], Means] | None = None

    def factor(self, level_usd: Means) -> Means:
        """Factor at which a net that is now at a level is nothing; nan where there is none."""
        if self.charged is None:
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.asarray(1 - level_usd / self.slope_usd)
        low, high = np.zeros_like(level_usd), self.most.copy()
        at_low, at_high = self._level(low, level_usd), self._level(high, level_usd)
        rises = at_high > at_low
        for _ in range(STEPS):
            middle = (low + high) / 2
            beyond = (self._level(middle, level_usd) > 0) == rises
            low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
        return np.where((at_low > 0) == (at_high > 0), np.nan, (low + high) / 2)

    def ends(self, level_usd: Means) -> tuple[Means, Means]:
        """The net where it is none at all, and where it is the most it can be. [USD]"""
        most = np.where(np.isfinite(self.most), self.most, 1e9)
        return self._level(0 * most, level_usd), self._level(most, level_usd)

    def _level(self, factor: Means, level_usd: Means) -> Means:
        net = level_usd + (factor - 1) * self.slope_usd
        if self.charged is None:
            return net
        return net - self.charged(factor) + self.charged(np.ones_like(factor))


@dataclass
class BreakEven:
    """What makes rows of `batch_break_even`."""

    deck: Deck
    terms: Terms
    yields: YieldDraws

    def rows(
        self,
        chunk: BatchContent,
        nets: Sequence[LinearNet],
        totals: Mapping[str, Mapping[str, Amount]],
    ) -> pl.DataFrame:
        """`batch_break_even` of some batches, sorted by key.

        Args:
            chunk: Their contained masses.
            nets: The net of each route as sums of terms.
            totals: Their figures, by route and measure.
        """
        columns = columns_of(chunk, nets)
        means = column_means(chunk, columns, self.terms.shipment_kg)
        plain = [net.plan.route.route_id for net in nets if not pays_rare_earths(net.plan)]
        frames = []
        for net in nets:
            route_id = net.plan.route.route_id
            mine = totals[route_id]["net_usd"]
            before = totals[route_id]["net_before_unknown_usd"].estimate.mean
            if net.leaves_out(columns, means, before):
                everywhere = np.ones(len(means), bool)
                mine = Amount(mine.estimate.only_if(~everywhere), (Gap(NOT_KNOWN, everywhere),))
            for question in (
                self._price(net, columns, means),
                self._capture(net, columns, means, chunk),
            ):
                frames.append(_rows(chunk.batch_ids, route_id, question, ZERO, mine, None))
                for other in plain if route_id not in plain else ():
                    theirs = totals[other]["net_usd"]
                    if theirs.estimate.known.any():
                        frames.append(
                            _rows(chunk.batch_ids, route_id, question, other, mine, theirs)
                        )
        return stacked(frames, SCHEMA).sort(KEY)

    def _price(self, net: LinearNet, columns: Sequence[Series], means: Means) -> Question:
        """Neodymium, praseodymium and their mixture move together, and nothing else does."""
        following = Form(tuple(term for term in net.main.terms if term.follows_ndpr))
        slope = means @ following.weights(columns)
        quotation = self.deck.quotations.get(NDPR)
        present = np.nan if quotation is None else quotation.usd_per_kg
        return Question(
            what=PRICE,
            unit="USD/kg",
            at_present=np.full(len(slope), present),
            slope_usd=slope,
            most=np.full(len(slope), np.inf),
            reason=NO_PRICE if quotation is None else NOT_PAID,
        )

    def _capture(
        self, net: LinearNet, columns: Sequence[Series], means: Means, chunk: BatchContent
    ) -> Question:
        """The share of the magnets that the first step which may lose them keeps."""
        decides = _decisive(net.plan)
        moved = Form(tuple(t for term in net.main.terms for t in _moved(term, decides)))
        entering, kept = np.zeros((2, len(means)))
        for series, path in _entering(net.plan, decides):
            before = means[:, columns.index(series)] * mean_share(path[:-1])
            entering, kept = entering + before, kept + before * path[-1].mean
        present = np.divide(kept, entering, out=np.full(len(means), np.nan), where=entering > 0)
        return Question(
            what=CAPTURE,
            unit="1",
            at_present=present,
            slope_usd=means @ moved.weights(columns),
            most=np.full(len(means), 1 / max((c.mean for c in decides), default=1.0)),
            reason=NO_MAGNETS if decides else NOT_CAPTURED,
            charged=_charges(net, decides, chunk, columns, means, self.yields)
            if net.charges
            else None,
        )


def _rows(
    batch_ids: Sequence[str],
    route_id: str,
    question: Question,
    against: str,
    mine: Amount,
    theirs: Amount | None,
) -> pl.DataFrame:
    """One question about one route, one row per batch."""
    net = mine.estimate if theirs is None else mine.estimate + -theirs.estimate
    reasons = [
        f"{route_id}: {own}" if own else f"{against}: {other}" if other else None
        for own, other in zip(
            mine.reasons(),
            theirs.reasons() if theirs is not None else [None] * len(batch_ids),
            strict=True,
        )
    ]
    slope = question.slope_usd
    answerable = net.known & (slope != 0) & (question.at_present > 0)
    factor = question.factor(net.mean)
    at_none, at_most = question.ends(net.mean)
    inside = answerable & (factor > 0) & (factor <= question.most)
    words = WORDS[question.what]
    for i, reason in enumerate(reasons):
        if reason is None and not answerable[i]:
            reasons[i] = question.reason
        elif reason is None and not inside[i]:
            better = at_none[i] > 0 or at_most[i] > 0
            than = "above zero" if theirs is None else f"better than {against}"
            reasons[i] = f"{than if better else 'not ' + than} at {words}"
    rises = at_most > at_none
    frame = pl.DataFrame(
        {
            "batch_id": list(batch_ids),
            "route_id": [route_id] * len(batch_ids),
            "what": [question.what] * len(batch_ids),
            "against": [against] * len(batch_ids),
            "value": np.where(inside, factor * question.at_present, np.nan),
            "at_present": question.at_present,
            "unit": [question.unit] * len(batch_ids),
            "better_when": [
                ("above" if up else "below") if there else None
                for up, there in zip(rises, inside, strict=True)
            ],
            "net_usd_at_present": net.mean,
            "net_usd_per_percent": np.where(answerable, slope / 100, np.nan),
            "chance_better": np.where(net.known, (net.draws > 0).mean(axis=1), np.nan),
            "reason": reasons,
        },
        schema=SCHEMA,
    )
    numbers = [name for name, kind in SCHEMA.items() if kind == pl.Float64]
    return frame.with_columns(pl.col(numbers).fill_nan(None))


def pays_rare_earths(plan: Plan) -> bool:
    """Whether a route recovers rare earths as a product that it is paid for."""
    route = plan.route
    shares = {**route.payable, **route.returnable} if route.settlement == "toll" else route.payable
    if route.settlement == "sell_feed":
        return bool(plan.liberated())
    return any(
        series[1] in RARE_EARTHS and (product not in shares or shares[product].mean > 0)
        for product, paths in plan.products().items()
        for series in paths
    )


def _decisive(plan: Plan) -> tuple[Capture, ...]:
    """Captures of the first preprocess step that decides how many magnets go on to be recovered."""
    if not pays_rare_earths(plan):
        return ()
    last = plan.route.last_preprocess
    ways = [
        path
        for series, path in plan.liberated().items()
        if series[0] in MAGNET_STREAMS and series[1] in RARE_EARTHS
    ]
    for step in plan.route.steps[: last + 1]:
        found = {
            capture.key: capture
            for path in ways
            for capture in path
            if capture.step_id == step.step_id and not capture.complement
            if capture.mean > 0 and not capture.share.is_exact
        }
        if found:
            return tuple(found.values())
    return ()


def _entering(plan: Plan, decides: Sequence[Capture]) -> list[tuple[Series, tuple[Capture, ...]]]:
    """Rare-earth series that reach the decisive step, and their captures up to it."""
    keys = {capture.key for capture in decides}
    found = []
    for series, path in plan.liberated().items():
        at = [i for i, capture in enumerate(path) if capture.key in keys]
        if at and series[1] in RARE_EARTHS:
            found.append((series, path[: at[0] + 1]))
    return found


def _moved(term: Term, decides: Sequence[Capture]) -> list[Term]:
    """What a term gains if the decisive captures double: itself, or less where it has the rest."""
    keys = {capture.key for capture in decides}
    for capture in term.captures:
        if capture.key in keys:
            gains = -capture.share.mean / (1 - capture.share.mean) if capture.complement else 1.0
            return [replace(term, usd=term.usd * gains)]
    return []


def _charges(
    net: LinearNet,
    decides: Sequence[Capture],
    chunk: BatchContent,
    columns: Sequence[Series],
    means: Means,
    yields: YieldDraws,
) -> Callable[[Means], Means]:
    """Expected charges with a minimum, from a factor on the decisive captures. [USD]"""
    keys = {capture.key for capture in decides}
    fixed, moving = np.zeros((2, len(net.charges), len(means), yields.source.draws), np.float32)
    for i, form in enumerate(net.charges):
        for term in form.terms:
            column = columns.index(term.column)
            if column < len(chunk.series):
                held = chunk.draws_kg[column]
            elif term.column == KIT:
                held = chunk.gross_draws_kg
            else:
                held = means[:, [column]].astype(np.float32)
            is_moved = any(capture.key in keys for capture in term.captures)
            part = moving if is_moved else fixed
            part[i] += held * (yields.share(term.captures) * term.usd_draws)

    def charged(factor: Means) -> Means:
        sums = fixed + factor.astype(np.float32)[:, None] * moving
        least = np.array([form.least_usd or 0.0 for form in net.charges])[:, None, None]
        charges = np.where(sums > 0, np.maximum(sums, least), 0)
        return np.asarray(charges.mean(axis=-1, dtype=np.float64).sum(axis=0))

    return charged
