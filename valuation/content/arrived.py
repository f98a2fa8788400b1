"""Joint draws of lots as they arrive: whole units, or what the form of a lot holds of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from valuation.content.draws import ContentDraws
from valuation.content.library import ContentLibrary
from valuation.frames import PartFrame
from valuation.shapes import MASS
from valuation.uncertain import Draws, Source

Rows = NDArray[np.intp]


@dataclass
class ArrivedDraws:
    """Draws of contained mass by batch, whatever form its parts arrive in.

    Whole parts are drawn as they are; of parts in another form, each stream is the share of the
    whole unit that is there, by kind. A part of a kind that the form does not hold holds nothing.

    Args:
        library: What classes are made of, and what a form holds of them.
        parts: Parts, in key order.
        source: Seed and number of draws.
        told: Told of what is drawn of items, families and part numbers.
    """

    library: ContentLibrary
    parts: PartFrame
    source: Source
    told: Callable[[str, Draws], None] | None = None
    _whole: tuple[Rows, ContentDraws] = field(init=False)
    _partial: dict[tuple[str, str], tuple[Rows, ContentDraws]] = field(init=False)

    def __post_init__(self) -> None:
        whole: list[int] = []
        partial: dict[tuple[str, str], list[int]] = {}
        for row, (form, kind) in enumerate(self.parts.select("form", "kind").iter_rows()):
            there = self.library.held(form, kind)
            if there is None:
                whole.append(row)
            elif there:
                partial.setdefault((form, kind), []).append(row)
        self._whole = self._of(whole)
        self._partial = {key: self._of(partial[key]) for key in sorted(partial)}

    def batches(self, batch_ids: list[str], units: NDArray[np.float32]) -> tuple[Draws, Draws]:
        """Contained mass of every series and gross mass, for some batches.

        Args:
            batch_ids: Text keys of the piece errors.
            units: Units of each part, shape (batches, parts). [1]

        Returns:
            Draws of shape (series, batches, draws) and (batches, draws). [kg]
        """
        rows, draws = self._whole
        out, gross = draws.batches(batch_ids, units[:, rows])
        for (form, kind), (rows, draws) in self._partial.items():
            held = units[:, rows]
            if held.any():
                whole, _ = draws.batches(batch_ids, held)
                self._add_what_is_there(form, kind, whole, out, gross)
        return out, gross

    def _of(self, rows: list[int]) -> tuple[Rows, ContentDraws]:
        places = np.array(rows, np.intp)
        parts = cast(PartFrame, self.parts[places])
        return places, ContentDraws(self.library, parts, self.source, self.told)

    def _add_what_is_there(
        self, form: str, kind: str, whole: Draws, out: Draws, gross: Draws
    ) -> None:
        """Add what a lot of a form holds of whole units of a kind."""
        there = self.library.held(form, kind) or {}
        drawn = {
            s: share.draw(self.source, f"form/{form}/{kind}/{s}") for s, share in there.items()
        }
        for i, (stream, element) in enumerate(self.library.series):
            if stream in drawn:
                mass = whole[i] * drawn[stream]
                out[i] += mass
                if element == MASS:
                    gross += mass
