"""The second implementation, continued: a lot down a route, priced and paid, in one world."""

import datetime
import math
from collections import defaultdict

import numpy as np

from .second import EARTHS, OXIDES, WIDTH_90, draw_lot

KILOS = {"kg": 1, "t": 1000, "g": 0.001, "lb": 0.45359237, "oz t": 0.0311034768,
         "gross ton": 1016.0469088, "short ton": 907.18474}  # fmt: skip


def send(world, route_id, held, gross_kg, units):
    """Take a lot down a route: kg by product and (stream, element), and what its steps cost.

    The route's costs are all in USD and without minimum.
    """
    rows, sold, cost = world.rows, defaultdict(lambda: defaultdict(float)), 0.0
    now = dict(held)
    for step in sorted(rows.steps[route_id], key=lambda r: int(r["step_no"])):
        step_id = step["step_id"]
        named = {stream for s, stream, _ in rows.captures if s == step_id}
        feed = sum(kg for (s, e), kg in now.items() if s in named and e == "mass")
        bare = sum(kg for (s, e), kg in now.items() if s in named and e == "bare_mass")
        oxide, after = 0.0, {}
        for (stream, element), kg in now.items():
            if stream not in named:
                after[stream, element] = kg
                continue
            row = capture_of(rows, step_id, stream, element)
            kept = kg * world.of(row, "capture", step_id, stream, row["element"])
            if row["to"] == "next":
                after[stream, element] = kept
            else:
                sold[row["to"]][stream, element] += kept
                if element in EARTHS and row["to"].endswith("_oxide"):
                    oxide += kept * OXIDES[element]
        now = after
        amounts = {"lot": 1.0, "kg_kit": gross_kg, "kg_step_feed": feed, "kg_bare_magnet": bare,
                   "kg_oxide_out": oxide}  # fmt: skip
        for row in rows.costs[step_id]:
            assert (row["currency"], row["minimum"], row["unknown"]) == ("USD", "", "false")
            if row["denominator"] == "unit":
                amount = units.get(row["unit_kind"], 0.0)
            else:
                amount = amounts[row["denominator"]]
            cost += amount * world.of(row, "cost", row["cost_id"])
    return sold, cost


def capture_of(rows, step_id, stream, element):
    """The most specific row there is for an element of a stream."""
    tries = [element, "*"]
    if element in EARTHS:
        tries = [element, "ree", "*"]
    if element == "bare_mass":
        tries = [element, "mass", "*"]
    return next(
        rows.captures[step_id, stream, e] for e in tries if (step_id, stream, e) in rows.captures
    )


def price_of(world, quoted, deck_id, as_of):
    """What a quoted product is worth at settlement, in USD per kg, drawn once."""
    rows = world.rows

    def draw():
        (choice,) = [
            c for c in rows.choices[quoted] if c["deck_id"] == deck_id and c["rank"] == "1"
        ]
        seen = [
            r
            for r in rows.quotes[quoted]
            if r["price_basis"] == choice["price_basis"]
            and r["volume_backed"] == "true"
            and max(r["observed_on"], r["published_on"]) <= str(as_of)
        ]
        row = max(seen, key=lambda r: (r["observed_on"], r["published_on"], r["price_id"]))
        rates = [r for r in rows.rates if r["currency"] == row["currency"]]
        rate = 1.0
        if row["currency"] != "USD":
            known = [r for r in rates if r["observed_on"] <= str(as_of)]
            rate = float(max(known, key=lambda r: r["observed_on"])["value"])
        tax = 1.0
        if choice["net_of_vat"] == "true" and row["vat_included"] == "true":
            tax += float(rows.assumed["vat_china"]["value"])
        mid = float(row["mid"]) * rate / KILOS[row["unit"]] / tax
        age = (as_of - datetime.date.fromisoformat(row["observed_on"])).days
        years = (age + float(rows.assumed["days_to_settlement"]["value"])) / 365
        factor = rows.products[quoted]["factor_id"]
        on_the_day = math.log(float(row["high"]) / float(row["low"])) / WIDTH_90
        later = rows.volatility[factor] * math.sqrt(years)
        log = on_the_day * world.rng.standard_normal() + later * factors(world)[factor]
        return mid * math.exp(log - (on_the_day**2 + later**2) / 2)

    return world.once(("price", quoted), draw)


def factors(world):
    """Price factors of a world: standard normals, correlated as the rows say."""

    def draw():
        names = sorted(world.rows.volatility)
        matrix = np.eye(len(names))
        for row in world.rows.correlation:
            a, b = names.index(row["factor_a"]), names.index(row["factor_b"])
            matrix[a, b] = matrix[b, a] = float(row["value"])
        values, vectors = np.linalg.eigh(matrix)
        root = vectors * np.sqrt(values)
        return dict(zip(names, root @ world.rng.standard_normal(len(names)), strict=True))

    return world.once("factors", draw)


def revenue(world, route_id, product, parts, deck_id, as_of):
    """What is paid for one product at the point of sale. [USD]"""
    rows = world.rows
    payable = world.of(rows.paid[route_id, product], "payable", route_id, product)
    mass = sum(kg for (_, element), kg in parts.items() if element == "mass")
    if product == "boards":
        usd = 0.0
        for term in rows.board_terms:
            share = world.of(term, "board term", term["term"], term["element"])
            if term["term"] == "treatment_charge":
                usd -= mass * share / 1000
                continue
            metal = sum(kg for (_, element), kg in parts.items() if element == term["element"])
            quoted = {"au": "gold", "ag": "silver", "pd": "palladium", "cu": "copper-exchange"}
            usd += metal * share * price_of(world, quoted[term["element"]], deck_id, as_of)
        return usd * payable
    row = rows.products[product]
    if row["mass_basis"] == "oxide":
        mass = sum(kg * OXIDES[e] for (_, e), kg in parts.items() if e in EARTHS)
    elif row["mass_basis"] == "element":
        mass = sum(kg for (_, e), kg in parts.items() if e not in ("mass", "bare_mass"))
    if row["price_rule"] == "exchange_factor":
        price = price_of(world, row["exchange_product_id"], deck_id, as_of)
        price *= world.of(rows.factors[product], "scrap factor", product)
    else:
        price = price_of(world, product, deck_id, as_of)
    return mass * price * payable


def truth(world, lot, route_id, deck_id, as_of):
    """Nd contained, NdPr oxide recovered, and the net of a lot in a world. [kg, kg, USD]"""
    held, gross_kg, units = draw_lot(world, lot)
    sold, cost = send(world, route_id, held, gross_kg, units)
    usd = sum(revenue(world, route_id, p, parts, deck_id, as_of) for p, parts in sold.items())
    oxide = sold["ndpr_oxide"]
    return {
        "nd_kg": sum(kg for (_, element), kg in held.items() if element == "nd"),
        "ndpr_oxide_kg": sum(kg * OXIDES[e] for (_, e), kg in oxide.items() if e in EARTHS),
        "net_usd": usd - cost,
    }
