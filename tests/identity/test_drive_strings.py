"""Laws on every labelled drive string: what the part number tells, and what it never invents."""

import re

import polars as pl
import pytest

from valuation.identity.capacity import sold_sizes
from valuation.identity.text import clean

SAME_SIZE = 0.03
"""A capacity nearer than this is the same: drives report what is left after formatting. [1]"""


@pytest.fixture(scope="module")
def read(tables, result_of):
    """Every labelled drive string beside what is read from the string alone."""
    labels = tables.frame("drive_string")
    found = result_of(*labels["model"]).items.rename(lambda name: f"found_{name}")
    return pl.concat([labels, found], how="horizontal")


def right(read, column, tolerance):
    """Of the strings labelled with a number: labelled, answered, and rightly answered."""
    labelled = read.drop_nulls(column)
    answered = labelled.drop_nulls(f"found_{column}")
    off = (answered[f"found_{column}"] / answered[column] - 1).abs()
    return labelled, answered, answered.filter(off <= tolerance)


def test_no_drive_is_called_another_kind(read):
    called = pl.col("found_kind")
    wrong = read.filter((called != pl.col("kind")) & (called != "unidentified"))
    assert wrong.select("model", "kind", "found_kind").rows() == []
    open_ones = read.filter(called == "unidentified")
    assert len(open_ones) <= 0.005 * len(read), open_ones["model"].to_list()


def test_capacity_is_read_from_nearly_every_string_and_hardly_ever_wrong(read):
    labelled, answered, good = right(read, "capacity_gb", SAME_SIZE)
    assert len(good) >= 0.95 * len(labelled)
    wrong = answered.join(good, on="model", how="anti")
    assert len(wrong) <= 0.005 * len(labelled), wrong["model"].to_list()


def test_a_capacity_that_is_read_is_a_sold_one_or_written_in_the_string(tables, read):
    sizes = sold_sizes(tables)
    rows = read.drop_nulls("found_capacity_gb").select(
        "model", "found_kind", "found_capacity_gb", "capacity_gb"
    )
    odd = [
        (model, gigabytes)
        for model, kind, gigabytes, labelled in rows.iter_rows()
        if gigabytes not in sizes.of(kind)
        and not (labelled and abs(gigabytes / labelled - 1) <= SAME_SIZE)
        and f"{gigabytes:g}" not in model
    ]
    assert odd == []


def test_a_capacity_is_never_invented(read):
    unsaid = read.filter(~pl.col("model").str.contains(r"\d"))
    assert unsaid["found_capacity_gb"].null_count() == len(unsaid)


def test_form_factor_is_read_from_most_strings_and_rightly(read):
    labelled, answered, good = right(read, "form_factor_in", 0)
    assert len(answered) >= 0.95 * len(labelled)
    wrong = answered.join(good, on="model", how="anti")
    assert len(wrong) <= 0.005 * len(answered), wrong["model"].to_list()


def test_speed_is_read_from_most_strings_and_rightly(read):
    # Makers round: what is sold as 5400 turns at 5200 to 5900.
    labelled, answered, good = right(read, "rpm", 0.1)
    assert len(answered) >= 0.95 * len(labelled)
    wrong = answered.join(good, on="model", how="anti")
    assert len(wrong) <= 0.005 * len(answered), wrong["model"].to_list()


def test_no_hard_drive_speaks_nvme_and_no_ssd_turns(read):
    hdd, ssd = (read.filter(pl.col("found_kind") == kind) for kind in ("hdd", "ssd"))
    assert "nvme" not in set(hdd["found_interface"])
    assert ssd["found_rpm"].null_count() == len(ssd)
    assert set(hdd["found_form_factor_in"].drop_nulls()) <= {1.8, 2.5, 3.5}


def test_a_fast_or_serial_scsi_drive_is_no_desktop_drive(read):
    hdd = read.filter(pl.col("found_kind") == "hdd")
    fast = hdd.filter(
        (pl.col("found_rpm") >= 10_000) | pl.col("found_interface").is_in(["sas", "fc", "scsi"])
    )
    assert len(fast) > 10
    trade = fast["found_item_class"].str.extract("(desktop|notebook)").drop_nulls()
    assert trade.to_list() == []


@pytest.mark.parametrize(
    "spell",
    [
        str.lower,
        lambda text: f"  {text} ",
        lambda text: text.replace(" ", "_"),
        lambda text: text.replace(" ", "  "),
        lambda text: text.replace(" ", "\u00a0"),
    ],
    ids=["lower case", "blanks around", "underscores", "double blanks", "hard blanks"],
)
def test_spelling_does_not_change_what_a_drive_is(read, result_of, spell):
    said = ["kind", "item_class", "capacity_gb", "form_factor_in", "rpm", "interface"]
    other = result_of(*(spell(model) for model in read["model"])).items.select(said)
    first = read.select(pl.col(f"found_{name}").alias(name) for name in said)
    changed = pl.Series(
        [model for model, a, b in zip(read["model"], first.rows(), other.rows(), strict=True)
         if a != b], dtype=pl.String,
    )  # fmt: skip
    assert changed.to_list() == []


def test_a_hard_drive_whose_dashes_became_blanks_is_the_same(read, result_of):
    dashed = read.filter((pl.col("kind") == "hdd") & pl.col("model").str.contains("-"))
    assert len(dashed) > 500
    other = result_of(*(model.replace("-", " ") for model in dashed["model"])).items
    for name in ("kind", "item_class", "capacity_gb"):
        assert other[name].to_list() == dashed[f"found_{name}"].to_list()


def test_a_makers_name_in_its_own_column_reads_like_one_in_the_model(read, result_of):
    both = read.filter(
        pl.col("model").str.contains(r"^(?:TOSHIBA|HGST|INTEL|SAMSUNG|KINGSTON) \S+$")
    )
    assert len(both) > 300
    parts = [model.split(" ", 1) for model in both["model"]]
    apart = result_of(*({"manufacturer": m, "model": rest} for m, rest in parts)).items
    assert apart["kind"].to_list() == both["found_kind"].to_list()
    assert apart["item_class"].to_list() == both["found_item_class"].to_list()
    assert apart["capacity_gb"].to_list() == both["found_capacity_gb"].to_list()


def test_siblings_of_one_series_are_of_one_kind(tables):
    kinds = tables.frame("drive_string").group_by("series").agg(pl.col("kind").n_unique())
    assert kinds.filter(pl.col("kind") > 1)["series"].to_list() == []


def test_every_label_is_a_number_a_drive_can_have(tables):
    labels = tables.frame("drive_string")
    assert labels["model"].str.contains(r"\.\.\.|…").sum() == 0
    assert (
        labels.filter(pl.col("kind") == "ssd")["rpm"].null_count()
        == (labels["kind"] == "ssd").sum()
    )
    assert labels["rpm"].drop_nulls().is_between(3600, 15000).all()
    assert labels["capacity_gb"].drop_nulls().is_between(1, 150_000).all()
    assert set(labels["form_factor_in"].drop_nulls()) <= {2.5, 3.5}


def test_patterns_of_drives_match_their_own_example(tables):
    drives = tables.frame("grammar").filter(
        pl.col("kind").is_in(["hdd", "ssd", "tape_drive", "optical_drive"])
    )
    for row in drives.iter_rows(named=True):
        found = re.search(rf"(?<![A-Z0-9])(?:{row['pattern']})", clean(row["example"]))
        assert found, row["grammar_id"]
