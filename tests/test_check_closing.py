"""Fractions that cannot close: magnets with no place in what their class leaves for them."""

from tests.test_check import before, damage, folder, new_problems

__all__ = ["before", "folder"]


def test_magnets_that_have_no_place_in_their_class_are_refused(folder, before):
    """6 + 0.8 g of a drive of 220 g whose remainder is 5.5 %: 16 g would be 7.6 %."""
    file, key = "content/magnet_mass.csv", ("hdd-2.5-enterprise", "voice_coil")
    damage(folder, file, key, "high", "20")
    row = damage(folder, file, key, "value", "16")
    (problem,) = new_problems(folder, before)
    assert (problem.file, problem.row, problem.column) == (file, row, "value")
    assert "makes magnets 0.0764 of hdd-2.5-enterprise, whose remainder leaves 0.055" in str(
        problem
    )
