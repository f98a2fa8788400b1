"""Exact mean and variance of a lot, worked out from the rows without a single draw.

Everything a lot holds or brings is a sum of products of independent parameters, each under its text
key. So the mean of a sum, and of its square, follow from the joint moments of the few functions of
each parameter that occur: E[s t] of two products is the product over keys of E[f_key g_key].
Nothing of it, of `oracle_content` and `oracle_money` is shared with the draws; what `max(0, ...)`
cuts off in them is not cut off here.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from scipy.integrate import quad
from scipy.special import betaincc

CI90 = 2 * 1.6448536269514722


# Functions of one parameter:
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
