"""Makers: whether a row names another maker than the one whose host its code would be of.

Hosts of different makers share short codes (`R850` is a server and an access point), so the code
alone is little where the row names another maker. Makers that sell each other's things, and makers
and resellers that nothing is known of, contradict nobody.
"""

from collections.abc import Mapping
from typing import Final

from valuation.identity.text import ItemText, squash
from valuation.identity.traits import Clue
from valuation.tables import Tables
from valuation.units import WHOLE_KINDS

OF_ANOTHER: Final = 0.55
"""Weight left to a host's code where the row names another maker: not enough alone. [1]"""

Kin = Mapping[str, set[str]]
"""Every known maker with those whose names its things carry too, itself among them."""


def kin_of(tables: Tables) -> Kin:
    """The makers of families and aliases, with those of `maker_kin.csv`, which holds both ways."""
    named = [tables.frame(name)["maker"] for name in ("maker", "catalogue", "grammar")]
    found: dict[str, set[str]] = {m: {m} for makers in named for m in makers.drop_nulls()}
    for maker, kin in tables.frame("maker_kin").select("maker", "kin").iter_rows():
        found.setdefault(maker, {maker}).add(kin)
        found.setdefault(kin, {kin}).add(maker)
    return found


def is_of_another_maker(item: ItemText, clue: Clue, kin: Kin) -> bool:
    """Whether a clue is a host's code that the maker a row names does not write."""
    if clue.kind not in WHOLE_KINDS:
        return False
    maker = clue.traits.maker
    if not maker or not item.maker or maker == item.maker:
        return False
    if item.maker not in kin or maker in kin[item.maker]:
        return False
    begins = len(item.model) - len(item.core)
    if clue.field == "model" and not clue.start and 0 < begins < len(clue.matched):
        return False  # the word read as a maker begins the name of the family: `Flex System`
    text = dict(item.fields).get(clue.field, "")
    return squash(maker) not in squash(text)
