"""Checks of recovery and price data: nothing vanishes, costs and prices say what they are."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from valuation.check.sheet import Book, Problem, Row
from valuation.shapes import BARE_MASS, MAGNET_STREAMS, MASS, STREAMS
from valuation.units import PRODUCTS, RARE_EARTHS

MAGNET_ELEMENTS = ("nd", "pr", "dy", "tb", "fe", "co", MASS, BARE_MASS)
SPECIAL_ELEMENTS = ("ree", MASS)
"""Words a capture may hold in place of one element, beside `*` for every element."""
CO_PRODUCT = "product:"
"""How a sink begins that is sold."""
ON = "next"
"""Where a capture sends what stays in the chain."""

Captures = Mapping[tuple[str, str], Mapping[str, Row]]
"""The captures of a step and stream, by element."""


def check_routes(book: Book) -> Iterator[Problem]:
    """Steps count from 1, each has a cost, and each stream is out of the chain at its end."""
    routes, steps = book["route"], book["route_step"]
    costed = {row["step_id"] for row in book["cost"].rows}
    for route in routes.rows:
        route_id = route["route_id"]
        own = [row for row in steps.rows if row["route_id"] == route_id]
        own.sort(key=lambda row: row.number_in("step_no") or 0)
        if not own:
            yield routes.problem(route, "route_id", "has no step")
        for expected, row in enumerate(own, start=1):
            if row["step_no"] != str(expected):
                reason = f"should be {expected}: steps of {route_id} count from 1 without gaps"
                yield steps.problem(row, "step_no", reason)
            if row["step_id"] not in costed:
                reason = "has no cost and no row that says the cost is unknown"
                yield steps.problem(row, "step_id", reason)
    for route, step_ids in chains_of(book):
        yield from check_chain(book, route, step_ids)


def chains_of(book: Book) -> Iterator[tuple[Row, list[str]]]:
    """Every route with the processes of its steps, in order."""
    for route in book["route"].rows:
        own = [row for row in book["route_step"].rows if row["route_id"] == route["route_id"]]
        own.sort(key=lambda row: row.number_in("step_no") or 0)
        yield route, [row["step_id"] for row in own]


def check_steps(book: Book) -> Iterator[Problem]:
    """Captures and costs belong to steps that some route takes, perhaps for another form."""
    used = {row["step_id"] for row in book["route_step"].rows}
    used |= {row["instead_step_id"] for row in book["step_form"].rows}
    for table in ("capture", "cost"):
        for row in book[table].rows:
            if row["step_id"] not in used:
                yield book[table].problem(row, "step_id", "is in no route")
    for row in book["cost"].rows:
        if row["unknown"] == "false" and not row["priced_on"]:
            yield book["cost"].problem(row, "priced_on", "a cost needs the day it is of")


def check_decks(book: Book) -> Iterator[Problem]:
    """Every product of the model is described and every deck says where to read its price."""
    sheet = book["product"]
    known = {row["product_id"] for row in sheet.rows}
    for product in PRODUCTS:
        if product != "total" and product not in known:
            yield sheet.fault(f"the product {product} has no row")
    decks, choices = book["deck"], book["deck_choice"]
    defaults = sum(row["is_default"] == "true" for row in decks.rows)
    if defaults != 1:
        yield decks.fault(f"{defaults} decks are the default, one must be")
    for row in decks.rows:
        if row["is_default"] == "true" and row["takes_asks"] == "true":
            yield decks.problem(row, "takes_asks", "the default deck reads traded prices only")
    offered = {(row["product_id"], row["price_basis"]) for row in book["price"].rows}
    for row in choices.rows:
        if (row["product_id"], row["price_basis"]) not in offered:
            reason = f"is the basis of no price of {row['product_id']}"
            yield choices.problem(row, "price_basis", reason)
    quoted = {
        row["exchange_product_id"] or row["product_id"]
        for row in sheet.rows
        if row["product_id"] in PRODUCTS and row["price_rule"] in ("quoted", "exchange_factor")
    }
    chosen = {(row["deck_id"], row["product_id"]) for row in choices.rows}
    for deck in decks.rows:
        for product in sorted(quoted):
            if (deck["deck_id"], product) not in chosen:
                yield decks.problem(deck, "deck_id", f"has no choice for {product}")


def check_prices(book: Book) -> Iterator[Problem]:
    """A price is positive and inside its range, and seen before it was printed."""
    sheet = book["price"]
    for row in sheet.rows:
        low, mid, high = (row.number_in(column) for column in ("low", "mid", "high"))
        if low is None or mid is None or high is None or not 0 < low <= mid <= high:
            yield sheet.problem(row, "mid", f"is not inside {row['low']} to {row['high']}")
        # ISO dates compare as text
        if row["published_on"] and row["observed_on"] > row["published_on"]:
            reason = f"is after the day it was published, {row['published_on']}"
            yield sheet.problem(row, "observed_on", reason)


def check_chain(
    book: Book, route: Row, step_ids: list[str], streams: Sequence[str] = STREAMS, lot: str = ""
) -> Iterator[Problem]:
    """Follow each stream's elements through a route: none is left, each product can be sold."""
    routes, paid = book["route"], book["route_product"]
    captures: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in book["capture"].rows:
        captures[row["step_id"], row["stream"]][row["element"]] = row
    sold = {(r["product_id"], r["mode"]) for r in paid.rows if r["route_id"] == route["route_id"]}
    products: set[str] = set()
    for stream in streams:
        left = []
        for element in _elements(book, stream):
            ends, undecided = _walk(step_ids, stream, element, captures)
            products |= ends
            left += [element] if undecided else []
        if left:
            reason = f"leaves {', '.join(left)} of the stream {stream}{lot} undecided at its end"
            yield routes.problem(route, "route_id", reason)
    for product in sorted(products):
        if (product, route["settlement"]) not in sold:
            reason = f"yields {product}{lot}, which has no row for it in {paid.file}"
            yield routes.problem(route, "route_id", reason)


def _elements(book: Book, stream: str) -> tuple[str, ...]:
    """What a stream carries: elements as the rows of its material, or its boards, say, and mass."""
    if stream in MAGNET_STREAMS:
        return MAGNET_ELEMENTS
    shares = [row for row in book["material_share"].rows if row["material"] == stream]
    held_in = {row["board_type"] or row["material"] for row in shares}
    rows = [row for row in book["material_element"].rows if row["material_id"] in held_in]
    return (*sorted({row["element"] for row in rows}), MASS)


def _walk(
    step_ids: list[str], stream: str, element: str, captures: Captures
) -> tuple[set[str], bool]:
    """Products an element of a stream ends in, and whether some of it is still undecided."""
    products: set[str] = set()
    for step_id in step_ids:
        rows = captures.get((step_id, stream))
        if not rows:
            continue  # a step that does not name a stream lets it pass
        row = next((rows[name] for name in _specific_first(element) if name in rows), None)
        if row is None:
            return products, True
        share = row.number_in("value") or 0.0
        if share < 1 and row["sink"].startswith(CO_PRODUCT):
            products.add(row["sink"].removeprefix(CO_PRODUCT))
        if share > 0 and row["to"] != ON:
            products.add(row["to"])
        if share == 0 or row["to"] != ON:
            return products, False
    return products, True


def _specific_first(element: str) -> tuple[str, ...]:
    """The names a capture may have for an element, the most specific first."""
    if element == BARE_MASS:
        return (BARE_MASS, MASS, "*")
    return (element, "ree", "*") if element in RARE_EARTHS else (element, "*")
