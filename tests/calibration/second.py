"""A second, simple implementation of the model: one lot in one world, number by number.

It reads the rows of `data/` itself and shares no code with the program. A `World` draws every
shared parameter once, when it is first asked for; what belongs to a lot is drawn with the lot.
Piece by piece and step by step, as model.md says it; slow and plain on purpose.
"""

import csv
import math
from collections import defaultdict

import numpy as np

WIDTH_90 = 3.2897072539  # between the 5 % and 95 % points of a standard normal
MASSES = {"nd": 144.242, "pr": 140.908, "dy": 162.5, "tb": 158.925}
OXIDES = {  # kg of oxide per kg of metal
    "nd": 1 + 3 * 15.999 / (2 * MASSES["nd"]),
    "pr": 1 + 11 * 15.999 / (6 * MASSES["pr"]),
    "dy": 1 + 3 * 15.999 / (2 * MASSES["dy"]),
    "tb": 1 + 7 * 15.999 / (4 * MASSES["tb"]),
}
EARTHS = tuple(MASSES)
KEYS = {  # of the tables that hold fitted rows
    "alloy": ("alloy_id", "vintage", "quantity"),
    "magnet_mass": ("item_class", "magnet_location"),
    "magnet_spread": ("item_class", "magnet_location", "level"),
    "material_element": ("material_id", "element"),
}


class Rows:
    """The tables, as dictionaries of text."""

    def __init__(self, folder, models):
        self.folder = folder
        with (models / "content" / "parameters.csv").open(encoding="utf-8", newline="") as handle:
            self.fitted = list(csv.DictReader(handle))
        self.assumed = {r["assumption_id"]: r for r in self.read("assumption")}
        self.classes = {r["item_class"]: r for r in self.read("content/item_class")}
        self.gross = {r["item_class"]: r for r in self.read("content/gross_mass")}
        self.magnets = self.by("content/magnet_mass", "item_class")
        self.materials = self.by("content/material_share", "item_class")
        self.elements = self.by("content/material_element", "material_id")
        self.alloys = self.by("content/alloy", "alloy_id")
        self.levels = {
            (r["item_class"], r["magnet_location"], r["level"]): r
            for r in self.read("content/magnet_spread")
        }
        self.shares = defaultdict(dict)
        for r in self.read("content/ndfeb_share"):
            self.shares[r["ndfeb_share_id"]][r["parameter"]] = float(r["value"])
        self.steps = self.by("recovery/route_step", "route_id")
        self.captures = {
            (r["step_id"], r["stream"], r["element"]): r for r in self.read("recovery/capture")
        }
        self.costs = self.by("recovery/cost", "step_id")
        self.paid = {
            (r["route_id"], r["product_id"]): r
            for r in self.read("recovery/route_product")
            if r["mode"] == "own"
        }
        self.products = {r["product_id"]: r for r in self.read("price/product")}
        self.quotes = self.by("price/price", "product_id")
        self.choices = self.by("price/deck_choice", "product_id")
        self.factors = {r["product_id"]: r for r in self.read("price/exchange_factor")}
        self.board_terms = self.read("price/board_term")
        self.volatility = {r["factor_id"]: float(r["value"]) for r in self.read("price/volatility")}
        self.correlation = self.read("price/factor_correlation")
        self.rates = self.read("price/fx")

    def read(self, name):
        """A table; what is fitted takes the place of its prior row."""
        rows = self.plain(name)
        fitted = [r for r in self.fitted if r["table_name"] == name.split("/")[-1]]
        for parameter in fitted:
            keys = KEYS[parameter["table_name"]]
            (row,) = [r for r in rows if "/".join(r[k] for k in keys) == parameter["row_key"]]
            row.update({k: parameter[k] for k in ("value", "low", "high", "spread_kind")})
        return rows

    def plain(self, name):
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))

    def by(self, name, column):
        found = defaultdict(list)
        for row in self.read(name):
            found[row[column]].append(row)
        return found

    def level(self, item_class, place, level):
        """The row of one level of spread: of the class, else of every class."""
        return self.levels.get((item_class, place, level)) or self.levels["*", place, level]

    def mean_magnets_g(self, item_class):
        """Mean NdFeB mass of all magnets in one unit. [g]"""
        total = 0.0
        for row in self.magnets[item_class]:
            place = row["magnet_location"]
            variance = sum(
                float(self.level(item_class, place, level)["value"]) ** 2
                for level in ("basis", "class", "family", "piece")
            )
            shape = self.shares.get(row["ndfeb_share_id"])
            share = shape["alpha"] / (shape["alpha"] + shape["beta"]) if shape else 1.0
            each = float(row["value"]) * math.exp(variance / 2)
            total += float(row["rotors"]) * each * share
        return total


def mean_of(row):
    """Exact mean of a row."""
    value, kind = float(row["value"]), row["spread_kind"]
    if kind == "ci90_lognormal":
        return value * math.exp(
            (math.log(float(row["high"]) / float(row["low"])) / WIDTH_90) ** 2 / 2
        )
    if kind == "range_beta":
        low, high = float(row["low"]), float(row["high"])
        return low + (high - low) * min(max((value - low) / (high - low), 0.05), 0.95)
    return value


def variance_of_share(row):
    """Exact variance of a share given as 90 % interval of a Beta."""
    if row["spread_kind"] == "exact":
        return 0.0
    sd = (float(row["high"]) - float(row["low"])) / WIDTH_90
    mean = float(row["value"])
    total = max(mean * (1 - mean) / sd**2 - 1, 0.1)
    return mean * (1 - mean) / (total + 1)


class World:
    """Every shared parameter, each drawn once, when first asked for."""

    def __init__(self, rows, rng):
        self.rows, self.rng, self.known = rows, rng, {}

    def once(self, key, make):
        if key not in self.known:
            self.known[key] = make()
        return self.known[key]

    def normal(self, *key):
        return self.once(("normal", *key), self.rng.standard_normal)

    def of(self, row, *key):
        """The number a row states, drawn once under its key."""
        return self.once(("row", *key), lambda: self.draw(row))

    def draw(self, row):
        value, kind = float(row["value"]), row["spread_kind"]
        if kind == "exact":
            return value
        low, high = float(row["low"]), float(row["high"])
        if kind == "ci90_lognormal":
            return value * (high / low) ** (self.rng.standard_normal() / WIDTH_90)
        if kind == "sd_normal":
            return value + (high - low) / 2 * self.rng.standard_normal()
        if kind == "range_beta":
            place = min(max((value - low) / (high - low), 0.05), 0.95)
            return low + (high - low) * self.rng.beta(6 * place, 6 * (1 - place))
        sd = (high - low) / WIDTH_90
        total = max(value * (1 - value) / sd**2 - 1, 0.1)
        return self.rng.beta(total * value, total * (1 - value))


def draw_lot(world, lot):
    """What a lot holds in a world: kg by (stream, element), gross mass, units by kind.

    Args:
        lot: Parts: item_class, runner_up, confidence, launch_year, units.
    """
    rows, rng = world.rows, world.rng
    held = defaultdict(float)
    weight, magnets = defaultdict(float), defaultdict(float)
    units = defaultdict(float)
    for part in lot:
        units[rows.classes[part["item_class"]]["kind"]] += part["units"]
        name = part["item_class"]
        if part["runner_up"] and rng.random() >= part["confidence"]:
            name = part["runner_up"]
        row = rows.gross[name]
        spread = math.log(float(row["high"]) / float(row["low"])) / WIDTH_90
        weight[name] += (
            part["units"] * float(row["value"]) * math.exp(spread * rng.standard_normal())
        )
        for magnet in rows.magnets[name]:
            mass = draw_magnets(world, name, magnet, part["units"])
            magnets[name] += mass
            add_alloy(world, held, magnet, mass, part["launch_year"])
    for name, kg in weight.items():
        add_materials(world, held, name, max(kg - magnets[name], 0.0))
    # what was received is not what the manifest says, and each lot has its own gap
    received = world.draw(rows.assumed["received_ratio"])
    return (
        {key: kg * received for key, kg in held.items()},
        sum(weight.values()) * received,
        {kind: n * received for kind, n in units.items()},
    )


def draw_magnets(world, name, magnet, units):
    """NdFeB mass at one location of all units of one part, piece by piece. [kg]"""
    rows, rng, place = world.rows, world.rng, magnet["magnet_location"]
    level = {k: rows.level(name, place, k) for k in ("basis", "class", "family", "piece")}
    sd = {k: float(row["value"]) for k, row in level.items()}
    log = sd["basis"] * world.normal("basis", level["basis"]["shared_key"] or place)
    log += sd["class"] * world.normal("class", name, place)
    log += sd["family"] * rng.standard_normal()
    if magnet["ndfeb_share_id"]:
        shape = rows.shares[magnet["ndfeb_share_id"]]
        key = ("share", magnet["ndfeb_share_id"])
        share = world.once(key, lambda: rng.beta(shape["alpha"], shape["beta"]))
        if rng.random() >= share:
            return 0.0
    pieces = int(units * float(magnet["rotors"]))
    each = np.exp(sd["piece"] * rng.standard_normal(pieces)).sum()
    return float(magnet["value"]) / 1000 * math.exp(log) * each


def add_alloy(world, held, magnet, mass, launch_year):
    """Elements of a magnet mass; Dy and Pr differ from family to family."""
    rows, rng, alloy_id = world.rows, world.rng, magnet["alloy_id"]
    place = magnet["magnet_location"]
    dated = {r["vintage"] for r in rows.alloys[alloy_id]} >= {"to-2012", "from-2013"}
    vintage = "any"
    if dated and launch_year is None:
        (row,) = [r for r in rows.alloys[alloy_id] if r["quantity"] == "share_from_2013"]
        vintage = "from-2013" if rng.random() < float(row["value"]) else "to-2012"
    elif dated:
        made = launch_year + float(rows.assumed["years_from_launch_to_make"]["value"])
        vintage = "from-2013" if made > 2012 else "to-2012"
    own = {r["quantity"]: r for r in rows.alloys[alloy_id] if r["vintage"] in ("any", vintage)}

    def shared(quantity):
        return world.of(own[quantity], quantity, alloy_id, vintage)

    bare = mass * (1 - world.of(own["coating"], "coating", alloy_id))
    total = shared("ree_total")
    shape = float(own["dy_family_shape"]["value"])
    dy = min(shared("dy_mean") * rng.gamma(shape, 1 / shape), total)
    alpha, beta = float(own["pr_share_alpha"]["value"]), float(own["pr_share_beta"]["value"])
    pr = float(own["pr_share_scale"]["value"]) * rng.beta(alpha, beta) * (total - dy)
    tb = shared("tb")
    rest = shared("boron") + shared("cobalt") + shared("minor")
    for element, share in (
        ("nd", total - dy - pr - tb), ("pr", pr), ("dy", dy), ("tb", tb),
        ("co", shared("cobalt")), ("fe", 1 - total - rest), ("bare_mass", 1.0),
    ):  # fmt: skip
        held[place, element] += bare * share
    held[place, "mass"] += mass


def add_materials(world, held, name, kg):
    """Materials of what is left without magnets, closed, and their elements."""
    rows = world.rows
    shares = world.once(("shares", name), lambda: closed_shares(world, name))
    for row, share in zip(rows.materials[name], shares, strict=True):
        stream = row["material"]
        held[stream, "mass"] += kg * share
        made_of = row["board_type"] or stream
        for element in rows.elements[made_of]:
            unit = 1e-6 if element["unit"] == "g/t" else 1.0
            part = world.of(element, "element", made_of, element["element"])
            held[stream, element["element"]] += kg * share * part * unit


def closed_shares(world, name):
    """Shares of a class, smallest first, each a Beta part of what the ones before it left."""
    rows = world.rows.materials[name]
    magnets = world.rows.mean_magnets_g(name) / (mean_of(world.rows.gross[name]) * 1000)
    means = [float(r["value"]) for r in rows]
    rest = [i for i, r in enumerate(rows) if r["material"] == "remainder"]
    if rest and means[rest[0]] > magnets:  # rows are shares of the whole, magnets in the remainder
        means = [m / (1 - magnets) for m in means]
        means[rest[0]] += 1 - sum(means)
    variances = [
        variance_of_share(r) * (m / float(r["value"])) ** 2
        for r, m in zip(rows, means, strict=True)
    ]
    order = sorted(range(len(rows)), key=lambda i: (variances[i] > 0, means[i]))
    shares, left = [0.0] * len(rows), 1.0
    first, second = 1.0, 1.0  # moments of what is left
    for i in order[:-1]:
        mean = means[i] / first
        variance = max((variances[i] + means[i] ** 2) / second - mean**2, 1e-9)
        total = max(mean * (1 - mean) / variance - 1, 0.5)
        part = world.rng.beta(total * mean, total * (1 - mean))
        shares[i] = left * part
        left *= 1 - part
        first *= 1 - mean
        second *= (1 - mean) ** 2 + mean * (1 - mean) / (total + 1)
    shares[order[-1]] = left
    return shares
