"""Lots valued by the program, as a user would, against truths of the second implementation.

Each design of a lot is valued once, under a seed of its own; its truths are drawn in fresh worlds
from another generator. What is inside P10-P90, and at which rank among the draws a truth falls,
shows the arithmetic: the priors are the same on both sides, so it says nothing about them.
"""

import datetime

import numpy as np
from scipy import stats

from valuation.content.draws import ContentDraws
from valuation.content.library import load_library
from valuation.content.masses import mean_unit_masses
from valuation.price import price_deck
from valuation.recovery import plan_recovery
from valuation.shapes import BatchContent
from valuation.uncertain import Source, quantiles, spread_of
from valuation.validate.lots import part_frame
from valuation.value import Terms
from valuation.value.money import settle
from valuation.value.yields import YieldDraws, recover

from .second import Rows, World
from .second_route import truth

ROUTE, DECK, AS_OF = "ionic-belfast", "china-net", datetime.date(2026, 11, 22)
QUANTITIES = ("nd_kg", "ndpr_oxide_kg", "net_usd")
DRIVES = (
    "hdd-3.5-nearline-air", "hdd-3.5-nearline-helium", "hdd-3.5-desktop", "hdd-3.5-15k",
    "hdd-2.5-enterprise", "hdd-unspecified",
)  # fmt: skip
FANS = ("fan-80-standard", "fan-40-fast", "fan-60-standard")
YEARS = (2008, 2014, 2018, None)
BINS = 20


def design(number):
    """A lot: up to four drive models and two fan models, some of them in doubt."""
    rng = np.random.default_rng([20261122, number])
    lot = []
    for classes, most in ((DRIVES, 5), (FANS, 3)):
        for _ in range(rng.integers(1 if classes is DRIVES else 0, most)):
            name, other = rng.choice(classes, 2, replace=False)
            in_doubt = rng.random() < 0.4
            lot.append(
                {
                    "item_class": str(name),
                    "runner_up": str(other) if in_doubt else None,
                    "confidence": float(rng.uniform(0.6, 0.97)) if in_doubt else 1.0,
                    "launch_year": YEARS[rng.integers(len(YEARS))],
                    "units": int(np.exp(rng.uniform(0, np.log(800)))),
                }
            )
    return lot


def predict(tables, library, lot, seed, draws):
    """Draws of each quantity for a lot, under a seed."""
    source = Source(seed, draws)
    keys = [f"lot-{seed}/{i}" for i in range(len(lot))]
    parts = part_frame(
        [
            {k: v for k, v in part.items() if k != "units"}
            | {
                "part_id": key,
                "family_key": key,
                "part_key": key,
                "identity_key": key if part["runner_up"] else None,
                "kind": library.classes[part["item_class"]].kind,
            }
            for key, part in zip(keys, lot, strict=True)
        ]
    )
    units = np.array([[float(part["units"]) for part in lot]])
    drawn, gross = ContentDraws(library, parts, source).batches(["lot"], units.astype(np.float32))
    means, gross_means = mean_unit_masses(parts, library)
    # the count gap of a lot: a quote draws it, and no stage of a valuation does
    ratio = spread_of(
        tables.frame("assumption").filter(assumption_id="received_ratio").to_dicts()[0]
    )
    received = ratio.draw(source, "received/lot")
    kinds = {}
    for part in lot:
        kind = library.classes[part["item_class"]].kind
        kinds[kind] = kinds.get(kind, np.zeros(1)) + part["units"] * ratio.mean
    chunk = BatchContent(
        batch_ids=("lot",),
        series=library.series,
        mean_kg=(units @ means).T * ratio.mean,
        draws_kg=drawn * received,
        gross_mean_kg=units @ gross_means * ratio.mean,
        gross_draws_kg=gross * received,
        units=kinds,
        unknown=library.unknown,
    )
    (plan,) = plan_recovery(tables, library.series, (ROUTE,), None)
    deck, terms = price_deck(tables, DECK, AS_OF, source), Terms.of(tables, None)
    masses = recover(plan, chunk, YieldDraws(source), terms.mass_basis)
    money = settle(plan.route, masses, chunk, deck, terms, source)
    return {
        "nd_kg": chunk.draws_kg[chunk.select(("nd",)), 0].sum(axis=0),
        "ndpr_oxide_kg": masses.products["ndpr_oxide"].draws[0],
        "net_usd": money.totals()["net_usd"].estimate.draws[0],
    }


def calibrate(tables, *, designs, truths, draws, worlds=0, seed=7):
    """Coverage and ranks over fresh worlds, and coverage of all designs inside one world.

    Args:
        tables: Reference data.
        designs: Lots valued.
        truths: Fresh worlds for each.
        draws: Draws of the program for each lot.
        worlds: Worlds in which every design is drawn once more, for the spread of coverage.
        seed: Of the truths.
    """
    rows, library = Rows(tables.directory, tables.models), load_library(tables)
    rng = np.random.default_rng(seed)
    lots = [design(i) for i in range(designs)]
    held = {q: [] for q in QUANTITIES}
    ranks = {q: [] for q in QUANTITIES}
    limits = {q: [] for q in QUANTITIES}
    for number, lot in enumerate(lots):
        drawn = predict(tables, library, lot, seed=1000 + number, draws=draws)
        ordered = {q: np.sort(drawn[q]) for q in QUANTITIES}
        for q in QUANTITIES:
            limits[q].append(quantiles(drawn[q])[[0, 2]])
        for _ in range(truths):
            true = truth(World(rows, rng), lot, ROUTE, DECK, AS_OF)
            for q in QUANTITIES:
                low, high = limits[q][-1]
                held[q].append(low <= true[q] <= high)
                ranks[q].append(random_rank(ordered[q], true[q], rng))
    return {q: figures(held[q], ranks[q]) for q in QUANTITIES} | {
        "inside_one_world": one_world(rows, lots, limits, worlds, rng)
    }


def random_rank(ordered, value, rng):
    """Where a value falls among draws, on [0, 1); ties at random."""
    value = np.float32(value)
    below, upto = np.searchsorted(ordered, value), np.searchsorted(ordered, value, side="right")
    return (below + rng.random() * (upto - below + 1)) / (len(ordered) + 1)


def figures(held, ranks):
    """Coverage, and how uniform the ranks are."""
    counts, _ = np.histogram(ranks, BINS, (0, 1))
    return {
        "lots": len(held),
        "inside": int(np.sum(held)),
        "coverage": float(np.mean(held)),
        "ranks_p_value": float(stats.chisquare(counts).pvalue),
    }


def one_world(rows, lots, limits, worlds, rng):
    """Share of the lots that are inside, world by world: in one world errors are shared."""
    found = {q: [] for q in QUANTITIES}
    for _ in range(worlds):
        world = World(rows, rng)
        true = [truth(world, lot, ROUTE, DECK, AS_OF) for lot in lots]
        for q in QUANTITIES:
            inside = [low <= t[q] <= high for t, (low, high) in zip(true, limits[q], strict=True)]
            found[q].append(np.mean(inside))
    return {
        q: {
            "worlds": worlds,
            "lots": len(lots),
            **{f"p{p}": float(np.percentile(c, p)) for p in (5, 50, 95)},
        }
        for q, c in found.items()
        if c
    }
