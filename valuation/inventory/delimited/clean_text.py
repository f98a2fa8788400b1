"""Clean text: what DuckDB's reader is told about a text, or lines of one, without any doubt."""

from pathlib import Path

from valuation.engine import text_literal
from valuation.inventory.delimited.dialect import DELIMITERS, Dialect
from valuation.inventory.delimited.encoding import readable
from valuation.inventory.reasons import MAX_CELL_CHARACTERS


def lines_begin(dialect: Dialect, encoding: str) -> int | None:
    """Where the first line after the header begins in a text that DuckDB's reader may read. [byte]

    None when no part of the text is for that reader: another encoding than UTF-8, unusual marks,
    a damaged header, other line ends.
    """
    if encoding not in ("utf-8", "utf-8-sig") or readable(dialect.head) != dialect.head:
        return None
    if dialect.marks.quote != '"' or dialect.marks.delimiter not in DELIMITERS:
        return None
    if dialect.head.replace("\r\n", "\n").count("\r") or not dialect.head.endswith("\n"):
        return None
    return len(dialect.head.encode()) + 3 * (encoding == "utf-8-sig")


def clean_text(path: Path, dialect: Dialect, head_lines: int, *, blank_cells: bool = False) -> str:
    """SQL of the records of a clean text, a function in a from clause with `c0`, `c1`, ... as text.

    Args:
        path: The text.
        dialect: How it is laid out.
        head_lines: Lines to skip. [1]
        blank_cells: Whether a blank cell is an empty text, and not null.
    """
    names = [f"c{i}" for i in range(len(dialect.columns.names))]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    not_null = f"force_not_null = [{', '.join(map(text_literal, names))}], " if blank_cells else ""
    return (
        f"read_csv({text_literal(str(path))}, auto_detect = false, header = false, "
        f"skip = {head_lines}, delim = {text_literal(dialect.marks.delimiter)}, quote = '\"', "
        f"escape = '\"', strict_mode = true, max_line_size = {MAX_CELL_CHARACTERS}, {not_null}"
        f"columns = {{{columns}}})"
    )
