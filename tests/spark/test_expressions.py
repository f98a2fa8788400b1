"""What a step says means the same in both engines: one by one, over texts that tell them apart."""

import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from valuation.engine import Engine
from valuation.inventory.items import BLANKS
from valuation.inventory.label import TotalLabels

pytestmark = pytest.mark.long

MACROS = Path("valuation/inventory/macros.sql")
TEXTS = (
    None, "", " ", "\t", "\u00a0", "\u3000 x \u2009", " x\n", "x\r\n", "x\x0b", "\x0bx", "a\nb",
    "ß", "ŉ", "ﬁ", "İI", "ΑΣ", "ǆ", "Äpfel", "é", "e\u0301x", "\U0001f600ab", "漢字", "한글",
    "Z1Z0ABCD", "z1z0abcd", " S1 ", "12", "123", "1234", "0000", "AAAA", "N/A", "a", "aa",
    "1.2E+11", " 1,5e+07 ", "1E5", "1.2E+11\n", "P100 - HPE (S1) DL380", "it's", 'a"b', "a\\b",
    "$1", "total", "Total: 5", "TOTAL", "Gesamt", "GESAMTSUMME", "subtotal\n", "somme", "合計",
    "13/02/2020", "02/13/2020", "3/4/21", "1-2-69", "1-2-68", "44066", "44066.5", "20200131",
    "2020-01-31", "2020-1-5", "2020-01-31 10:20:30", "2020-01-31T10:20", "31.02.2020",
    "1. Jan 2020", "Jan 5, 2020", "5 SEP 2020", "5 sept 2020", "September 5 2020", "2020년 1월 5일",
    "no date",
)  # fmt: skip
EXPRESSIONS = (
    "trim(text)", "trim(text, 'x ')", "ltrim(text)", "nullif(trim(text), '')",
    "length(text)", "strlen(text)", "suffix(text, ' ')", "text like '____-%'",
    "left(text, 2)", "right(text, 1)", "substr(text, 2)", "substr(text, 2, 1)",
    "upper(text)", "lower(text)", "lower(text) = upper(text)",
    "contains(text, 'a')", "strpos(text, 'a')", "split_part(text, 'a', 1)",
    "replace(text, '0', '')", "replace(trim(text), left(trim(text), 1), '')",
    "concat(text, null, 'x')", "concat_ws('|', text, null, '')", "text || 'x'",
    "[text, null]", "array_to_string([text, null, 'x'], ', ')", "chr(31) || text",
    "text >= '!' and text < chr(127)", "text between '0' and '9'", "text is distinct from 'a'",
    r"regexp_matches(text, '^\s*x\s*$')", r"regexp_matches(text, 'a.b')",
    "regexp_matches(text, 'x$')",
    "regexp_matches(text, '(?i)ä')", "regexp_matches(text, getvariable('total_pattern'))",
    "regexp_full_match(text, '[0-9]+')", "regexp_full_match(text, 'x|xy|a')",
    "regexp_replace(text, 'a', '-')", "regexp_replace(text, '[0-9]', '-', 'g')",
    "regexp_replace(text, '[ T][ ]*[0-9]{1,2}:[0-9]{2}.*$', '')",
    "is_blank(text)", "is_letter_or_digit(left(text, 1))", "is_scientific(text)",
    "serial_text(text)", "serial_key(text) is null", "is_day_first(text)",
    "without_time(text)", "without_word(text, 'S1')",
    "iso_date(text, true)", "iso_date(text, false)",
    "cast(length(text) as double) / 3", "length(text) / 2", "length(text) // 2", "length(text) % 3",
    "coalesce(try_cast(text as double), -1)", "cast(length(text) as varchar)",
    "case when text is null then 'none' when text = '' then 'empty' else text end",
)  # fmt: skip


def prepare(engine, tables):
    """The functions and variables of a scan, and the texts."""
    engine.run("set variable blanks = $1", [BLANKS])
    pattern = tables.made(TotalLabels.from_tables).pattern
    engine.run("set variable total_pattern = $1", [pattern])
    engine.step(MACROS)
    keep(engine, "texts", pl.DataFrame({"place": range(len(TEXTS)), "text": TEXTS}))


def keep(engine, name, frame):
    """A table where the engine's own language is spoken: Spark would leave it to DuckDB."""
    put = engine.register if isinstance(engine, Engine) else engine.send
    put(name, frame)


@pytest.fixture(scope="module")
def both(session, tables):
    """DuckDB and Spark with the same texts."""
    from valuation.engine.spark.engine import SparkEngine

    with (
        Engine(threads=1) as duckdb,
        Engine(threads=1) as beside,
        closing(SparkEngine(session, beside)) as spark,
    ):
        prepare(duckdb, tables)
        prepare(spark, tables)
        yield duckdb, spark


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_says_the_same_of_every_text(both, expression):
    sql = f"select place, {expression} as told from texts order by place"
    expected, found = (dict(engine.run(sql)) for engine in both)
    differing = {TEXTS[i]: (expected[i], found[i]) for i in expected if expected[i] != found[i]}
    assert not differing


QUERIES = (
    "select list(text order by text) from texts where text = 'nowhere'",
    "select count_if(text = ''), count(*) filter (where text is null) from texts",
    "select bool_or(text = 'a'), bool_or(null), bool_or(text = 'nowhere') from texts",
    "select text from texts order by text desc, place limit 3",
    "select text from texts order by text, place limit 3",
    "select row_number() over (order by text, place) from texts order by place",
    "select count(distinct text), sum(length(text))::bigint, sum(place * 1.5::double) from texts",
    "select sum(place)::bigint as n, left(text, 1) as l from texts group by all order by l",
    "from texts order by place limit 1",
    "select * replace (upper(text) as text) from texts where place = 23",
    "select place from texts where text in (select unnest($words)) order by place",
    "select place from texts where list_contains($words, text) order by place",
    "select $word || '''', $number, $none is null from texts where place = 1",
    "select unnest([1, 2]) as n, text from texts where text = 'a' order by n",
    "select flatten(list([place])) from texts where place = 1",
    "select any_value([text, 'x'])[2], any_value(text) from texts where text in ('a', null)",
    "select n from (from texts limit 0) as texts cross join (select 1 as n)",
    "select count(*) from (select hash(text, null) as key from texts group by key)",
    "with texts as (select 1 as place) select place from texts",
    "select round(2.5::double), round(1.2345675::double, 6), round(-0.5::double)",
)
VALUES = {"words": ["a", "ß", "nowhere"], "word": "it's\\n", "number": 1.5, "none": None}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_answers_the_same(both, query):
    wanted = {name: value for name, value in VALUES.items() if re.search(rf"\${name}\b", query)}
    expected, found = (engine.run(query, wanted or None) for engine in both)
    assert [list(row) for row in found] == [list(row) for row in expected]


def test_a_key_tells_apart_what_is_null_and_where(spark):
    pairs = ("null, 'a'", "'a', null", "'a', ''", "'', 'a'", "'ab', 'c'", "'a', 'bc'")
    spark.send("one", pl.DataFrame({"place": [1]}))
    (row,) = spark.run(f"select {', '.join(f'hash({pair})' for pair in pairs)} from one")
    assert len(set(row)) == len(row)
    assert min(row) >= 0  # a key of DuckDB has no sign, and is shared out by what is left over


# Pairs that Unicode 16 brought, which one of the two does not know yet.
NEWEST = "\u019b\u0264\u1c89\u1c8a" + "".join(map(chr, range(0xA7CB, 0xA7DD)))


def test_letters_change_as_in_duckdb_but_for_scripts_newer_than_one_of_them(spark):
    """Every character; what is left differs by the versions of Unicode, not by the mapping."""
    signs = [chr(code) for code in range(1, 0x10000) if not 0xD800 <= code < 0xE000]
    frame = pl.DataFrame({"sign": signs})
    differing = []
    with Engine(threads=1) as duckdb:
        for engine in (duckdb, spark):
            keep(engine, "signs", frame)
        sql = "select sign, upper(sign), lower(sign) from signs order by sign"
        for told, said in zip(duckdb.run(sql), spark.run(sql), strict=True):
            differing += [told[0]] if told != said else []
    others = [hex(ord(sign)) for sign in differing if sign not in NEWEST]
    assert others == []


def test_a_number_is_written_as_duckdb_writes_it(spark, by_duckdb, tmp_path):
    from valuation.engine.spark.cells import cells_of

    numbers = [
        0.0,
        -0.0,
        1.0,
        1234.0,
        0.1,
        12345678.5,
        1e-5,
        1.5e-7,
        1.5e20,
        1e18,
        0.001,
        1e15 + 0.5,
    ]
    frame = pl.DataFrame(
        {
            "double": [*numbers, float("nan"), None],
            "float": pl.Series([*numbers[:8], *[0.5] * 5, None], dtype=pl.Float32),
            "day": [datetime(2020, 1, 31, tzinfo=UTC).date()] * 14,
            "moment": [datetime(2020, 1, 31), datetime(2020, 1, 31, 10, 20, 30, 500000)] * 7,  # noqa: DTZ001
            "zoned": [datetime(2020, 1, 31, 10, tzinfo=UTC)] * 14,
            "flag": [True, False] * 7,
            "list": [["a", "b"]] * 14,
            "part": [{"inner": 1.0}] * 14,
        }
    )
    frame.write_parquet(tmp_path / "types.parquet")
    names, cells = cells_of(spark.open_parquet(str(tmp_path / "types.parquet")))
    assert names == ("double", "float", "day", "moment", "zoned", "flag", "list", "part.inner")
    spark.view("cells", cells)
    found = spark.frame("from cells")
    assert found["c7"].unique().to_list() == ["1"]
    assert found.rows() == read_by_duckdb(tmp_path / "types.parquet")


def read_by_duckdb(path):
    """The cells of a file as the inventory reads them."""
    import pyarrow.parquet as pq

    from valuation.inventory.parquet import _columns, _relation

    schema = pq.ParquetFile(path).schema_arrow
    columns = list(_columns(schema))
    with Engine(threads=1) as engine:
        relation = _relation(path, columns, len(schema), frozenset())
        return engine.run(f"select * exclude (source_line) from {relation} order by source_line")
