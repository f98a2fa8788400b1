"""Exact mean and variance of a lot, worked out from the rows without a single draw.

Everything a lot holds or brings is a sum of products of independent parameters, each under its text
key. So the mean of a sum, and of its square, follow from the joint moments of the few functions of
each parameter that occur: E[s t] of two products is the product over keys of E[f_key g_key].
Nothing here is shared with the draws; what `max(0, ...)` cuts off in them is not cut off here.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from scipy.integrate import quad
from scipy.special import betaincc

from valuation.shapes import MASS
from valuation.units import oxide_factor

CI90 = 2 * 1.6448536269514722
REE = ("nd", "pr", "dy", "tb")
OXIDE_OF = {"nd": "nd_oxide", "pr": "pr_oxide", "dy": "dy_oxide", "tb": "tb_oxide"}
METAL_OF = {"au": "gold", "ag": "silver", "pd": "palladium", "cu": "copper-exchange"}


# --- functions of one parameter, and their joint moments ---------------------------------------
# ("exp", a)             exp(a z), z standard normal
# ("poly", law, coef)    coef[0] + coef[1] x + ..., x of a law: beta, gamma of mean one, normal
# ("span", low, high)    1 where a uniform lies in [low, high)
# ("fan", part, share)   1 where that part number's uniform lies below a share: (id, Beta shape)
# ("factors", exponents) exp(a . z) of the correlated price factors


def joint(f, g, correlation):
    """E[f g] of two functions of one parameter; None is the constant one."""
    if f is None and g is None:
        return 1.0
    kind = (f or g)[0]
    if kind == "exp":
        a = sum(h[1] for h in (f, g) if h)
        return math.exp(a * a / 2)
    if kind == "factors":
        a = sum(np.array(h[1]) for h in (f, g) if h)
        return math.exp(a @ correlation @ a / 2)
    if kind == "span":
        spans = [h[1:] for h in (f, g) if h]
        return max(min(s[1] for s in spans) - max(s[0] for s in spans), 0.0)
    if kind == "fan":
        return both_fans([h[1:] for h in (f, g) if h])
    polynomials = [h[2] for h in (f, g) if h]
    product = polynomials[0] if len(polynomials) == 1 else np.convolve(*polynomials)
    return sum(c * raw_moment((f or g)[1], k) for k, c in enumerate(product))


def both_fans(found):
    """Chance that both are NdFeB: part numbers are independent given the shares.

    One number in two classes has one uniform, so it lies below both shares where it lies below the
    smaller: E[min(s, t)] is the integral of P(s > x) P(t > x).
    """
    (part, (share_id, shape)), (other, (other_id, other_shape)) = found[0], found[-1]
    mean = raw_moment(("beta", *shape), 1)
    if (part, share_id) == (other, other_id):
        return mean
    if share_id == other_id:
        return raw_moment(("beta", *shape), 2)
    if part != other:
        return mean * raw_moment(("beta", *other_shape), 1)
    return quad(lambda x: betaincc(*shape, x) * betaincc(*other_shape, x), 0, 1)[0]


def raw_moment(law, k):
    """E[x^k]."""
    if law[0] == "normal":
        return 0.0 if k % 2 else math.prod(range(1, k, 2))
    if law[0] == "gamma":
        return math.prod((law[1] + i) / law[1] for i in range(k))
    alpha, beta = law[1:]
    return math.prod((alpha + i) / (alpha + beta + i) for i in range(k))


@dataclass(frozen=True)
class Term:
    """A number times one function of each of some parameters; `unit` names the unit it is of."""

    value: float
    functions: dict = field(default_factory=dict)
    unit: tuple | None = None
    scatter: float = 0.0

    def __mul__(self, other):
        functions = dict(self.functions)
        for key, f in other.functions.items():
            functions[key] = _combined(functions[key], f) if key in functions else f
        held = self if self.unit else other
        return Term(self.value * other.value, functions, held.unit, held.scatter)


def _combined(f, g):
    if f[0] == "exp":
        return ("exp", f[1] + g[1])
    if f[0] == "factors":
        return ("factors", tuple(np.add(f[1], g[1])))
    if f[0] == "poly":
        return ("poly", f[1], tuple(np.convolve(f[2], g[2])))
    raise AssertionError(f"{f[0]} twice in one product")


def times(terms, *factors):
    """A sum of products times single products."""
    for factor in factors:
        terms = [term * factor for term in terms]
    return [term for term in terms if term.value]


def scaled(terms, number):
    return times(terms, Term(number))


def parameter(spread, key, *, rest=False):
    """A row's number under its key, or what it leaves of one."""
    if spread.kind == "exact" or spread.low == spread.high:
        return Term(1 - spread.value if rest else spread.value)
    if spread.kind == "ci90_lognormal":
        return Term(spread.value, {key: ("exp", math.log(spread.high / spread.low) / CI90)})
    if spread.kind == "sd_normal":
        law, coef = ("normal",), (spread.value, (spread.high - spread.low) / 2)
    elif spread.kind == "ci90_beta":
        sd = (spread.high - spread.low) / CI90
        total = max(spread.value * (1 - spread.value) / sd**2 - 1, 0.1)
        law, coef = ("beta", total * spread.value, total * (1 - spread.value)), (0.0, 1.0)
    else:  # a Beta of concentration six on the range
        width = spread.high - spread.low
        share = min(max((spread.value - spread.low) / width, 0.05), 0.95)
        law, coef = ("beta", 6 * share, 6 * (1 - share)), (spread.low, width)
    if rest:
        coef = (1 - coef[0], -coef[1])
    return Term(1.0, {key: ("poly", law, coef)})


def moments(terms, correlation=None):
    """Exact mean and variance of a sum of products, with the scatter between pieces."""
    if not terms:
        return 0.0, 0.0
    values = np.array([term.value for term in terms])
    single = np.ones(len(terms))
    pairs = np.ones((len(terms), len(terms)))
    for key in {key for term in terms for key in term.functions}:
        found = [None, *dict.fromkeys(t.functions[key] for t in terms if key in t.functions)]
        place = {f: i for i, f in enumerate(found)}
        at = np.array([place[t.functions.get(key)] for t in terms])
        table = np.array([[joint(f, g, correlation) for g in found] for f in found])
        single *= table[0, at]
        pairs *= table[np.ix_(at, at)]
    mean = values @ single
    units = {unit: i for i, unit in enumerate(dict.fromkeys(t.unit for t in terms))}
    unit = np.array([units[t.unit] for t in terms])
    scatter = np.array([t.scatter for t in terms])
    same = (unit[:, None] == unit) * scatter
    return mean, values @ (pairs * (1 + same)) @ values - mean**2


# --- what a lot holds ---------------------------------------------------------------------------


def contents(library, parts, units):
    """Each series of a lot as terms, and its gross mass under `gross`. [kg]"""
    found = {}
    for part, count in zip(parts.iter_rows(named=True), units, strict=True):
        if not count:
            continue
        doubt = part["identity_key"] is not None
        spans = [(part["item_class"], 0.0, part["confidence"])]
        if doubt:
            spans.append((part["runner_up"], part["confidence"], 1.0))
        for name, low, high in spans:
            if name not in library.classes:
                continue
            here = Term(float(count))
            if doubt:
                identity = {f"identity/{part['identity_key']}": ("span", low, high)}
                here = Term(float(count), identity)
            for series, terms in _held(library, library.classes[name], part, here).items():
                found.setdefault(series, []).extend(terms)
    return found


def _held(library, item_class, part, here):
    name = item_class.item_class
    family = part["family_key"] or f"unlisted/{name}"
    mass = parameter(item_class.gross_mass_kg, f"mass/{family}")
    if name == part["item_class"] and part["unit_mass_g"] is not None:
        spread = {f"mass/{family}": ("exp", part["unit_mass_log_sd"] or 0.0)}
        mass = Term(part["unit_mass_g"] / 1000, spread)
    gross = times([here], mass, parameter(item_class.bare_share, f"bare/{name}"))
    held, left = {"gross": gross}, gross
    for magnet in item_class.magnets:
        pieces = _magnet(library, name, magnet, part, family, here)
        for element, terms in pieces.items():
            held[magnet.location, element] = terms
        left = left + scaled(pieces[MASS], -1.0)
    stick = [Term(1.0)]
    for broken in item_class.sticks:
        row = item_class.materials[broken.material]
        share = stick
        if broken.alpha is not None:
            law = ("beta", broken.alpha, broken.beta)
            key = f"shares/{name}/{row.material}/{row.composition_id}"
            share = times(stick, Term(1.0, {key: ("poly", law, (0.0, 1.0))}))
            stick = times(stick, Term(1.0, {key: ("poly", law, (1.0, -1.0))}))
        kg = times(left, *share)
        held.setdefault((row.material, MASS), []).extend(kg)
        for element, fraction in library.compositions.get(row.composition_id, {}).items():
            drawn = parameter(fraction, f"element/{row.composition_id}/{element}")
            held.setdefault((row.material, element), []).extend(times(kg, drawn))
    return held


def _magnet(library, name, magnet, part, family, here):
    """One magnet location: its elements, vintage by vintage."""
    sd = magnet.log_sd
    mass = here * Term(
        magnet.rotors * magnet.median_g / 1000 * math.exp(sd["piece"] ** 2 / 2),
        {
            f"basis/{magnet.basis_key}": ("exp", sd["basis"]),
            f"class/{name}/{magnet.location}": ("exp", sd["class"]),
            f"family/{magnet.location}/{family}": ("exp", sd["family"]),
        },
    )
    if magnet.share is not None:
        number = part["part_key"] or part["family_key"] or f"unlisted/{name}"
        mass *= Term(1.0, {"fans": ("fan", number, (magnet.share_id, magnet.share))})
    # each piece has a scatter of its own: variance/mean^2 of one, over the pieces of the part
    scatter = math.expm1(sd["piece"] ** 2) / (magnet.rotors * here.value)
    mass = Term(mass.value, mass.functions, (name, magnet.location, part["part_id"]), scatter)
    held = {}
    for vintage, term in _vintages(library, magnet.alloy_id, part, family, mass):
        for element, terms in _alloy(library.alloys, magnet.alloy_id, vintage, family, term):
            held.setdefault(element, []).extend(terms)
    return held


def _vintages(library, alloy_id, part, family, mass):
    known = [v for a, v in library.alloys if a == alloy_id and v not in ("any", "unknown")]
    if not known:
        return [("any", mass)]
    if part["launch_year"] is not None:
        made = part["launch_year"] + library.years_from_launch_to_make
        return [("to-2012" if made <= 2012 else "from-2013", mass)]
    old = 1 - library.share_from_2013
    key = f"vintage/{family}"
    return [
        ("to-2012", mass * Term(1.0, {key: ("span", 0.0, old)})),
        ("from-2013", mass * Term(1.0, {key: ("span", old, 1.0)})),
    ]


def _alloy(alloys, alloy_id, vintage, family, mass):
    rows = alloys[alloy_id, vintage].rows
    label = f"{alloy_id}/{vintage}"
    bare = mass * parameter(rows["coating"], f"coating/{alloy_id}", rest=True)
    of = {
        q: parameter(rows[q], f"{q}/{label}")
        for q in ("ree_total", "tb", "boron", "cobalt", "minor", "dy_mean")
    }
    gamma = ("poly", ("gamma", rows["dy_family_shape"].value), (0.0, 1.0))
    dy = of["dy_mean"] * Term(1.0, {f"dy/{label}/{family}": gamma})
    law = ("beta", rows["pr_share_alpha"].value, rows["pr_share_beta"].value)
    share = Term(rows["pr_share_scale"].value, {f"pr/{label}/{family}": ("poly", law, (0.0, 1.0))})
    others = [of["ree_total"], Term(-1.0) * dy]
    pr = times(others, share)
    fractions = {
        "tb": [of["tb"]],
        "dy": [dy],
        "pr": pr,
        "nd": [*others, Term(-1.0) * of["tb"], *scaled(pr, -1.0)],
        "co": [of["cobalt"]],
        "fe": [Term(1.0)] + [Term(-1.0) * of[q] for q in ("ree_total", "boron", "cobalt", "minor")],
        "bare_mass": [Term(1.0)],
    }
    yield MASS, [mass]
    for element, terms in fractions.items():
        yield element, times(terms, bare)


# --- what it brings and costs on a route ---------------------------------------------------------


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
