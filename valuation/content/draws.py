"""Joint draws of every series in a batch: units x unit mass, level by level (model.md, section 3).

Basis, class and family errors are keyed by text and shared by every batch; the piece error is
keyed by batch and shrinks with the number of pieces. Sums over parts are matrix products over
parts in fixed key order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from valuation.content.library import Alloy, ContentLibrary, ItemClass, Magnet
from valuation.content.masses import GRAMS_PER_KG, own_mass_kg, vintage_chances
from valuation.frames import PartFrame
from valuation.shapes import BARE_MASS, MASS, Series
from valuation.uncertain import Draws, Source, Spread, beta_draws, gamma_draws


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
    """

    library: ContentLibrary
    parts: PartFrame
    source: Source
    _series: dict[Series, int] = field(init=False)
    _members: dict[str, list[Member]] = field(init=False)

    def __post_init__(self) -> None:
        self._series = {name: i for i, name in enumerate(self.library.series)}
        self._members = {}
        for row, part in enumerate(self.parts.iter_rows(named=True)):
            present = self._identity(part["identity_key"], part["confidence"])
            absent = None if present is None else 1 - present
            for name, chance in ((part["item_class"], present), (part["runner_up"], absent)):
                if name in self.library.classes:
                    own = None
                    if name == part["item_class"] and part["unit_mass_g"] is not None:
                        own = own_mass_kg(part["unit_mass_g"], part["unit_mass_log_sd"])
                    self._members.setdefault(name, []).append(
                        Member(
                            row,
                            part["family_key"] or f"unlisted/{name}",
                            part["part_key"] or part["family_key"] or f"unlisted/{name}",
                            part["launch_year"],
                            own,
                            chance,
                        )
                    )

    def batches(self, batch_ids: list[str], units: NDArray[np.float32]) -> tuple[Draws, Draws]:
        """Contained mass of every series and gross mass, for some batches.

        Args:
            batch_ids: Text keys of the piece errors.
            units: Units of each part, shape (batches, parts). [1]

        Returns:
            Draws of shape (series, batches, draws) and (batches, draws). [kg]
        """
        shape = (len(batch_ids), self.source.draws)
        out = np.zeros((len(self._series), *shape), np.float32)
        gross = np.zeros(shape, np.float32)
        for name in sorted(self._members):
            members = self._members[name]
            held = units[:, [m.row for m in members]]
            kept = [i for i in range(len(members)) if held[:, i].any()]
            if kept:
                members = [members[i] for i in kept]
                self._add_class(
                    self.library.classes[name], members, held[:, kept], batch_ids, out, gross
                )
        return out, gross

    def _identity(self, key: str | None, confidence: float) -> Draws | None:
        """1 in the draws in which the item is of its class, 0 where it is the runner-up."""
        if key is None:
            return None
        return (self.source.uniform(f"identity/{key}") < confidence).astype(np.float32)

    def _add_class(
        self,
        item_class: ItemClass,
        members: list[Member],
        units: NDArray[np.float32],
        batch_ids: list[str],
        out: Draws,
        gross: Draws,
    ) -> None:
        magnets_kg = np.zeros_like(gross)
        for magnet in item_class.magnets:
            for element, mass in self._magnet(item_class, magnet, members, units, batch_ids):
                out[self._series[magnet.location, element]] += mass
                if element == MASS:
                    magnets_kg += mass
        bare = self._bare(item_class, members, units)
        gross += bare
        shares = closed_shares(self.source, item_class)
        rest = np.maximum(bare - magnets_kg, 0)
        for material, share in zip(item_class.materials, shares, strict=True):
            material_kg = rest * share
            out[self._series[material.material, MASS]] += material_kg
            composition = self.library.compositions.get(material.composition_id, {})
            for element, fraction in composition.items():
                key = f"element/{material.composition_id}/{element}"
                drawn = fraction.draw(self.source, key)
                out[self._series[material.material, element]] += material_kg * drawn

    def _bare(
        self, item_class: ItemClass, members: list[Member], units: NDArray[np.float32]
    ) -> Draws:
        """Gross mass less drives, power supplies and fans, shape (batches, draws). [kg]"""
        each = np.empty((len(members), self.source.draws), np.float32)
        for i, member in enumerate(members):
            normal = self.source.normal(f"mass/{member.family_key}")
            spread = member.own_mass_kg or item_class.gross_mass_kg
            each[i] = spread.value * np.exp(spread.log_sd * normal)
            if member.present is not None:
                each[i] *= member.present
        share = item_class.bare_share.draw(self.source, f"bare/{item_class.item_class}")
        return np.asarray((units @ each) * share, np.float32)

    def _magnet(
        self,
        item_class: ItemClass,
        magnet: Magnet,
        members: list[Member],
        units: NDArray[np.float32],
        batch_ids: list[str],
    ) -> Iterator[tuple[str, Draws]]:
        """Element masses of one magnet location, each of shape (batches, draws). [kg]"""
        each = unit_magnet_kg(self.source, item_class.item_class, magnet, members)
        piece = self._piece_error(item_class, magnet, units, each, batch_ids)
        for vintage, chosen in self._by_vintage(magnet, members, each):
            alloy = self.library.alloy(magnet.alloy_id, vintage)
            bare = 1 - alloy["coating"].draw(self.source, f"coating/{alloy.alloy_id}")
            label = f"{alloy.alloy_id}/{vintage}"
            total = alloy["ree_total"].draw(self.source, f"ree_total/{label}")
            dy, pr = _family_fractions(self.source, alloy, label, total, members)
            tb = alloy["tb"].draw(self.source, f"tb/{label}")
            mass = (units @ chosen) * piece
            dy_kg = (units @ (chosen * dy)) * piece * bare
            pr_kg = (units @ (chosen * pr)) * piece * bare
            bare_kg = mass * bare
            others = {
                q: alloy[q].draw(self.source, f"{q}/{label}") for q in ("boron", "cobalt", "minor")
            }
            yield MASS, mass
            yield BARE_MASS, bare_kg
            yield "dy", dy_kg
            yield "pr", pr_kg
            yield "tb", bare_kg * tb
            yield "nd", bare_kg * (total - tb) - dy_kg - pr_kg
            yield "co", bare_kg * others["cobalt"]
            yield "fe", bare_kg * (1 - total - sum(others.values()))

    def _by_vintage(
        self, magnet: Magnet, members: list[Member], each: Draws
    ) -> Iterator[tuple[str, Draws]]:
        """Unit masses split by alloy vintage; a drive of unknown age has one vintage per draw."""
        by_vintage: dict[str, Draws] = {}
        for i, member in enumerate(members):
            chances = vintage_chances(self.library, magnet, member.launch_year)
            below = 0.0
            uniform = None
            if len(chances) > 1:
                uniform = self.source.uniform(f"vintage/{member.family_key}")
            for vintage, chance in chances.items():
                rows = by_vintage.setdefault(vintage, np.zeros_like(each))
                if uniform is None:
                    rows[i] = each[i]
                else:
                    rows[i] = each[i] * ((uniform >= below) & (uniform < below + chance))
                below += chance
        yield from by_vintage.items()

    def _piece_error(
        self,
        item_class: ItemClass,
        magnet: Magnet,
        units: NDArray[np.float32],
        each: Draws,
        batch_ids: list[str],
    ) -> Draws:
        """Factor of mean one for the scatter between pieces, shape (batches, draws). [1]

        Lognormal with the exact mean and variance of a sum over independent pieces, given what
        they share: the squared coefficient of variation is cv^2 x sum(n m^2) / sum(n m)^2.
        """
        squared_cv = float(np.expm1(magnet.log_sd["piece"] ** 2)) / magnet.rotors
        total = units @ each
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(total > 0, (units @ each**2) / total**2, 0)
        variance = np.log1p(squared_cv * ratio)
        normals = np.stack(
            [
                self.source.normal(f"piece/{batch}/{item_class.item_class}/{magnet.location}")
                for batch in batch_ids
            ]
        )
        return np.asarray(np.exp(np.sqrt(variance) * normals - variance / 2), np.float32)


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
            each[i] *= source.uniform(f"ndfeb/{member.part_key}") < share
        if member.present is not None:
            each[i] *= member.present
    return each


def closed_shares(source: Source, item_class: ItemClass) -> list[Draws]:
    """Material shares of a class, drawn closed, in the order of its materials. [1]"""
    left = np.ones(source.draws, np.float32)
    shares: dict[int, Draws] = {}
    for stick in item_class.sticks:
        if stick.alpha is None or stick.beta is None:
            shares[stick.material] = left
            continue
        name = item_class.materials[stick.material]
        key = f"shares/{item_class.item_class}/{name.material}/{name.composition_id}"
        mean = stick.alpha / (stick.alpha + stick.beta)
        part = source.note(key, mean, beta_draws(source, key, stick.alpha, stick.beta))
        shares[stick.material] = left * part
        left = left * (1 - part)
    return [shares[i] for i in range(len(item_class.materials))]


def _family_fractions(
    source: Source, alloy: Alloy, label: str, total: Draws, members: list[Member]
) -> tuple[Draws, Draws]:
    """Dy and Pr fractions of bare alloy by member, each of shape (members, draws). [1]"""
    mean = alloy["dy_mean"].draw(source, f"dy_mean/{label}")
    shape = alloy["dy_family_shape"].value
    scale = alloy["pr_share_scale"].value
    alpha, beta = alloy["pr_share_alpha"].value, alloy["pr_share_beta"].value
    dy = np.zeros((len(members), source.draws), np.float32)
    pr = np.empty_like(dy)
    for i, member in enumerate(members):
        if mean.any():
            dy[i] = mean * gamma_draws(source, f"dy/{label}/{member.family_key}", shape)
            np.minimum(dy[i], total, out=dy[i])  # closes the alloy; happens once in 10^7 draws
        share = beta_draws(source, f"pr/{label}/{member.family_key}", alpha, beta)
        pr[i] = scale * share * (total - dy[i])
    return dy, pr
