"""One lot worked by hand for `data/README.md`: arithmetic on rows, line by line, no code of ours.

`python -m tests.worked_lot` from the project's folder puts the page into place;
`tests/test_worked_lot.py` fails when a line is not what its arithmetic or a run of the lot gives.
"""

import ast
import math
import operator
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from tests.worked_rows import AIR, HELIUM, ROOT, Rows

PAGE = ROOT / "data" / "README.md"
LOT = """Asset Tag,Manufacturer,Model,Quantity
H-1,Seagate,ST16000NM001G,60
H-2,Seagate,ST4000NM0035,40
"""
ROUTE = "ionic-belfast"
BEGIN, END = "<!-- worked lot: begin -->", "<!-- worked lot: end -->"
Z = 2 * 1.6448536269514722
"""Standard deviations between the 5 % and the 95 % point of a normal distribution."""


@dataclass(frozen=True)
class Line:
    """One line of the page.

    Attributes:
        label: What later lines call it.
        title: What it is.
        arithmetic: On numbers of rows, and on labels above.
        unit: Of the result.
        query: A filter on a table of the database that leaves one row, and the column of it.
    """

    label: str
    title: str
    arithmetic: str
    unit: str
    query: tuple[str, str, str]

    @property
    def place(self) -> str:
        """Where the database has it, in few words: the table, and the texts of the filter."""
        table, where, column = self.query
        names = [name for name in re.findall(r"'([^']+)'", where) if name != column]
        return " ".join(f"`{name}`" for name in (table, *names))


def lines() -> Iterator[Line]:
    """Every line of the page, in order."""
    rows = Rows()
    yield from _contained(rows)
    yield from _recovered(rows)
    yield from _sold(rows)
    yield from _cost(rows)


def _levels(rows: Rows, item_class: str, location: str) -> str:
    spread = pl.read_csv(ROOT / "data/content/magnet_spread.csv", infer_schema=False)
    found = []
    for level in ("basis", "class", "family", "piece"):
        here = spread.filter(pl.col("magnet_location") == location, pl.col("level") == level)
        own = here.filter(pl.col("item_class") == item_class)
        row = own if own.height else here.filter(pl.col("item_class") == "*")
        found.append(row["value"].item())
    median = rows.find("content/magnet_mass", item_class=item_class, magnet_location=location)
    return f"L({median['value']}; {', '.join(found)})"


COILS = "(60 × A + 40 × B) / 1000"
"""Voice-coil magnets of the lot with their coating. [kg]"""


def _contained(rows: Rows) -> Iterator[Line]:
    for label, title, item_class, stream in (
        ("A", "voice-coil magnet of one helium drive", HELIUM, "voice_coil"),
        ("B", "voice-coil magnet of one drive with air", AIR, "voice_coil"),
        ("C", "spindle ring of one drive", AIR, "spindle"),
    ):
        where = f"item_class = '{item_class}' and stream = '{stream}'"
        levels = _levels(rows, item_class, stream)
        yield Line(label, title, levels, "g", ("content", where, "mean_g"))

    def alloy(quantity: str, vintage: str = "any", name: str = "sintered-voice-coil") -> str:
        return rows.mean("content/alloy", alloy_id=name, vintage=vintage, quantity=quantity)

    def held(element: str) -> tuple[str, str, str]:
        return "batch_value", f"measure = 'contained_kg' and element = '{element}'", "mean"

    bare = f"{COILS} × (1 − {alloy('coating')})"
    rings = f"100 × C / 1000 × {alloy('ree_total', name='bonded-ndfeb')}"
    pr, ring_pr = (
        f"{alloy('pr_share_scale', name=name)} × {alloy('pr_share_alpha', name=name)} / "
        f"({alloy('pr_share_alpha', name=name)} + {alloy('pr_share_beta', name=name)})"
        for name in ("sintered-voice-coil", "bonded-ndfeb")
    )
    total = f"{bare} × {alloy('ree_total')}"
    yield Line("D", "dysprosium", f"{bare} × {alloy('dy_mean', 'from-2013')}", "kg", held("dy"))
    yield Line("T", "terbium", f"{bare} × {alloy('tb')}", "kg", held("tb"))
    yield Line("P", "praseodymium", f"({total} − D) × {pr} + {rings} × {ring_pr}", "kg", held("pr"))
    yield Line("N", "neodymium", f"{total} + {rings} − D − P − T", "kg", held("nd"))
    pulled = f"{rows.capture('dismantle-voice-coil')} × {rows.capture('yoke-removal')}"

    def off_yoke(element: str) -> tuple[str, str, str]:
        return "batch_value", f"measure = 'liberated_kg' and element = '{element}'", "mean"

    yield Line("R", "praseodymium off its yoke", f"({total} − D) × {pr} × {pulled}", "kg",
               off_yoke("pr"))  # fmt: skip
    yield Line("S", "neodymium off its yoke", f"({total} − D − T) × {pulled} − R", "kg",
               off_yoke("nd"))  # fmt: skip


def _made(product: str, measure: str) -> tuple[str, str, str]:
    where = f"measure = '{measure}' and product_id = '{product}' and element is null"
    return "batch_value", where, "mean"


def _recovered(rows: Rows) -> Iterator[Line]:
    leached = rows.capture("ionic-hydromet", element="nd")
    off = f"{rows.capture('dismantle-voice-coil')} × {rows.capture('yoke-removal')} × {leached}"
    yield Line("NO", "NdPr oxide", f"(S × {_oxide('nd')} + R × {_oxide('pr')}) × {leached}", "kg",
               _made("ndpr_oxide", "recovered_kg"))  # fmt: skip
    for label, title, of, element in (
        ("DO", "dysprosium oxide", "D", "dy"),
        ("TO", "terbium oxide", "T", "tb"),
    ):
        yield Line(label, title, f"{of} × {off} × {_oxide(element)}", "kg",
                   _made(f"{element}_oxide", "recovered_kg"))  # fmt: skip
    kit, frames = [], []
    for family, item_class, units, coil in (
        ("seagate-exos-x16", HELIUM, 60, "A"),
        ("seagate-exos-7e8", AIR, 40, "B"),
    ):
        own = rows.mean("identity/family_mass", family_key=family)
        of_class = rows.mean("content/gross_mass", item_class=item_class)
        kit.append(f"{units} × {own} / 1000")
        magnets = f"({coil} + C) / 1000"
        frames.append(f"{units} × ({own} / 1000 − {magnets}) / (1 − {magnets} / {of_class})")
    yield Line("K", "kit", " + ".join(kit), "kg", ("batch", "true", "gross_mass_kg"))
    yield Line("F", "aluminium",
               f"({' + '.join(frames)}) × {rows.share('aluminium')} × "
               f"{rows.capture('carcass-sort', 'aluminium')}", "kg",
               _made("aluminium", "recovered_kg"))  # fmt: skip
    frame = f"F / {rows.share('aluminium')} / {rows.capture('carcass-sort', 'aluminium')}"
    ring_iron = f"100 × C / 1000 × {rows.capture('carcass-sort', 'spindle', 'mass')}"
    yield Line("G", "steel",
               f"{frame} × {rows.share('steel')} × {rows.capture('carcass-sort', 'steel')} + "
               f"{ring_iron}", "kg", _made("steel", "recovered_kg"))  # fmt: skip
    copper = rows.mean("content/material_element", material_id="copper", element="cu")
    yield Line("H", "copper in windings",
               f"{frame} × {rows.share('copper')} × {copper} × "
               f"{rows.capture('carcass-sort', 'copper')}", "kg",
               _made("copper", "recovered_kg"))  # fmt: skip
    yield Line("J", "drive boards",
               f"{frame} × {rows.share('drive_board')} × "
               f"{rows.capture('dismantle-voice-coil', 'drive_board')} × "
               f"{rows.capture('board-sale', 'drive_board')}", "kg",
               _made("boards", "recovered_kg"))  # fmt: skip


def _oxide(element: str) -> str:
    """Oxide made of one unit of metal, from atomic masses."""
    metal, oxygen, mass = {
        "nd": (2, 3, "144.242"),
        "pr": (6, 11, "140.908"),
        "dy": (2, 3, "162.5"),
        "tb": (4, 7, "158.925"),
    }[element]
    return f"(1 + {oxygen} × 15.999 / ({metal} × {mass}))"


def _sold(rows: Rows) -> Iterator[Line]:
    for label, of, product in (
        ("g1", "NO", "ndpr_oxide"),
        ("g2", "DO", "dy_oxide"),
        ("g3", "TO", "tb_oxide"),
        ("g4", "F", "aluminium"),
        ("g5", "G", "steel"),
        ("g6", "H", "copper"),
    ):
        paid = rows.mean("recovery/route_product", route_id=ROUTE, product_id=product, mode="own")
        yield Line(label, f"paid for {product.replace('_', ' ')}",
                   f"{of} × {rows.price(product)} × {paid}", "USD",
                   _made(product, "gross_usd"))  # fmt: skip
    metals = []
    for metal, quoted in (
        ("au", "gold"),
        ("ag", "silver"),
        ("pd", "palladium"),
        ("cu", "copper-exchange"),
    ):
        row = rows.find("content/material_element", material_id="board-hdd", element=metal)
        grade = rows.mean("content/material_element", material_id="board-hdd", element=metal)
        unit = " / 1000000" if row["unit"] == "g/t" else ""
        payable = rows.mean("price/board_term", term="payable", element=metal)
        metals.append(f"{grade}{unit} × {payable} × {rows.quoted(quoted)}")
    charge = rows.mean("price/board_term", term="treatment_charge", element="*")
    yield Line("g7", "paid for boards", f"J × ({' + '.join(metals)} − {charge} / 1000)", "USD",
               _made("boards", "gross_usd"))  # fmt: skip


def _cost(rows: Rows) -> Iterator[Line]:
    pulled = rows.capture("dismantle-voice-coil")
    coating = rows.mean(
        "content/alloy", alloy_id="sintered-voice-coil", vintage="any", quantity="coating"
    )
    frame = f"F / {rows.share('aluminium')} / {rows.capture('carcass-sort', 'aluminium')}"
    boards = f"{frame} × {rows.share('drive_board')}"
    sent = rows.capture("dismantle-voice-coil", "drive_board")
    quantities = {
        "pickup-callout": "1",
        "pickup-haul": "K",
        "pickup-receiving": "K",
        "dismantle-drive": "100",
        "dismantle-drive-capital": "100",
        "carcass-sort-line": f"(K − {COILS} − {boards})",
        "carcass-sort-outbound": f"(K − {COILS} − {boards})",
        "board-freight": f"{boards} × {sent}",
        "yoke-removal-work": f"{COILS} × {pulled} × (1 − {coating})",
        "yoke-removal-capital": f"{COILS} × {pulled} × (1 − {coating})",
        "atlantic-haul": f"{COILS} × {pulled} × {rows.capture('yoke-removal')}",
        "ionic-operating": "(NO + DO + TO)",
        "ionic-capital": "(NO + DO + TO)",
    }
    labels = []
    for number, (cost_id, quantity) in enumerate(quantities.items(), 1):
        row = rows.find("recovery/cost", cost_id=cost_id)
        amount = rows.mean("recovery/cost", cost_id=cost_id)
        labels.append(f"c{number}")
        title = row["title"][0].lower() + row["title"][1:]
        yield Line(labels[-1], title, f"{quantity} × {amount}", "USD",
                   ("batch_cost", f"cost_id = '{cost_id}'", "mean"))  # fmt: skip
    gross = " + ".join(f"g{number}" for number in range(1, 8))
    for label, title, arithmetic, measure in (
        ("U", "gross", gross, "gross_usd"),
        ("V", "cost", " + ".join(labels), "cost_usd"),
        ("W", "net", "U − V", "net_usd"),
    ):
        yield Line(label, title, arithmetic, "USD", _made("total", measure))


def evaluate(found: list[Line]) -> dict[str, float]:
    """What each line comes to, by label: arithmetic of numbers, labels, `L`, `M`, and no code."""
    values: dict[str, float] = {}
    for line in found:
        text = re.sub(r"L\(([\d.]+);", r"L(\1,", line.arithmetic)
        text = text.replace("×", "*").replace("−", "-")
        values[line.label] = _value(ast.parse(text, mode="eval").body, values)
    return values


OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def _value(node: ast.expr, values: Mapping[str, float]) -> float:
    if isinstance(node, ast.Constant):
        return float(str(node.value))
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.BinOp):
        sides = (_value(node.left, values), _value(node.right, values))
        return float(OPERATORS[type(node.op)](*sides))
    assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    numbers = [_value(argument, values) for argument in node.args]
    if node.func.id == "L":
        median, *levels = numbers
        return median * math.exp(sum(sd**2 for sd in levels) / 2)
    median, low, high = numbers
    return median * math.exp((math.log(high / low) / Z) ** 2 / 2)


def page() -> str:
    """The table of the page, between its marks."""
    found = list(lines())
    values = evaluate(found)
    cells = [
        f"| {line.label} | {line.title} | {line.arithmetic.replace('*', '·')} "
        f"| {shown(values[line.label])} {line.unit} | {line.place} |"
        for line in found
    ]
    head = (
        "| | What | From the rows | Comes to | In the database |\n| --- | --- | --- | ---: | --- |"
    )
    return "\n".join([BEGIN, "", head, *cells, "", END])


def shown(value: float) -> str:
    """Four digits, never in powers of ten."""
    places = max(3 - math.floor(math.log10(abs(value))), 0) if value else 0
    return f"{value:,.{places}f}"


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    PAGE.write_text(before + page() + after, encoding="utf-8")
