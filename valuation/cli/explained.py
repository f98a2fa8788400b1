"""An explanation as people read it: the figure, its parts, their factors, then rows and sources."""

import textwrap
from collections.abc import Mapping, Sequence
from shutil import get_terminal_size
from typing import Any, Final

from valuation.cli.swings import sensitivity
from valuation.cli.text import UNKNOWN, Table, mass, number, percent, render

COMPACT: Final = 4
"""Parts whose factors are told without being asked for; the largest come first."""
LINES: Final = 6
"""Lines of a factor that are told without being asked for everything."""
KEYS: Final = 8
"""Keys of one table that are told beside a factor; more are counted."""
NARROWEST, WIDEST = 72, 160
SHORTEST: Final = 16
"""Letters of a title that are told however narrow the terminal is."""
MEASURES: Final = {
    "net_usd": "Net before any payment to the owner",
    "net_usd_at_fixed_prices": "Net with every price at its mid",
    "net_before_unknown_usd": "Net before unknown costs: an upper bound, never an offer",
    "gross_usd": "Sales at the point of sale",
    "cost_usd": "Costs of the chain",
    "ree_gross_usd": "Sales of rare earths",
    "other_gross_usd": "Sales of copper and precious metals",
    "resale_usd": "Sales of units that are used again",
    "magnet_feed_kg": "Magnets as the first plant takes them",
    "contained_kg": "Contained",
    "contained_ree_kg": "Rare earths contained",
    "contained_fan_ree_kg": "Rare earths contained in fans",
    "liberated_kg": "Leaving the last preprocess step",
    "recovered_element_kg": "Recovered, as element",
    "recovered_kg": "Recovered, as sold",
    "payable_kg": "Paid mass, as sold",
    "magnet_equivalent_kg": "Magnets the oxides could become",
    "magnet_equivalent_before_loss_kg": "Magnets the oxides could become, without loss",
}
BASES: Final = {
    "sales_by_content": "sales, by what the kit holds",
    "sales_by_capture": "sales, by the weakest capture",
    "sales_by_price": "sales, by the weakest price row",
    "costs": "costs",
}


def explained_text(found: Mapping[str, Any], depth: int | None) -> str:
    """An explanation as text.

    Args:
        found: What `explain` gives.
        depth: 1 the figure, 2 its parts, 3 their factors, 4 rows and sources; when not given, 2
            with the factors of the largest parts.
    """
    steps = depth or 2
    blocks = [_figure(found)]
    if steps >= 2:
        blocks += [_parts(found, steps), *_basis(found), *sensitivity(found)]
        told = found["figure"]["parts"]
        if depth is None:
            told = [part for part in told if part["mean"]][:COMPACT]
        if depth is None or steps >= 3:
            blocks += [_factors(part, found, steps) for part in told]
    if steps >= 4:
        blocks += [*_rows(found), _sources(found)]
    elif depth != 1:
        blocks.append(
            f"Rests on {len(found['rows']):,} rows of {len(found['sources']):,} sources: "
            "--full lists them, --json holds everything."
        )
    return "\n\n".join(filter(None, blocks))


def _width() -> int:
    return min(max(get_terminal_size((100, 24)).columns, NARROWEST), WIDEST)


def _wrapped(text: str, indent: str = "  ") -> str:
    return textwrap.fill(text, _width(), initial_indent=indent, subsequent_indent=indent)


def _amount(value: float | None, unit: str) -> str:
    return mass(value) if unit == "kg" else number(value)


def _figure(found: Mapping[str, Any]) -> str:
    figure, run, unit = found["figure"], found["run"], found["figure"]["unit"]
    about = [MEASURES.get(figure["measure"], figure["measure"])]
    if figure["element"]:
        about.append(figure["element"])
    if figure["product_id"] not in (None, "total"):
        about.append(figure["product_id"])
    name = f"{found['batch']['batch_id']}: {', '.join(about)}"
    if figure["route_id"]:
        name += f", route {figure['route_id']}"
    shown = _amount(figure["mean"], unit) + (" USD" if unit == "USD" else "")
    if figure["mean"] is None:
        lines = [_wrapped(f"Unknown, because: {figure['reason']}")]
    else:
        interval = f"{_amount(figure['p10'], unit)} and {_amount(figure['p90'], unit)}"
        lines = [f"  mean {shown}; 8 of 10 times between {interval}"]
    if figure["mean_at_fixed_prices"] is not None:
        lines.append(
            f"  with every price at its mid: {_amount(figure['mean_at_fixed_prices'], unit)}"
        )
    if figure["standard_error"] is not None:
        error = _amount(figure["standard_error"], unit)
        lines.append(f"  the mean is that of {run['draws']:,} draws, standard error {error}")
    kept = " (kept in batch_draw)" if figure["draws_kept"] else ""
    files = ", ".join(found["batch"]["files"])
    world = (
        f"deck {run['deck_id']} as of {run['as_of']}, data version {run['data_version']}, "
        f"seed {run['seed']}, {run['draws']:,} draws{kept}"
    )
    lines += [
        *(_wrapped(note) for note in found["notes"]),
        _wrapped(world),
        _wrapped(
            f"{found['batch']['lines']:,} lines of {files}: "
            f"{number(found['batch']['units_listed'])} units listed, "
            f"{number(found['batch']['units_embedded'])} inside hosts, "
            f"{number(found['batch']['units_unidentified'])} unidentified (in no figure)"
        ),
    ]
    return "\n".join([name, *lines])


def _parts(found: Mapping[str, Any], steps: int) -> str:
    figure, check = found["figure"], found["check"]
    unit = figure["unit"]
    shown = [part for part in figure["parts"] if part["mean"] != 0 or steps >= 3]
    cells = [
        (
            f"{part['kind']} {part['id']}",
            part["title"],
            _amount(part["mean"], unit) if part["mean"] is not None else UNKNOWN,
            _range(part, unit),
            part.get("basis") or "",
        )
        for part in shown
    ]
    columns = ("part", "", "mean", "P10 to P90", "basis")
    rows = _fitted([columns, *cells])[1:]
    notes = [f"{part['id']}: {part['reason']}" for part in figure["parts"] if part.get("reason")]
    if nothing := len(figure["parts"]) - len(shown):
        notes.append(f"{nothing} parts of nothing are left out.")
    total = _amount(check["sum_of_parts"], unit)
    if check["adds_up"] is None:
        notes.append(
            f"What is known adds up to {total}; {check['unknown_parts']} parts are not known."
        )
    else:
        says = "equal to the figure" if check["adds_up"] else "NOT EQUAL TO THE FIGURE"
        notes.append(
            f"Check: the parts add up to {total}, {says} (difference {check['difference']:.1e})."
        )
    title = "What it is the sum of" + (", in USD" if unit == "USD" else "")
    wrapped = tuple(_wrapped(note, "").replace("\n", "\n  ") for note in notes)
    return render([Table(title, columns, rows, text_columns=2, notes=wrapped)])


def _fitted(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Rows with the second cell, a title, cut to the room the others leave."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    room = _width() - sum(widths) + widths[1] - 2 * len(widths)
    most = max(room, SHORTEST)
    return [(first, _short(title, most), *rest) for first, title, *rest in rows]


def _range(part: Mapping[str, Any], unit: str) -> str:
    if part.get("p10") is None or part.get("p90") is None:
        return ""
    return f"{_amount(part['p10'], unit)} to {_amount(part['p90'], unit)}"


def _basis(found: Mapping[str, Any]) -> list[str]:
    if not found["basis"]:
        return []
    rows = [
        (BASES[question], *(percent(shares.get(basis, 0.0)) for basis in _KINDS))
        for question, shares in found["basis"].items()
    ]
    return [render([Table("On what it rests", ("share of", *_KINDS), rows)])]


_KINDS: Final = ("measured", "reported", "derived", "assumed")


def _factors(part: Mapping[str, Any], found: Mapping[str, Any], steps: int) -> str:
    unit = found["figure"]["unit"]
    where = f" (step {part['step_no']}: {part['step']})" if part.get("step") else ""
    head = f"{part['kind']} {part['id']}: {_amount(part['mean'], unit)}{where}"
    lines = [head]
    told = part["factors"] if steps >= 3 else part["factors"][:LINES]
    for factor in told:
        value = (
            _amount(factor["value"], "kg") if factor["unit"] == "kg" else number(factor["value"])
        )
        label = value if factor["unit"] in ("kg", "1") else f"{value} {factor['unit']}"
        basis = ", ".join(_basis_of(factor, found))
        lines.append(_wrapped(f"{factor['factor']} {label}: {factor['text']} [{basis}]"))
        if factor.get("reason"):
            lines.append(_wrapped(factor["reason"], "    "))
        if factor.get("lines"):
            lines.append(_chain(factor, steps))
        if factor.get("classes"):
            lines.append(_wrapped(_classes(factor["classes"], steps), "    "))
        if steps >= 4:
            lines += [_wrapped(told, "    ") for told in _rows_of(factor["rows"], found)]
    if rest := len(part["factors"]) - len(told):
        lines.append(f"  and {rest} more")
    return "\n".join(lines)


def _rows_of(names: Sequence[str], found: Mapping[str, Any]) -> list[str]:
    """Rows of a factor by table; where there are many, how many of them."""
    keys: dict[str, list[str]] = {}
    for name in names:
        row = found["rows"][name]
        keys.setdefault(row["table"], []).append(row["key"])
    return [
        f"{table}: " + (", ".join(of) if len(of) <= KEYS else f"{len(of)} rows, listed below")
        for table, of in keys.items()
    ]


def _basis_of(factor: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """How many rows of each basis a factor rests on."""
    bases = [found["rows"][row]["basis"] or "unknown" for row in factor["rows"]]
    counted = [(basis, bases.count(basis)) for basis in (*_KINDS, "unknown")]
    return [f"{count} {basis}" for basis, count in counted if count] or ["no row"]


def _chain(factor: Mapping[str, Any], steps: int) -> str:
    every = factor["lines"]
    if steps < 3 and any(line.get("usd") for line in every):  # the stream itself brings nothing
        every = [line for line in every if line["usd"]]
    shown = every if steps >= 3 else every[:LINES]
    rows = [
        (
            f"    {line['stream']} {line['element']}",
            mass(line["contained_kg"]),
            percent(line["share"]),
            mass(line["arriving_kg"]),
            number(line["usd"]) if line.get("usd") is not None else "",
        )
        for line in shown
    ]
    rest = len(every) - len(shown)
    notes = (f"    and {rest} lines more",) if rest > 0 else ()
    columns = ("    stream and element", "contained", "captured", "arrives", "USD")
    if not any(row[-1] for row in rows):
        return render([Table("", columns[:-1], [row[:-1] for row in rows], notes=notes)])
    return render([Table("", columns, rows, notes=notes)])


def _classes(classes: Sequence[Mapping[str, Any]], steps: int) -> str:
    shown = classes if steps >= 3 else classes[:LINES]
    told = [
        f"{number(row['units'])} x {row['item_class']}"
        + (f" ({row['families']} families)" if row["families"] > 1 else "")
        for row in shown
    ]
    rest = len(classes) - len(shown)
    return "from " + ", ".join(told) + (f" and {rest} classes more" if rest else "")


def _rows(found: Mapping[str, Any]) -> list[str]:
    """Every row reached, by table, with its number, spread, basis and source."""
    by_table: dict[str, list[Mapping[str, Any]]] = {}
    for row in found["rows"].values():
        by_table.setdefault(row["table"], []).append(row)
    tables = []
    for table in sorted(by_table):
        rows = [
            (
                _short(row["key"], 52),
                row["spread_kind"] if table != "price" else "quotation",
                row["basis"] or "",
                row["source_id"],
                _short(row["locator"] or "", 40),
                number(row["value"]),
                number(row["low"]) if row["low"] is not None else "",
                number(row["high"]) if row["high"] is not None else "",
                row["unit"] or "",
                _drawn(row["parameter"]),
            )
            for row in sorted(by_table[table], key=lambda row: row["key"])
        ]
        columns = (
            "row", "spread", "basis", "source", "place in it", "value", "low", "high", "unit",
            "drawn P10 to P90",
        )  # fmt: skip
        tables.append(Table(f"Rows of {table}", columns, rows, text_columns=5))
    return [render(tables)]


def _drawn(parameter: Mapping[str, Any] | None) -> str:
    if parameter is None:
        return ""
    return f"{number(parameter['p10'])} to {number(parameter['p90'])}"


def _sources(found: Mapping[str, Any]) -> str:
    rows = [
        (
            source["source_id"],
            str(source["year"] or ""),
            source["title"],
            source["url_or_doi"] or "",
        )
        for source in found["sources"].values()
    ]
    return render([Table("Sources", ("source", "year", "title", "where"), rows, text_columns=4)])


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
