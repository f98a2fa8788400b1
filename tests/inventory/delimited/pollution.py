"""Polluters: one clean inventory, and every file that one careless writer could make of it.

The kinds of pollution are those of the Pollock benchmark (Vitagliano et al., PVLDB 16, 2023):
a separator more or less in any row and column, a stray quote in any cell, another separator in one
row or everywhere, other record separators, quotes and escapes, lines before the header, a header
over several rows, no header, several tables in one file, no payload. All are written here.
"""

import random
from collections.abc import Iterator
from typing import Final, NamedTuple

HEADER: Final = (
    "Asset Tag", "Serial Number", "Manufacturer", "Model", "Type", "Description", "Capacity",
    "Quantity", "Location",
)  # fmt: skip
ROWS: Final = 83

Row = tuple[str, ...]

_DRIVES: Final = (
    ("Seagate", "ST4000NM0033", "Hard Disk", "3.5 in, 7200 rpm", "4 TB"),
    ("HGST", "HUH721212ALE604", "Hard Disk", 'Ultrastar 3.5" helium', "12 TB"),
    ("Samsung", "MZ7LM480HCHP", "SSD", "SATA 2.5 in", "480 GB"),
    ("Dell", "PowerEdge R740", "Server", "2U, two sockets, no drives", ""),
    ("Delta", "DPS-750AB", "Power Supply", "750 W hot plug", ""),
    ("Cisco", "N9K-C93180YC-EX", "Switch", 'ToR, 19" rack', ""),
)


class Polluted(NamedTuple):
    """A file: what was done to it, its bytes, and the rows that are in it unharmed or mended."""

    kind: str
    name: str
    content: bytes
    rows: tuple[Row, ...]


def plain_inventory() -> tuple[Row, ...]:
    """Clean rows that need no quote."""
    signs = str.maketrans({",": None, '"': None, "\n": " "})
    return tuple(tuple(cell.translate(signs) for cell in row) for row in inventory())


def inventory() -> tuple[Row, ...]:
    """The clean rows: commas, inch marks, blank cells and one line break among them."""
    rng = random.Random(7)
    rows = []
    for i in range(ROWS):
        maker, model, kind, text, capacity = _DRIVES[i % len(_DRIVES)]
        serial = "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=9)) + str(i)
        text = f"{text},\nsecond line" if i == 40 else text
        place = "" if i % 9 == 0 else f"Hall {i % 4}"
        row = (f"AT{i:05}", serial, maker, model, kind, text, capacity, str(1 + i % 5), place)
        rows.append(row)
    return tuple(rows)


def cell_text(cell: str, delimiter: str = ",", quote: str = '"', escaped: str = '""') -> str:
    """A cell as a writer of delimited text puts it down."""
    if any(sign in cell for sign in (delimiter, quote, "\n")):
        return quote + cell.replace(quote, escaped) + quote
    return cell


def text(rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> bytes:
    """Rows of finished cells as a file."""
    return "".join(delimiter.join(row) + end for row in rows).encode()


def polluted() -> Iterator[Polluted]:
    """Every file, and the clean one first."""
    rows = inventory()
    table = [[cell_text(c) for c in row] for row in (HEADER, *rows)]
    yield Polluted("clean", "clean", text(table), rows)
    yield from _separators(table, rows)
    yield from _quotes(table, rows)
    yield from _other_separators(table, rows)
    yield from _writers(rows)
    yield from _frames(table, rows)
    yield from _tables(table, rows)
    yield from _plain_polluted()


def _plain_polluted() -> Iterator[Polluted]:
    """A tenth of the places of a file in which nothing else needs care."""
    rows = plain_inventory()
    table = [[cell_text(c) for c in row] for row in (HEADER, *rows)]
    yield Polluted("clean", "plain_clean", text(table), rows)
    for kind in (_separators, _quotes, _other_separators):
        for number, file in enumerate(kind(table, rows)):
            if number % 10 == 0 or number > 82 * 17:
                yield file._replace(name=f"plain_{file.name}")


def _changed(table: list[list[str]], at: int, line: str) -> bytes:
    """The table with one finished line in place of a row."""
    lines = [",".join(row) for row in table]
    lines[at] = line
    return ("\n".join(lines) + "\n").encode()


def _separators(table: list[list[str]], rows: tuple[Row, ...]) -> Iterator[Polluted]:
    for i in range(1, len(table)):
        others = rows[: i - 1] + rows[i:]
        for j in range(len(HEADER)):
            more = ",".join([*table[i][:j], "," + table[i][j], *table[i][j + 1 :]])
            yield Polluted("a separator more", f"more_{i}_{j}", _changed(table, i, more), others)
        for j in range(len(HEADER) - 1):
            less = ",".join(table[i][: j + 1]) + ",".join(table[i][j + 1 :])
            yield Polluted("a separator less", f"less_{i}_{j}", _changed(table, i, less), others)


def _quotes(table: list[list[str]], rows: tuple[Row, ...]) -> Iterator[Polluted]:
    """A quote in every cell, at its start, middle or end in turn."""
    for i in range(1, len(table)):
        for j in range(len(HEADER)):
            cell = table[i][j]
            at = (i + j) % 3 * len(cell) // 2
            line = ",".join([*table[i][:j], cell[:at] + '"' + cell[at:], *table[i][j + 1 :]])
            name = f"quote_{i}_{j}"
            yield Polluted("a stray quote", name, _changed(table, i, line), rows)


def _other_separators(table: list[list[str]], rows: tuple[Row, ...]) -> Iterator[Polluted]:
    for i in range(1, len(table)):
        for name, sign in (("semicolon", ";"), ("tab", "\t"), ("pipe", "|"), ("blank", " ")):
            content = _changed(table, i, sign.join(table[i]))
            yield Polluted("another separator in a row", f"row_{name}_{i}", content, rows)
    signs = {
        "semicolon": ";", "tab": "\t", "pipe": "|", "comma_blank": ", ", "caret": "^",
        "tilde": "~", "colon": ":", "unit": "\x1f", "blank": " ",
    }  # fmt: skip
    for name, sign in signs.items():
        whole = [[cell_text(c, sign) for c in row] for row in (HEADER, *rows)]
        content = text(whole, sign)
        yield Polluted("another separator everywhere", f"all_{name}", content, rows)


def _writers(rows: tuple[Row, ...]) -> Iterator[Polluted]:
    """Other record separators, quotes and escapes."""
    table = [[cell_text(c) for c in row] for row in (HEADER, *rows)]
    for name, end in (("crlf", "\r\n"), ("cr", "\r")):
        yield Polluted("another record separator", name, text(table, end=end), rows)
    mixed = "".join(",".join(row) + ("\r\n", "\n")[i % 2] for i, row in enumerate(table))
    yield Polluted("another record separator", "mixed", mixed.encode(), rows)
    for name, quote, escaped in (
        ("apostrophe", "'", "''"),
        ("backslash", '"', '\\"'),
        ("no_escape", '"', '"'),
    ):
        odd = [[cell_text(c, ",", quote, escaped) for c in row] for row in (HEADER, *rows)]
        yield Polluted("another quote or escape", name, text(odd), rows)
    every = [[f'"{c.replace(chr(34), chr(34) * 2)}"' for c in row] for row in (HEADER, *rows)]
    yield Polluted("another quote or escape", "all_quoted", text(every), rows)
    single = [[f"'{c}'" for c in row] for row in (HEADER, *rows)]
    yield Polluted("another quote or escape", "all_apostrophes", text(single), rows)


def _frames(table: list[list[str]], rows: tuple[Row, ...]) -> Iterator[Polluted]:
    """What stands around the table, and a table without some of itself."""
    clean = text(table)
    yield Polluted("no payload", "empty", b"", ())
    yield Polluted("no payload", "blank", b"\n\n", ())
    yield Polluted("no payload", "header_only", text(table[:1]), ())
    yield Polluted("lines before or after", "one_row", text(table[:2]), rows[:1])
    yield Polluted("lines before or after", "no_last_end", clean[:-1], rows)
    yield Polluted("lines before or after", "blank_lines_after", clean + b"\n\n", rows)
    for name, before in (
        ("title", b"Asset report\n"),
        ("titles", b"Asset report\nprinted on,2026-11-22\n\n"),
        ("comments", b"# exported by hand\n# second remark, with a comma\n"),
        ("excel", b"sep=,\n"),
        ("wide", b"Report,,,,,,,,\n,,,,,,,,\n"),
    ):
        yield Polluted("lines before or after", f"before_{name}", before + clean, rows)
    foot = b"\nEnd of report\n83 rows\n"
    yield Polluted("lines before or after", "after", clean + foot, rows)
    yield Polluted("no header", "no_header", text(table[1:]), ())
    two = [[word.split()[0] for word in HEADER], [" ".join(w.split()[1:]) for w in HEADER]]
    yield Polluted("a header over several rows", "header_two", text(two + table[1:]), rows)
    three = [*two[:1], [""] * len(HEADER), *two[1:]]
    yield Polluted("a header over several rows", "header_three", text(three + table[1:]), rows)
    unit = ["", "", "", "", "", "", "(TB or GB)", "(pcs)", ""]
    units = [table[0], unit, *table[1:]]
    yield Polluted("a header over several rows", "header_units", text(units), rows)
    groups = ["Asset", "", "Product", "", "", "", "", "", "Where"]
    yield Polluted("a header over several rows", "header_groups", text([groups, *table]), rows)
    twice = [table[0], *table]
    yield Polluted("a header over several rows", "header_twice", text(twice), rows)


def _tables(table: list[list[str]], rows: tuple[Row, ...]) -> Iterator[Polluted]:
    """Several tables in one file."""
    half = ROWS // 2
    first, second = text(table[: half + 1]), text([table[0], *table[half + 1 :]])
    kind = "several tables in a file"
    yield Polluted(kind, "same", first + second, rows)
    yield Polluted(kind, "same_apart", first + b"\n\n" + second, rows)
    yield Polluted(kind, "same_titled", first + b"\nSecond hall\n" + second, rows)
    shouted = [[name.upper() for name in HEADER], *table[half + 1 :]]
    yield Polluted(kind, "same_shouted", first + text(shouted), rows)
    people = b"Name,Telephone,Mail\nAnn,123,ann@example.org\nBob,456,bob@example.org\n"
    yield Polluted(kind, "narrower", text(table) + b"\n" + people, rows)
    sites = [["Site", "Street", "City", "Country", "Contact", "Telephone", "Mail", "Open", "Note"]]
    sites += [["S1", "High Street 1", "Austin", "US", "Ann", "1", "a@example.org", "daily", ""]] * 4
    yield Polluted(kind, "as_wide", text(table) + text(sites), rows)
    yield Polluted(kind, "as_wide_apart", text(table) + b"\n" + text(sites), rows)
    wider = [[*site, "x", "y"] for site in sites]
    yield Polluted(kind, "wider", text(table) + b"\n" + text(wider), rows)
    yield Polluted(kind, "before", people + b"\n" + text(table), rows)
    moved = [[*row[3:], *row[:3]] for row in table]
    other = text(moved[:1]) + text(moved[half + 1 :])
    yield Polluted(kind, "other_order", first + other, rows)
    yield Polluted(kind, "other_order_apart", first + b"\n" + other, rows)
    fewer = [[row[1], row[3], row[5]] for row in table]
    part = text(fewer[:1]) + text(fewer[half + 1 :])
    short = tuple(("", r[1], "", r[3], "", r[5], "", "1", "") for r in rows[half:])
    yield Polluted(kind, "fewer_columns", first + part, rows[:half] + short)
