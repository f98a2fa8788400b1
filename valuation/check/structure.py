"""Checks of form: files match their description, cells their type, keys are sorted."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from valuation.check.sheet import Book, Problem, Sheet, parse

WHAT_IT_IS = {
    "number": "a number with a decimal point",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": "a date like 2026-01-31",
}
SAMPLES = "samples"
"""Folder of example exports: input for the program, not reference data."""


def check_folder(folder: Path, resources: list[dict[str, Any]]) -> Iterator[Problem]:
    """Every described file exists, every CSV file is described, each once."""
    described: set[str] = set()
    names: set[str] = set()
    for resource in resources:
        name, path = str(resource.get("name", "")), str(resource.get("path", ""))
        if name in names or path in described:
            yield Problem("datapackage.json", None, None, name or path, "is described twice")
        names.add(name)
        described.add(path)
        if not (folder / path).is_file():
            yield Problem(path, None, None, None, "the file is described and does not exist")
    for file in sorted(folder.rglob("*.csv")):
        relative = file.relative_to(folder)
        if relative.parts[0] != SAMPLES and relative.as_posix() not in described:
            reason = "the file is not described in datapackage.json"
            yield Problem(relative.as_posix(), None, None, None, reason)


def check_description(resource: Mapping[str, Any]) -> Iterator[Problem]:
    """A table has a title, its keys are among its columns, and each column says what it is."""
    schema = resource["schema"]
    names = [field["name"] for field in schema["fields"]]
    where = "datapackage.json"
    if not resource.get("title"):
        yield Problem(where, None, None, resource["name"], "has no title")
    if not _listed(schema.get("primaryKey", [])):
        yield Problem(where, None, None, resource["name"], "has no primaryKey")
    foreign = [key["fields"] for key in schema.get("foreignKeys", [])]
    for columns in (schema.get("primaryKey", []), *foreign):
        for column in _listed(columns):
            if column not in names:
                yield Problem(where, None, column, resource["name"], "has no such key column")
    for field in schema["fields"]:
        if not field.get("description"):
            yield Problem(where, None, field["name"], resource["name"], "has no description of it")


def check_bytes(file: str, content: bytes) -> Iterator[Problem]:
    """UTF-8 without byte-order mark, LF, one line end at the end, no blank at the end of a line."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        yield Problem(file, row, None, None, "the text is not UTF-8")
    if content.startswith(b"\xef\xbb\xbf"):
        yield Problem(file, 1, None, None, "the file starts with a byte-order mark")
    if b"\r" in content:
        row = content.count(b"\n", 0, content.index(b"\r")) + 1
        yield Problem(file, row, None, None, "lines end with CR, only LF is allowed")
    if not content.endswith(b"\n") or content.endswith(b"\n\n"):
        yield Problem(file, None, None, None, "the file must end with exactly one line end")
    for number, line in enumerate(content.replace(b"\r", b"").split(b"\n"), start=1):
        if line != line.rstrip():
            yield Problem(file, number, None, None, "the line ends with blanks")


def check_cells(sheet: Sheet) -> Iterator[Problem]:
    """Every cell has its type and keeps its constraints, and no blanks surround it."""
    for field in sheet.fields:
        column = field["name"]
        faults: dict[str, str | None] = {}  # most texts of a column stand in many rows
        for row in sheet.rows:
            text = row[column]
            if text not in faults:
                faults[text] = _cell_fault(field, text)
            reason = faults[text]
            if reason:
                yield sheet.problem(row, column, reason)


def check_keys(sheet: Sheet) -> Iterator[Problem]:
    """Keys are complete, unique and in order: numbers and dates by value, text by code point."""
    key = _listed(sheet.resource["schema"].get("primaryKey", []))
    kinds = {field["name"]: field["type"] for field in sheet.fields}
    if not key or not set(key) <= set(kinds):
        return
    first_at: dict[tuple[str, ...], int] = {}
    previous: tuple[tuple[bool, Any], ...] | None = None
    for row in sheet.rows:
        texts = tuple(row[column] for column in key)
        for column, text in zip(key, texts, strict=True):
            if not text:
                yield sheet.problem(row, column, "the key is empty")
        label = " ".join(texts)
        if texts in first_at:
            reason = f"is the key of row {first_at[texts]} too"
            yield Problem(sheet.file, row.number, ", ".join(key), label, reason)
        first_at.setdefault(texts, row.number)
        try:
            place = tuple(
                (t != "", parse(kinds[c], t) if t else 0) for c, t in zip(key, texts, strict=True)
            )
        except ValueError:
            continue  # already reported with its cell
        if previous is not None and place < previous:
            reason = "is out of order: rows are sorted by key"
            yield Problem(sheet.file, row.number, ", ".join(key), label, reason)
        previous = place


def check_references(sheet: Sheet, book: Book) -> Iterator[Problem]:
    """Every foreign key finds its row."""
    for foreign in sheet.resource["schema"].get("foreignKeys", []):
        columns = _listed(foreign["fields"])
        target = foreign["reference"]["resource"] or sheet.name
        wanted = _listed(foreign["reference"]["fields"])
        if target not in book:
            reason = f"points to the table `{target}`, which is not described"
            yield Problem("datapackage.json", None, ", ".join(columns), sheet.name, reason)
            continue
        known = {tuple(row[c] for c in wanted) for row in book[target].rows}
        for row in sheet.rows:
            texts = tuple(row[c] for c in columns)
            if all(texts) and texts not in known:
                reason = f"is not in {book[target].file}"
                yield Problem(sheet.file, row.number, ", ".join(columns), " ".join(texts), reason)


def check_known(sheet: Sheet, book: Book, column: str, table: str) -> Iterator[Problem]:
    """A column that names rows of another table does so, even where no foreign key is declared."""
    declared = {
        name
        for foreign in sheet.resource["schema"].get("foreignKeys", [])
        for name in _listed(foreign["fields"])
    }
    if column not in sheet.columns or column in declared or table not in book:
        return
    known = {row[column] for row in book[table].rows} | {"", "*"}
    for row in sheet.rows:
        if row[column] not in known:
            yield sheet.problem(row, column, f"is not in {book[table].file}")


def _cell_fault(field: Mapping[str, Any], text: str) -> str | None:
    """What is wrong with a cell of this text."""
    if text != text.strip():
        return "has blanks around it"
    if not text:
        required = field.get("constraints", {}).get("required")
        return "the cell is empty and must not be" if required else None
    try:
        value = parse(field["type"], text)
    except ValueError:
        return f"is not {WHAT_IT_IS[field['type']]}"
    limits = field.get("constraints", {})
    if "enum" in limits and text not in [str(allowed) for allowed in limits["enum"]]:
        return f"is not one of {', '.join(str(allowed) for allowed in limits['enum'])}"
    if "pattern" in limits and not re.fullmatch(limits["pattern"], text):
        return f"does not have the form {limits['pattern']}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < limits.get("minimum", value):
            return f"is below {limits['minimum']}"
        if value > limits.get("maximum", value):
            return f"is above {limits['maximum']}"
    return None


def _listed(names: str | list[str]) -> list[str]:
    """Key columns: the standard allows one name in place of a list."""
    return [names] if isinstance(names, str) else list(names)
