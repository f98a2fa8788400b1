"""Capacity: printed numbers become the sizes that are sold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.identity.capacity import amounts_gb, column_gb, nominal_gb, readings, sold_sizes
from valuation.identity.text import clean


@pytest.mark.parametrize(
    ("kind", "printed", "size_gb"),
    [
        ("hdd", "10.913 TB", 12000),  # 10.913 x 1.024^4 = 11.999 TB
        ("hdd", "931.512 GB", 1000),
        ("ssd", "446.102 GB", 480),
        ("ssd", "372.611 GB", 400),
        ("hdd", "2.181 TB", 2400),
        ("hdd", "1.090 TB", 1200),
        ("hdd", "3.637 TB", 4000),
        ("hdd", "7.276 TB", 8000),
        ("hdd", "14.551 TB", 16000),
        ("hdd", "558.911 GB", 600),
        ("hdd", "278.875 GB", 300),
        ("hdd", "136.125 GB", 146),
        ("ssd", "1.746 TB", 1920),
        ("ssd", "893.137 GB", 960),
        ("ssd", "894.252 GB", 960),
        ("ssd", "6.985 TB", 7680),
        ("hdd", "4.00 GB [4,000,787,030,016 bytes]", 4000),
        ("hdd", "1.636 TB", 1800),
        ("hdd", "1.819 TB", 2000),  # binary 2 TB, although 1.8 TB drives are sold too
        ("hdd", "1.8 TB", 1800),
        ("hdd", "1,8 TB", 1800),
        ("hdd", "600 ,0 GB", 600),
        ("hdd", "600,0 GB", 600),
        ("hdd", "1,200 GB", 1200),
        ("hdd", "1.200 GB", 1200),
        ("hdd", "3.6TiB", 4000),
        ("hdd", "4 TiB", 4000),  # a decimal size under a binary name
        ("hdd", "14 TiB", 14000),
        ("ssd", "13.97 TiB", 15360),
        ("hdd", "4,000,787,030,016 bytes [4.00 GB]", 4000),
        ("hdd", "4000787030016", 4000),
        ("ssd", "960", 960),
        ("ssd", "1.92TB", 1920),
        ("ssd", "7.6 TB", 7680),  # cut, not rounded
    ],
)
def test_a_printed_capacity_is_a_sold_size(tables, kind, printed, size_gb):
    assert column_gb(clean(printed), sold_sizes(tables).of(kind)) == size_gb


@pytest.mark.parametrize("text", ["", "7", "12Gb/s SAS", "4x 10GbE", "unknown", "6GB/S", "12G SAS"])
def test_what_is_no_capacity_gives_none(tables, text):
    assert column_gb(clean(text), sold_sizes(tables).of("hdd")) is None


def test_a_text_gives_every_amount_in_order(tables):
    found = amounts_gb(clean("2x3TB SATA and 480 GB SSD, 12Gb/s"), sold_sizes(tables).of(""))
    assert [gigabytes for gigabytes, _ in found] == [3000, 480]


@given(st.sampled_from(["hdd", "ssd"]), st.integers(0, 40), st.sampled_from([1, 2, 3]))
def test_a_sold_size_printed_in_binary_units_comes_back(tables, kind, which, decimals):
    sizes = [s for s in sold_sizes(tables).of(kind) if s >= 1000]
    size = sizes[which % len(sizes)]
    printed = f"{size * 1e9 / 2**40:.{decimals}f} TiB"
    assert abs(column_gb(printed.upper(), sold_sizes(tables).of(kind)) / size - 1) < 0.06
    if decimals == 3:
        assert column_gb(printed.upper(), sold_sizes(tables).of(kind)) == size


@given(st.sampled_from(["hdd", "ssd"]), st.integers(0, 60))
def test_a_sold_size_is_its_own_nominal_size(tables, kind, which):
    sizes = sold_sizes(tables).of(kind)
    size = sizes[which % len(sizes)]
    assert nominal_gb(size, 1, sizes) == size
    assert column_gb(f"{size:g} GB", sizes) == size


@given(st.integers(0, 10**9))
def test_separators_of_thousands_do_not_change_a_number(number):
    assert (float(number), 1.0) in readings(f"{number:,}")
