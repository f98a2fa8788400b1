"""Checks of content data: every class has its rows, shares close, alloys hold no more than 1."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator

from valuation.check.sheet import Book, Problem, Row, Sheet
from valuation.units import ELEMENTS, HOST_KINDS, KINDS

BOARDS = ("board", "drive_board")
"""Materials that are boards, so that the kind of board says what they hold."""
WITHOUT_CONTENT = "other"
"""The class of things that hold nothing: it has no mass and no materials."""
LEVELS = ("basis", "class", "family", "piece")
SHAPES = ("alpha", "beta")
IN_ALLOY = ("ree_total", "tb", "boron", "cobalt", "minor")
"""Fractions that share one alloy with iron; dysprosium and praseodymium are inside ree_total."""
ALLOY_QUANTITIES = (
    *IN_ALLOY, "dy_mean", "dy_family_shape", "pr_share_scale", "pr_share_alpha", "pr_share_beta",
    "coating",
)  # fmt: skip
DATED = ("to-2012", "from-2013")
SUM_TOLERANCE = 1e-9
REMAINDER = "remainder"
GRAMS_PER_KG = 1000.0


def check_classes(book: Book) -> Iterator[Problem]:
    """Every class has a known kind, a gross mass, materials, and a bare share if it is a host."""
    classes = book["item_class"]
    kinds = {row["item_class"]: row["kind"] for row in classes.rows}
    for row in classes.rows:
        if row["kind"] not in KINDS:
            yield classes.problem(row, "kind", "is no kind of item")
    for kind in sorted(set(KINDS) - set(kinds.values()) - {"unidentified"}):
        yield classes.fault(f"no class has the kind {kind}")
    with_content = set(kinds) - {WITHOUT_CONTENT}
    hosts = {name for name, kind in kinds.items() if kind in HOST_KINDS}
    for table, wanted in (
        ("gross_mass", with_content),
        ("material_share", with_content),
        ("bare_share", hosts),
    ):
        have = {row["item_class"] for row in book[table].rows}
        for name in sorted(wanted - have):
            yield book[table].fault(f"the class {name} has no row")
    for row in book["bare_share"].rows:
        if row["item_class"] not in hosts:
            yield book["bare_share"].problem(row, "item_class", "is no host")


def check_shares(book: Book) -> Iterator[Problem]:
    """Materials of a class and mixes of classes add up to 1; boards say their type."""
    materials = book["material_share"]
    yield from _closed(materials, ("item_class",))
    yield from _closed(book["prior_mix"], ())
    yield from _closed(book["case_mix"], ("mix_id",))
    described = {row["material_id"] for row in book["material_element"].rows}
    for row in materials.rows:
        if (row["material"] in BOARDS) != bool(row["board_type"]):
            yield materials.problem(row, "board_type", "is filled for boards and for nothing else")
        held_in = row["board_type"] or row["material"]
        if held_in not in {*described, "remainder"}:
            yield materials.problem(row, "material", f"has no elements: no row for {held_in}")
    elements = book["material_element"]
    for material in sorted(described):
        rows = [r for r in elements.rows if r["material_id"] == material and r["unit"] == "1"]
        total = math.fsum(row.number_in("value") or 0 for row in rows)
        if total > 1 + SUM_TOLERANCE:
            yield elements.fault(f"the elements of {material} add up to {total:.4g}, above 1")


def check_magnets(book: Book) -> Iterator[Problem]:
    """Every magnet has all levels of spread, every NdFeB share both shapes of its Beta."""
    magnets, spreads, shares = book["magnet_mass"], book["magnet_spread"], book["ndfeb_share"]
    levels = defaultdict(set)
    for row in spreads.rows:
        levels[row["item_class"], row["magnet_location"]].add(row["level"])
        if (row["level"] == "basis") != bool(row["shared_key"]):
            reason = "is filled for the basis level and for nothing else"
            yield spreads.problem(row, "shared_key", reason)
    shapes = defaultdict(set)
    for row in shares.rows:
        shapes[row["ndfeb_share_id"]].add(row["parameter"])
    for name, found in sorted(shapes.items()):
        for shape in sorted(set(SHAPES) - found):
            yield shares.fault(f"the share {name} has no {shape}")
    for row in magnets.rows:
        place = row["magnet_location"]
        found = levels[row["item_class"], place] | levels["*", place]
        for level in sorted(set(LEVELS) - found):
            reason = f"has no {level} spread for {place}"
            yield magnets.problem(row, "item_class", reason)


def check_room(book: Book) -> Iterator[Problem]:
    """The magnets of a class find their place in the remainder of its materials."""
    numbers: dict[str, dict[str, float]] = defaultdict(dict)
    for name in ("gross_mass", "bare_share"):
        for row in book[name].rows:
            numbers[name][row["item_class"]] = row.number_in("value") or 0.0
    room = {
        row["item_class"]: (row.number_in("value") or 0.0)
        for row in book["material_share"].rows
        if row["material"] == REMAINDER
    }
    sheet = book["magnet_mass"]
    magnets: dict[str, list[tuple[float, Row]]] = defaultdict(list)
    for row in sheet.rows:
        mass_g = (row.number_in("rotors") or 0.0) * (row.number_in("value") or 0.0)
        magnets[row["item_class"]].append((mass_g, row))
    for name, found in magnets.items():
        bare_kg = numbers["gross_mass"].get(name, 0.0) * numbers["bare_share"].get(name, 1.0)
        if not bare_kg:
            continue  # reported with the classes
        share = math.fsum(mass for mass, _ in found) / GRAMS_PER_KG / bare_kg
        if share >= room.get(name, 0.0):
            _, heaviest = max(found, key=lambda pair: pair[0])
            reason = f"makes magnets {share:.3g} of {name}, whose remainder leaves {room.get(name)}"
            yield sheet.problem(heaviest, "value", reason)


def check_alloys(book: Book) -> Iterator[Problem]:
    """Every alloy has every quantity, for any year or for both periods, and closes below 1."""
    sheet = book["alloy"]
    alloys: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
    for row in sheet.rows:
        number = row.number_in("value") or 0.0
        alloys[row["alloy_id"]][row["vintage"], row["quantity"]] = number
    for name, numbers in sorted(alloys.items()):
        for quantity in ALLOY_QUANTITIES:
            dated = all((vintage, quantity) in numbers for vintage in DATED)
            if ("any", quantity) not in numbers and not dated:
                yield sheet.fault(f"the alloy {name} has no {quantity} for every year of make")
        is_dated = any(vintage in DATED for vintage, _ in numbers)
        if is_dated and ("unknown", "share_from_2013") not in numbers:
            yield sheet.fault(f"the alloy {name} has no share_from_2013 for unknown years")
        for vintage in ("any", *DATED):
            values = {
                quantity: numbers.get((vintage, quantity), numbers.get(("any", quantity), 0.0))
                for quantity in ALLOY_QUANTITIES
            }
            total = math.fsum(values[quantity] for quantity in IN_ALLOY)
            if total > 1 + SUM_TOLERANCE:
                yield sheet.fault(f"the alloy {name} adds up to {total:.4g}, above 1")
            if values["dy_mean"] > values["ree_total"]:
                yield sheet.fault(f"the alloy {name} holds more dysprosium than rare earths")


def check_hosts(book: Book) -> Iterator[Problem]:
    """Typical contents name parts of the stated kind, inside hosts."""
    sheet = book["host_content"]
    kinds = {row["item_class"]: row["kind"] for row in book["item_class"].rows}
    families = book["catalogue"].rows if "catalogue" in book else ()
    kinds |= {row["family_key"]: row["kind"] for row in families}
    for row in sheet.rows:
        if kinds.get(row["host_key"]) not in HOST_KINDS:
            yield sheet.problem(row, "host_key", "is no host class and no catalogue host")
        if kinds.get(row["component_class"]) != row["component_kind"]:
            reason = f"is not of the kind {row['component_kind']}"
            yield sheet.problem(row, "component_class", reason)


def check_elements(book: Book, special: Iterable[str]) -> Iterator[Problem]:
    """Element columns hold elements of the model, or `*` for every element.

    Args:
        book: All tables.
        special: Further words a table of captures may hold in place of an element.
    """
    for sheet in book.values():
        if "element" not in sheet.columns:
            continue
        known = {"*", *ELEMENTS, *(special if "sink" in sheet.columns else ())}
        for row in sheet.rows:
            if row["element"] and row["element"] not in known:
                yield sheet.problem(row, "element", "is no element of the model")


def _closed(sheet: Sheet, by: tuple[str, ...]) -> Iterator[Problem]:
    """The values of each group add up to 1."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in sheet.rows:
        groups[tuple(row[column] for column in by)].append(row)
    for label, rows in sorted(groups.items()):
        total = math.fsum(row.number_in("value") or 0.0 for row in rows)
        if abs(total - 1) > SUM_TOLERANCE:
            whose = f"the shares of {' '.join(label)}" if label else "the shares"
            reason = f"{whose} add up to {total:.6g}, not to 1"
            yield Problem(sheet.file, rows[0].number, "value", None, reason)
