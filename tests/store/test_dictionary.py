"""The data dictionary: complete, with units that agree with names, honest about sums."""

import re

import duckdb
import pytest

from valuation.frames import EVIDENCE, FILES, IDENTITY, ITEMS
from valuation.store import dictionary, open_read_only, open_store
from valuation.store.layout import SCHEMAS, TABLES, VIEWS, checks, create_tables, frame, sql
from valuation.units import ELEMENTS

UNIT_OF_SUFFIX = {"kg": "kg", "g": "g", "usd": "USD", "gb": "GB", "mm": "mm", "w": "W", "in": "in"}


@pytest.fixture(scope="module")
def columns():
    return dictionary()


def test_every_column_of_every_table_and_view_is_explained(tmp_path, connection, lots):
    with open_store(tmp_path / "a.duckdb", connection) as store:
        store.publish(lots(A=1))
    with open_read_only(tmp_path / "a.duckdb") as reader:
        query = "select table_name, column_name from duckdb_columns() where database_name = 'store'"
        there = set(reader.execute(query).fetchall())
        described = frame(reader, "from data_dictionary")
    explained = {(r["table_name"], r["column_name"]) for r in described.rows(named=True)}
    assert there == explained
    assert all(len(meaning) > 5 for meaning in described["meaning"])
    assert dictionary(tmp_path / "a.duckdb").equals(dictionary())


def test_every_table_view_and_macro_has_a_comment(tmp_path, connection, lots):
    with open_store(tmp_path / "a.duckdb", connection) as store:
        store.publish(lots(A=1))
    with open_read_only(tmp_path / "a.duckdb") as reader:
        for kind in ("table", "view"):
            query = f"select comment from duckdb_{kind}s() where database_name = 'store'"
            comments = [row[0] for row in reader.execute(query).fetchall()]
            assert len(comments) == len(TABLES if kind == "table" else VIEWS)
            assert all(comments)


def test_numbers_have_a_unit_and_nothing_else_has(columns):
    for row in columns.rows(named=True):
        is_number = bool(re.match("DOUBLE|FLOAT|BIGINT|INTEGER|MAP", row["type"]))
        name = (row["table_name"], row["column_name"])
        if row["column_name"] in ("item_id", "seconds"):
            continue  # a key; a JSON object of seconds
        assert is_number == (row["unit"] is not None), name


def test_the_unit_agrees_with_the_last_word_of_the_name(columns):
    for row in columns.rows(named=True):
        word = re.sub(r"_(mean|p10|p50|p90)$", "", row["column_name"]).rpartition("_")[2]
        per = "_per_" in row["column_name"] or row["column_name"] == "usd_per_kg"
        if word in UNIT_OF_SUFFIX and not per and "BIGINT" not in row["type"]:
            assert row["unit"] == UNIT_OF_SUFFIX[word], row


def test_means_may_be_summed_and_quantiles_shares_and_ratios_may_not(columns):
    for row in columns.rows(named=True):
        name = row["column_name"]
        if row["unit"] is None or re.search(r"p10|p50|p90|share|confidence|_per_|draws", name):
            assert not row["summable"], row
        if row["table_name"] in ("batch_value", "batch_cost") and name == "mean":
            assert row["summable"]
        if row["table_name"] == "batch_item" and name.endswith("_kg"):
            assert row["summable"]


def test_every_sql_file_is_used():
    """A view, schema or macro that nobody creates would be dead text."""
    from pathlib import Path

    from valuation.store import layout

    folder = Path(layout.__file__).parent
    assert {path.stem for path in folder.glob("views/*.sql")} == set(VIEWS)
    assert {path.name for path in folder.glob("schema*.sql")} == set(SCHEMAS)
    code = "".join(path.read_text() for path in folder.glob("*.py"))
    for path in folder.glob("*.sql"):
        assert path.name in code
    for path in folder.glob("macros/*.sql"):
        assert f"macros/{path.name}" in code


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_file_opens_with_its_question_and_makes_the_view(view):
    text = sql(f"views/{view}.sql")
    assert re.match(r"-- .*\?  One row per .*\.\n", text)
    assert f"create or replace view {view} as" in text


def test_what_the_file_keeps_uses_no_function_that_older_clients_lack():
    """`if()` came after DuckDB 1.4, which opens the file and so must open its views."""
    texts = [sql(f"views/{view}.sql") for view in VIEWS] + [sql("macros/quantile_of_sum.sql")]
    assert not any(re.search(r"\bif\(", text) for text in texts)


def test_a_check_opens_with_its_question():
    for text in checks().values():
        assert re.match(r"-- .*\?  Offending rows: .*\.\n", text)


def test_tables_hold_the_columns_of_the_frames_they_keep(columns):
    def names(table):
        return set(columns.filter(columns["table_name"] == table)["column_name"])

    assert names("input_file") == {*FILES.columns, "run_id"}
    assert names("item") == {*ITEMS.columns, *IDENTITY.columns}
    assert names("item_evidence") == set(EVIDENCE.columns)
    assert {f"{element}_kg" for element in ELEMENTS} <= names("batch_item")


def test_keys_are_columns(columns):
    for table in TABLES:
        there = set(columns.filter(columns["table_name"] == table.name)["column_name"])
        assert {*table.key, table.column or "run_id"} - {"run_id"} <= there


def test_comments_that_are_there_are_left_and_others_written_anew():
    """Of an earlier version of the program, or changed by somebody."""
    with duckdb.connect() as own:
        create_tables(own)
        wanted = own.execute(sql("comments.sql")).fetchall()
        own.execute("comment on column batch.form is 'another thing'")
        own.execute("comment on table run is null")
        create_tables(own)
        assert own.execute(sql("comments.sql")).fetchall() == wanted
        asked = Asked(own)
        create_tables(asked)
        assert not [query for query in asked.queries if query.startswith("comment on")]


class Asked:
    """A connection that remembers what it was asked to do."""

    def __init__(self, connection):
        self.connection = connection
        self.queries = []

    def extract_statements(self, text):
        return self.connection.extract_statements(text)

    def execute(self, query):
        self.queries.append((query if isinstance(query, str) else query.query).strip())
        return self.connection.execute(query)
