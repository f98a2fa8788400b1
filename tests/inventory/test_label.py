"""Totals, told from items whose text has such words."""

import polars as pl
import pytest

from valuation.inventory.label import CELL_SEPARATOR, EMPTY_ROW, REPEATED_HEADER, TotalLabels
from valuation.tables import Tables


@pytest.fixture(scope="module")
def labels(tables: Tables) -> TotalLabels:
    return TotalLabels.from_tables(tables)


def may_be_total(cells: list[str], labels: TotalLabels) -> bool:
    row = pl.DataFrame({str(place): [cell] for place, cell in enumerate(cells)})
    return bool(row.select(labels.may_be_total(row.columns)).item())


@pytest.mark.parametrize(
    "cells",
    [
        ["Total"],
        ["TOTAL:", "45"],
        ["Subtotal", "1,234.50 kg", "$ 99.00"],
        ["Sub-total DO-1001", "114"],
        ["Grand Total", "570", "USD 12,000"],
        ["Dell Total", "12"],
        ["Total units: 45"],
        ["Total for order DO-7", "12"],
        ["DO-24117", "Subtotal", "45"],
        ["Gesamtsumme", "12,5 kg"],
        ["합계", "30대"],
        ["Subtotal Seagate", "6", "1.8"],
        ["Gesamtsumme Halle West", "6"],
        ["Total (3 lines)", "6"],
        ["Dell Count", "3"],
        ["Total number of items", "45"],
        ["Total: 45 units, 3 lots"],
        ["Total servers", "5"],
        ["TOTAL LOT 7", "45"],
        ["Gesamtanzahl", "5 Stk"],
        ["총계 (대)", "5"],
        ["合计", "5"],
        ["Итого:", "45"],
    ],
)
def test_a_row_with_a_label_and_figures_is_a_total(cells: list[str], labels: TotalLabels) -> None:
    assert labels.is_total((), cells)
    assert may_be_total(cells, labels)
    assert labels.judge(CELL_SEPARATOR.join(["", *cells, ""])) == "total"


@pytest.mark.parametrize(
    ("naming", "others"),
    [
        (["Total Phase Beagle 480"], []),
        (["PowerEdge R740"], ["Total"]),
        (["R740"], ["Subtotal", "3"]),
        ([], ["TotalView Systems", "Server"]),
        (["Total Access 908e"], ["Adtran"]),
        (["Total Access"], ["6"]),
        (["R740", "Subtotal Seagate"], ["6"]),
        (["summary drive"], []),
        (["Suma PDU"], ["1"]),
        (["SUM-2"], ["Cisco", "1"]),
        (["IBM TotalStorage DS4300"], ["1"]),
        (["Summit X460"], ["4"]),
        (["Total 24-port hub"], ["1"]),
        (["Total Access 616"], ["1"]),
        ([], []),
    ],
)
def test_a_row_that_names_an_item_is_no_total(
    naming: list[str], others: list[str], labels: TotalLabels
) -> None:
    assert not labels.is_total(naming, others)


def test_only_what_holds_a_label_or_letters_of_other_scripts_is_looked_at_closely(
    labels: TotalLabels,
) -> None:
    assert not may_be_total(["Seagate", "ST4000NM0033", "", "4 TB", "\x7f\x00"], labels)
    written = ["Sub-Total", "T o t a l:", "SUMME", "\u03a3", "\U0001d6ba", "\uff34otal", "f\u00fcr"]
    assert all(may_be_total(["Seagate", text], labels) for text in written)


def test_a_description_that_begins_with_a_slot_is_a_place(labels: TotalLabels) -> None:
    places = ["Slot 3", "slot 1 - 48 ports", "Linecard(slot 2)", "module 0 - built-in", "FPC 1"]
    assert [text for text in places if not labels.is_place(text)] == []
    assert not any(
        map(labels.is_place, ["", "Slotted screw", "8 slot chassis", "Modular 3", "F 1"])
    )


def test_odd_rows_are_judged_by_what_they_hold(labels: TotalLabels) -> None:
    assert labels.judge(REPEATED_HEADER) == "repeated_header"
    assert labels.judge(EMPTY_ROW + CELL_SEPARATOR * 3) == "blank"
    assert labels.judge(EMPTY_ROW + CELL_SEPARATOR + "end of list") == "no_item"
    assert labels.judge("Adtran" + CELL_SEPARATOR + "Total Access") is None
