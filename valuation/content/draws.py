"""Joint draws of every series in a batch: units x unit mass, level by level (model.md, section 3).

Basis, class and family errors are keyed by text and shared by every batch; the piece error is
keyed by batch and shrinks with the number of pieces. What one unit holds is drawn once and kept
while there is room; sums over parts are matrix products over parts in fixed key order.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from valuation.content.library import ContentLibrary, ItemClass, Magnet
from valuation.content.masses import GRAMS_PER_KG, own_mass_kg, vintage_chances
from valuation.content.posterior import ndfeb_key
from valuation.content.sums import ClassTotals, MagnetTotals, Sums, closed_shares
from valuation.frames import PartFrame
from valuation.shapes import Series
from valuation.threads import in_threads
from valuation.uncertain import Draws, Source, Spread, beta_draws, gamma_draws

__all__ = ["ContentDraws", "Member", "closed_shares", "unit_magnet_kg"]

KEPT_BYTES = 160 * 1024 * 1024
"""Draws of units that are kept; what goes beyond is drawn again for every lot of batches."""
BLOCK, AT_ONCE = 512, 32
"""Members whose draws are kept or made again together, and those a thread draws in one go."""
STRIP_BYTES = 256 * 1024
"""Draws of a quantity in as many batches as one thread adds up in turn: they fit its cache."""


@dataclass(frozen=True)
class Member:
    """A part as a member of one class: its row, its family, and in which draws it is one."""

    row: int
    family_key: str
    part_key: str
    launch_year: int | None
    own_mass_kg: Spread | None
    present: Draws | None


@dataclass
class ContentDraws:
    """Draws of contained mass by batch, made class by class.

    Args:
        library: What classes are made of.
        parts: Parts, in key order.
        source: Seed and number of draws.
        told: Told of what is drawn of items, families and part numbers.
    """

    library: ContentLibrary
    parts: PartFrame
    source: Source
    told: Callable[[str, Draws], None] | None = None
    _of_units: Source = field(init=False)
    _series: dict[Series, int] = field(init=False)
    _blocks: dict[str, list["Block"]] = field(init=False)

    def __post_init__(self) -> None:
        self._of_units = replace(self.source, told=self.told) if self.told else self.source
        self._series = {name: i for i, name in enumerate(self.library.series)}
        members: dict[str, list[Member]] = {}
        for row, part in enumerate(self.parts.iter_rows(named=True)):
            present = self._identity(part["identity_key"], part["confidence"])
            absent = None if present is None else 1 - present
            for name, chance in ((part["item_class"], present), (part["runner_up"], absent)):
                if name in self.library.classes:
                    own = None
                    if name == part["item_class"] and part["unit_mass_g"] is not None:
                        own = own_mass_kg(part["unit_mass_g"], part["unit_mass_log_sd"])
                    members.setdefault(name, []).append(
                        Member(
                            row,
                            part["family_key"] or f"unlisted/{name}",
                            part["part_key"] or part["family_key"] or f"unlisted/{name}",
                            part["launch_year"],
                            own,
                            chance,
                        )
                    )
        room, self._blocks = KEPT_BYTES, {}
        for name in sorted(members):
            for start in range(0, len(members[name]), BLOCK):
                block = Block(self.library.classes[name], members[name][start : start + BLOCK])
                size = block.bytes(self.library, self.source.draws)
                block.is_kept = size <= room
                room -= size if block.is_kept else 0
                self._blocks.setdefault(name, []).append(block)

    def batches(self, batch_ids: list[str], units: NDArray[np.float32]) -> tuple[Draws, Draws]:
        """Contained mass of every series and gross mass, for some batches.

        Args:
            batch_ids: Text keys of the piece errors.
            units: Units of each part, shape (batches, parts). [1]

        Returns:
            Draws of shape (series, batches, draws) and (batches, draws). [kg]
        """
        self._draw_kept(units)
        out = np.empty((len(self._series), len(batch_ids), self.source.draws), np.float32)
        gross_kg = np.empty(out.shape[1:], np.float32)
        rows = max(STRIP_BYTES // gross_kg[:1].nbytes, 1)
        strips = [slice(start, start + rows) for start in range(0, len(batch_ids), rows)]
        sums = [
            Sums(self.library, self.source, self._series, out[:, s], gross_kg[s]) for s in strips
        ]
        for blocks in self._blocks.values():
            found = [totals for block in blocks for totals in self._totals(block, units)]
            if found:
                totals = found[0]
                for more in found[1:]:
                    totals.add(more)
                shares = closed_shares(self.source, totals.item_class)
                tasks = [
                    partial(self._add, one, totals.of(strip), shares, batch_ids[strip])
                    for one, strip in zip(sums, strips, strict=True)
                ]
                in_threads(tasks)
        in_threads([one.finish for one in sums])
        return out, gross_kg

    def _totals(self, block: "Block", units: NDArray[np.float32]) -> Iterator[ClassTotals]:
        """Sums over a block, if any batch holds one of its members."""
        held = units[:, block.rows]
        columns = np.flatnonzero(held.any(axis=0))
        if not columns.size:
            return
        if not block.is_drawn:
            block, held = block.only(columns), held[:, columns]
            in_threads(block.tasks(self.library, self._of_units))
        yield block.totals(held)

    def _identity(self, key: str | None, confidence: float) -> Draws | None:
        """1 in the draws in which the item is of its class, 0 where it is the runner-up."""
        if key is None:
            return None
        return (self._of_units.uniform(f"identity/{key}") < confidence).astype(np.float32)

    def _draw_kept(self, units: NDArray[np.float32]) -> None:
        """Draw the blocks there is room for that these batches are the first to hold."""
        tasks: list[Callable[[], None]] = []
        for block in (block for blocks in self._blocks.values() for block in blocks):
            if block.is_kept and not block.is_drawn and units[:, block.rows].any():
                tasks += block.tasks(self.library, self._of_units)
        in_threads(tasks)

    def _add(
        self, sums: Sums, totals: ClassTotals, shares: list[Draws], batch_ids: list[str]
    ) -> None:
        """Add a class to the sums of some batches, scattered between its pieces."""
        name = totals.item_class.item_class
        for magnet in totals.magnets:
            normals = np.empty_like(totals.gross_kg)
            for batch, row in zip(batch_ids, normals, strict=True):
                row[:] = self.source.normal(f"piece/{batch}/{name}/{magnet.magnet.location}")
            magnet.scatter(normals)
        sums.add(totals, shares)


class MagnetUnits:
    """Magnets of one location in one unit of each member, but for the scatter between pieces.

    Attributes:
        mass_kg: By alloy vintage: the members that may be of it, and their mass, nothing in the
            draws in which they are of another; shape (those members, draws). [kg]
        dy_kg: Dysprosium before the coating is taken off, shape (members, draws); None where the
            alloy holds none. [kg]
        pr_kg: Praseodymium, the same. [kg]
    """

    def __init__(
        self, library: ContentLibrary, magnet: Magnet, members: list[Member], draws: int
    ) -> None:
        self.magnet = magnet
        self._places: list[list[tuple[str, int, float, float]]] = []
        found: dict[str, list[int]] = {}
        for i, member in enumerate(members):
            below, places = 0.0, []
            for vintage, chance in vintage_chances(library, magnet, member.launch_year).items():
                rows = found.setdefault(vintage, [])
                places.append((vintage, len(rows), below, below + chance))
                rows.append(i)
                below += chance
            self._places.append(places)
        self._alloys = {vintage: library.alloy(magnet.alloy_id, vintage) for vintage in found}
        self.mass_kg = {
            vintage: (np.array(rows), np.empty((len(rows), draws), np.float32))
            for vintage, rows in found.items()
        }
        holds_dy = any(alloy["dy_mean"].mean > 0 for alloy in self._alloys.values())
        self.dy_kg = np.zeros((len(members), draws), np.float32) if holds_dy else None
        self.pr_kg = np.zeros((len(members), draws), np.float32)

    def draw(self, source: Source, class_name: str, members: list[Member], start: int) -> None:
        """Draw some members, the first of which is number `start`."""
        each = unit_magnet_kg(source, class_name, self.magnet, members)
        for i, (member, mass) in enumerate(zip(members, each, strict=True), start):
            uniform = None
            if len(self._places[i]) > 1:  # of unknown age: one vintage per draw
                uniform = source.uniform(f"vintage/{member.family_key}")
            for vintage, row, low, high in self._places[i]:
                chosen = self.mass_kg[vintage][1][row]
                if uniform is None:
                    chosen[:] = mass
                else:
                    np.multiply(mass, (uniform >= low) & (uniform < high), out=chosen)
                self._add_own(source, vintage, member.family_key, chosen, i)

    def _add_own(self, source: Source, vintage: str, family: str, mass: Draws, i: int) -> None:
        """Add what a family's alloy of a vintage holds of its own: dysprosium, praseodymium."""
        alloy = self._alloys[vintage]
        label = f"{alloy.alloy_id}/{vintage}"
        left = alloy["ree_total"].draw(source, f"ree_total/{label}")
        mean = alloy["dy_mean"].draw(source, f"dy_mean/{label}")
        if self.dy_kg is not None and alloy["dy_mean"].mean > 0:
            dy = mean * gamma_draws(source, f"dy/{label}/{family}", alloy["dy_family_shape"].value)
            np.minimum(dy, left, out=dy)  # closes the alloy; happens once in 10^7 draws
            left = left - dy
            self.dy_kg[i] += np.multiply(dy, mass, out=dy)
        alpha, beta = alloy["pr_share_alpha"].value, alloy["pr_share_beta"].value
        pr = beta_draws(source, f"pr/{label}/{family}", alpha, beta)
        pr *= np.float32(alloy["pr_share_scale"].value)
        pr *= left
        pr *= mass
        self.pr_kg[i] += pr

    def totals(self, units: NDArray[np.float32]) -> MagnetTotals:
        """Sums over units, shape of those (batches, members). [kg]"""
        masses = {v: (units[:, rows], each) for v, (rows, each) in self.mass_kg.items()}
        tasks = {"pr": partial(_product, units, self.pr_kg)}
        if self.dy_kg is not None:
            tasks["dy"] = partial(_product, units, self.dy_kg)
        for vintage, (held, each) in masses.items():
            tasks[f"mass/{vintage}"] = partial(_product, held, each)
            tasks[f"square/{vintage}"] = partial(_product, held, each, squared=True)
        found = dict(zip(tasks, in_threads(list(tasks.values())), strict=True))
        squares = [found[f"square/{vintage}"] for vintage in masses]
        return MagnetTotals(
            self.magnet,
            {vintage: found[f"mass/{vintage}"] for vintage in masses},
            sum(squares[1:], squares[0]),
            found.get("dy"),
            found["pr"],
        )


class Block:
    """Some members of one class, and what one unit of each holds once that is drawn.

    Attributes:
        rows: Their rows among the parts, shape (members,).
        is_kept: Whether there is room to keep the draws.
    """

    def __init__(self, item_class: ItemClass, members: list[Member]) -> None:
        self.item_class = item_class
        self.members = members
        self.rows = np.array([member.row for member in members])
        self.is_kept = False
        self._gross_kg: Draws | None = None
        self._magnets: list[MagnetUnits] = []

    @property
    def is_drawn(self) -> bool:
        """Whether the draws are there."""
        return self._gross_kg is not None

    def only(self, members: NDArray[np.intp]) -> "Block":
        """Some of the members, not drawn."""
        return Block(self.item_class, [self.members[i] for i in members])

    def bytes(self, library: ContentLibrary, draws: int) -> int:
        """Size of the draws of all members. [B]"""
        count = len(self.members)
        for magnet in self.item_class.magnets:
            for member in self.members:
                count += 2 + len(vintage_chances(library, magnet, member.launch_year))
        return count * draws * np.dtype(np.float32).itemsize

    def tasks(self, library: ContentLibrary, source: Source) -> list[Callable[[], None]]:
        """What is to be done, in any order and by any thread, for the draws to be there."""
        self._gross_kg = np.empty((len(self.members), source.draws), np.float32)
        self._magnets = [
            MagnetUnits(library, magnet, self.members, source.draws)
            for magnet in self.item_class.magnets
        ]
        return [partial(self._draw, source, i) for i in range(0, len(self.members), AT_ONCE)]

    def _draw(self, source: Source, start: int) -> None:
        assert self._gross_kg is not None
        members = self.members[start : start + AT_ONCE]
        for i, member in enumerate(members, start):
            spread = member.own_mass_kg or self.item_class.gross_mass_kg
            log = source.normal(f"mass/{member.family_key}")
            log *= np.float32(spread.log_sd)
            np.multiply(spread.value, np.exp(log, out=log), out=self._gross_kg[i])
            if member.present is not None:
                self._gross_kg[i] *= member.present
        for magnet in self._magnets:
            magnet.draw(source, self.item_class.item_class, members, start)

    def totals(self, units: NDArray[np.float32]) -> ClassTotals:
        """Gross mass and magnets of some batches.

        Args:
            units: Units of each member, shape (batches, members). [1]
        """
        assert self._gross_kg is not None
        magnets = [magnet.totals(units) for magnet in self._magnets]
        return ClassTotals(self.item_class, _product(units, self._gross_kg), magnets)


def _product(units: NDArray[np.float32], each: Draws, *, squared: bool = False) -> Draws:
    """Matrix product over members, without those that no batch holds."""
    held = units.any(axis=0)
    if 2 * np.count_nonzero(held) < held.size:
        units, each = units[:, held], each[held]
    return np.asarray(np.matmul(units, np.square(each) if squared else each), np.float32)


def unit_magnet_kg(source: Source, class_name: str, magnet: Magnet, members: list[Member]) -> Draws:
    """Magnet mass of one unit of each member but for the piece error, (members, draws). [kg]"""
    sd = magnet.log_sd
    mean_of_piece = np.float32(np.exp(sd["piece"] ** 2 / 2))
    shared = sd["basis"] * source.shared_normal(f"basis/{magnet.basis_key}")
    shared = shared + sd["class"] * source.shared_normal(f"class/{class_name}/{magnet.location}")
    common = magnet.rotors * magnet.median_g / GRAMS_PER_KG * np.exp(shared) * mean_of_piece
    share = None
    if magnet.share is not None:
        key = f"ndfeb-share/{magnet.share_id}"
        share = source.note(key, magnet.mean_share, beta_draws(source, key, *magnet.share))
    each = np.empty((len(members), source.draws), np.float32)
    for i, member in enumerate(members):
        key = f"family/{magnet.location}/{member.family_key}"
        # a family of the catalogue is a shared parameter that is kept; `maker/model` is made again
        named = "/" not in member.family_key
        family = source.shared_normal(key) if named else source.normal(key)
        each[i] = common * np.exp(sd["family"] * family)
        if share is not None:
            each[i] *= source.uniform(ndfeb_key(member.part_key)) < share
        if member.present is not None:
            each[i] *= member.present
    return each
