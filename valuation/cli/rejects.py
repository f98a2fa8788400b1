"""`valuation rejects`: lines set aside as files to mend and give back."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valuation.cli.exits import emit, reports_errors
from valuation.cli.options import published_file

if TYPE_CHECKING:
    from valuation.rejects import Written


@click.command()
@published_file
@click.option(
    "--out",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder to write to.",
)
@click.option("--force", is_flag=True, help="Replace files that are there with another content.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@reports_errors
def rejects(db: Path, out: Path, force: bool, as_json: bool) -> int:
    """Write the lines that were set aside, one file for each export, laid out like it.

    Mend their cells and give each file to `valuation value` together with its export: its lines
    stand in for those set aside.
    """
    from valuation.rejects import write_rejects

    written = write_rejects(db, out, force=force)
    if as_json:
        files = [_object(one) for one in written]
        lines = sum(one.lines for one in written)
        emit(json.dumps({"db": str(db), "files": files, "lines": lines}, ensure_ascii=False))
    elif written:
        emit("\n".join(_sentence(one) for one in written))
        click.echo("Mend their cells and give each file to `valuation value` with its export.")
    else:
        emit(f"No line of {db} is set aside: nothing to write.")
    return 0


def _object(one: "Written") -> dict[str, object]:
    return {
        "source": one.source,
        "path": str(one.path),
        "encoding": one.encoding or None,
        "lines": one.lines,
        "reasons": one.reasons,
        "note": one.note or None,
        "written": one.is_new,
    }


def _sentence(one: "Written") -> str:
    reasons = ", ".join(f"{code.replace('_', ' ')} {n:,}" for code, n in one.reasons.items())
    lines = "1 line" if one.lines == 1 else f"{one.lines:,} lines"
    told = f"{one.path}: {lines} of {one.source} ({reasons})"
    notes = [one.note, "" if one.is_new else "the same was there already"]
    return "; ".join([told, *filter(None, notes)])
