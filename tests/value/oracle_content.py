"""What a lot holds, as sums of products of parameters: the levels of model.md, section 3."""

import math

from tests.value.oracle import Term, parameter, scaled, times
from valuation.shapes import MASS


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
