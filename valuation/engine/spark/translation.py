"""Translation: a step written for DuckDB as the statement Spark runs, by sqlglot.

sqlglot knows most of both languages. What it does not know, or what means something else in Spark
under the same name, stands in `_TRANSLATIONS`; macros are written out, as DuckDB does with them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb
import sqlglot
from sqlglot import exp

from valuation.engine.spark.dates import day_read

_MACRO: Final = re.compile(
    r"(?is)^.*?\bcreate\s+or\s+replace\s+temp\s+macro\s+(\w+)\s*\(([^)]*)\)\s*as\b(.*)$"
)
_BLANKS_TRIMMED: Final = (
    " \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
)
"""What `trim` of DuckDB takes away: blanks of every width. That of Spark takes away spaces."""
_SPARK_TYPES: Final = {"UBIGINT": "BIGINT", "UBIGINT[]": "ARRAY<BIGINT>"}
"""Types Spark lacks: only hashes need them, and those of Spark are signed."""
_RE2_BLANKS: Final = r"\t\n\f\r "
_GIVEN: Final = exp.column("given")
_SMALL_IOTA: Final = "".join(
    chr(code)
    for first in (0x1F80, 0x1F90, 0x1FA0, 0x1FB3, 0x1FC3, 0x1FF3)
    for code in range(first, first + (8 if first % 16 == 0 else 1))
)
"""Greek letters above an iota: their capitals are one sign each, which Java writes as two."""
_LARGE_IOTA: Final = "".join(
    chr(ord(s) + (9 if ord(s) % 16 == 3 and ord(s) > 0x1FB0 else 8)) for s in _SMALL_IOTA
)
_CASED: Final = {
    name: f"case when given rlike '^[\\\\x00-\\\\x7F]*\\\\z' then {name}(given) "
    f"else array_join(transform(split(translate(given, '{alone[0]}', '{alone[1]}'), ''), "
    f"sign -> if(length({name}(sign)) = 1, {name}(sign), sign)), '') end"
    for name, alone in {
        "upper": (f"ß{_SMALL_IOTA}", f"ẞ{_LARGE_IOTA}"),
        "lower": ("İ", "i"),
    }.items()
}
"""SQL of Spark for the letters of `given`; those of ASCII are changed all at once."""
_LARGEST_KEY: Final = (1 << 63) - 1
_DISTINCT_ERROR: Final = 0.01
"""How far a count of distinct texts may be off; Spark's own default is five times that. [1]"""


@dataclass(frozen=True)
class Macro:
    """A function of SQL: names of its arguments and the expression it stands for."""

    arguments: tuple[str, ...]
    body: exp.Expression


@dataclass
class Names:
    """What a statement may refer to beside tables.

    Attributes:
        macros: Functions made before, by name.
        variables: What `getvariable` gives.
    """

    macros: dict[str, Macro] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)


def statements(sql: str) -> list[duckdb.Statement]:
    """The statements of a step, one by one."""
    return duckdb.extract_statements(sql)


def macro_of(statement: str) -> tuple[str, Macro] | None:
    """The macro a statement makes, with its name; None when it makes none."""
    found = _MACRO.match(statement)
    if found is None:
        return None
    arguments = tuple(name.strip().lower() for name in found[2].split(",") if name.strip())
    return found[1].lower(), Macro(arguments, parsed(found[3]))


def parsed(statement: str) -> exp.Expression:
    """A statement of DuckDB as a tree."""
    trees = sqlglot.parse(statement, read="duckdb")
    (tree,) = [tree for tree in trees if tree is not None and not isinstance(tree, exp.Semicolon)]
    return tree


def translated(
    tree: exp.Expression,
    names: Names,
    parameters: Mapping[str, Any] | None = None,
    views: Mapping[str, str] | None = None,
) -> str:
    """A query of DuckDB as one of Spark.

    Args:
        tree: The query.
        names: Macros and variables it may use.
        parameters: Values of `$name` in it.
        views: What tables are called in Spark, by their names here.

    Raises:
        KeyError: A parameter or variable has no value.
    """
    tree = _written_out(tree.copy(), names.macros)
    _rename_tables(tree, views or {})
    tree = tree.transform(_with_values, names.variables, parameters or {})
    return str(_bottom_up(tree, _for_spark).sql("spark"))


def spark_type(kind: exp.DataType) -> str:
    """A type of a column as Spark calls it."""
    return _SPARK_TYPES.get(kind.sql("duckdb")) or kind.sql("spark")


def literal(value: Any) -> exp.Expression:
    """A value as SQL writes it."""
    return exp.convert(list(value) if isinstance(value, tuple) else value)


def _written_out(tree: exp.Expression, macros: Mapping[str, Macro]) -> exp.Expression:
    """A tree with the bodies of macros in place of their calls."""

    def write_out(node: exp.Expression) -> exp.Expression:
        macro = macros.get(node.name.lower()) if isinstance(node, exp.Anonymous) else None
        if macro is None:
            return node
        given = dict(zip(macro.arguments, node.expressions, strict=True))

        def put_in(inner: exp.Expression) -> exp.Expression:
            if isinstance(inner, exp.Column) and not inner.table and inner.name.lower() in given:
                return exp.paren(given[inner.name.lower()].copy(), copy=False)
            return inner

        return exp.paren(_written_out(macro.body.copy().transform(put_in), macros), copy=False)

    return tree.transform(write_out)


def _rename_tables(tree: exp.Expression, views: Mapping[str, str]) -> None:
    """Put other names in place of those of tables, by which their columns are still called."""
    within = {query.alias for query in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if table.name in views and table.name not in within:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(views[table.name]))


def _with_values(
    node: exp.Expression, variables: Mapping[str, Any], parameters: Mapping[str, Any]
) -> exp.Expression:
    """Values in place of parameters and variables."""
    if isinstance(node, exp.Parameter | exp.Placeholder):
        return literal(parameters[node.name])
    if isinstance(node, exp.Anonymous) and node.name.lower() == "getvariable":
        return literal(variables[node.expressions[0].name])
    return node


def _bottom_up(
    node: exp.Expression, change: Callable[[exp.Expression], exp.Expression]
) -> exp.Expression:
    """A tree with every node changed after what is below it."""
    for child in list(node.iter_expressions()):
        changed = _bottom_up(child, change)
        if changed is not child:
            child.replace(changed)
    return change(node)


def _for_spark(node: exp.Expression) -> exp.Expression:
    translate = _TRANSLATIONS.get(type(node)) or (
        _FUNCTIONS.get(node.name.lower()) if isinstance(node, exp.Anonymous) else None
    )
    return translate(node) if translate else node


def _trim(node: exp.Expression) -> exp.Expression:
    """Blanks of every width are trimmed, not spaces only."""
    if node.expression is None:
        node.set("expression", exp.Literal.string(_BLANKS_TRIMMED))
    return node


def _hash(node: exp.Expression) -> exp.Expression:
    """A key of 63 bits: `hash` of Spark has 32, and what is null would leave no trace in it.

    Its sign is taken off: keys of DuckDB have none, and are shared out by what is left over.
    """
    values = node.expressions
    if len(values) > 1:
        values = [
            part for v in values for part in (exp.Is(this=v.copy(), expression=exp.Null()), v)
        ]
    key = exp.Anonymous(this="xxhash64", expressions=values)
    return exp.paren(exp.BitwiseAnd(this=key, expression=exp.Literal.number(_LARGEST_KEY)))


def _renamed(name: str, node: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this=name, expressions=node.expressions)


def _cast(node: exp.Expression) -> exp.Expression:
    """A number without a sign is one with a sign: there is no other."""
    if node.args["to"].sql("duckdb") in _SPARK_TYPES:
        node.set("to", exp.DataType.build(_SPARK_TYPES[node.args["to"].sql("duckdb")]))
    return node


def _distinct(node: exp.Expression) -> exp.Expression:
    arguments = [node.this, exp.Literal.number(_DISTINCT_ERROR)]
    return exp.Anonymous(this="approx_count_distinct", expressions=arguments)


def _list(node: exp.Expression) -> exp.Expression:
    """A list of nothing is null, not empty."""
    is_list = isinstance(node, exp.ArrayAgg) or isinstance(node.this, exp.ArrayAgg)
    if not is_list or isinstance(node.parent, exp.Filter):  # it is for its filter to say
        return node
    return exp.Nullif(this=node.copy(), expression=exp.Array(expressions=[]))


def _matches(node: exp.Expression) -> exp.Expression:
    """Whether a pattern is found anywhere, or stands for the whole text."""
    pattern = java_pattern(_text_of(node.expression))
    if isinstance(node, exp.RegexpFullMatch):
        pattern = rf"^(?:{pattern})\z"
    return exp.RegexpLike(this=node.this, expression=exp.Literal.string(pattern))


def _replaced(node: exp.Expression) -> exp.Expression:
    """Without the option `g` the first match is replaced, not every one."""
    replacement = _text_of(node.args["replacement"])
    if "\\" in replacement or "$" in replacement:
        raise NotImplementedError(f"the replacement {replacement!r} names a group")
    pattern = java_pattern(_text_of(node.expression))
    if node.args.get("modifiers") is None:
        pattern, replacement = rf"^((?s:.*?))(?:{pattern})((?s:.*))\z", f"$1{replacement}$2"
    arguments = [node.this, exp.Literal.string(pattern), exp.Literal.string(replacement)]
    return exp.Anonymous(this="regexp_replace", expressions=arguments)


def java_pattern(pattern: str) -> str:
    r"""A pattern of RE2, which DuckDB uses, as Java reads it.

    `$` is the end of the text alone, `\s` holds no vertical tab, the dot leaves out the line feed
    only, and letters without case are those of every script.

    >>> java_pattern(r"(?i)^\s*a[.$]+$")
    '(?id)(?u)^[\\t\\n\\f\\r ]*a[.$]+\\z'
    """
    out, is_in_class, place = [], False, 0
    while place < len(pattern):
        sign = pattern[place : place + 2] if pattern[place] == "\\" else pattern[place]
        place += len(sign)
        if sign == r"\s":
            out.append(_RE2_BLANKS if is_in_class else f"[{_RE2_BLANKS}]")
        else:
            out.append(r"\z" if sign == "$" and not is_in_class else sign)
        is_in_class = sign == "[" or (is_in_class and sign != "]")
    java = "".join(out)
    return f"(?id)(?u){java[4:]}" if java.startswith("(?i)") else f"(?d){java}"


def _replaced_columns(node: exp.Expression) -> exp.Expression:
    """`* replace (x as a)` is every column but a, and then x."""
    told: list[exp.Expression] = []
    for column in node.expressions:
        replaced = column.args.get("replace") if isinstance(column, exp.Star) else None
        if replaced:
            names = [exp.to_identifier(alias.alias) for alias in replaced]
            told += [exp.Star(except_=names), *replaced]
        else:
            told.append(column)
    node.set("expressions", told)
    return node


def _cased(node: exp.Expression) -> exp.Expression:
    """Letters change one by one, by the simple mapping of Unicode: `ﬁ` stays, `ß` is `ẞ`."""
    function = "upper" if isinstance(node, exp.Upper) else "lower"
    return sqlglot.parse_one(_CASED[function], read="spark").transform(
        lambda inner: exp.paren(node.this.copy()) if inner == _GIVEN else inner
    )


def _text_of(node: exp.Expression) -> str:
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise NotImplementedError(f"{node.sql('duckdb')} is no text, and must be one here")
    return str(node.this)


_TRANSLATIONS: Final[dict[type[exp.Expression], Callable[[Any], exp.Expression]]] = {
    exp.Trim: _trim,
    exp.ArrayAgg: _list,
    exp.Filter: _list,
    exp.Select: _replaced_columns,
    exp.RegexpLike: _matches,
    exp.RegexpFullMatch: _matches,
    exp.RegexpReplace: _replaced,
    exp.Upper: _cased,
    exp.Lower: _cased,
    exp.ApproxDistinct: _distinct,
    exp.Cast: _cast,
}
_FUNCTIONS: Final[dict[str, Callable[[Any], exp.Expression]]] = {
    "hash": _hash,
    "suffix": lambda node: _renamed("endswith", node),
    "strlen": lambda node: _renamed("octet_length", node),
    "try_strptime": day_read,
}
