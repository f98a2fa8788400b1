"""Many families: the spread that a lot keeps, however many model families it is made of.

Errors of basis and class are shared, so they do not average out: the relative spread of a lot never
falls below sqrt(g^2 + c^2) (model.md, section 3).
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from valuation.content.draws import ContentDraws
from valuation.content.library import ContentLibrary
from valuation.shapes import MASS
from valuation.uncertain import Source, Spread
from valuation.validate.cases import MixRow
from valuation.validate.lots import family_rows, part_frame

CLASS: Final = "hdd-3.5-nearline-helium"
LOCATION: Final = "voice_coil"
FAMILIES: Final = (1, 40, 1000)
PIECES_PER_FAMILY: Final = 100.0
LAUNCH_YEAR: Final = 2016
"""Magnet mass does not depend on it; alloys of one vintage are drawn instead of two."""


@dataclass(frozen=True)
class FamilySpread:
    """Relative spread of the voice-coil magnet mass of a lot of some families of one class.

    Attributes:
        log_sd: SD of log mass.
        floor: sqrt(g^2 + c^2): what the lot keeps of endlessly many families.
        sampling_error: Of `log_sd`, from the number of draws.
    """

    item_class: str
    families: int
    log_sd: float
    floor: float
    sampling_error: float

    def as_dict(self) -> dict[str, Any]:
        """The object `validate --json` prints."""
        return asdict(self)


def family_spreads(
    library: ContentLibrary, source: Source, item_class: str = CLASS
) -> list[FamilySpread]:
    """Spread of lots of 1, 40 and 1,000 families, a hundred pieces of each.

    What all families share is normal with a known SD and apart from the rest, so only the rest is
    sampled.
    """
    magnets = [m for m in library.classes[item_class].magnets if m.location == LOCATION]
    magnet, sd = magnets[0], magnets[0].log_sd
    floor = math.hypot(sd["basis"], sd["class"])
    shared = sd["basis"] * source.normal(f"basis/{magnet.basis_key}") + sd["class"] * source.normal(
        f"class/{item_class}/{LOCATION}"
    )
    place = library.series.index((LOCATION, MASS))
    found = []
    for families in FAMILIES:
        mix = MixRow(item_class, LAUNCH_YEAR, families, Spread(1, None, None, "exact"))
        parts = part_frame(family_rows(library, mix, f"many/{item_class}"))
        units = np.full((1, families), PIECES_PER_FAMILY, np.float32)
        drawn, _ = ContentDraws(library, parts, source).batches([f"many/{families}"], units)
        own = float((np.log(drawn[place, 0]) - shared).std(dtype=np.float64))
        log_sd = math.hypot(floor, own)
        error = own**2 / log_sd / math.sqrt(2 * source.draws)
        found.append(FamilySpread(item_class, families, log_sd, floor, error))
    return found
