"""Careful: a doubtful text as a reading: its records rewritten one by one, plain lines copied."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from valuation.engine import text_literal
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.delimited.clean_text import clean_text, lines_begin
from valuation.inventory.delimited.dialect import Dialect
from valuation.inventory.delimited.encoding import TextLines
from valuation.inventory.delimited.rewrite import STRETCH_LINES, Rewritten, rewrite
from valuation.inventory.delimited.runs import Blocks, NoLineEnd
from valuation.inventory.label import TotalLabels
from valuation.inventory.reading import Reading, lines_text, packed_name
from valuation.inventory.source import Source

_SQL: Final = Path(__file__).parent


def careful(
    source: Source,
    lines: TextLines,
    dialect: Dialect,
    table: HeaderTable,
    labels: TotalLabels,
    folder: Path,
    block_bytes: int | None,
) -> Reading:
    """The text rewritten.

    Args:
        source: The text.
        lines: Its lines.
        dialect: How it is laid out.
        table: Known column names.
        labels: Words that mark totals.
        folder: Where it is rewritten.
        block_bytes: How much is looked at at a time for plain lines, which are copied; None when
            none are to be.
    """
    encoding, target = lines.encoding, folder / f"{source.key}.parquet"
    offset = lines_begin(dialect, encoding)
    if block_bytes is not None and offset is not None and len(dialect.columns.names) > 1:
        behind_head = TextLines(lines.path, "utf-8")
        with suppress(NoLineEnd):
            blocks = Blocks(offset, block_bytes)
            beside = target.with_suffix(".copied.parquet")  # the engine may know the other one
            done = rewrite(behind_head, dialect, table, labels, beside, blocks)
            return _reading(source, behind_head, encoding, dialect, done)
    done = rewrite(lines, dialect, table, labels, target)
    return _reading(source, lines, encoding, dialect, done)


def _reading(
    source: Source, lines: TextLines, encoding: str, dialect: Dialect, done: Rewritten
) -> Reading:
    """A rewritten text as the engine takes it."""
    relation, numbered = _relations(dialect, done)
    return Reading(
        format=packed_name(dialect.format, source),
        encoding=encoding,
        header_line=dialect.header_line,
        columns=done.columns,
        relation=relation,
        numbered_relation=numbered,
        line_number="source_line",
        lines_read=done.records,
        blank_lines=done.blank_lines,
        ignored={"repeated_header": done.repeated_headers} if done.repeated_headers else {},
        reasons=dict(done.reasons),
        rejects=done.rejects,
        passed_over=done.passed_over if done.repeated_headers else None,
        warnings=_warnings(lines, done),
        is_direct=done.clean_lines > 0,
        has_told_headers=True,
        layout=dialect.layout,
    )


def _relations(dialect: Dialect, done: Rewritten) -> tuple[str, str | None]:
    """SQL of the records, and of the records with `source_line` where that is another."""
    paths = ", ".join(text_literal(str(path)) for path in done.paths)
    others = f"read_parquet([{paths}], union_by_name = true)"
    if done.clean is None or not done.clean_lines:
        return others, None
    names = {
        "{clean}": clean_text(done.clean, dialect, 0, blank_cells=True),
        "{others}": others,
        "{stretches}": f"read_parquet({text_literal(str(done.stretches))})",
        "{stretch_lines}": str(STRETCH_LINES),
    }
    plain, numbered = (
        (_SQL / name).read_text(encoding="utf-8")
        for name in ("copied_lines.sql", "copied_lines_numbered.sql")
    )
    for name, text in names.items():
        plain, numbered = plain.replace(name, text), numbered.replace(name, text)
    return f"(\n{plain})", f"(\n{numbered})"


def _warnings(lines: TextLines, done: Rewritten) -> tuple[str, ...]:
    """What a person should know about how the text was read."""
    out = []
    if done.padded_lines:
        out.append(
            f"{lines_text(done.padded_lines)} with fewer cells than the header, filled up with "
            "blank ones at the end"
        )
    if done.reparted_lines:
        out.append(f"{lines_text(done.reparted_lines)} with another separator than the others")
    if len(done.paths) > 1:
        out.append(f"{len(done.paths)} tables stand in it one after another; each was read")
    if lines.nul_lines:
        out.append(f"{lines_text(lines.nul_lines)} with NUL characters, which were dropped")
    if lines.undefined_lines:
        out.append(
            f"{lines_text(lines.undefined_lines)} with bytes that cp1252 leaves undefined, read "
            "as latin-1"
        )
    return tuple(out)
