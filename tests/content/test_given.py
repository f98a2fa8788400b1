"""Expectations given one group of parameters: the draws of a world in which only it varies."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from valuation.content import library as content_library
from valuation.content.arrived import ArrivedDraws
from valuation.content.given import GivenContent, Possibilities
from valuation.content.library import load_library
from valuation.content.masses import mean_unit_masses
from valuation.content.weighted import Kept
from valuation.frames import PARTS
from valuation.parameter_groups import CONTENT_GROUPS, group_of
from valuation.shapes import Weights
from valuation.tables import load_tables
from valuation.uncertain import Source, Spread

DRAWS = 400
LOT = (
    {"item_class": "hdd-3.5-nearline-air", "family_key": "air", "kind": "hdd"},
    {"item_class": "hdd-3.5-nearline-air", "family_key": "b/c", "kind": "hdd", "launch_year": 2008},
    {"item_class": "fan-80-standard", "family_key": "f", "part_key": "k", "kind": "fan"},
    {"item_class": "server-2u", "family_key": "s", "kind": "server", "runner_up": "chassis-blade",
     "confidence": 0.7, "identity_key": "doubt"},
    {"item_class": "hdd-3.5-desktop", "family_key": "m", "kind": "hdd", "form": "module"},
)  # fmt: skip
UNITS = np.array([[30.0, 5.0, 40.0, 3.0, 20.0], [1.0, 0.0, 200.0, 0.0, 0.0]])
BATCHES = ("b0", "b1")


@pytest.fixture(scope="module")
def library():
    return load_library(load_tables())


def parts_of(rows):
    base = dict.fromkeys(PARTS.columns) | {"confidence": 1.0, "launch_year": 2018}
    made = [base | {"part_id": f"p{i}"} | row for i, row in enumerate(rows)]
    return PARTS.check(pl.DataFrame(made, schema=dict(PARTS.columns)))


def only(library, group):
    """The library with every spread but those of one group taken away, at the same means."""

    def kept(spread, of):
        return spread if of == group else Spread(spread.mean, None, None, "exact")

    def magnet(found):
        exact = found
        if group != "magnet_mass":
            grown = found.mean_g / found.mean_share / found.rotors
            exact = replace(exact, median_g=grown, log_sd=dict.fromkeys(found.log_sd, 0.0))
        if group != "fan_share" and found.share is not None:
            exact = replace(exact, median_g=exact.median_g * found.mean_share, share=None)
        return exact

    def item_class(found):
        return replace(
            found,
            gross_mass_kg=kept(found.gross_mass_kg, "kit_mass"),
            bare_share=kept(found.bare_share, "kit_mass"),
            magnets=tuple(map(magnet, found.magnets)),
            materials=tuple(
                replace(m, share=kept(m.share, "material_mix")) for m in found.materials
            ),
        )

    def alloy(found):
        rows = {name: kept(row, "alloy") for name, row in found.rows.items()}
        if group != "alloy":  # families scatter whatever the rows say
            rows |= {n: Spread(0, None, None, "exact") for n in ("dy_mean", "pr_share_scale")}
        return replace(found, rows=rows)

    return replace(
        library,
        classes={name: item_class(found) for name, found in library.classes.items()},
        alloys={key: alloy(found) for key, found in library.alloys.items()},
        compositions={
            key: {e: kept(spread, "grades") for e, spread in found.items()}
            for key, found in library.compositions.items()
        },
        form_shares={
            form: {
                kind: {s: kept(spread, "form") for s, spread in found.items()}
                for kind, found in kinds.items()
            }
            for form, kinds in library.form_shares.items()
        },
    )


def weights_of(library, rng):
    series = library.series
    return Weights(series, rng.uniform(-1, 5, (3, len(series))), np.array([0.0, -0.2, 1.0]))


def given(library, parts, weights, units=UNITS, kept=None, draws=DRAWS):
    means, _ = mean_unit_masses(parts, library)
    possible = Possibilities(library, parts, means)
    content = GivenContent(possible, Source(1, 2 * draws), BATCHES, units, kept or Kept())
    return content(weights, draws)


def summed(library, parts, weights, source, units=UNITS):
    drawn, gross = ArrivedDraws(library, parts, source).batches(
        list(BATCHES), units.astype(np.float32)
    )
    return np.tensordot(weights.per_kg, drawn, axes=1) + np.multiply.outer(
        weights.per_gross_kg, gross
    )


def centred(draws):
    return draws - draws.mean(axis=-1, keepdims=True)


@pytest.mark.parametrize("group", CONTENT_GROUPS)
def test_a_group_is_the_world_in_which_only_it_varies(library, rng, monkeypatch, group):
    monkeypatch.setattr(content_library, "SMALLEST_VARIANCE", 1e-15)
    rows = LOT
    if group != "identity":
        rows = [row | {"confidence": 1.0, "identity_key": None, "runner_up": None} for row in LOT]
    parts, quiet = parts_of(rows), only(library, group)
    weights = weights_of(quiet, rng)
    expected = summed(quiet, parts, weights, Source(1, 2 * DRAWS))[..., :DRAWS]
    found = centred(given(quiet, parts, weights)[group])
    spread = expected.std(axis=-1)
    held = spread > 1e-5 * np.abs(expected).max(axis=-1)  # float32 draws hold seven digits
    assert held.any()
    off = np.abs(found - centred(expected)).max(axis=-1)
    assert (off < 1e-3 * spread + 2e-6 * np.abs(expected).max(axis=-1))[held].all()


class _Mixed(Source):
    """One group drawn as in the run, everything else as under another seed."""

    group = ""
    other = 0

    def generator(self, key):
        seed = self.seed if group_of(key) == self.group else self.other
        return Source(seed, self.draws).generator(key)


@pytest.mark.parametrize(
    ("group", "stream", "element"),
    [
        ("magnet_mass", "voice_coil", "nd"),
        ("alloy", "voice_coil", "dy"),
        ("fan_share", "fan_rotor", "nd"),
        ("identity", "steel", "mass"),
        ("kit_mass", "steel", "mass"),
        ("material_mix", "board", "mass"),
        ("grades", "board", "au"),
    ],
)
def test_whatever_the_rest_of_the_world_a_group_moves_a_sum_by_its_expectation(
    library, group, stream, element
):
    """The slope of a sum on its expectation given the group is one, under other seeds."""
    parts, series = parts_of(LOT), library.series
    per_kg = np.array([[float(name == (stream, element)) for name in series]])
    weights = Weights(series, per_kg, np.zeros(1))
    expected = centred(given(library, parts, weights)[group])[0, 0].astype(float)
    found = np.zeros_like(expected)
    for seed in range(100, 120):
        source = _Mixed(1, DRAWS)
        object.__setattr__(source, "group", group)
        object.__setattr__(source, "other", seed)
        found += centred(summed(library, parts, weights, source))[0, 0] / 20
    variance = (expected**2).mean()
    slope = (expected * found).mean() / variance
    error = np.sqrt((((found - expected) * expected) ** 2).mean() / DRAWS) / variance
    assert error < 0.1
    assert slope == pytest.approx(1, abs=4 * error)


def test_fewer_draws_are_the_first_of_the_run(library, rng):
    parts, weights = parts_of(LOT), weights_of(library, rng)
    few, many = (given(library, parts, weights, draws=n) for n in (100, 200))
    for group in CONTENT_GROUPS:
        np.testing.assert_allclose(
            centred(few[group]), centred(many[group][..., :100]), rtol=1e-3, atol=1e-4
        )


def test_what_the_masses_drew_is_not_drawn_again_and_changes_nothing(library, rng):
    parts, weights, kept = parts_of(LOT), weights_of(library, rng), Kept()
    masses = ArrivedDraws(library, parts, Source(1, DRAWS), kept.keep)
    masses.batches(list(BATCHES), UNITS.astype(np.float32))
    drawn = set(kept.by_key)
    first = given(library, parts, weights, kept=kept)
    assert drawn == set(kept.by_key)
    apart = given(library, parts, weights)
    for group in CONTENT_GROUPS:
        np.testing.assert_array_equal(first[group], apart[group])


def test_kept_draws_and_other_batches_change_nothing(library, rng):
    parts, weights, kept = parts_of(LOT), weights_of(library, rng), Kept()
    first = given(library, parts, weights, kept=kept)
    again = given(library, parts, weights, kept=kept)
    turned = given(library, parts, weights, UNITS * np.array([[1.0], [0.0]]))
    for group in CONTENT_GROUPS:
        assert (first[group] == again[group]).all()
        np.testing.assert_allclose(first[group][:, 0], turned[group][:, 0], rtol=1e-4, atol=1e-5)
