"""Cells: every column of a Spark table as the text a CSV would hold, called `c0`, `c1`, ...

Columns are taken by their place, never by name: names repeat, and hold quotes. The texts are those
the inventory reads from the same values in a Parquet file.
"""

from collections.abc import Iterator
from typing import Any, Final

from pyspark.sql import DataFrame

_MIDDLE: Final = "abs({0}) >= 1e-4D and abs({0}) < 1e16D"
"""Numbers that are written without a power of ten: each fits the digits of a decimal."""


def cells_of(table: DataFrame) -> tuple[tuple[str, ...], DataFrame]:
    """The names of a table's columns and its rows as texts.

    The columns of a structure stand each by itself, one level deep.
    """
    places = table.toDF(*(f"k{place}" for place in range(len(table.columns))))
    columns = list(_columns(table))
    texts = [f"{text} as c{place}" for place, (_, text) in enumerate(columns)]
    return tuple(name for name, _ in columns), places.selectExpr(*texts)


def _columns(table: DataFrame) -> Iterator[tuple[str, str]]:
    """Name and SQL of the text of each column."""
    for place, field in enumerate(table.schema.fields):
        if field.dataType.typeName() != "struct":
            yield field.name, _text(f"k{place}", field.dataType)
            continue
        for inner in field.dataType.fields:
            name = inner.name.replace("`", "``")
            yield f"{field.name}.{inner.name}", _text(f"k{place}.`{name}`", inner.dataType)


def _text(value: str, kind: Any) -> str:
    """SQL of a typed value as text: 1234.0 is `1234`, a day without a time is a date."""
    name, text = kind.typeName(), f"cast({value} as string)"
    if name in ("float", "double"):
        return _number(value, text)
    if name == "decimal":
        return f"regexp_replace({text}, '[.]0+$', '')"
    if name in ("timestamp", "timestamp_ntz"):
        return f"regexp_replace({text}, ' 00:00:00$', '')"
    if name == "binary":
        return f"coalesce(try_validate_utf8({text}), hex({value}))"
    if name == "array":
        return f"array_join(cast({value} as array<string>), ', ')"
    return text


def _number(value: str, text: str) -> str:
    """SQL of a number with as few digits as tell it."""
    # By way of text: the digits of a number with a power of ten, not those of its nearest double.
    plain = f"cast(cast({text} as decimal(38, 21)) as string)"
    sign = f"if({text} like '%E-%', 'e-', 'e+')"
    digits = f"regexp_replace(split_part({text}, 'E', 1), '[.]0$', '')"
    power = f"lpad(ltrim('-', split_part({text}, 'E', 2)), 2, '0')"
    return (
        f"case when isnan({value}) then null "
        f"when {value} % 1 = 0 and abs({value}) < 1e18D "
        f"then cast(cast({value} as bigint) as string) "
        f"when {_MIDDLE.format(value)} then regexp_replace({plain}, '0+$', '') "
        f"when {text} like '%E%' then concat({digits}, {sign}, {power}) "
        f"else {text} end"
    )
