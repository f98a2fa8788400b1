"""Parameter groups: which uncertain parameters a sensitivity takes together, told by their keys.

Parameters of different groups are drawn independently, so the variance of a figure has a share of
its own for each group; what several groups only do together is its interaction.
"""

from collections.abc import Mapping
from typing import Final

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "magnet_mass": ("basis", "class", "family", "piece"),
    "alloy": (
        "ree_total", "dy_mean", "dy", "pr", "tb", "coating", "boron", "cobalt", "minor", "vintage",
    ),
    "fan_share": ("ndfeb", "ndfeb-share"),
    "identity": ("identity",),
    "kit_mass": ("mass", "bare"),
    "material_mix": ("shares",),
    "grades": ("element",),
    "form": ("form",),
    "yields": ("capture",),
    "prices": ("price", "price-factor", "payable"),
    "costs": ("cost",),
    "count": ("count",),
    "outside": ("magnet", "unidentified"),
}  # fmt: skip
"""First words of the keys of each group. `count` is not in any published quantile; `outside` is
what no net depends on: magnets made downstream, and what unidentified items could hold."""
CONTENT_GROUPS: Final = (
    "magnet_mass", "alloy", "fan_share", "identity", "kit_mass", "material_mix", "grades",
    "form",
)  # fmt: skip
ROUTE_GROUPS: Final = ("yields", "prices", "costs")
MAGNET_GROUPS: Final = CONTENT_GROUPS[:4]
"""Groups that rare earths contained depend on."""
CONTENT_DRAWS: Final = 1000
"""Draws of content looked at again, at most: their shares are known to about 0.02 with so many."""
COUNT: Final = "count"
INTERACTION: Final = "interaction"

_GROUP_OF: Final = {word: group for group, words in GROUPS.items() for word in words}


def group_of(key: str) -> str:
    """The group of a parameter, by the first word of its key.

    Raises:
        KeyError: No group has such keys.

    >>> group_of("family/voice_coil/exos-x16")
    'magnet_mass'
    """
    return _GROUP_OF[key.split("/", 1)[0]]
