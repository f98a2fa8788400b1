"""Laws of measured content: what is weighed narrows and moves as exact conditioning says."""

import math

import numpy as np
import pytest

from tests.parts import parts_of
from valuation.content.draws import ContentDraws
from valuation.content.library import load_library
from valuation.content.masses import mean_unit_masses
from valuation.content.measured import Measured, Measurement, sampling_variance
from valuation.content.posterior import level_weights
from valuation.tables import load_tables
from valuation.uncertain import Source

AIR, HELIUM, FAN = "hdd-3.5-nearline-air", "hdd-3.5-nearline-helium", "fan-80-standard"
BASIS, CLASS, FAMILY, PIECE = 0.15, 0.20, 0.25, 0.15  # model.md, section 3
MEDIAN_G = 17.0
MANY = 10**6


@pytest.fixture(scope="module")
def library():
    return load_library(load_tables())


def weighed(family="f", value=MEDIAN_G, n=1, **more):
    row = {"quantity": "magnet_mass", "item_class": AIR, "location": "voice_coil"}
    return Measurement(**row | {"family_key": family, "value": value, "n_pieces": n} | more)


def looked_at(part, yes, item_class=FAN):
    row = {"quantity": "ndfeb", "item_class": item_class, "location": "fan_rotor"}
    return Measurement(**row, part_key=part, value=float(yes))


def assayed(quantity="ree_total", value=0.27, **more):
    row = {"quantity": quantity, "item_class": AIR, "location": "voice_coil"}
    given = {"vintage": "from-2013", "state": "bare", "scale_error": 0.03, "scale": "icp"}
    return Measurement(**row | given | {"value": value} | more)


def after(library, *rows):
    return Measured.of(rows).apply(library)


def moments(library, family, item_class=AIR):
    """Mean and variance of the log mass of a family, over what pieces do not scatter."""
    magnet = next(m for m in library.classes[item_class].magnets if m.location == "voice_coil")
    return library.posterior.log_moments(level_weights(item_class, magnet, family))


def drawn(library, parts, units, draws=2000, seed=1):
    source = Source(seed, draws)
    source.given.update(library.posterior.given(source))
    out, _ = ContentDraws(library, parts, source).batches(["b"], np.array([units], np.float32))
    return {name: kg[0] for name, kg in zip(library.series, out, strict=True)}


def test_nothing_measured_changes_nothing(library):
    assert Measured().apply(library) is library
    assert Measured().version == ""
    assert library.posterior.given(Source(1, 10)) == {}


def test_a_family_by_hand(library):
    # one drive at twice the median: prior variances add up, the piece error is what blurs it
    found = after(library, weighed(value=2 * MEDIAN_G))
    prior = BASIS**2 + CLASS**2 + FAMILY**2
    gain = prior / (prior + PIECE**2)
    mean, variance = moments(found, "f")
    assert mean == pytest.approx(gain * math.log(2))
    assert variance == pytest.approx(prior * (1 - gain))


def test_each_level_takes_its_share_of_the_surprise(library):
    found = after(library, weighed(value=2 * MEDIAN_G))
    shift = dict(zip(found.posterior.keys, found.posterior.mean, strict=True))
    total = BASIS**2 + CLASS**2 + FAMILY**2 + PIECE**2
    expected = {"basis": BASIS, "class": CLASS, "family": FAMILY}
    for key, mean in shift.items():
        assert mean == pytest.approx(expected[key.split("/")[0]] * math.log(2) / total)


def test_what_was_expected_narrows_and_does_not_move(library):
    mean, variance = moments(after(library, weighed()), "f")
    assert mean == pytest.approx(0, abs=1e-12)
    assert 0 < variance < BASIS**2 + CLASS**2 + FAMILY**2


def test_weighing_endlessly_many_on_a_true_scale_pins_the_family(library):
    mean, variance = moments(after(library, weighed(value=20.0, n=MANY)), "f")
    assert variance == pytest.approx(0, abs=1e-7)
    # a mean over pieces lies half their variance above the median of pieces
    assert mean == pytest.approx(math.log(20 / MEDIAN_G) - PIECE**2 / 2, abs=1e-4)


def test_a_wrong_scale_leaves_its_error_however_many_are_weighed(library):
    _, variance = moments(after(library, weighed(n=MANY, scale_error=0.1, scale="s")), "f")
    prior = BASIS**2 + CLASS**2 + FAMILY**2
    assert variance == pytest.approx(prior * 0.01 / (prior + 0.01), rel=1e-3)


def test_another_family_moves_the_same_way_and_less(library):
    found = after(library, weighed(value=2 * MEDIAN_G, n=5))
    own, sibling, cousin = (
        moments(found, "f"),
        moments(found, "other"),
        moments(found, "other", HELIUM),
    )
    assert own[0] > sibling[0] > cousin[0] > 0
    before = moments(library, "other"), moments(library, "other", HELIUM)
    assert sibling[1] < before[0][1] and cousin[1] < before[1][1]
    assert own[1] < sibling[1]


def test_a_class_with_another_basis_error_does_not_move(library):
    found = after(library, weighed(value=2 * MEDIAN_G, n=5))
    parts = parts_of({"item_class": "tape-lto-half", "family_key": "t"})
    np.testing.assert_array_equal(
        mean_unit_masses(parts, found)[0], mean_unit_masses(parts, library)[0]
    )


def test_the_order_of_rows_and_their_file_do_not_matter(library):
    rows = [weighed("a", 20.0, 5, row=2), weighed("b", 15.0, 3, row=3), looked_at("m/p", True)]
    elsewhere = [weighed("a", 20.0, 5, row=9, source_id="x"), *rows[1:]]
    one, other = after(library, *rows), after(library, *reversed(elsewhere))
    assert Measured.of(rows).version == Measured.of(reversed(elsewhere)).version
    assert one.posterior.keys == other.posterior.keys
    np.testing.assert_array_equal(one.posterior.mean, other.posterior.mean)


def test_ten_drives_say_the_same_in_one_row_or_two_of_the_same_scale(library):
    error = {"scale_error": 0.05, "scale": "s"}
    one = moments(after(library, weighed("f", 20.0, 10, **error)), "f")
    two = [weighed("f", 20.0, 5, **error, note=str(i)) for i in range(2)]
    mean, variance = moments(after(library, *two), "f")
    assert variance == pytest.approx(one[1], rel=2e-3)
    # a mean of five is more skewed than one of ten, by half the difference of their variances
    assert mean == pytest.approx(one[0], abs=0.0012)


def test_two_scales_tell_more_than_one(library):
    rows = [
        weighed("f", 20.0, 5, scale_error=0.1, scale=s, note=str(i)) for i, s in enumerate("aa")
    ]
    apart = [rows[0], weighed("f", 20.0, 5, scale_error=0.1, scale="b")]
    assert moments(after(library, *apart), "f")[1] < moments(after(library, *rows), "f")[1]


def test_a_bare_magnet_was_heavier_when_coated(library):
    coated = moments(after(library, weighed(value=20.0, n=MANY)), "f")
    bare = moments(after(library, weighed(value=20.0, n=MANY, state="bare")), "f")
    assert bare[0] - coated[0] == pytest.approx(-math.log(1 - 0.019), rel=1e-2)
    assert bare[1] > coated[1]  # how thick the coating was is not known


def test_a_stated_scatter_counts_where_it_is_more_than_the_usual(library):
    usual, tight, wide = (
        moments(after(library, weighed(n=4, sd=sd)), "f")[1] for sd in (None, 0.1, 8.0)
    )
    assert tight == usual
    assert wide > usual


def test_units_of_several_families_tell_of_the_class_more_than_of_one(library):
    mixed = weighed(None, 2 * MEDIAN_G, 50, n_families=25)
    single = weighed("f", 2 * MEDIAN_G, 50)
    of_mixed, of_single = (moments(after(library, row), "other") for row in (mixed, single))
    assert of_mixed[0] > of_single[0] and of_mixed[1] < of_single[1]


@pytest.mark.parametrize("name", [AIR, HELIUM])
def test_draws_have_the_analytic_mean_after_measurements(library, name):
    found = after(
        library,
        weighed("f", 25.0, 5, scale_error=0.02, scale="s"),
        weighed("g", 14.0, 2, scale_error=0.02, scale="s"),
        assayed(value=0.26),
        assayed("dy", 0.012, n_families=5, n_pieces=5),
    )
    parts = parts_of(*({"item_class": name, "family_key": k, "launch_year": 2018} for k in "fgh"))
    means, _ = mean_unit_masses(parts, found)
    for i in range(3):
        units = [float(i == j) for j in range(3)]
        series = drawn(found, parts, units, draws=20_000)
        for s, draws in enumerate(series.values()):
            error = draws.std() / math.sqrt(draws.size)
            assert abs(draws.mean() - means[i, s]) <= 4.5 * error + 1e-12


def test_draws_have_the_variance_and_correlation_of_the_posterior(library):
    found = after(library, weighed("f", 25.0, 5), weighed("g", 14.0, 2))
    source = Source(1, 40_000)
    given = found.posterior.given(source)
    drawn_by_key = np.stack([given[key][1] for key in found.posterior.keys])
    error = 4 / math.sqrt(source.draws)
    np.testing.assert_allclose(np.cov(drawn_by_key), found.posterior.covariance, atol=2 * error)
    np.testing.assert_allclose(drawn_by_key.mean(axis=1), found.posterior.mean, atol=error)


def test_families_nobody_touched_keep_their_own_draws(library):
    found = after(library, weighed("f", 25.0, 5))
    source = Source(1, 100)
    source.given.update(found.posterior.given(source))
    key = "family/voice_coil/other"
    np.testing.assert_array_equal(source.normal(key), Source(1, 100).normal(key))


def test_a_fan_looked_at_is_or_is_not_and_the_others_are_more_or_less_likely(library):
    alpha, beta = 1.3, 5.2  # fan-standard of data/content/ndfeb_share.csv
    found = after(library, looked_at("m/yes", True), looked_at("m/no", False))
    rows = [
        {"item_class": FAN, "family_key": "m", "part_key": f"m/{k}"} for k in ("yes", "no", "x")
    ]
    mass = mean_unit_masses(parts_of(*rows), found)[0][:, found.series.index(("fan_rotor", "mass"))]
    whole = mean_unit_masses(parts_of(rows[2]), library)[0][
        0, found.series.index(("fan_rotor", "mass"))
    ]
    whole /= alpha / (alpha + beta)
    chance = (alpha + 1) / (alpha + beta + 2)
    by_part = dict(zip(("yes", "no", "x"), mass, strict=True))
    assert by_part == pytest.approx({"yes": whole, "no": 0, "x": chance * whole})


def test_a_fan_looked_at_is_so_in_every_draw(library):
    found = after(library, looked_at("m/yes", True), looked_at("m/no", False))
    rows = [{"item_class": FAN, "family_key": "m", "part_key": f"m/{k}"} for k in ("yes", "no")]
    yes = drawn(found, parts_of(*rows), [1, 0])["fan_rotor", "mass"]
    no = drawn(found, parts_of(*rows), [0, 1])["fan_rotor", "mass"]
    assert (yes > 0).all() and not no.any()


def test_a_part_number_looked_at_twice_counts_once(library):
    once = after(library, looked_at("m/yes", True))
    twice = after(library, looked_at("m/yes", True), looked_at("m/yes", True))
    assert once.classes[FAN].magnets[0].share == twice.classes[FAN].magnets[0].share == (2.3, 5.2)


def test_classes_that_share_their_chance_learn_from_each_other(library):
    found = after(library, looked_at("m/p", True, "fan-40-standard"))
    assert found.classes[FAN].magnets[0].share == (2.3, 5.2)


def test_an_assay_moves_the_mean_of_its_vintage_by_hand(library):
    # a normal mean and one composite below it, the instrument wrong by 3 %
    before = library.alloy("sintered-voice-coil", "from-2013")["ree_total"]
    found = after(library, assayed(value=0.27))
    error = 0.03 * before.mean
    gain = before.variance / (before.variance + error**2)
    alloy = found.alloy("sintered-voice-coil", "from-2013")
    expected = before.mean + gain * (0.27 - before.mean)
    assert alloy["ree_total"].mean == pytest.approx(expected, rel=1e-5)
    assert alloy["ree_total"].variance == pytest.approx(before.variance * (1 - gain), rel=1e-4)
    old = found.alloy("sintered-voice-coil", "to-2012")["ree_total"]
    assert old == library.alloy("sintered-voice-coil", "to-2012")["ree_total"]


def test_an_assay_leaves_the_scatter_between_families(library):
    found = after(library, assayed("dy", 0.009, n_pieces=20, n_families=20))
    new, old = (lib.alloy("sintered-voice-coil", "from-2013") for lib in (found, library))
    for name in ("dy_family_shape", "pr_share_alpha", "pr_share_beta", "ree_total"):
        assert new[name] == old[name]
    assert new["dy_mean"].value > old["dy_mean"].value
    assert new["dy_mean"].log_sd < old["dy_mean"].log_sd


def test_few_families_tell_little_of_dysprosium(library):
    sds = [
        after(library, assayed("dy", 0.005, n_pieces=n, n_families=n))
        .alloy("sintered-voice-coil", "from-2013")["dy_mean"]
        .log_sd
        for n in (1, 10, 1000)
    ]
    assert sds == sorted(sds, reverse=True)
    assert sds[0] > 0.97 * library.alloy("sintered-voice-coil", "from-2013")["dy_mean"].log_sd


def test_two_assays_on_one_instrument_share_its_error(library):
    def variance(*scales):
        rows = [assayed(value=0.28, scale=s, note=str(i)) for i, s in enumerate(scales)]
        return after(library, *rows).alloy("sintered-voice-coil", "from-2013")["ree_total"].variance

    assert variance("a", "a") == pytest.approx(variance("a"), rel=1e-5)
    assert variance("a", "b") < variance("a")


def test_the_log_of_a_mean_over_pieces_has_the_variance_drawn(library):
    magnet = library.classes[AIR].magnets[1]
    assert magnet.location == "voice_coil"
    rng = np.random.default_rng(1)
    means = np.exp(PIECE * rng.standard_normal((40_000, 5))).mean(axis=1)
    assert np.log(means).var() == pytest.approx(sampling_variance(magnet, 5), rel=0.03)
