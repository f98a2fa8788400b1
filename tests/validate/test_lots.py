"""The lot of a case: what is given by mass weighs that in every draw, and the rest scales."""

from dataclasses import replace

import numpy as np
import pytest

from valuation.content.library import load_library
from valuation.shapes import MASS
from valuation.uncertain import Source
from valuation.validate import read_cases
from valuation.validate.lots import case_content


@pytest.fixture(scope="module")
def library(tables):
    return load_library(tables)


@pytest.fixture(scope="module")
def cases(tables):
    return {case["case_id"]: case for case in read_cases(tables)}


def given(case, **cells):
    return replace(case, row={**case.row, **cells})


def test_kit_weighs_what_was_received_in_every_draw(cases, library):
    chunk = case_content(cases["pilot-oxide-drives-only"], library, Source(1, 200))
    np.testing.assert_allclose(chunk.gross_draws_kg, 22_700, rtol=1e-4)


def test_what_holds_nothing_takes_its_share_of_the_weight(cases, library):
    chunk = case_content(cases["pilot-oxide-as-sent"], library, Source(1, 200))
    assert (chunk.gross_draws_kg < 22_700).all()
    assert chunk.gross_mean_kg[0] == pytest.approx(0.8 * 22_700, rel=0.03)


def test_magnet_feed_is_magnet_of_the_boundary_and_nothing_else(cases, library):
    chunk = case_content(cases["ionic-commercial"], library, Source(1, 200))
    place = chunk.series.index(("voice_coil", MASS))
    np.testing.assert_allclose(chunk.draws_kg[place], 1_200_000, rtol=1e-4)
    others = [i for i, (stream, _) in enumerate(chunk.series) if stream != "voice_coil"]
    assert not chunk.draws_kg[others].any()


@pytest.mark.parametrize("case_id", ["retired-us-magnet", "seagate-returns-2023"])
def test_twice_the_amount_is_twice_the_content(cases, library, case_id):
    case = cases[case_id]
    once = case_content(case, library, Source(1, 200))
    twice = case_content(given(case, amount=2 * case["amount"]), library, Source(1, 200))
    np.testing.assert_allclose(twice.mean_kg, 2 * once.mean_kg, rtol=1e-3)


def test_a_mix_of_one_class_has_the_analytic_mean(cases, library):
    chunk = case_content(cases["birmingham-100-drives"], library, Source(1, 50))
    place = chunk.series.index(("voice_coil", MASS))
    sampled = float(chunk.draws_kg[place].mean())
    assert chunk.mean_kg[place, 0] != pytest.approx(sampled, rel=1e-4)
    (magnet,) = [
        m for m in library.classes["hdd-3.5-desktop"].magnets if m.location == "voice_coil"
    ]
    assert chunk.mean_kg[place, 0] == pytest.approx(100 * magnet.mean_g / 1000, rel=1e-9)


def test_a_drawn_mix_is_wider_than_a_mix_that_is_known(cases, library):
    case = cases["seagate-returns-2023"]
    exact = tuple(
        replace(row, share=replace(row.share, kind="exact", low=None, high=None))
        for row in case.mix
    )
    place = library.series.index(("voice_coil", MASS))
    drawn = case_content(case, library, Source(1, 1000)).draws_kg[place, 0]
    known = case_content(replace(case, mix=exact), library, Source(1, 1000)).draws_kg[place, 0]
    assert np.log(drawn).std() > np.log(known).std()
