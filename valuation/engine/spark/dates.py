"""Dates: the forms DuckDB reads a day by, as Spark reads it by them."""

import re
from typing import Final

from sqlglot import exp

_DAY_PARTS: Final = {
    "%d": "d", "%m": "M", "%y": "yy", "%Y": "yyyy", "%b": "MMM", "%B": "MMMM",
}  # fmt: skip
_LAST_SHORT_YEAR: Final = 2068
"""A year of two digits is one from 1969 to this."""


def day_read(node: exp.Expression) -> exp.Expression:
    """The first form of a date that can be read."""
    text, forms = node.expressions
    told = [form.name for form in forms.expressions] if forms.expressions else [forms.name]
    return exp.Coalesce(this=_day(text, told[0]), expressions=[_day(text, f) for f in told[1:]])


def _day(text: exp.Expression, form: str) -> exp.Expression:
    given = exp.Literal.string(spark_day_form(form))
    trimmed = exp.Anonymous(this="trim", expressions=[text.copy()])
    day = exp.Anonymous(this="try_to_timestamp", expressions=[trimmed, given])
    if "%y" not in form:
        return day
    year = exp.Anonymous(this="year", expressions=[day.copy()])
    century = exp.Anonymous(this="make_interval", expressions=[exp.Literal.number(100)])
    is_past = exp.GT(this=year, expression=exp.Literal.number(_LAST_SHORT_YEAR))
    return exp.If(this=is_past, true=exp.Sub(this=day.copy(), expression=century), false=day)


def spark_day_form(form: str) -> str:
    """A form of dates as Spark writes it.

    >>> spark_day_form("%d. %b %Y"), spark_day_form("%Y%m%d"), spark_day_form("%Y년")
    ('d. MMM yyyy', 'yyyyMMdd', "yyyy'년'")
    """
    parts = re.findall(r"%\w|[^%]", form)
    if all(part in _DAY_PARTS for part in parts):  # without a sign between, each has its width
        return "".join(2 * _DAY_PARTS[p] if p in ("%d", "%m") else _DAY_PARTS[p] for p in parts)
    return "".join(_DAY_PARTS.get(p, f"'{p}'" if p.isalpha() else p) for p in parts)
