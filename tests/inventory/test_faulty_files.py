"""Small files, each with one fault or quirk, each with the account it must come to."""

import gzip
import io
import random
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa
import pytest

from tests.inventory.conftest import Read, Reader

HEADER = b"Model,Serial,Description,Qty\n"
LINE = b"R740,S-%d,server,1\n"


def lines(count: int) -> bytes:
    return b"".join(LINE % (1000 + i) for i in range(count))


class Fault(NamedTuple):
    """Content of a file; lines read, loaded, set aside, ignored; why those were set aside."""

    content: bytes
    account: tuple[int, int, int, int]
    reasons: Mapping[str, int] = MappingProxyType({})


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


FAULTS = {
    "clean": Fault(HEADER + lines(3), (3, 3, 0, 0)),
    "header only": Fault(HEADER, (0, 0, 0, 0)),
    "header without line end": Fault(HEADER.strip(), (0, 0, 0, 0)),
    "last line without line end": Fault((HEADER + lines(3)).rstrip(b"\n"), (3, 3, 0, 0)),
    "carriage returns and line feeds": Fault(
        (HEADER + lines(3)).replace(b"\n", b"\r\n"), (3, 3, 0, 0)
    ),
    "carriage returns only": Fault((HEADER + lines(3)).replace(b"\n", b"\r"), (3, 3, 0, 0)),
    "mixed line ends": Fault(HEADER + b"a,S1,b,1\r\nc,S2,d,2\re,S3,f,3\n", (3, 3, 0, 0)),
    "blank lines inside": Fault(HEADER + b"\n" + lines(1) + b"\n\n" + lines(1), (5, 2, 0, 3)),
    "blank lines at the end": Fault(HEADER + lines(2) + b"\n\n\n", (5, 2, 0, 3)),
    "lines of separators": Fault(HEADER + b",,,\n" + lines(1) + b" , ,,\n", (3, 1, 0, 2)),
    "byte-order mark": Fault(b"\xef\xbb\xbf" + HEADER + lines(2), (2, 2, 0, 0)),
    "utf-16 little endian": Fault(
        b"\xff\xfe" + (HEADER + lines(2)).decode().encode("utf-16-le"), (2, 2, 0, 0)
    ),
    "utf-16 big endian": Fault(
        b"\xfe\xff" + (HEADER + lines(2)).decode().encode("utf-16-be"), (2, 2, 0, 0)
    ),
    "utf-16 without mark": Fault((HEADER + lines(2)).decode().encode("utf-16-le"), (2, 2, 0, 0)),
    "cp1252": Fault(HEADER + "Köln,S1,“x”,1\n".encode("cp1252"), (1, 1, 0, 0)),
    "byte that cp1252 does not have": Fault(HEADER + b"K\x81ln,S1,\xe9,1\n", (1, 1, 0, 0)),
    "one damaged line of two thousand": Fault(
        HEADER + "Kölner,S,ü,1\n".encode() * 2000 + b"K\xf6ln,S1,x,1\n",
        (2001, 2000, 1, 0),
        {"bad_encoding": 1},
    ),
    "NUL in a cell": Fault(HEADER + b"R7\x0040,S1,x,1\n" + lines(1), (2, 2, 0, 0)),
    "too many cells": Fault(
        HEADER + b"R740,S1,a, b,1\n" + lines(2), (3, 2, 1, 0), {"too_many_cells": 1}
    ),
    "too many cells, all blank": Fault(HEADER + b"R740,S1,a,1,,\n" + lines(2), (3, 3, 0, 0)),
    "too few cells": Fault(HEADER + b"R740,S1\n" + lines(2), (3, 3, 0, 0)),
    "a title among the lines": Fault(
        HEADER + lines(1) + b"Drives of hall 2\n" + lines(1), (3, 2, 1, 0), {"single_cell": 1}
    ),
    "a total of one cell": Fault(HEADER + lines(2) + b"Total: 2\n", (3, 2, 0, 1)),
    "another separator in one line": Fault(HEADER + lines(1) + b"R740;S1;server;1\n", (2, 2, 0, 0)),
    "another separator in one line, and a cell less": Fault(
        HEADER + lines(1) + b"R740;S1;server\n", (2, 1, 1, 0), {"single_cell": 1}
    ),
    "one cell a line in a narrow table": Fault(b"Model,Qty\nR740\nR640,2\n", (2, 2, 0, 0)),
    "cut last line": Fault(HEADER + lines(2) + b"R74", (3, 2, 1, 0), {"cut_line": 1}),
    "separator inside quotes": Fault(HEADER + b'R740,S1,"a, b",1\n', (1, 1, 0, 0)),
    "line break inside quotes": Fault(HEADER + b'R740,S1,"a\nb",1\n' + lines(1), (2, 2, 0, 0)),
    "blank line inside quotes": Fault(HEADER + b'R740,S1,"a\n\nb",1\n' + lines(1), (2, 2, 0, 0)),
    "doubled quotes": Fault(HEADER + b'R740,S1,"3.5"" drive",1\n', (1, 1, 0, 0)),
    "inch mark without quotes": Fault(HEADER + b'R740,S1,3.5" drive,1\n' * 9, (9, 9, 0, 0)),
    "inch mark inside quotes": Fault(HEADER + b'R740,S1,"3.5" drive",1\n', (1, 1, 0, 0)),
    "quote never closed": Fault(HEADER + b'R740,S1,"open,1\n' + lines(500), (501, 501, 0, 0)),
    "quote closed by a later stray": Fault(
        HEADER + b'R740,S1,"open,1\n' + lines(3) + b'R740,S1,x",1\n', (5, 5, 0, 0)
    ),
    "quote at the end of a line": Fault(HEADER + b'R740,S1,a,"\n' + lines(2), (3, 2, 1, 0)),
    "blank before a quote": Fault(HEADER + b'R740, S1, "a, b", 1\n', (1, 1, 0, 0)),
    "repeated header": Fault(HEADER + lines(1) + HEADER + lines(1), (3, 2, 0, 1)),
    "total": Fault(HEADER + lines(2) + b"Total,,,2\n", (3, 2, 0, 1)),
    "subtotals and grand total": Fault(
        HEADER + lines(1) + b",,Subtotal,1\n" + lines(1) + b"Dell Total,,,1\nGrand Total:,,,2\n",
        (5, 2, 0, 3),
    ),
    "total in a column not used": Fault(
        b"No,Model,Qty\n1,R740,2\n2,R640,3\nTotal,,5\n", (3, 2, 0, 1)
    ),
    "a maker called Total": Fault(
        b"Manufacturer,Model,Serial,Qty\nTotal,X1,S1,1\nTotal,,S2,1\n", (2, 2, 0, 0)
    ),
    "a sum without a label": Fault(HEADER + lines(2) + b",,,2\n", (3, 2, 1, 0), {"no_item": 1}),
    "unreadable quantity": Fault(
        HEADER + b"R740,S1,a,many\nR740,S2,a,1.5\n" + lines(1), (3, 1, 2, 0), {"bad_quantity": 2}
    ),
    "quantity of zero or less": Fault(HEADER + b"R740,S1,a,0\nR740,S2,a,-3\n", (2, 2, 0, 0)),
    "missing model": Fault(HEADER + b",S1,,1\n,,,2\n", (2, 1, 1, 0), {"no_item": 1}),
    "a remark beside the table": Fault(
        b"Model,Qty,Remarks\nR740,1,\n,,counted by hand\n", (2, 1, 1, 0), {"no_item": 1}
    ),
    "a remark with the word total": Fault(
        b"Model,Qty,Remarks\nR740,1,\n,,see the total below\n", (2, 1, 1, 0), {"no_item": 1}
    ),
    "lines of blanks of other kinds": Fault(
        HEADER + lines(1) + "\u00a0,\u3000,\t,\n".encode(), (2, 1, 0, 1)
    ),
    "title lines": Fault(b"Report\n\nas of,2026\n" + HEADER + lines(2), (2, 2, 0, 0)),
    "tabs": Fault((HEADER + lines(2)).replace(b",", b"\t"), (2, 2, 0, 0)),
    "semicolons": Fault((HEADER + lines(2)).replace(b",", b";"), (2, 2, 0, 0)),
    "pipes": Fault((HEADER + lines(2)).replace(b",", b"|"), (2, 2, 0, 0)),
    "one column": Fault(b"Model\nR740\nR640\n", (2, 2, 0, 0)),
    "gzip": Fault(gzip.compress(HEADER + lines(2)), (2, 2, 0, 0)),
    "zstd": Fault(zstd(HEADER + lines(2)), (2, 2, 0, 0)),
    "a cell of two million characters": Fault(
        HEADER + lines(1) + b"R740,S1," + b"x" * 2_000_000 + b",1\n",
        (2, 1, 1, 0),
        {"cell_too_long": 1},
    ),
    "backslash before a quote": Fault(HEADER + b'R740,S1,"a \\"b\\" c",1\n', (1, 1, 0, 0)),
    "header with quotes": Fault(b'"Model","Serial","Qty"\n"R740","S1","1"\n', (1, 1, 0, 0)),
    "a header in two languages": Fault(
        b"Hersteller,Modell,Seriennummer\nManufacturer,Model,Serial number\nDell,R740,S1\n",
        (1, 1, 0, 0),
    ),
    "cells kept from a spreadsheet": Fault(
        b'Model,Serial,Qty\n="R740",="0011",="2"\n"=""R640""",S2,1\n', (2, 2, 0, 0)
    ),
    "blank cells left out at the end by habit": Fault(
        b"Model,Serial,Qty,Notes\nR740,S1,1\nR640,S2,1\nR740,S3,1,old\n", (3, 3, 0, 0)
    ),
    "one line with a separator less": Fault(
        b"Model,Serial,Qty,Notes\nR740S1,1,x\n" + b"R740,S2,1,\n" * 9,
        (10, 9, 1, 0),
        {"too_few_cells": 1},
    ),
    "one line with a separator more": Fault(
        b"Model,Serial,Qty,Notes\nR740,,S1,1,\n" + b"R740,S2,1,\n" * 9,
        (10, 9, 1, 0),
        {"too_many_cells": 1},
    ),
    "separators at the end by habit": Fault(
        b"Model,Serial,Qty,Notes\n" + b"R740,S2,1,,\n" * 9, (9, 9, 0, 0)
    ),
    "a table above the one whose header says most": Fault(
        b"Asset,Maker,Model,Serial\nA1,Dell,R740,S1\nA2,Dell,R640,S2\n\n"
        b"Asset,Manufacturer,Model,Serial,Capacity,Qty\nA3,HGST,HUH721212ALE604,S3,12 TB,2\n",
        (5, 3, 0, 2),
    ),
    "a second header in another order": Fault(
        b"Model,Serial\nR740,S1x\nSerial,Model\nS2x,R640\n", (3, 2, 0, 1)
    ),
    "separators of other texts in a cell without quotes": Fault(
        b"Serial,Model,Description\nSN1,R640,x\nSN2,R640,2x CPU; 64GB RAM; 4x HDD, SAS\n",
        (2, 1, 1, 0),
        {"too_many_cells": 1},
    ),
    "blank lines of separators, some fewer": Fault(
        HEADER + lines(3) + b",,\n,,,\n,,,,,\n", (6, 3, 0, 3)
    ),
    "a note below the table": Fault(
        HEADER + lines(3) + b"Note: counted by hand,,\n", (4, 3, 1, 0), {"single_cell": 1}
    ),
    "a quantity that nobody has": Fault(
        HEADER + b"R740,S1,a,99999999999\n", (1, 0, 1, 0), {"bad_quantity": 1}
    ),
    "apostrophes as quotes": Fault(
        b"Model,Description,Qty\n'R740','a, b','1'\n'R640','c','2'\n'R640','d, e','2'\n",
        (3, 3, 0, 0),
    ),
    "carets": Fault((HEADER + lines(2)).replace(b",", b"^"), (2, 2, 0, 0)),
    "unit separators": Fault((HEADER + lines(2)).replace(b",", b"\x1f"), (2, 2, 0, 0)),
    "blanks as separators": Fault(
        b'Model Serial Qty\nR740 S1 1\n"DL380 Gen10" S2 1\n', (2, 2, 0, 0)
    ),
    "a blank behind each separator": Fault(
        b'Model, Serial, Description, Qty\nR740, S1, "a, b", 1\n', (1, 1, 0, 0)
    ),
    "a line that tells the separator": Fault(
        b"sep=;\n" + (HEADER + lines(2)).replace(b",", b";"), (2, 2, 0, 0)
    ),
    "a header over two rows": Fault(
        b"Model,Serial,,Asset\n,Number,Qty,Tag\nR740,S1,1,A1\n", (1, 1, 0, 0)
    ),
    "units below the header": Fault(
        b"Model,Capacity,Qty\n,(GB),(pcs)\nST4000NM0033,4000,1\n", (1, 1, 0, 0)
    ),
    "repeated header in capitals": Fault(
        HEADER + lines(1) + HEADER.upper() + lines(1), (3, 2, 0, 1)
    ),
    "a second table with its columns in another order": Fault(
        HEADER + lines(3) + b"Qty,Description,Serial,Model\n4,server,S9,R640\n", (5, 4, 0, 1)
    ),
    "a second table with fewer columns": Fault(
        HEADER + lines(3) + b"\nSerial,Model\nS9,R640\n", (6, 4, 0, 2)
    ),
    "a second table that names no item": Fault(
        HEADER + lines(3) + b"Site,Location,Status\nAustin,Hall 1,open\n",
        (5, 3, 1, 1),
        {"other_table": 1},
    ),
    "Korean of older systems": Fault(
        "모델명,시리얼번호,수량\nPowerEdge R740,S1,2\n서버,S2,1\n".encode("cp949"), (2, 2, 0, 0)
    ),
    "Japanese of older systems": Fault(
        "メーカー,型番,数量\nDell,R740,1\n富士通,RX2540,2\n".encode("cp932"), (2, 2, 0, 0)
    ),
    "same name twice": Fault(b"Model,Notes,Notes,Qty\nR740,a,b,1\n", (1, 1, 0, 0)),
}


def file_name(fault: str) -> str:
    return fault.replace(" ", "-").replace(",", "") + ".csv"


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory, read: Reader) -> Read:
    folder = tmp_path_factory.mktemp("faulty")
    for name, fault in FAULTS.items():
        (folder / file_name(name)).write_bytes(fault.content)
    return read(*folder.iterdir())


@pytest.mark.parametrize("name", FAULTS)
def test_a_file_with_a_quirk_comes_to_its_account(name: str, faulty: Read) -> None:
    row = faulty.account("/" + file_name(name))
    keys = ("lines_read", "lines_loaded", "lines_rejected", "lines_ignored")
    assert row["status"] == "loaded", row["reason"]
    assert tuple(row[key] for key in keys) == FAULTS[name].account
    for reason, count in FAULTS[name].reasons.items():
        assert f'"{reason}": {count}' in row["reasons"]


def test_every_line_set_aside_is_kept_with_its_place_and_text(faulty: Read) -> None:
    rejects = faulty.tables["read_reject"]
    files = faulty.inventory.files
    assert rejects.height == files["lines_rejected"].sum()
    assert rejects.filter(rejects["raw_text"].is_null() | (rejects["source_line"] < 1)).is_empty()
    last = faulty.account("/cut-last-line.csv")["file_id"]
    row = rejects.filter(rejects["file_id"] == last).row(0, named=True)
    assert (row["source_line"], row["raw_text"]) == (3, "R74")


def cells_of(faulty: Read, name: str) -> list[dict[str, Any]]:
    counts = faulty.counts()
    return counts.filter(counts["batch_id"] == file_name(name)[:-4]).to_dicts()


@pytest.mark.parametrize(
    ("name", "model", "description"),
    [
        ("NUL in a cell", "R740", "x"),
        ("inch mark without quotes", "R740", '3.5" drive'),
        ("inch mark inside quotes", "R740", '3.5" drive'),
        ("doubled quotes", "R740", '3.5" drive'),
        ("quote never closed", "R740", '"open'),
        ("blank before a quote", "R740", "a, b"),
        ("line break inside quotes", "R740", "a\nb"),
        ("cp1252", "Köln", "“x”"),
        ("byte that cp1252 does not have", "K\x81ln", "é"),
        ("cells kept from a spreadsheet", "R740", ""),
        ("cells kept from a spreadsheet", "R640", ""),
        ("apostrophes as quotes", "R740", "a, b"),
        ("a blank behind each separator", "R740", "a, b"),
        ("blanks as separators", "DL380 Gen10", ""),
        ("a header over two rows", "R740", ""),
        ("a second table with its columns in another order", "R640", "server"),
        ("a second table with fewer columns", "R640", ""),
        ("Korean of older systems", "서버", ""),
        ("Japanese of older systems", "RX2540", ""),
    ],
)
def test_a_mended_cell_reads_as_it_was_meant(
    name: str, model: str, description: str, faulty: Read
) -> None:
    texts = [(row["model_raw"], row["description_raw"]) for row in cells_of(faulty, name)]
    assert (model, description) in texts


def test_damage_anywhere_in_any_format_is_loaded_balanced_or_refused(
    tmp_path: Path, read: Reader
) -> None:
    rng = random.Random(11)
    rows = {"Model": ["R740", "R640"] * 20, "Serial": [f"S{i}" for i in range(40)], "Qty": [1] * 40}
    parquet = io.BytesIO()
    pl.DataFrame(rows).write_parquet(parquet)
    workbook = io.BytesIO()
    pl.DataFrame(rows).write_excel(workbook)
    whole = [HEADER + lines(40), parquet.getvalue(), workbook.getvalue()]
    whole += [gzip.compress(whole[0]), b"\xef\xbb\xbf" + whole[0]]
    for i in range(40):
        content = bytearray(whole[i % len(whole)])
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(content))
            content[at : at + rng.randint(0, 20)] = rng.randbytes(rng.randint(0, 12))
        (tmp_path / f"damaged{i}").write_bytes(content)
    result = read(*tmp_path.iterdir())
    files = result.inventory.files
    accounted = files["lines_loaded"] + files["lines_rejected"] + files["lines_ignored"]
    assert files["lines_read"].to_list() == accounted.to_list()
    assert files["lines_loaded"].sum() == result.tables["read_line"].height
    assert files["lines_rejected"].sum() == result.tables["read_reject"].height
    assert files.filter(pl.col("status") == "refused")["reason"].null_count() == 0
