"""JSON: records of any list, names of nested fields, and faults, one by one."""

import codecs
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.inventory.conftest import Read, Reader
from tests.inventory.documents.documents import NETBOX, SERVICENOW, SNIPE_IT
from valuation.inventory.documents import values
from valuation.inventory.documents.records import column_names

RECORDS = [
    {"model": "R740", "serial": "0017", "qty": 2},
    {"model": "R640", "serial": "0018", "qty": 1.0},
]


@pytest.fixture
def read_json(tmp_path: Path, read: Reader) -> Callable[..., Read]:
    """Read a value, or a text, as a JSON file."""

    def reader(content: Any, **dumped: Any) -> Read:
        path = tmp_path / "in.json"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content, **dumped)
            path.write_text(text, encoding="utf-8", errors="surrogatepass")
        return read(path)

    return reader


def row(result: Read) -> dict[str, Any]:
    return result.account("in.json")


def reason(result: Read) -> str:
    return str(row(result)["reason"])


def item(result: Read) -> dict[str, Any]:
    return result.inventory.items.row(0, named=True)


def line(result: Read) -> dict[str, Any]:
    return result.tables["read_line"].row(0, named=True)


@pytest.mark.parametrize(
    "document",
    [
        RECORDS,
        {"total": 2, "rows": RECORDS},
        {"export": {"site": {"assets": RECORDS}}},
        {"columns": list(RECORDS[0]), "index": [0, 1], "data": [list(r.values()) for r in RECORDS]},
        {key: {str(i): r[key] for i, r in enumerate(RECORDS)} for key in RECORDS[0]},
        {key: [r[key] for r in RECORDS] for key in RECORDS[0]},
        [list(RECORDS[0]), *(list(r.values()) for r in RECORDS)],
        {"a1": RECORDS[0], "a2": RECORDS[1]},
    ],
    ids=["list", "wrapped", "deep", "split", "columns", "lists", "rows", "keyed"],
)
def test_records_are_found_in_every_arrangement(
    document: Any, read_json: Callable[..., Read]
) -> None:
    result = read_json(document, indent=1)
    assert (row(result)["format"], row(result)["lines_loaded"]) == ("json", 2)
    assert result.tables["read_line"]["serial"].sort().to_list() == ["0017", "0018"]
    assert result.tables["read_count"]["quantity"].sum() == 3


@pytest.mark.parametrize("between", ["\n", "", ",\n", "\x1e"])
def test_documents_may_follow_each_other(between: str, read_json: Callable[..., Read]) -> None:
    result = read_json(between.join(json.dumps(r, indent=2) for r in RECORDS))
    assert row(result)["lines_loaded"] == 2


def test_a_page_of_results_a_line_is_one_table(read_json: Callable[..., Read]) -> None:
    pages = "".join(json.dumps({"next": i, "results": RECORDS}) + "\n" for i in range(3))
    result = read_json(pages)
    assert (row(result)["format"], row(result)["lines_read"]) == ("jsonl", 6)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"]
)
def test_every_encoding_gives_the_same_records(
    encoding: str, read_json: Callable[..., Read]
) -> None:
    text = json.dumps([{"model": "Lüfter", "serial": "A1"}], ensure_ascii=False)
    result = read_json(text.encode(encoding))
    assert row(result)["encoding"].startswith(encoding.removesuffix("-le"))
    assert item(result)["model_raw"] == "Lüfter"


def test_a_packed_file_is_named_for_both(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "in.json.gz"
    path.write_bytes(gzip.compress(json.dumps(RECORDS).encode()))
    assert read(path).account("in.json.gz")["format"] == "json.gz"


def test_the_list_that_says_most_is_read_and_the_others_named(
    read_json: Callable[..., Read],
) -> None:
    drives = [{"model": "ST4000NM0033", "serial": f"Z{i}", "size": "4 TB"} for i in range(3)]
    document = {"hosts": [{"hostname": "h1", "drives": drives}], "spares": RECORDS}
    result = read_json(document)
    assert row(result)["lines_loaded"] == 3
    assert line(result)["host"] == "h1"
    assert any("`spares` (2 records)" in warning for warning in result.inventory.warnings)


def test_a_reference_is_its_name_and_never_its_id(read_json: Callable[..., Read]) -> None:
    result = read_json(NETBOX)
    assert row(result)["system"] == "netbox-api"
    found = item(result)
    assert (found["manufacturer_raw"], found["model_raw"]) == ("Dell", "PowerEdge R740")
    kept = line(result)
    assert (kept["host"], kept["site"], kept["status"]) == ("srv1", "IAD1", "Offline")
    assert (kept["serial"], kept["asset_tag"]) == ("ABC1234", "0017")
    assert any("lists of objects were not read: `tags`" in w for w in result.inventory.warnings)


def test_what_a_service_shows_speaks_before_what_it_stores(read_json: Callable[..., Read]) -> None:
    result = read_json(SERVICENOW)
    assert row(result)["system"] == "servicenow-api"
    assert (item(result)["model_raw"], item(result)["type_raw"]) == (
        "Dell PowerEdge R740",
        "Server",
    )
    assert (line(result)["asset_tag"], line(result)["status"]) == ("0042", "Retired")


def test_rows_of_snipe_it_keep_their_dates_and_labels(read_json: Callable[..., Read]) -> None:
    kept = line(read_json(SNIPE_IT))
    assert (kept["purchase_date"], kept["status"], kept["site"]) == (
        "2019-03-01",
        "Archived",
        "IAD",
    )


def test_names_are_the_shortest_endings_that_tell_fields_apart() -> None:
    paths = [("id",), ("tenant", "id"), ("type", "model"), ("type", "maker"), ("maker",)]
    assert column_names(paths) == ["id", "tenant.id", "model", "type.maker", "maker"]


def test_numbers_stay_as_they_are_written(read_json: Callable[..., Read]) -> None:
    digits = "9" * 5000
    text = f'[{{"model": "A", "serial": {digits}, "qty": 1.0, "firmware": 1e400, "ok": true}}]'
    assert line(read_json(text))["serial"] == digits


def test_scalars_in_lists_are_joined_and_nothing_is_nothing(
    read_json: Callable[..., Read],
) -> None:
    result = read_json([{"model": ["R740", "R740xd"], "serial": None, "description": True}])
    assert item(result)["model_raw"] == "R740, R740xd"
    assert (line(result)["serial"], item(result)["description_raw"]) == (None, "true")


# Faults: those of a document refuse it, those of a record or a line set that aside.

BAD = '{"model": "R740", "serial": "A1"}\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"model": "R740",\n "serial": "A', "at line 2, column 12"),
        ('[{"model": "R740"} {', "at line 1, column 20"),
        (
            '{"rows": [{"model": "A", "qty": 1}], "rows": [{"model": "B", "qty": 1}]}',
            "stands twice",
        ),
        ("[" * 100_000, "nested more than 200 levels"),
        ('{"a":' * 300 + '[{"model": "A"}]' + "}" * 300, "nested more than 200 levels"),
        ('[{"colour": "red"}]', "no list of records whose fields we know"),
        ("[]", "no list of records"),
        ("[1, 2]", "no list of records"),
        (json.dumps([{f"f{i}": 1 for i in range(5000)} | RECORDS[0]]), "more than 2,000"),
    ],
)
def test_a_document_that_cannot_be_read_says_where_and_why(
    content: str, said: str, read_json: Callable[..., Read]
) -> None:
    result = read_json(content)
    assert row(result)["status"] == "refused"
    assert said in reason(result)


def test_a_document_beyond_the_limit_is_refused(
    read_json: Callable[..., Read], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "MAX_DOCUMENT_BYTES", 100)
    assert "up to 0 MiB are read" in reason(read_json(RECORDS * 9, indent=1))


@pytest.mark.parametrize(
    ("damaged", "code"),
    [
        ('{"model": "R740", "seri\n', "broken_json"),
        ('{"model": "R740", "model": "R640", "serial": "A2"}\n', "repeated_field"),
        ('{"model": ' + "[" * 100_000 + "\n", "too_nested"),
        ('{"model": ' + "[" * 300 + "]" * 300 + "}\n", "too_nested"),
        ('["model"]\n', "no_record"),
        ('{"model": "R7\\ud84040", "serial": "A2"}\n', "bad_encoding"),
        (json.dumps({"model": "x" * (2 << 20)}) + "\n", "cell_too_long"),
    ],
)
def test_a_damaged_line_is_set_aside_and_the_others_are_read(
    damaged: str, code: str, read_json: Callable[..., Read]
) -> None:
    result = read_json(BAD + BAD.replace("A1", "A2") + damaged + BAD.replace("A1", "A3"))
    assert (row(result)["lines_read"], row(result)["lines_loaded"]) == (4, 3)
    reject = result.tables["read_reject"].row(0, named=True)
    assert (reject["source_line"], reject["reason_code"]) == (3, code)


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ('{"model": "R740", "model": "R640"}', "repeated_field"),
        ('{"model": "\\udcff"}', "bad_encoding"),
        ("7", "no_record"),
        ("null", "no_record"),
    ],
)
def test_a_record_that_cannot_be_loaded_is_set_aside(
    record: str, code: str, read_json: Callable[..., Read]
) -> None:
    result = read_json(f'[{{"model": "R740", "serial": "A1"}},\n {record}]')
    assert json.loads(row(result)["reasons"]) == {code: 1}


def test_a_field_twice_with_one_value_does_no_harm(read_json: Callable[..., Read]) -> None:
    result = read_json('[{"model": "R740", "serial": "A1", "model": "R740"}]')
    assert row(result)["lines_loaded"] == 1


def test_what_is_no_number_is_blank_and_said(read_json: Callable[..., Read]) -> None:
    result = read_json('[{"model": "R740", "serial": NaN, "qty": -Infinity}]')
    assert result.tables["read_count"]["quantity"].to_list() == [1]
    assert any("NaN or infinity stands 2 times" in w for w in result.inventory.warnings)


def test_bytes_that_are_no_text_set_their_record_aside(read_json: Callable[..., Read]) -> None:
    rows = [{"model": "Lüfter", "serial": f"S{i}"} for i in range(3000)]
    text = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows).encode()
    result = read_json(text.replace("ü".encode(), b"\xfc", 1))
    assert row(result)["encoding"] == "utf-8"
    assert json.loads(row(result)["reasons"]) == {"bad_encoding": 1}


def test_an_array_of_words_is_not_taken_for_a_table_of_text(read_json: Callable[..., Read]) -> None:
    result = read_json(b"[Assets of 2026]\nModel,Serial\nR740,A1\n")
    assert (row(result)["format"], row(result)["lines_loaded"]) == ("csv", 1)


def test_a_mark_before_the_document_is_no_part_of_it(read_json: Callable[..., Read]) -> None:
    assert row(read_json(codecs.BOM_UTF8 + b'[{"model": "A", "qty": 3}]'))["lines_loaded"] == 1
