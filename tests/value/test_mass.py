"""Mass is kept: on means and in every draw, along every route, however a lot is split."""

import numpy as np
import polars as pl
import pytest

from valuation.content.draws import ContentDraws
from valuation.content.library import load_library
from valuation.content.masses import mean_unit_masses
from valuation.frames import PARTS
from valuation.recovery import known_routes, plan_recovery
from valuation.shapes import MASS, BatchContent
from valuation.tables import load_tables
from valuation.uncertain import Source
from valuation.units import ELEMENTS
from valuation.value.yields import YieldDraws, flow_rows, recover

DRAWS = 400
UNITS = np.array([[120.0, 3, 40, 7, 2, 15], [0.0, 900, 1, 0, 30, 0]])
ROWS = (
    {"item_class": "hdd-3.5-nearline-air", "family_key": "a", "launch_year": 2018},
    {"item_class": "hdd-3.5-15k", "family_key": "maker/b", "launch_year": None},
    {"item_class": "hdd-unspecified", "confidence": 0.7, "runner_up": "ssd-2.5",
     "identity_key": "k"},
    {"item_class": "fan-80-standard", "part_key": "f1", "kind": "fan"},
    {"item_class": "server-2u", "kind": "server"},
    {"item_class": "psu-750", "part_key": "f2", "kind": "psu"},
)  # fmt: skip


@pytest.fixture(scope="module")
def shipped():
    tables = load_tables()
    return tables, load_library(tables)


def parts_of(*rows):
    made = [
        dict.fromkeys(PARTS.columns)
        | {"part_id": f"p{i:03d}", "kind": "hdd", "confidence": 1.0}
        | row
        for i, row in enumerate(rows)
    ]
    return PARTS.check(pl.DataFrame(made, schema=dict(PARTS.columns)))


def content(library, units=UNITS, rows=ROWS, source=None, batch_ids=("A", "B")):
    """Means and draws of some batches."""
    parts = parts_of(*rows)
    source = source or Source(1, DRAWS)
    unit_kg, gross_kg = mean_unit_masses(parts, library)
    drawn, gross = ContentDraws(library, parts, source).batches(
        list(batch_ids), units.astype(np.float32)
    )
    return BatchContent(
        batch_ids=tuple(batch_ids),
        series=library.series,
        mean_kg=(units @ unit_kg).T,
        draws_kg=drawn,
        gross_mean_kg=units @ gross_kg,
        gross_draws_kg=gross,
        units={"hdd": units[:, :3].sum(axis=1)},
        unknown={},
    )


def plans_of(tables, library):
    return plan_recovery(tables, library.series, known_routes(tables, ()), None)


def test_recovered_and_lost_close_to_contained_on_the_means(shipped):
    tables, library = shipped
    held = content(library)
    for plan in plans_of(tables, library):
        flows = flow_rows(plan, held).frame()
        for b, batch in enumerate(held.batch_ids):
            of_batch = flows.filter(pl.col("batch_id") == batch)
            for element in ELEMENTS:
                contained = held.mean_kg[held.select((element,)), b].sum()
                found = of_batch.filter(pl.col("element") == element)
                sold = found.filter(pl.col("product_id").is_not_null())["out_kg"].sum()
                off = abs(sold + found["lost_kg"].sum() - contained)
                assert off <= 1e-9 * contained, f"{plan.route.route_id}, {batch}, {element}"


def test_recovered_and_lost_close_to_contained_in_every_draw(shipped):
    tables, library = shipped
    held = content(library)
    place = {series: i for i, series in enumerate(held.series)}
    yields = YieldDraws(Source(1, DRAWS))
    basis = {r["product_id"]: r["mass_basis"] for r in tables.frame("product").to_dicts()}
    for plan in plans_of(tables, library):
        masses = recover(plan, held, yields, basis)
        for element in ELEMENTS:
            rows = held.select((element,))
            contained = held.draws_kg[rows].sum(axis=0, dtype=np.float64)
            found = sum(
                (
                    mass.draws.astype(np.float64)
                    for (_, e), mass in masses.elements.items()
                    if e == element
                ),
                np.zeros_like(contained),
            )
            for flow in plan.flows:
                if flow.series[1] == element and flow.sink is not None:
                    share = yields.share(flow.captures).astype(np.float64)
                    found = found + held.draws_kg[place[flow.series]] * share
            where = f"{plan.route.route_id}, {element}"
            np.testing.assert_allclose(found, contained, rtol=1e-6, atol=0, err_msg=where)


def test_every_draw_of_the_kit_is_in_its_streams(shipped):
    _, library = shipped
    streams = [i for i, (_, element) in enumerate(library.series) if element == MASS]
    for name in ("fan-unspecified", "hdd-unspecified"):  # may weigh less than the magnets drawn
        source = Source(1, 20_000)
        rows = ({"item_class": name, "family_key": "f", "part_key": "f"},)
        held = content(library, np.ones((1, 1)), rows, source, ["A"])
        total = held.draws_kg[streams].sum(axis=0, dtype=np.float64)
        np.testing.assert_allclose(total, held.gross_draws_kg, rtol=1e-6)
    held = content(library)
    total = held.draws_kg[streams].sum(axis=0, dtype=np.float64)
    np.testing.assert_allclose(total, held.gross_draws_kg, rtol=1e-6)
    np.testing.assert_allclose(held.mean_kg[streams].sum(axis=0), held.gross_mean_kg, rtol=1e-9)


def test_what_a_part_too_light_for_its_magnets_adds_to_the_mean_is_small(shipped):
    # means do not know that a kit weighs no less than its magnets; the draws do
    _, library = shipped
    for name, item_class in library.classes.items():
        if item_class.magnets:
            rows = ({"item_class": name, "family_key": "f", "part_key": "f"},)
            held = content(library, np.ones((1, 1)), rows, Source(1, 20_000), ["A"])
            magnets = {m.location for m in item_class.magnets}
            of_magnets = [i for i, s in enumerate(held.series) if s[0] in magnets and s[1] == MASS]
            others = held.gross_draws_kg[0] - held.draws_kg[of_magnets, 0].sum(axis=0)
            too_light = others <= 1e-6 * held.gross_draws_kg[0]
            cut = np.where(too_light, held.draws_kg[of_magnets, 0].sum(axis=0), 0)
            assert cut.mean(dtype=float) <= 1e-3 * held.gross_mean_kg[0], name


def test_twice_the_units_hold_and_yield_twice_the_mass(shipped):
    tables, library = shipped
    once, twice = content(library), content(library, 2 * UNITS)
    np.testing.assert_allclose(twice.mean_kg, 2 * once.mean_kg, rtol=1e-12)
    np.testing.assert_allclose(twice.gross_mean_kg, 2 * once.gross_mean_kg, rtol=1e-12)
    # gross mass has no scatter of pieces, so its draws double too
    np.testing.assert_allclose(twice.gross_draws_kg, 2 * once.gross_draws_kg, rtol=1e-6)
    for plan in plans_of(tables, library):
        small, large = flow_rows(plan, once).frame(), flow_rows(plan, twice).frame()
        for column in ("in_kg", "out_kg", "lost_kg"):
            np.testing.assert_allclose(large[column], 2 * small[column], rtol=1e-12)


def test_a_lot_split_in_two_holds_what_it_held(shipped):
    _, library = shipped
    whole = content(library, UNITS[:1], batch_ids=["A"])
    first = np.array([[70.0, 1, 40, 0, 1, 5]])
    split = content(library, np.concatenate([first, UNITS[:1] - first]), batch_ids=["A", "C"])
    np.testing.assert_allclose(split.mean_kg.sum(axis=1), whole.mean_kg[:, 0], rtol=1e-12)
    np.testing.assert_allclose(split.gross_mean_kg.sum(), whole.gross_mean_kg[0], rtol=1e-12)
    # draw by draw too, but for the scatter of pieces: materials but for what magnets leave
    np.testing.assert_allclose(split.gross_draws_kg.sum(axis=0), whole.gross_draws_kg[0], rtol=1e-6)


def test_another_batch_or_part_changes_no_draw_of_a_parameter_and_no_other_batch(shipped):
    tables, library = shipped
    few, many = Source(1, DRAWS), Source(1, DRAWS)
    alone = content(library, UNITS[:1], source=few, batch_ids=["A"])
    more = (*ROWS, {"item_class": "hdd-3.5-nearline-air", "family_key": "zz"})
    units = np.zeros((3, len(more)))
    units[0, -1], units[1, : len(ROWS)], units[2, 2:5] = 50, UNITS[0], 9
    beside = content(library, units, more, many, ["0", "A", "Z"])
    plans = plans_of(tables, library)
    for source, chunk, routes in ((few, alone, plans[:1]), (many, beside, plans)):
        basis = {r["product_id"]: r["mass_basis"] for r in tables.frame("product").to_dicts()}
        for plan in routes:
            recover(plan, chunk, YieldDraws(source), basis)
    assert few.noted.keys() < many.noted.keys()
    for key, (mean, draws, unit) in few.noted.items():
        np.testing.assert_array_equal(draws, many.noted[key][1], err_msg=key)
        assert (mean, unit) == (many.noted[key][0], many.noted[key][2])
    np.testing.assert_allclose(beside.draws_kg[:, 1], alone.draws_kg[:, 0], rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(beside.gross_draws_kg[1], alone.gross_draws_kg[0], rtol=1e-6)


def test_lots_made_one_by_one_are_those_made_together(shipped):
    _, library = shipped
    together = content(library)
    for b, batch in enumerate("AB"):
        alone = content(library, UNITS[b : b + 1], batch_ids=[batch])
        np.testing.assert_allclose(
            alone.draws_kg[:, 0], together.draws_kg[:, b], rtol=1e-6, atol=1e-12
        )


def test_draws_are_the_same_where_there_is_no_room_to_keep_any(shipped, monkeypatch):
    _, library = shipped
    kept = content(library)
    monkeypatch.setattr("valuation.content.draws.KEPT_BYTES", 0)
    monkeypatch.setattr("valuation.content.draws.BLOCK", 2)
    rows = (*ROWS, *({"item_class": "hdd-3.5-15k", "family_key": f"f{i}"} for i in range(5)))
    units = np.concatenate([UNITS, np.zeros((2, 5))], axis=1)
    again = content(library, units, rows)
    np.testing.assert_allclose(again.draws_kg, kept.draws_kg, rtol=1e-6, atol=1e-12)
