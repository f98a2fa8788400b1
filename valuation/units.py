"""Words and conversions everybody uses: elements, kinds, products, oxides and trade units.

Atomic masses are IUPAC abridged standard atomic weights (2021); the oxide factors follow from
them, so no factor is typed in twice.
"""

from typing import Final

RARE_EARTHS: Final = ("nd", "pr", "dy", "tb", "gd", "ho")
OTHER_ELEMENTS: Final = (
    "al", "fe", "cu", "au", "ag", "pd", "sn", "ta", "co", "sb", "ga", "ge",
)  # fmt: skip
ELEMENTS: Final = RARE_EARTHS + OTHER_ELEMENTS

KINDS: Final = (
    "hdd", "ssd", "tape_drive", "optical_drive", "fan", "psu", "server", "storage", "switch",
    "chassis", "ups_pdu", "memory", "cpu", "gpu", "network_card", "board", "cable", "rack",
    "battery", "other", "unidentified",
)  # fmt: skip
HOST_KINDS: Final = ("server", "storage", "switch", "chassis")
"""Kinds that hold parts."""
WHOLE_KINDS: Final = (*HOST_KINDS, "ups_pdu")
"""Kinds that parts are named after: a fan for a switch is named with it."""
DRIVE_KINDS: Final = ("hdd", "ssd")
PLUGGED_KINDS: Final = ("fan", "psu")
"""Parts that are named with the thing they are made for, also with nothing between the two."""

WHOLE: Final = "whole"
SHREDDED: Final = "shredded"
FORMS: Final = (WHOLE, "module", SHREDDED)
"""How a lot arrives: as units, as voice-coil modules pulled from drives, as shredded kit."""

PRODUCTS: Final = (
    "nd_oxide", "pr_oxide", "ndpr_oxide", "dy_oxide", "tb_oxide", "mixed_oxide", "ndfeb_alloy",
    "ndfeb_magnet", "magnet_pieces", "aluminium", "steel", "copper", "boards", "gold", "silver",
    "palladium", "total",
)  # fmt: skip
RARE_EARTH_PRODUCTS: Final = PRODUCTS[: PRODUCTS.index("magnet_pieces") + 1]
OTHER_METAL_PRODUCTS: Final = ("copper", "gold", "silver", "palladium")
"""Products that are neither rare earths nor aluminium, steel or boards."""

ATOMIC_MASS_G_PER_MOL: Final = {
    "nd": 144.242, "pr": 140.908, "dy": 162.500, "tb": 158.925, "gd": 157.25, "ho": 164.930,
    "o": 15.999, "fe": 55.845, "b": 10.81, "co": 58.933,
}  # fmt: skip
# element: (metal atoms, oxygen atoms) of the oxide that is traded
OXIDE_FORMULA: Final = {
    "nd": (2, 3), "pr": (6, 11), "dy": (2, 3), "tb": (4, 7), "gd": (2, 3), "ho": (2, 3),
}  # fmt: skip

GRAMS_PER_TROY_OUNCE: Final = 31.1034768
KG_PER_POUND: Final = 0.45359237
KG_PER_GROSS_TON: Final = 1016.0469088
KG_PER_SHORT_TON: Final = 907.18474
KG_PER_PRICE_UNIT: Final = {
    "kg": 1.0, "t": 1000.0, "g": 0.001, "lb": KG_PER_POUND, "oz t": GRAMS_PER_TROY_OUNCE / 1000,
    "gross ton": KG_PER_GROSS_TON, "short ton": KG_PER_SHORT_TON,
}  # fmt: skip


def oxide_factor(element: str) -> float:
    """Mass of traded oxide made from one unit of rare-earth metal. [kg/kg]

    Raises:
        KeyError: The element has no traded oxide here.

    >>> [round(oxide_factor(e), 4) for e in ("nd", "pr", "dy", "tb")]
    [1.1664, 1.2082, 1.1477, 1.1762]
    """
    metal, oxygen = OXIDE_FORMULA[element]
    metal_mass = metal * ATOMIC_MASS_G_PER_MOL[element]
    return (metal_mass + oxygen * ATOMIC_MASS_G_PER_MOL["o"]) / metal_mass
