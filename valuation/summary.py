"""The summary of a run: the object `value --json` prints, made from frames, nothing from memory.

Every figure here is in the database or a sum of its draws; the summary adds no number of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from valuation.accounts import PRICE, REFUSED, TOO_MANY_REJECTED, file_accounts
from valuation.capacity import SCHEMA, capacity_warnings, portfolio
from valuation.choice import Choice
from valuation.deck import Quotation
from valuation.frames import FileFrame
from valuation.inventory import Inventory
from valuation.movement import changed_words, movement_sentence, movements
from valuation.ownership import owner_warnings, policy_summary, reuse_summary
from valuation.pipeline import Valued
from valuation.settings import Settings
from valuation.units import ELEMENTS
from valuation.value import Estimate, Totals
from valuation.world import World


@dataclass(frozen=True)
class Outcome:
    """A run as it ended; the parts from `run` on are None when nothing was published."""

    settings: Settings
    world: World
    inventory: Inventory
    seconds: Mapping[str, float]
    db: str
    run: Mapping[str, Any] | None = None
    valued: Valued | None = None
    choice: Choice | None = None
    before: Mapping[str, Any] | None = None
    old_values: pl.DataFrame | None = None
    unchanged: frozenset[str] = frozenset()

    @property
    def files(self) -> FileFrame:
        """The account of every file."""
        return self.inventory.files

    @cached_property
    def moved(self) -> list[dict[str, Any]]:
        """How far figures of batches with the same lines moved, when the world changed."""
        if self.before is None or self.valued is None or self.old_values is None:
            return []
        same = pl.col("batch_id").is_in(list(self.unchanged))
        return movements(self.old_values.filter(same), self.valued.worth.values)

    @cached_property
    def price_complaints(self) -> list[str]:
        """Prices missing or too old, where settings ask."""
        settings, deck = self.settings, self.world.deck
        complaints = []
        if settings.max_price_age is not None:
            complaints += [
                f"The price of {q.product_id} is {q.age_days} days old on {deck.as_of}, "
                f"more than the {settings.max_price_age} allowed."
                for q in deck.quotations.values()
                if q.age_days > settings.max_price_age
            ]
        if settings.require_prices:
            complaints += [f"No price: {text}." for text in self.missing_prices]
        return complaints

    @cached_property
    def missing_prices(self) -> list[str]:
        """Products recovered without a price: product and reason."""
        if self.valued is None:
            return []
        values = self.valued.worth.values
        gaps = values.filter(
            pl.col("measure") == "gross_usd",
            pl.col("product_id") != "total",
            pl.col("mean").is_null(),
        )
        pairs = gaps.select("product_id", "reason").unique().sort("product_id", "reason")
        return [f"{product} ({reason})" for product, reason in pairs.iter_rows()]

    @cached_property
    def warnings(self) -> list[str]:
        """What the reader of the figures should know, as sentences, most pressing first."""
        refused = self.files.filter(pl.col("status") == "refused").sort("name")
        found = [str(reason) for reason in refused["reason"]]
        found += self.too_many_rejected
        found += self.choice.sentences() if self.choice else []
        if self.moved and self.before is not None and self.run is not None:
            found.append(movement_sentence(self.moved, *changed_words(self.before, self.run)))
        found += self.inventory.warnings
        found += self.valued.warnings if self.valued else []
        found += capacity_warnings(self.capacity)
        found += self.price_complaints
        found += self.world.deck.warnings
        found += owner_warnings(self.valued, self.world) if self.valued else []
        if self.missing_prices and not self.settings.require_prices:
            found.append(f"Products without a price: {'; '.join(self.missing_prices)}.")
        if self.valued is not None:
            found += [
                f"Route {route} has no net: {reason}"
                for route, reason in sorted(self.valued.worth.totals.no_net.items())
            ]
        return list(dict.fromkeys(found))

    @cached_property
    def capacity(self) -> pl.DataFrame:
        """What the batches the totals sum bring to each plant together."""
        if self.valued is None:
            return pl.DataFrame(schema=SCHEMA)
        return portfolio(self.valued.worth.capacity, self.valued.worth.totals.batches)

    @property
    def exit_code(self) -> int:
        """0, or the first of 3, 5 and 4 that holds."""
        if (self.files["status"] == "refused").any():
            return REFUSED
        if self.price_complaints:
            return PRICE
        return TOO_MANY_REJECTED if self.too_many_rejected else 0

    @property
    def too_many_rejected(self) -> list[str]:
        """One sentence when more lines were rejected than the caller allows."""
        read = int(self.files["lines_read"].sum())
        rejected = int(self.files["lines_rejected"].sum())
        if rejected <= self.settings.max_rejected * read:
            return []
        sentence = (
            f"{rejected:,} of {read:,} lines ({rejected / read:.1%}) were rejected, more than "
            f"{self.settings.max_rejected:.1%} (--max-rejected); what is left is published. "
            "`valuation rejects` writes them to be mended."
        )
        return [sentence]


def summarise(outcome: Outcome) -> dict[str, Any]:
    """The object `value --json` prints: every figure is in the database or a sum of its draws."""
    world = outcome.world
    summary: dict[str, Any] = {
        "run_id": outcome.run["run_id"] if outcome.run else None,
        "db": outcome.db,
        "published": outcome.run is not None,
        "data_version": world.tables.version,
        "deck_id": world.deck.deck_id,
        "deck_version": world.deck.version,
        "as_of": world.deck.as_of.isoformat(),
        "seed": world.source.seed,
        "draws": world.source.draws,
        "files": file_accounts(outcome.files),
        "batches": 0,
        "lines": int(outcome.files["lines_loaded"].sum()),
        "items": 0,
        "units": {},
        "embedded_units": {},
        "capacity_tb": {"hdd": 0.0, "ssd": 0.0},
        "units_without_size": {"hdd": 0.0, "ssd": 0.0},
        "identified_share": {"lines": None, "units": None},
        "rare_earths_kg": {},
        "unidentified_allowance_kg": {"mean": 0.0, "p10": 0.0, "p50": 0.0, "p90": 0.0},
        "reviewed": {"items": 0, "units": 0.0},
        "overrides": {
            "path": str(world.settings.overrides_file) if world.overrides.answers else None,
            "answers": len(world.overrides.answers),
        },
        "measured": {
            "files": [str(path) for path in world.settings.measured],
            "rows": len(world.measured.rows),
        },
        "routes": {
            row["route_id"]: {name: row[name] for name in ("title", "status", "settlement")}
            for row in world.tables.frame("route").iter_rows(named=True)
        },
        "totals": {},
    }
    if outcome.valued is not None and outcome.choice is not None:
        summary |= _figures(outcome.valued, outcome.choice, world)
        summary["moved"] = outcome.moved
        told = outcome.capacity.with_columns(pl.col("from_on").cast(pl.String))
        summary["capacity"] = told.to_dicts()
    return summary | {
        "prices": price_ages(world.deck.quotations),
        "price_age_days": {p: q.age_days for p, q in sorted(world.deck.quotations.items())},
        "warnings": outcome.warnings,
        "seconds": dict(outcome.seconds),
        "exit_code": outcome.exit_code,
    }


def _figures(valued: Valued, choice: Choice, world: World) -> dict[str, Any]:
    """Figures of the batches this run's files name; of all batches when there are no files."""
    totals = valued.worth.totals
    batches = sorted(totals.batches)
    counts = valued.counts.filter(pl.col("batch_id").is_in(batches))
    methods = valued.methods
    lines = methods["lines"].sum() or 1
    return {
        "batches": len(batches),
        "batches_kept": sorted(set(choice.kept)),
        "batches_held": choice.held,
        "items": int(methods["items"].sum()),
        **unit_counts(valued, batches),
        "identified_share": identified_share(counts),
        "identified_by": {
            method: round(count / lines, 6)
            for method, count in methods.select("method", "lines").iter_rows()
        },
        "reviewed": reviewed_share(methods),
        "unidentified_units": float(counts["units_unidentified"].sum()),
        "unidentified_allowance_kg": valued.content.total_allowance_kg(counts),
        "gross_mass_kg": float(counts["gross_mass_kg"].sum()),
        "rare_earths_kg": {
            name: totals.contained_kg[key].summary()
            for name, key in (("contained", "ree"), ("in_fans", "ree_in_fans"))
            if key in totals.contained_kg
        },
        "totals": route_totals(totals, world.routes),
        "forms": dict(valued.forms.rows(batches)["form"].value_counts(sort=True).iter_rows()),
        "assumed_cost_share": assumed_cost_shares(valued.worth.costs, batches),
        "policy": policy_summary(valued, world),
        "reuse": reuse_summary(valued, world),
    }


def reviewed_share(methods: pl.DataFrame) -> dict[str, Any]:
    """Items and units of which a person said what they are. [1]"""
    found = methods.filter(pl.col("method") == "reviewed")
    return {"items": int(found["items"].sum()), "units": float(found["units"].sum())}


def unit_counts(valued: Valued, batches: Iterable[str]) -> dict[str, Any]:
    """Units by kind, embedded units, capacity, and the drives that are in no capacity.

    Listed parts count once each; parts in hosts are `embedded_units`. [1, TB]
    """
    units = valued.contents.units.filter(pl.col("batch_id").is_in(list(batches)))
    listed = pl.col("origin") == "listed"
    drives = {kind: units.filter(listed, pl.col("kind") == kind) for kind in ("hdd", "ssd")}
    capacity = {kind: held["capacity_gb"].sum() / 1000 for kind, held in drives.items()}
    return {
        "units": _by_kind(units.filter(listed)),
        "embedded_units": _by_kind(units.filter(~listed)),
        "capacity_tb": {kind: round(tb, 6) for kind, tb in capacity.items()},
        "units_without_size": {
            kind: float(held["units_without_size"].sum()) for kind, held in drives.items()
        },
    }


def identified_share(counts: pl.DataFrame) -> dict[str, float | None]:
    """Share of lines and of units whose item is identified, over the batches given. [1]"""
    shares: dict[str, float | None] = {}
    for name, weight in (("lines", "lines"), ("units", "units_listed")):
        total = float(counts[weight].sum())
        known = float((counts[f"identified_share_{name}"].fill_null(1) * counts[weight]).sum())
        shares[name] = round(known / total, 6) if total else None
    return shares


def route_totals(totals: Totals, routes: Sequence[str]) -> dict[str, Any]:
    """Contained, recovered and net by route, summed over batches draw by draw."""

    def of_route(sums: Mapping[tuple[str, str], Estimate], route: str) -> dict[str, Any]:
        return {p: _told(e) for (of, p), e in sorted(sums.items()) if of == route}

    contained = {e: _told(totals.contained_kg[e]) for e in ELEMENTS if e in totals.contained_kg}
    return {
        route: {
            "contained_kg": contained,
            "recovered_kg": of_route(totals.recovered_kg, route),
            "gross_usd": of_route(totals.gross_usd, route),
            "net_usd": _told(totals.net_usd.get(route)) | {"reason": totals.no_net.get(route)},
            "net_rests_on": totals.net_shares.get(route, {}) if route not in totals.no_net else {},
        }
        for route in routes
    }


def assumed_cost_shares(costs: pl.DataFrame, batches: Iterable[str]) -> dict[str, float | None]:
    """Share of the known mean cost of some batches whose basis is assumed, by route. [1]"""
    known = costs.filter(pl.col("batch_id").is_in(list(batches)), ~pl.col("unknown"))
    assumed = pl.col("mean").filter(pl.col("basis") == "assumed").sum()
    shares = known.group_by("route_id").agg(
        share=pl.when(pl.col("mean").sum() > 0).then(assumed / pl.col("mean").sum())
    )
    return dict(shares.sort("route_id").iter_rows())


def _told(estimate: Estimate | None) -> dict[str, Any]:
    """Mean and quantiles of a sum; null where it is not known in one of its batches."""
    if estimate is None or not estimate.known.all():
        return dict.fromkeys(("mean", "p10", "p50", "p90"))
    return estimate.summary()


def price_ages(quotations: Mapping[str, Quotation]) -> list[dict[str, Any]]:
    """Every observation the deck read and its age. [USD/kg, d]"""
    return [
        {
            "product_id": product,
            "price_basis": q.row["price_basis"],
            "usd_per_kg": q.usd_per_kg,
            "observed_on": q.observed_on.isoformat(),
            "age_days": q.age_days,
        }
        for product, q in sorted(quotations.items())
    ]


def _by_kind(units: pl.DataFrame) -> dict[str, float]:
    summed = units.group_by("kind").agg(pl.col("units").sum()).sort("kind")
    return {
        kind: int(count) if float(count).is_integer() else round(count, 3)
        for kind, count in summed.iter_rows()
        if count > 0
    }
