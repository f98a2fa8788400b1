"""Given: tables of Spark, each told by its lines, with columns named as those of a file.

A table or a folder of Parquet files is one file of the account. It has no bytes to hash: what
tells it is its column names and the sum of the hashes of its lines, whatever their order and parts.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from valuation.engine import Steps
from valuation.engine.spark.cells import cells_of
from valuation.engine.spark.engine import SparkEngine
from valuation.errors import InputError
from valuation.inventory.columns.header import HEADER_WITHIN_ROWS
from valuation.inventory.given import Content, Gathered, Given, batch_names
from valuation.inventory.opening import Opened, Opener
from valuation.inventory.parquet import map_of_names
from valuation.inventory.reading import Layout, Reading, check_width, no_header
from valuation.inventory.reasons import MAX_CELL_CHARACTERS, RAW_TEXT_CHARACTERS
from valuation.inventory.spark import SparkTable

_SQL: Final = Path(__file__).parent
_PARQUET: Final = b"PAR1"
_NOT_OVERLONG: Final = "(select * from {relation} where coalesce(not ({is_overlong}), true))"


class TableContent(Content):
    """What a table holds, as a hash that was made when it was opened."""

    def __init__(self, path: Path, sha256: str) -> None:
        super().__init__(path)
        self.sha256 = sha256


@dataclass(frozen=True)
class GivenTable(Given):
    """A table as given, whose cells the engine knows as `relation`.

    Attributes:
        format: `spark` or `parquet`.
        relation: Name of its lines in the engine.
        names: Its columns.
        lines: Its lines. [1]
        overlong_lines: Of these, lines with a cell too long to be read. [1]
    """

    format: str
    relation: str
    names: tuple[str, ...]
    lines: int
    overlong_lines: int

    def has_changed(self) -> bool:
        """Never: Spark reads what stood there when it was opened, or says that it is gone."""
        return False


def gather_tables(spark: SparkEngine, tables: Sequence[SparkTable], batch: str | None) -> Gathered:
    """Tell the tables of a run, each content once.

    Args:
        spark: Where they are; their cells become views there.
        tables: What was given.
        batch: Batch of every line; tables are named for their batch when not given.
    """
    refused: list[tuple[str, InputError]] = []
    warnings: list[str] = []
    found: dict[str, GivenTable] = {}
    for table in sorted(set(tables), key=lambda table: table.name):
        try:
            given = _given(spark, table, f"spark_cells_{len(found)}")
        except InputError as error:
            refused.append((table.name, error))
            continue
        first = found.setdefault(given.sha256, given)
        if first is not given:
            warnings.append(
                f"{given.name}: has the same content as {first.name}; it was read once."
            )
    stems = batch_names([given.name for given in found.values()])
    files = (replace(given, batch_id=batch or stems[given.name]) for given in found.values())
    return Gathered(tuple(files), tuple(refused), tuple(warnings))


def _given(spark: SparkEngine, table: SparkTable, relation: str) -> GivenTable:
    """A table with what tells it.

    Raises:
        InputError: Spark cannot read it, or it is no Parquet.
    """
    if table.is_parquet:
        _check_parquet(Path(table.name))
    rows = spark.open_parquet(table.name) if table.is_parquet else spark.open_table(table.name)
    if not rows.columns:
        raise InputError("has no columns.", "Write it again, with its columns.")
    names, cells = cells_of(rows)
    spark.view(relation, cells)
    sql = (_SQL / "fingerprint.sql").read_text(encoding="utf-8")
    (told,) = spark.run(_filled(sql, relation, len(names)))
    lines, overlong_lines, parity, total = told
    text = json.dumps([names, lines, parity, total], ensure_ascii=False)
    sha256 = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
    path = Path(table.name)
    return GivenTable(
        name=table.name,
        path=path,
        content=TableContent(path, sha256),
        batch_id="",
        stamp=(),
        format="parquet" if table.is_parquet else "spark",
        relation=relation,
        names=names,
        lines=int(lines),
        overlong_lines=int(overlong_lines),
    )


def _check_parquet(path: Path) -> None:
    """Refuse a file of this machine that is something else; what lies elsewhere Spark tells.

    Raises:
        InputError: It is no Parquet.
    """
    is_hidden = ("_", ".")
    files = [path]
    if path.is_dir():
        files = [p for p in sorted(path.rglob("*")) if not p.name.startswith(is_hidden)]
    for file in filter(Path.is_file, files):
        with file.open("rb") as stream:
            if stream.read(len(_PARQUET)) != _PARQUET:
                what = "is" if file == path else f"holds {file.name}, which is"
                raise InputError(
                    f"{what} no Parquet, and Spark reads nothing else here.",
                    "Leave out --engine spark: DuckDB reads it. Or write it as Parquet first.",
                )


def _filled(sql: str, relation: str, columns: int, **texts: str) -> str:
    """A query over all cells of a table."""
    cells = [f"c{place}" for place in range(columns)]
    texts |= {
        "cells": ", ".join(cells),
        "is_overlong": " or ".join(f"length({cell}) > {MAX_CELL_CHARACTERS}" for cell in cells),
        "relation": relation,
    }
    for name, text in texts.items():
        sql = sql.replace("{" + name + "}", text)
    return sql


@dataclass(frozen=True)
class TableOpener(Opener):
    """An opener of tables that Spark has."""

    def open(self, engine: Steps, file: Given) -> Opened:
        """Tell what the columns of a table are.

        Raises:
            InputError: It has no column that names an item.
        """
        assert isinstance(file, GivenTable), "what was gathered as a table is opened as one"
        names = list(file.names)
        sql = (_SQL / "head.sql").read_text(encoding="utf-8")
        head = engine.run(_filled(sql, file.relation, len(names), rows=str(HEADER_WITHIN_ROWS)))
        columns = map_of_names(names, [list(row) for row in head], self.header)
        if columns.gives_back_lines:
            raise InputError(
                "gives back lines set aside, which Spark does not read.",
                "Leave out --engine spark, and give it together with what its lines are from.",
            )
        if not columns.is_usable:
            raise no_header([names], self.header)
        check_width(columns)
        relation, reasons = file.relation, {}
        if file.overlong_lines:
            self._set_overlong_aside(engine, file)
            reasons = {"cell_too_long": file.overlong_lines}
            relation = _filled(_NOT_OVERLONG, relation, len(names))
        reading = Reading(
            format=file.format,
            encoding="",
            header_line=0,
            columns=columns,
            relation=relation,
            line_number="null::bigint",
            lines_read=file.lines,
            reasons=reasons,
            layout=Layout("parquet"),
            is_ordered=False,
        )
        return Opened(file, self.as_wanted(reading), ())

    def _set_overlong_aside(self, engine: Steps, file: GivenTable) -> None:
        sql = {
            "relation": file.relation,
            "is_overlong": _filled("{is_overlong}", file.relation, len(file.names)),
        }
        beginnings = (f"left(c{i}, {RAW_TEXT_CHARACTERS})" for i in range(len(file.names)))
        parameters = {"file_id": file.told_id(), "raw_text_characters": RAW_TEXT_CHARACTERS}
        overlong = _SQL / "overlong.sql"
        engine.step(overlong, parameters, **sql, beginnings=", ".join(beginnings))
