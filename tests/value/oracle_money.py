"""What a lot brings and costs on a route, as sums of products of parameters, from the rows."""

import math

import numpy as np

from tests.value.oracle import Term, moments, parameter, scaled, times
from valuation.shapes import MASS
from valuation.units import oxide_factor

REE = ("nd", "pr", "dy", "tb")
OXIDE_OF = {"nd": "nd_oxide", "pr": "pr_oxide", "dy": "dy_oxide", "tb": "tb_oxide"}
METAL_OF = {"au": "gold", "ag": "silver", "pd": "palladium", "cu": "copper-exchange"}


class RouteRows:
    """A route as its rows say, followed step by step."""

    def __init__(self, tables, spread_of, route_id):
        self.spread_of = spread_of
        self.route_id = route_id
        steps = tables.frame("route_step").sort("step_no").iter_rows(named=True)
        self.steps = [row for row in steps if row["route_id"] == route_id]
        self.captures, self.costs = {}, []
        for row in tables.frame("capture").iter_rows(named=True):
            self.captures.setdefault(row["step_id"], {})[row["stream"], row["element"]] = row
        for row in tables.frame("cost").iter_rows(named=True):
            self.costs += [row] if any(s["step_id"] == row["step_id"] for s in self.steps) else []
        payable = tables.frame("route_product").iter_rows(named=True)
        self.payable = {
            r["product_id"]: spread_of(r)
            for r in payable
            if (r["route_id"], r["mode"]) == (route_id, "own")
        }
        stages = [i for i, s in enumerate(self.steps) if s["stage"] == "preprocess"]
        self.last_preprocess = stages[-1] if stages else -1

    def follow(self, series):
        """(step index, product or None, entering factors, leaving factors) of every way out."""
        path, ways = [], []
        for i, step in enumerate(self.steps):
            row = self._row(step["step_id"], series)
            if row is None:
                continue
            key = f"capture/{row['step_id']}/{row['stream']}/{row['element']}"
            kept = parameter(self.spread_of(row), key)
            rest = parameter(self.spread_of(row), key, rest=True)
            if row["sink"].startswith("product:"):
                ways.append((i, row["sink"].removeprefix("product:"), [*path, rest]))
            path = [*path, kept]
            if row["to"] != "next":
                ways.append((i, row["to"], path))
                return ways, None
        return ways, path

    def entering(self, series, step_index):
        """Factors on the way into a step; None when nothing gets there."""
        path = []
        for step in self.steps[:step_index]:
            row = self._row(step["step_id"], series)
            if row is None:
                continue
            if row["to"] != "next":
                return None
            key = f"capture/{row['step_id']}/{row['stream']}/{row['element']}"
            path.append(parameter(self.spread_of(row), key))
        return path

    def streams(self, step_index):
        return {s for s, _ in self.captures.get(self.steps[step_index]["step_id"], {})}

    def _row(self, step_id, series):
        rows = self.captures.get(step_id, {})
        stream, element = series
        names = [element, *(["ree"] if element in (*REE, "gd", "ho") else []), "*"]
        if element == "bare_mass":
            names = [element, MASS, "*"]
        return next((rows[stream, n] for n in names if (stream, n) in rows), None)


def products(route, held):
    """{product: {element: terms}} that leave a route. [kg element]"""
    made = {}
    for series, terms in held.items():
        if series == "gross":
            continue
        ways, _ = route.follow(series)
        for _, product, path in ways:
            moved = times(terms, *path)
            if moved:
                made.setdefault(product, {}).setdefault(series[1], []).extend(moved)
    return made


def product_kg(elements, basis):
    """Mass of a product as sold. [kg]"""
    if basis == "stream":
        return elements.get(MASS, [])
    chemical = {e: terms for e, terms in elements.items() if e not in (MASS, "bare_mass")}
    factor = {e: oxide_factor(e) if basis == "oxide" else 1.0 for e in chemical}
    return [t for e, terms in chemical.items() for t in scaled(terms, factor[e])]


class Prices:
    """Prices of a deck as products of parameters; at fixed prices they have no spread."""

    def __init__(self, tables, spread_of, quotations, *, fixed=False):
        self.tables, self.spread_of, self.quotations, self.fixed = (
            tables, spread_of, quotations, fixed,
        )  # fmt: skip
        self.factors = sorted(r["factor_id"] for r in tables.frame("volatility").to_dicts())
        self.correlation = np.eye(len(self.factors))
        for row in tables.frame("factor_correlation").iter_rows(named=True):
            a, b = (self.factors.index(row[name]) for name in ("factor_a", "factor_b"))
            self.correlation[a, b] = self.correlation[b, a] = row["value"]
        self.rows = {r["product_id"]: r for r in tables.frame("product").to_dicts()}

    def quoted(self, product):
        """One quotation: own error of its day, shared factor of its group, mean at its mid."""
        quote = self.quotations[product]
        if self.fixed:
            return Term(quote.usd_per_kg)
        own, shared = quote.log_sd_quote, quote.log_sd_time
        exponents = [0.0] * len(self.factors)
        exponents[self.factors.index(quote.factor_id)] = shared
        functions = {f"price/{product}": ("exp", own), "factors": ("factors", tuple(exponents))}
        return Term(quote.usd_per_kg * math.exp(-(own**2 + shared**2) / 2), functions)

    def _number(self, row, key):
        spread = self.spread_of(row)
        if self.fixed:
            return Term(moments([parameter(spread, key)])[0])
        return parameter(spread, key)

    def value(self, product, elements):
        """What a product is worth at its price, before the payable share. [USD]"""
        row = self.rows[product]
        mass = product_kg(elements, row["mass_basis"])
        if product in self.quotations:
            return times(mass, self.quoted(product))
        if row["price_rule"] == "mixed_oxide":
            assumed = {r["assumption_id"]: r for r in self.tables.frame("assumption").to_dicts()}
            number = self._number(assumed["mixed_oxide_discount"], "discount")
            return [
                t
                for e in REE
                for t in times(scaled(elements.get(e, []), oxide_factor(e)), self.oxide(e), number)
            ]
        if row["price_rule"] == "board_terms":
            return self._boards(elements)
        factors = {r["product_id"]: r for r in self.tables.frame("exchange_factor").to_dicts()}
        number = self._number(factors[product], f"scrap/{product}")
        return times(mass, self.quoted(row["exchange_product_id"]), number)

    def oxide(self, element):
        together = element in ("nd", "pr") and "ndpr_oxide" in self.quotations
        return self.quoted("ndpr_oxide" if together else OXIDE_OF[element])

    def _boards(self, elements):
        found = []
        for row in self.tables.frame("board_term").iter_rows(named=True):
            if row["term"] == "treatment_charge":
                charge = self._number(row, "treatment")
                found += times(scaled(elements.get(MASS, []), -1 / 1000), charge)
            else:
                held = elements.get(row["element"], [])
                number = self._number(row, f"board/{row['element']}")
                found += times(held, self.quoted(METAL_OF[row["element"]]), number)
        return found


def gross_usd(route, held, prices):
    """Sales of an `own` route by product, as terms. [USD]"""
    found = {}
    for product, elements in products(route, held).items():
        share = route.payable[product]
        if share.kind == "exact" and share.value == 0:
            continue
        paid = parameter(share, f"payable/{product}")
        found[product] = times(prices.value(product, elements), paid)
    return found


def feed_usd(route, held, prices, shares):
    """Magnets sold by assay after the last preprocess step, and the rest sold until then. [USD]"""
    feed, rest = [], {}
    for series, terms in held.items():
        if series == "gross":
            continue
        ways, _ = route.follow(series)
        magnet = (series[0], "nd") in held
        for i, product, path in ways:
            if i <= route.last_preprocess and magnet and series[1] in REE:
                feed += _assayed(times(terms, *path), series[1], prices, shares)
            elif i <= route.last_preprocess and not magnet:
                moved = times(terms, *path)
                rest.setdefault(product, {}).setdefault(series[1], []).extend(moved)
        path = route.entering(series, route.last_preprocess + 1)
        if path is not None and magnet and series[1] in REE:
            feed += _assayed(times(terms, *path), series[1], prices, shares)
    paid = [
        t
        for product, elements in rest.items()
        if route.payable[product].value
        for t in times(
            prices.value(product, elements),
            parameter(route.payable[product], f"payable/{product}"),
        )
    ]
    return feed, paid


def _assayed(terms, element, prices, shares):
    factor = oxide_factor(element) * shares[element]
    return times(scaled(terms, factor), prices.oxide(element))


def cost_usd(route, held, units_by_kind, shipment_kg):
    """Every cost of an `own` route, as terms. [USD]"""
    gross_kg = moments(held["gross"])[0]
    found = []
    for row in route.costs:
        step = next(i for i, s in enumerate(route.steps) if s["step_id"] == row["step_id"])
        kind = row["denominator"]
        if kind == "unit":
            kinds = [row["unit_kind"]] if row["unit_kind"] else list(units_by_kind)
            quantity = [Term(float(sum(units_by_kind.get(k, 0) for k in kinds)))]
        elif kind == "kg_kit":
            quantity = held["gross"]
        elif kind == "lot":
            quantity = [Term(1.0)]
        elif kind == "shipment":
            quantity = [Term(float(math.ceil(gross_kg / shipment_kg)))]
        elif kind == "kg_oxide_out":
            quantity = _oxide_out(route, held, step)
        else:
            quantity = _fed(route, held, step, "bare_mass" if "bare" in kind else MASS)
        found += times(quantity, parameter(route.spread_of(row), f"cost/{row['cost_id']}"))
    return found


def _oxide_out(route, held, step):
    return [
        term
        for series, terms in held.items()
        if series != "gross" and series[1] in REE
        for i, product, path in route.follow(series)[0]
        if i == step and product.endswith("_oxide")
        for term in scaled(times(terms, *path), oxide_factor(series[1]))
    ]


def _fed(route, held, step, pseudo):
    found = []
    for stream in route.streams(step):
        path = route.entering((stream, pseudo), step)
        if path is not None and (stream, pseudo) in held:
            found += times(held[stream, pseudo], *path)
    return found
