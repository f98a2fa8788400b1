"""Pooling by research group: laws, limits, and a second method on a finer grid and by chance."""

import math
from itertools import permutations

import numpy as np
import pytest

from valuation.content.model.pooling import Between, Normal, Reading, by_group, pool

USUAL = Between(tau_scale=0.3, degrees_of_freedom=4)
GAUSSIAN = Between(tau_scale=0.3, degrees_of_freedom=math.inf)


def readings_of(*estimates, error=0.1):
    """One reading per group, in order."""
    return [Reading(estimate, error, f"g{i}") for i, estimate in enumerate(estimates)]


def test_equal_evidence_gives_its_mean():
    pooled = pool(readings_of(1.0, 1.4, 1.8), USUAL)
    assert pooled.mean == pytest.approx(1.4, abs=1e-9)
    assert pooled.sway[0] == pytest.approx(pooled.sway[2])


def test_one_reading_gives_itself_and_the_doubt_of_a_single_group():
    pooled = pool([Reading(2.0, 0.1, "g")], USUAL)
    assert pooled.mean == pytest.approx(2.0, abs=1e-9)
    assert pooled.sd > 0.3  # its own error and what one more group might find


@pytest.mark.parametrize("copies", [2, 5, 40])
def test_many_rows_of_one_group_count_as_one(copies):
    others = readings_of(1.0, 1.2)
    once = pool([*others, Reading(2.0, 0.1, "many")], USUAL)
    often = pool([*others, *[Reading(2.0, 0.1, "many")] * copies], USUAL)
    assert often.mean == once.mean and often.sd == once.sd


def test_rows_of_a_group_meet_between_and_keep_what_they_differ_by():
    (group,) = by_group([Reading(1.0, 0.2, "g"), Reading(2.0, 0.2, "g")])
    assert group.estimate == pytest.approx(1.5)
    assert group.error == pytest.approx(math.hypot(0.2, 0.5))
    surer = by_group([Reading(1.0, 0.1, "g"), Reading(2.0, 0.4, "g")])[0]
    assert surer.estimate == pytest.approx((1.0 * 16 + 2.0) / 17)  # weights 1/error^2


def test_order_does_not_matter_to_the_last_bit():
    readings = [Reading(1.0, 0.1, "c"), Reading(1.9, 0.3, "a"), Reading(1.2, 0.2, "b"),
                Reading(1.3, 0.2, "a")]  # fmt: skip
    found = {(p.mean, p.sd) for p in (pool(order, USUAL) for order in permutations(readings))}
    assert len(found) == 1


@pytest.mark.parametrize("shift", [-3.7, 0.1, 250.0])
def test_a_shift_of_all_readings_shifts_the_mean_and_nothing_else(shift):
    readings = [Reading(1.0, 0.1, "a"), Reading(1.6, 0.3, "b"), Reading(1.2, 0.05, "c")]
    moved = [Reading(r.estimate + shift, r.error, r.group_id) for r in readings]
    one, other = pool(readings, USUAL), pool(moved, USUAL)
    assert other.mean - one.mean == pytest.approx(shift, abs=1e-9)
    assert (other.sd, other.tau_mean) == pytest.approx((one.sd, one.tau_mean), rel=1e-8)


@pytest.mark.parametrize("scale", [0.01, 100.0])
def test_another_unit_gives_the_same_answer_in_that_unit(scale):
    readings = readings_of(1.0, 1.5, 1.1)
    larger = [Reading(r.estimate * scale, r.error * scale, r.group_id) for r in readings]
    one, other = pool(readings, USUAL), pool(larger, Between(0.3 * scale, 4))
    assert other.mean == pytest.approx(one.mean * scale, rel=1e-9)
    assert other.sd == pytest.approx(one.sd * scale, rel=1e-9)


def test_an_outlier_pulls_less_than_on_a_gaussian_and_less_the_farther_it_lies():
    near = readings_of(1.0, 1.1, 0.9, 1.05, 0.95)
    pulls = []
    for distance in (1.5, 3.0, 6.0):
        outlier = [*near, Reading(1.0 + distance, 0.1, "far")]
        heavy, light = pool(outlier, USUAL).mean - 1, pool(outlier, GAUSSIAN).mean - 1
        assert 0 < heavy < 0.7 * light
        pulls.append(heavy / distance)
    assert pulls == sorted(pulls, reverse=True)


def test_more_groups_narrow_the_mean():
    sds = [pool(readings_of(*([1.0, 1.4] * n)), USUAL).sd for n in (1, 2, 4, 8)]
    assert sds == sorted(sds, reverse=True)
    assert sds[-1] < 0.5 * sds[0]


def test_surer_readings_narrow_the_mean_and_weigh_more():
    wide, sure = ([Reading(1.0, error, "a"), Reading(1.2, 0.2, "b")] for error in (0.4, 0.05))
    assert pool(sure, USUAL).sd < pool(wide, USUAL).sd
    assert pool(sure, USUAL).sway[0] > 0.5 > pool(wide, USUAL).sway[0]


def test_tau_grows_with_disagreement_and_so_does_what_a_new_group_may_find():
    found = [pool(readings_of(1 - d, 1.0, 1 + d), USUAL) for d in (0.0, 0.2, 0.5, 1.0)]
    taus = [pooled.tau_mean for pooled in found]
    assert taus == sorted(taus) and taus[-1] > 2 * taus[0]
    new = [pooled.new_group_sd for pooled in found]
    assert new == sorted(new)
    assert all(pooled.new_group_sd > pooled.sd for pooled in found)


def test_the_sway_is_how_far_the_mean_follows_a_reading_and_adds_up_to_one():
    readings = [Reading(1.0, 0.1, "a"), Reading(1.6, 0.3, "b"), Reading(1.2, 0.2, "c")]
    pooled = pool(readings, USUAL)
    assert pooled.sway.sum() == pytest.approx(1, abs=1e-6)
    step = 1e-4
    for i, reading in enumerate(readings):
        moved = [*readings]
        moved[i] = Reading(reading.estimate + step, reading.error, reading.group_id)
        follows = (pool(moved, USUAL).mean - pooled.mean) / step
        assert pooled.sway[i] == pytest.approx(follows, abs=2e-3)


def test_an_independent_prior_pulls_by_its_precision():
    readings = [Reading(1.0, 0.1, "a"), Reading(1.0, 0.1, "b")]
    alone = pool(readings, USUAL)
    pulled = pool(readings, USUAL, Normal(1.0 + alone.sd, alone.sd))  # no quarrel with the readings
    assert 0.25 * alone.sd < pulled.mean - 1 < 0.75 * alone.sd
    assert pulled.sd < alone.sd
    assert pool(readings, USUAL, Normal(2.0, 1e3)).mean == pytest.approx(1.0, abs=1e-3)


def test_the_chance_below_is_half_at_the_mean_and_goes_from_nothing_to_all():
    pooled = pool(readings_of(1.0, 1.2, 1.4), USUAL)
    chances = [pooled.chance_below(x, 0.1) for x in (-9.0, 0.5, pooled.mean, 2.0, 11.0)]
    assert chances == sorted(chances)
    assert chances[2] == pytest.approx(0.5, abs=1e-6)
    assert chances[0] < 1e-3 and chances[4] > 1 - 1e-3


def test_without_differences_between_groups_it_is_the_weighted_mean():
    readings = [Reading(1.0, 0.1, "a"), Reading(1.3, 0.2, "b")]
    pooled = pool(readings, Between(1e-4, 4))
    assert pooled.mean == pytest.approx((1.0 * 100 + 1.3 * 25) / 125, abs=1e-3)
    assert pooled.sd == pytest.approx(1 / math.sqrt(125), rel=0.02)


def test_a_finer_grid_by_another_rule_finds_the_same():
    """Brute force: dense mu and tau, the t convolved with the error by the trapezoid over theta."""
    readings = [Reading(0.0, 0.12, "a"), Reading(0.35, 0.2, "b"), Reading(-0.4, 0.15, "c")]
    mu = np.linspace(-3, 3, 601)
    tau = np.linspace(0.002, 1.6, 160)
    offset = np.linspace(-12, 12, 2401)
    posterior = np.exp(-0.5 * (tau / 0.3) ** 2)[None, :].repeat(len(mu), axis=0)
    for reading in readings:
        for j, scale in enumerate(tau):
            density = (1 + (offset / scale) ** 2 / 4) ** -2.5 / scale
            noise = np.exp(-0.5 * (offset / reading.error) ** 2)
            if scale < 0.02:  # the t is narrower than the grid: the reading's error is all there is
                blurred = noise / noise.sum()
            else:
                blurred = np.convolve(density, noise, mode="same")
                blurred /= blurred.sum()
            posterior[:, j] *= np.interp(reading.estimate - mu, offset, blurred)
    posterior /= posterior.sum()
    mean = float(posterior.sum(axis=1) @ mu)
    sd = math.sqrt(float(posterior.sum(axis=1) @ (mu - mean) ** 2))
    pooled = pool(readings, USUAL)
    assert pooled.mean == pytest.approx(mean, abs=0.004)
    assert pooled.sd == pytest.approx(sd, rel=0.02)
    assert pooled.tau_mean == pytest.approx(float(posterior.sum(axis=0) @ tau), rel=0.03)


@pytest.mark.long
def test_a_left_out_group_is_foretold_as_often_as_the_model_says(rng):
    """Groups made as the model says they are: where they lie in the forecast is uniform."""
    chances = []
    for _ in range(300):
        tau = 0.3 * abs(rng.standard_normal())
        errors = rng.uniform(0.05, 0.3, 4)
        truths = 5 + tau * rng.standard_t(4, 4)
        estimates = truths + errors * rng.standard_normal(4)
        readings = [Reading(float(e), float(s), f"g{i}")
                    for i, (e, s) in enumerate(zip(estimates, errors, strict=True))]  # fmt: skip
        chances.append(
            pool(readings[:3], USUAL).chance_below(readings[3].estimate, readings[3].error)
        )
    inside = np.mean([0.1 <= chance <= 0.9 for chance in chances])
    assert 0.8 - 3 * 0.023 < inside < 0.8 + 3 * 0.023  # three binomial errors of 300
    assert np.mean(chances) == pytest.approx(0.5, abs=3 * 0.0167)


@pytest.mark.parametrize(
    ("readings", "between", "reason"),
    [
        ([], USUAL, "no reading"),
        ([Reading(1.0, 0.0, "a")], USUAL, "above zero"),
        ([Reading(1.0, 0.1, "a")], Between(0.0, 4), "above zero"),
    ],
)
def test_what_cannot_be_pooled_is_refused(readings, between, reason):
    with pytest.raises(ValueError, match=reason):
        pool(readings, between)
