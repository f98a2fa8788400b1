"""Laws of contained mass: means, spread by level, closure, and draws keyed by text."""

import math

import numpy as np
import pytest

from tests.parts import parts_of
from valuation.content.draws import ContentDraws, closed_shares
from valuation.content.library import load_library
from valuation.content.masses import mean_unit_masses
from valuation.tables import load_tables
from valuation.uncertain import Source

AIR = "hdd-3.5-nearline-air"


@pytest.fixture(scope="module")
def library():
    return load_library(load_tables())


def drawn(library, parts, units, *, seed=1, draws=2000, batches=None):
    """Draws by series name of one or more batches."""
    units = np.atleast_2d(np.asarray(units, np.float32))
    ids = batches or [f"b{i}" for i in range(len(units))]
    out, gross = ContentDraws(library, parts, Source(seed, draws)).batches(ids, units)
    return dict(zip(library.series, out, strict=True)), gross


def relative_spread(draws):
    return float(draws.std() / draws.mean())


def test_mean_neodymium_of_a_drive_by_hand(library):
    # median x exp(variance / 2) x (1 - coating) x (T - Dy - Pr): rows of data/content, with the
    # total and the scale of praseodymium that models/content/parameters.csv fits
    parts = parts_of({"item_class": AIR, "family_key": "f"})
    masses, _ = mean_unit_masses(parts, library)
    nd = masses[0, library.series.index(("voice_coil", "nd"))]
    variance = 0.15**2 + 0.20**2 + 0.25**2 + 0.15**2
    dy = 0.005 * math.exp((math.log(1.6) / 1.6448536) ** 2 / 2)
    total, scale = 0.295286, 0.426023
    pr = scale * 2 / 6.5 * (total - dy)
    tb = library.alloy("sintered-voice-coil", "from-2013")["tb"].mean
    by_hand = 17e-3 * math.exp(variance / 2) * (1 - 0.019) * (total - dy - pr - tb)
    assert nd == pytest.approx(by_hand, rel=1e-3)


@pytest.mark.parametrize("name", [AIR, "hdd-3.5-15k", "fan-80-standard", "psu-750", "server-1u"])
def test_draws_have_the_analytic_mean(library, name):
    parts = parts_of({"item_class": name, "family_key": "f", "part_key": "k", "launch_year": None})
    masses, gross_mean = mean_unit_masses(parts, library)
    series, gross = drawn(library, parts, [[1]], draws=20_000)
    for i, draws in enumerate(series.values()):
        error = draws.std() / math.sqrt(draws.size)
        assert abs(draws.mean() - masses[0, i]) <= 4.5 * error + 1e-12
    assert abs(gross.mean() - gross_mean[0]) <= 4.5 * gross.std() / math.sqrt(gross.size)


def test_every_kilogram_of_kit_is_in_one_stream(library):
    parts = parts_of({"item_class": AIR, "family_key": "f"}, {"item_class": "psu-750"})
    series, gross = drawn(library, parts, [[10, 3]])
    total = sum(draws for (_, element), draws in series.items() if element == "mass")
    np.testing.assert_allclose(total, gross, rtol=1e-4)


def test_magnet_elements_close_to_bare_mass(library):
    parts = parts_of({"item_class": AIR, "family_key": "f"})
    series, _ = drawn(library, parts, [[1]])
    elements = sum(series["voice_coil", e] for e in ("nd", "pr", "dy", "tb", "fe", "co"))
    bare = series["voice_coil", "bare_mass"]
    assert (elements < bare).all()  # boron and minor additions are the rest
    assert float((elements / bare).mean()) > 0.96
    assert (series["voice_coil", "nd"] >= 0).all()


def test_one_family_keeps_its_spread_and_many_families_lose_only_their_own(library):
    one = parts_of({"item_class": AIR, "family_key": "f"})
    many = parts_of(*({"item_class": AIR, "family_key": f"f{i}"} for i in range(400)))
    single, _ = drawn(library, one, [[1]], draws=4000)
    lot, _ = drawn(library, one, [[10_000]], draws=4000)
    mixed, _ = drawn(library, many, [[25] * 400], draws=4000)
    mass = ("voice_coil", "mass")
    spread = [relative_spread(s[mass]) for s in (single, lot, mixed)]
    assert spread[0] > spread[1] > spread[2]
    assert spread[1] > 0.85 * spread[0]
    floor = math.sqrt(math.expm1(0.15**2 + 0.20**2))  # basis and class, as a CV
    assert spread[2] >= 0.93 * floor  # less sampling error of 4,000 draws
    assert spread[2] < spread[1]


def test_piece_error_shrinks_with_the_number_of_pieces(library):
    parts = parts_of({"item_class": AIR, "family_key": "f"})
    two, _ = drawn(library, parts, [[1], [1_000_000]])
    mass = two["voice_coil", "mass"] / np.array([[1], [1_000_000]])
    ratio = np.log(mass[0] / mass[1])
    assert ratio.std() == pytest.approx(0.15, rel=0.1)


def test_adding_a_part_or_a_batch_changes_no_other_draw(library):
    alone = parts_of({"item_class": AIR, "family_key": "f"})
    beside = parts_of(
        {"item_class": AIR, "family_key": "f"},
        {"item_class": "fan-80-fast", "family_key": "g", "part_key": "g"},
    )
    first, _ = drawn(library, alone, [[5]], batches=["b"])
    second, _ = drawn(library, beside, [[0, 9], [5, 0]], batches=["a", "b"])
    np.testing.assert_allclose(
        first["voice_coil", "nd"][0], second["voice_coil", "nd"][1], rtol=1e-6
    )


def test_another_seed_gives_other_draws(library):
    parts = parts_of({"item_class": AIR, "family_key": "f"})
    first, _ = drawn(library, parts, [[1]], seed=1)
    second, _ = drawn(library, parts, [[1]], seed=2)
    assert not np.allclose(first["voice_coil", "nd"], second["voice_coil", "nd"])


def test_fans_of_one_part_number_are_neodymium_together(library):
    parts = parts_of({"item_class": "fan-80-standard", "family_key": "f", "part_key": "k"})
    series, _ = drawn(library, parts, [[1000]])
    held = series["fan_rotor", "mass"][0]
    assert 0.5 < float((held == 0).mean()) < 0.95
    assert np.quantile(held, 0.1) == 0 and held.mean() > 0


def test_many_part_numbers_share_the_fan_share_and_are_not_all_alike(library):
    parts = parts_of(
        *(
            {"item_class": "fan-80-standard", "family_key": f"f{i}", "part_key": f"k{i}"}
            for i in range(60)
        )
    )
    series, _ = drawn(library, parts, [[1] * 60])
    assert float((series["fan_rotor", "mass"][0] == 0).mean()) < 0.1


def test_doubtful_identity_mixes_class_and_runner_up(library):
    doubt = {"confidence": 0.7, "runner_up": "ssd-2.5", "identity_key": "k", "family_key": "f"}
    parts = parts_of({"item_class": AIR} | doubt)
    series, _ = drawn(library, parts, [[1]], draws=8000)
    held = series["voice_coil", "nd"][0]
    assert float((held == 0).mean()) == pytest.approx(0.3, abs=0.02)
    masses, _ = mean_unit_masses(parts, library)
    sure, _ = mean_unit_masses(parts_of({"item_class": AIR, "family_key": "f"}), library)
    nd = library.series.index(("voice_coil", "nd"))
    assert masses[0, nd] == pytest.approx(0.7 * sure[0, nd])


def test_unknown_year_widens_dysprosium(library):
    parts = [
        parts_of({"item_class": AIR, "family_key": "f", "launch_year": year})
        for year in (2010, 2018, None)
    ]
    means = [float(drawn(library, p, [[1]])[0]["voice_coil", "dy"].mean()) for p in parts]
    assert means[1] < means[2] < means[0]


def test_catalogue_mass_is_used_for_that_drive(library):
    parts = parts_of({"item_class": AIR, "family_key": "f", "unit_mass_g": 780.0})
    _, gross = drawn(library, parts, [[100]])
    assert float(gross.mean()) == pytest.approx(78, rel=0.01)


def test_material_shares_are_closed(library):
    for name in sorted(library.classes):
        total = sum(closed_shares(Source(1, 500), library.classes[name]))
        np.testing.assert_allclose(total, 1, rtol=1e-5)


def test_solid_state_drives_hold_no_magnet(library):
    masses, _ = mean_unit_masses(parts_of({"item_class": "ssd-2.5"}), library)
    magnets = [i for i, (stream, _) in enumerate(library.series) if stream == "voice_coil"]
    assert not masses[0, magnets].any()


@pytest.mark.parametrize("name", ["hdd-3.5-nearline-air", "server-2u", "psu-750", "switch-1u"])
def test_every_material_is_as_uncertain_as_its_row_says(library, name):
    item_class = library.classes[name]
    shares = closed_shares(Source(1, 60_000), item_class)
    largest = max(range(len(shares)), key=lambda i: item_class.share_means[i])
    for i, (material, drawn) in enumerate(zip(item_class.materials, shares, strict=True)):
        assert float(drawn.mean()) == pytest.approx(item_class.share_means[i], rel=0.02)
        if i != largest:  # the largest takes what the others leave
            grown = item_class.share_means[i] / material.share.mean
            sd = grown * material.share.variance**0.5
            assert float(drawn.std()) == pytest.approx(sd, rel=0.03)
