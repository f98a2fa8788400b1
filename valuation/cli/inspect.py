"""`valuation inspect`: what would be read of some exports, and how it is understood."""

import json
import os
import shutil
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from valuation.cli.exits import emit, reports_errors
from valuation.cli.text import Table, render
from valuation.settings import load_settings

UNREADABLE: Final = 3

_SEPARATORS: Final = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "pipe", " ": "blank"}
_WIDEST_HEADER: Final = 20
_LEAST_EXAMPLES: Final = 8
_NAMED_LEFT: Final = 12
"""Columns that are not used are named up to this many, the others counted."""

_File = Mapping[str, Any]


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--map", metavar="FILE", multiple=True, help="Columns of a source system; repeatable."
)
@click.option("--write-map", metavar="FILE", help="Write what was found as a map; never over one.")
@click.option("--batch-by", metavar="COLUMN", help="Column that names the batch.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@reports_errors
def inspect(files: tuple[str, ...], as_json: bool, write_map: str | None, **options: object) -> int:
    """Tell what would be read: format, header, columns, first problems. Writes nothing.

    A FILE is an export or a folder of them; `-` is standard input. Serials, asset tags and host
    names are masked. Exit 3 when a file cannot be read; the others are told all the same.

    \b
    --json prints {"files": [...], "warnings": [...]}; a file is
      name status reason format encoding separator header_line system map
      lines_read lines_loaded lines_rejected lines_ignored reasons ignored_reasons
      columns   [{header canonical confidence how runner_up
                  runner_up_confidence conflict examples}]
      unplaced  [{header nearest}]
      problems  [{what lines records advice}], worst first; record 1 is
                the first under the header
      help      [sentence]
    """  # noqa: D301  the sign keeps the lines below it as they are
    settings = load_settings(options, os.environ, Path.cwd())
    from valuation.inspection import inspect_files
    from valuation.inspection import write_map as write

    found = inspect_files(files, settings)
    if write_map:
        write(found, Path(write_map))
    if as_json:
        told = {"files": found.files, "warnings": found.warnings}
        emit(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        emit("\n\n".join([*map(_file_text, found.files), *found.warnings]))
    if write_map:
        click.echo(f"The map lies in {write_map}.", err=True)
    return UNREADABLE if found.is_refused else 0


def _file_text(file: _File) -> str:
    """One file as text."""
    if file["status"] == "refused":
        return render([Table(file["name"], (), (), notes=tuple(_wrapped(file["reason"])))])
    tables = [_account(file), _columns(file), _left(file), _problems(file), _help(file)]
    return render([table for table in tables if table.rows or table.notes])


def _account(file: _File) -> Table:
    form = [file["format"], file["encoding"] or ""]
    if file["separator"]:
        form.append(f"separated by {_SEPARATORS.get(file['separator'], file['separator'])}")
    form.append(f"header in line {file['header_line']}" if file["header_line"] else "no header row")
    if file["system"]:
        form.append(f"system {file['system']}")
    if file["map"]:
        form.append(f"map {file['map']}")
    counts = (
        f"{file['lines_read']:,} lines read = {file['lines_loaded']:,} loaded + "
        f"{file['lines_rejected']:,} rejected + {file['lines_ignored']:,} ignored"
    )
    notes = (*_wrapped(", ".join(word for word in form if word)), *_wrapped(counts))
    return Table(file["name"], (), (), notes=notes)


def _columns(file: _File) -> Table:
    """The columns that are used, in the order of the file."""
    used = [column for column in file["columns"] if column["canonical"]]
    rows = [
        (
            _cut(column["header"], _WIDEST_HEADER),
            column["canonical"].replace("_", " "),
            f"{column['confidence']:.2f}",
            _how(column),
            _runner_up(column),
            ", ".join(column["examples"]),
        )
        for column in used
    ]
    names = ("column", "read as", "sure", "by", "or else", "examples")
    taken = [max(map(len, cells)) for cells in zip(names, *rows, strict=True)][:-1]
    left = max(shutil.get_terminal_size().columns - sum(taken) - 18, _LEAST_EXAMPLES)
    cut = [(*row[:-1], _cut(row[-1], left)) for row in rows]
    return Table("Columns", names, cut, text_columns=len(names))


def _how(column: _File) -> str:
    """How a column was decided, in a word."""
    how = str(column["how"])
    if column["conflict"]:
        return f"{how.split(maxsplit=1)[0]} !"
    return "system" if how.startswith("name of ") else "trimmed" if "filler" in how else how


def _runner_up(column: _File) -> str:
    if not column["runner_up"]:
        return ""
    return f"{column['runner_up'].replace('_', ' ')} {column['runner_up_confidence']:.2f}"


def _left(file: _File) -> Table:
    """Columns that are not used, with the name each may be meant for."""
    left = file["unplaced"]
    near = [(_cut(c["header"], 2 * _WIDEST_HEADER), c["nearest"]) for c in left if c["nearest"]]
    others = [_cut(c["header"], _WIDEST_HEADER) for c in left if not c["nearest"]]
    notes = [", ".join(others[i : i + 4]) for i in range(0, min(len(others), _NAMED_LEFT), 4)]
    if len(others) > _NAMED_LEFT:
        notes.append(f"and {len(others) - _NAMED_LEFT} more")
    title = f"Columns not used: {len(left)}"
    return Table(title, ("column", "nearest known name"), near, text_columns=2, notes=tuple(notes))


def _problems(file: _File) -> Table:
    notes = []
    for problem in file["problems"]:
        text = problem["what"]
        if problem["records"]:
            first = ", ".join(f"{record:,}" for record in problem["records"])
            lines = "1 line" if problem["lines"] == 1 else f"{problem['lines']:,} lines"
            text = f"{lines} {text} (first: {first})"
        notes += _wrapped(text)
    title = "Problems, worst first; record 1 is the first below the header"
    return Table(title, (), (), notes=tuple(notes))


def _help(file: _File) -> Table:
    return Table(
        "What would help",
        (),
        (),
        notes=tuple(line for text in file["help"] for line in _wrapped(text)),
    )


def _wrapped(text: str) -> list[str]:
    """A sentence in lines that fit the terminal, the later ones moved in."""
    width = max(shutil.get_terminal_size().columns - 2, 40)
    return textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
