"""What a measurement would narrow: predicted without draws, checked by doing it many times."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from tests.parts import parts_of
from valuation.content.draws import ContentDraws
from valuation.content.informing import Effort, candidates
from valuation.content.library import load_library
from valuation.content.magnet_terms import MagnetCatalogue
from valuation.content.masses import mean_unit_masses
from valuation.content.measured import Measured, Measurement, sampling_variance
from valuation.measuring.next import stays
from valuation.shapes import MAGNET_STREAMS
from valuation.tables import load_tables
from valuation.uncertain import Source, quantiles
from valuation.units import RARE_EARTHS

AIR, HELIUM, FAN = "hdd-3.5-nearline-air", "hdd-3.5-nearline-helium", "fan-80-fast"
EFFORT = Effort(5, 0.02, 0.03)
DRAWS, OUTCOMES = 4000, 60


@pytest.fixture(scope="module")
def library():
    return load_library(load_tables())


LOT = parts_of(
    {"item_class": HELIUM, "family_key": "big"},
    {"item_class": HELIUM, "family_key": "small"},
    {"item_class": AIR, "family_key": "air"},
    {"item_class": FAN, "family_key": "fan", "part_key": "m/one"},
    {"item_class": FAN, "family_key": "fan", "part_key": "m/two"},
)
DRIVES, FANS = [100.0, 40.0, 60.0, 0.0, 0.0], [0.0, 0.0, 0.0, 50.0, 50.0]


def is_ree(library):
    return [s in MAGNET_STREAMS and e in RARE_EARTHS for s, e in library.series]


def rare_earths(library, units, seed=1, draws=DRAWS):
    """Contained rare earths of the lot by draw. [kg]"""
    source = Source(seed, draws)
    source.given.update(library.posterior.given(source))
    out, _ = ContentDraws(library, LOT, source).batches(["b"], np.array([units], np.float32))
    return out[is_ree(library), 0].sum(axis=0)


def found(library, units, effort=EFFORT):
    gradients = np.array([is_ree(library)], float)
    catalogue = MagnetCatalogue(library, LOT, library.series, gradients)
    return candidates(catalogue, np.array(units), effort)


def width(draws):
    p10, _, p90 = quantiles(draws)
    return float(p90 - p10)


def one(rows: Sequence, **what):
    (only,) = (r for r in rows if all(getattr(r, k) == v for k, v in what.items()))
    return only


def predicted(library, units, **what):
    """Share of the range that stays, by the formula."""
    variance = float(rare_earths(library, units, draws=40_000).var())
    return float(stays(one(found(library, units), **what).explained[0], variance))


def simulated(library, units, measurement_of):
    """The same by drawing worlds, measuring in each, and valuing again: mean and its error."""
    shares = []
    for world in range(OUTCOMES):
        source = Source(1000 + world, 1)
        after = Measured.of([measurement_of(source)]).apply(library)
        now = width(rare_earths(library, units, seed=world))
        shares.append(width(rare_earths(after, units, seed=world)) / now)
    return float(np.mean(shares)), float(np.std(shares) / math.sqrt(OUTCOMES))


def weighing(library, name, family):
    magnet = next(m for m in library.classes[name].magnets if m.location == "voice_coil")
    sd, n = magnet.log_sd, EFFORT.pieces

    def measure(source):
        normals = [float(source.normal(key)[0]) for key in "gcfes"]
        log = sum(sd[k] * z for k, z in zip(("basis", "class", "family"), normals, strict=False))
        blur = sampling_variance(magnet, n)
        log += sd["piece"] ** 2 / 2 - blur / 2 + math.sqrt(blur) * normals[3]
        log += EFFORT.weigh_error * normals[4]
        return Measurement(
            quantity="magnet_mass", item_class=name, location="voice_coil", family_key=family,
            value=magnet.median_g * math.exp(log), n_pieces=n, scale_error=EFFORT.weigh_error,
        )  # fmt: skip

    return measure


@pytest.mark.parametrize("family", ["big", "small", pytest.param("air", marks=pytest.mark.long)])
def test_weighing_a_family_narrows_as_doing_it_does(library, family):
    name = AIR if family == "air" else HELIUM
    share = predicted(library, DRIVES, method="weigh", family_key=family, location="voice_coil")
    mean, error = simulated(library, DRIVES, weighing(library, name, family))
    assert share < 0.95
    assert mean == pytest.approx(share, abs=3 * error + 0.02)


def test_an_assay_explains_what_doing_it_explains(library):
    """By variances: rare earths per kilogram of alloy, known before and after."""
    units = [1.0, 0, 0, 0, 0]
    candidate = one(found(library, units), method="assay", alloy_id="sintered-voice-coil")
    kg = candidate.magnet_kg
    assay = Measurement(
        quantity="ree_total", item_class=HELIUM, location="voice_coil", value=0.293,
        vintage="from-2013", state="bare", n_pieces=5, scale_error=0.03,
    )  # fmt: skip
    after = Measured.of([assay]).apply(library).alloy("sintered-voice-coil", "from-2013")
    before = library.alloy("sintered-voice-coil", "from-2013")
    learnt = before["ree_total"].variance - after["ree_total"].variance
    bare = 1 - before["coating"].mean
    assert candidate.explained[0] == pytest.approx((kg * bare) ** 2 * learnt, rel=1e-3)


def test_a_look_at_a_fan_explains_what_doing_it_explains(library):
    """By hand: the expectation after yes and after no, weighed by their chances."""
    candidate = one(found(library, FANS), method="xrf", part_key="m/one")
    alpha, beta = 1.6, 1.6  # fan-fast of data/content/ndfeb_share.csv
    prior = alpha / (alpha + beta)
    whole = 50 * rare_earths(library, [0, 0, 0, 1.0, 0], draws=40_000).mean() / prior
    after_yes = whole * (1 + (alpha + 1) / (alpha + beta + 1))
    after_no = whole * alpha / (alpha + beta + 1)
    explained = prior * (1 - prior) * (after_yes - after_no) ** 2
    assert candidate.explained[0] == pytest.approx(explained, rel=0.03)


def test_more_pieces_explain_more_and_less_by_each(library):
    explained = [
        one(found(library, DRIVES, Effort(n, 0.02, 0.03)), method="weigh", family_key="big",
            location="voice_coil").explained[0]
        for n in (1, 5, 25)
    ]  # fmt: skip
    assert explained == sorted(explained)
    assert explained[1] / 5 < explained[0]


def test_nothing_explains_more_than_there_is(library):
    variance = rare_earths(library, DRIVES, draws=40_000).var()
    assert all(c.explained[0] <= variance for c in found(library, DRIVES))


def test_a_family_measured_before_explains_little_more(library):
    measured = weighing(library, HELIUM, "big")(Source(1, 1))
    after = Measured.of([measured]).apply(library)
    before = {c.family_key: c.explained[0] for c in found(library, DRIVES) if c.method == "weigh"
              and c.location == "voice_coil"}  # fmt: skip
    again = {c.family_key: c.explained[0] for c in found(after, DRIVES) if c.method == "weigh"
             and c.location == "voice_coil"}  # fmt: skip
    assert again["big"] < 0.2 * before["big"]
    assert again["air"] > 0.5 * before["air"]


def test_no_more_units_are_weighed_than_there_are(library):
    few = one(found(library, [3.0, 0, 0, 0, 0]), method="weigh", location="voice_coil")
    assert few.pieces == 3


def test_fans_are_weighed_only_once_they_are_known_to_be_ndfeb(library):
    look = Measurement(
        quantity="ndfeb", item_class=FAN, location="fan_rotor", part_key="m/one", value=1.0
    )
    after = Measured.of([look]).apply(library)
    assert {c.method for c in found(library, FANS)} == {"xrf", "assay"}
    assert {(c.method, c.part_key) for c in found(after, FANS)} == {
        ("xrf", "m/two"), ("assay", None), ("weigh", None),
    }  # fmt: skip


def test_of_a_shredded_lot_nothing_is_left_to_weigh(library):
    gradients = np.array([is_ree(library)], float)
    catalogue = MagnetCatalogue(library, LOT, library.series, gradients)
    methods = {c.method for c in candidates(catalogue, np.array(DRIVES), EFFORT, "shredded")}
    assert methods == {"assay"}


def test_of_a_lot_of_modules_only_what_is_there_is_weighed(library):
    drive = {"item_class": HELIUM, "family_key": "big"}
    parts = parts_of(drive, drive | {"form": "module"})
    masses, _ = mean_unit_masses(parts, library)
    gradients = np.array([[e == "mass" for _, e in library.series]], float)
    catalogue = MagnetCatalogue(library, parts, library.series, gradients)
    whole, modules = (
        candidates(catalogue, np.array(units), EFFORT, form)
        for units, form in (([100.0, 0], "whole"), ([0, 100.0], "module"))
    )
    assert {c.location for c in whole} == {"voice_coil", "spindle"}
    assert {c.location for c in modules} == {"voice_coil"}
    # of a whole drive a heavier magnet leaves less of the rest; of a module hardly
    of_whole = one(whole, method="weigh", location="voice_coil").explained[0]
    of_module = one(modules, method="weigh").explained[0]
    assert of_whole == pytest.approx(0, abs=1e-9)
    magnets_kg = 100 * masses[1, library.series.index(("voice_coil", "mass"))]
    assert of_module > (0.1 * magnets_kg) ** 2


def test_a_batch_without_magnets_has_nothing_to_measure(library):
    assert found(library, [0.0] * 5) == []


@pytest.mark.parametrize("units", [[160.0, 0, 0, 0, 0], DRIVES, FANS], ids=["one", "some", "fans"])
def test_no_measurement_explains_all_that_magnets_and_alloys_make(library, units):
    """A sample of a heavy tail may vary less than weighing explains: the range never closes."""
    for row in found(library, units):
        assert (row.explained[0] < row.least_variance[0]) or row.method == "xrf"


def test_the_least_variance_of_one_family_is_that_of_its_draws(library):
    drawn = rare_earths(library, [160.0, 0, 0, 0, 0], draws=100_000)
    least = found(library, [160.0, 0, 0, 0, 0])[0].least_variance[0]
    assert drawn.var(dtype=np.float64) == pytest.approx(least, rel=0.05)


def test_what_stays_of_a_range():
    assert stays(np.array([0, 1, 2, 0.75]), 1).tolist() == [1, 0, 0, 0.5]
    assert stays(0.5, 0) == 1  # a range of nothing does not narrow
