"""Sums over batches given one group of content parameters, made class by class.

The mean mass of every part is given; a group's draws over their mean say how it varies. Parameters
are drawn under the keys that `draws` uses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from valuation.content.draws import closed_shares
from valuation.content.library import ContentLibrary, ItemClass, Magnet
from valuation.content.masses import GRAMS_PER_KG, vintage_chances
from valuation.content.posterior import level_weights, ndfeb_key
from valuation.content.weighted import Kept, Sums, alike, matmul, per_kg_of
from valuation.shapes import BARE_MASS, MAGNET_STREAMS, MASS, Means, Weights
from valuation.threads import in_threads
from valuation.uncertain import Draws, Source, Spread, beta_draws, gamma_draws


@dataclass(frozen=True)
class Candidate:
    """A part as what it may be.

    Attributes:
        row: Row of the part.
        form: Form and kind that decide what of a unit is there; empty texts for all of it.
        chance: Chance that it is of this class.
        mean_kg: Mean mass of every series in one unit if so, shape (series,). [kg]
        gross_kg: Gross mass of one unit, which gives its spread. [kg]
    """

    row: int
    form: tuple[str, str]
    chance: float
    mean_kg: Means
    family_key: str
    part_key: str
    launch_year: int | None
    gross_kg: Spread


@dataclass(frozen=True)
class Members:
    """Parts of one class and form that some batches hold.

    Attributes:
        units: Mean numbers of units of the class, shape (batches, members). [1]
        mean_kg: Mean masses of one unit, shape (members, series). [kg]
    """

    item_class: ItemClass
    parts: Sequence[Candidate]
    units: Means
    mean_kg: Means

    @property
    def form(self) -> tuple[str, str]:
        """Form and kind, the same for all; empty texts for whole units."""
        return self.parts[0].form


class ClassSums:
    """Sums given the parameters of masses, alloys, materials and grades, class by class."""

    def __init__(
        self,
        library: ContentLibrary,
        weights: Weights,
        source: Source,
        batch_ids: Sequence[str],
        sums: Mapping[str, Sums],
        kept: Kept,
    ) -> None:
        self.library = library
        self.weights = weights
        self.source = source
        self.batch_ids = batch_ids
        self.sums = sums
        self.kept = kept
        self._column = {series: i for i, series in enumerate(weights.series)}
        self._alloyed: dict[tuple[str, str, str], list[Draws]] = {}
        self._material_kg: dict[tuple[str, str], Means] = {}

    def add(self, members: Members) -> None:
        """Add the parts of one class and form."""
        series = self.weights.series
        weights, gross = self._weights_of(members)
        magnets = [i for i, (stream, _) in enumerate(series) if stream in MAGNET_STREAMS]
        others = [i for i in range(len(series)) if i not in magnets]
        rest_kg = members.mean_kg[:, [i for i in others if series[i][1] == MASS]].sum(axis=1)
        rest_worth = per_kg_of(members.mean_kg[:, others] @ weights[:, others].T, rest_kg)
        whole_rest_kg, whole_magnets_kg = self._whole(members, rest_kg)
        there = np.divide(rest_kg, whole_rest_kg, out=0 * rest_kg, where=whole_rest_kg > 0)
        bare_kg = whole_rest_kg + sum(whole_magnets_kg.values(), 0 * rest_kg)

        def masses() -> None:
            for magnet in members.item_class.magnets:
                of_magnet = [i for i in magnets if series[i][0] == magnet.location]
                whole_kg = whole_magnets_kg[magnet.location]
                worth = per_kg_of(members.mean_kg[:, of_magnet] @ weights[:, of_magnet].T, whole_kg)
                # a magnet takes the place of other materials, and so counts less what they would
                self._masses(members, magnet, whole_kg, worth - there[:, None] * rest_worth)

        def alloys() -> None:
            for magnet in members.item_class.magnets:
                magnet_kg = members.mean_kg[:, self._column[magnet.location, MASS]]
                self._alloy(members, magnet, magnet_kg)

        def materials() -> None:
            self._kit(members, bare_kg * there, rest_worth + gross)
            self._mix(members, weights)
            self._form(members, weights)

        in_threads([masses, alloys, materials])  # each adds to groups of its own

    def _weights_of(self, members: Members) -> tuple[Means, Means]:
        """What a kilogram of each series and of gross mass counts: of a form, all is by stream."""
        if not members.form[0]:
            return self.weights.per_kg, self.weights.per_gross_kg
        of_mass = np.array([element == MASS for _, element in self.weights.series])
        gross = self.weights.per_gross_kg
        return self.weights.per_kg + np.outer(gross, of_mass), 0 * gross

    def _whole(self, members: Members, rest_kg: Means) -> tuple[Means, dict[str, Means]]:
        """Materials and magnets in the whole units that the members come from, (members,). [kg]"""
        item_class, magnets = members.item_class, members.item_class.magnets
        if not members.form[0]:
            found = {
                m.location: members.mean_kg[:, self._column[m.location, MASS]] for m in magnets
            }
            return rest_kg, found
        found = {m.location: np.full(len(rest_kg), m.mean_g / GRAMS_PER_KG) for m in magnets}
        bare = np.array([m.gross_kg.mean for m in members.parts]) * item_class.bare_share.mean
        return bare - sum(found.values(), 0 * rest_kg), found

    def finish(self) -> None:
        """Add what classes share: alloys and grades."""
        for (location, alloy_id, vintage), masses in sorted(self._alloyed.items()):
            self._elements(location, alloy_id, vintage, *masses)
        for (material, composition_id), mass_kg in sorted(self._material_kg.items()):
            grades = self.library.compositions.get(composition_id, {})
            per_kg = np.zeros((len(self.weights.per_gross_kg), self.source.draws), np.float32)
            for element, fraction in grades.items():
                drawn = fraction.draw(self.source, f"element/{composition_id}/{element}")
                per_kg += np.outer(self._weight(material, element), drawn).astype(np.float32)
            self.sums["grades"].add_shared(mass_kg, per_kg)

    def _uniforms(self, keys: Sequence[str]) -> Draws:
        return self.kept.stacked(self.source, keys, Source.uniform)

    def _weight(self, stream: str, element: str) -> Means:
        """What a kilogram of a series counts in each sum, shape (sums,)."""
        return self.weights.per_kg[:, self._column[stream, element]]

    def _masses(self, members: Members, magnet: Magnet, magnet_kg: Means, worth: Means) -> None:
        """Magnet masses, and which part numbers are NdFeB."""
        mass = self._level_errors(members, magnet)
        piece = self._piece_error(members, magnet, magnet_kg, mass)
        ndfeb = None if magnet.share is None else self._is_ndfeb(members, magnet)
        chances = np.maximum(self._mean_shares(members, magnet), 1e-12)
        for rows, worth_per_kg in alike(worth, magnet_kg):
            mean_kg = members.units[:, rows] * magnet_kg[rows]
            self.sums["magnet_mass"].add(worth_per_kg, matmul(mean_kg, mass[rows]) * piece)
            if ndfeb is not None:
                held = matmul(mean_kg / chances[rows], ndfeb[rows])
                self.sums["fan_share"].add(worth_per_kg, held)

    def _level_errors(self, members: Members, magnet: Magnet) -> Draws:
        """Magnet mass of each member over its mean, but for its pieces, (members, draws). [1]"""
        name = members.item_class.item_class
        levels = [level_weights(name, magnet, m.family_key) for m in members.parts]
        moments = [self.library.posterior.log_moments(of) for of in levels]
        log = np.empty((len(levels), self.source.draws), np.float32)
        log[:] = np.array([-mean - variance / 2 for mean, variance in moments])[:, None]
        for of_level in zip(*(of.items() for of in levels), strict=True):
            keys, log_sds = zip(*of_level, strict=True)
            each = keys if len(set(keys)) > 1 else keys[:1]  # basis and class are everybody's
            normals = self.kept.stacked(self.source, each, Source.normal)
            log += np.array(log_sds, np.float32)[:, None] * normals
        return np.exp(log, out=log)

    def _piece_error(
        self, members: Members, magnet: Magnet, magnet_kg: Means, mass: Draws
    ) -> Draws:
        """Scatter between pieces at mean numbers of pieces, shape (batches, draws). [1]"""
        squared_cv = float(np.expm1(magnet.log_sd["piece"] ** 2)) / magnet.rotors
        shares = self._mean_shares(members, magnet)
        pieces = members.units * shares
        each_kg = magnet_kg / np.where(shares > 0, shares, 1)
        total = matmul(pieces * each_kg, mass)
        squares = matmul(pieces * each_kg**2, np.square(mass))
        ratio = np.divide(squares, total**2, out=np.zeros_like(total), where=total > 0)
        variance = np.log1p(squared_cv * ratio)
        name = f"{members.item_class.item_class}/{magnet.location}"
        normals = np.stack([self.source.normal(f"piece/{b}/{name}") for b in self.batch_ids])
        return np.asarray(np.exp(np.sqrt(variance) * normals - variance / 2), np.float32)

    def _mean_shares(self, members: Members, magnet: Magnet) -> Means:
        """Chance that the magnets of each member are NdFeB; sure where somebody looked. [1]"""
        looked_at = self.library.posterior.ndfeb if magnet.share is not None else {}
        return np.array(
            [float(looked_at.get(m.part_key, magnet.mean_share)) for m in members.parts]
        )

    def _is_ndfeb(self, members: Members, magnet: Magnet) -> Draws:
        """Whether a member's magnets are NdFeB, shape (members, draws). [1]"""
        assert magnet.share is not None
        share = beta_draws(self.source, f"ndfeb-share/{magnet.share_id}", *magnet.share)
        uniforms = self._uniforms([ndfeb_key(m.part_key) for m in members.parts])
        return (uniforms < share).astype(np.float32)

    def _alloy(self, members: Members, magnet: Magnet, magnet_kg: Means) -> None:
        """Keep mean magnet mass by alloy and vintage, with its Dy and Pr: classes share these."""
        by_age: dict[tuple[tuple[str, float], ...], list[int]] = {}
        for i, member in enumerate(members.parts):
            of_age = vintage_chances(self.library, magnet, member.launch_year)
            by_age.setdefault(tuple(of_age.items()), []).append(i)
        for chances, rows in by_age.items():
            mean_kg = members.units[:, rows] * magnet_kg[rows]
            keys = [members.parts[i].family_key for i in rows]
            below = 0.0
            for vintage, chance in chances:
                made = None
                if len(chances) > 1:
                    drawn = self._uniforms([f"vintage/{key}" for key in keys])
                    made = ((drawn >= below) & (drawn < below + chance)).astype(np.float32)
                below += chance
                place = (magnet.location, magnet.alloy_id, vintage)
                held = self._held(place, keys, mean_kg, made)
                before = self._alloyed.get(place) or [0 * held[0]] * len(held)
                self._alloyed[place] = [a + b for a, b in zip(before, held, strict=True)]

    def _held(
        self, place: tuple[str, str, str], keys: Sequence[str], mean_kg: Means, made: Draws | None
    ) -> list[Draws]:
        """Mass of a vintage, with its families' Dy and Pr before the coating is taken off. [kg]"""
        fractions = self._family_fractions(*place[1:], keys)
        if made is None:
            sure = mean_kg.sum(axis=1, keepdims=True).astype(np.float32)
            mass = np.broadcast_to(sure, (len(sure), self.source.draws))
        else:
            mass = matmul(mean_kg, made)
            fractions = [None if part is None else made * part for part in fractions]
        return [mass, *(0 * mass if f is None else matmul(mean_kg, f) for f in fractions)]

    def _family_fractions(
        self, alloy_id: str, vintage: str, family_keys: Sequence[str]
    ) -> list[Draws | None]:
        """Dy and Pr fractions of bare alloy by family, (families, draws); None without Dy. [1]"""
        alloy, label = self.library.alloy(alloy_id, vintage), f"{alloy_id}/{vintage}"
        total = alloy["ree_total"].draw(self.source, f"ree_total/{label}")
        dy_mean = alloy["dy_mean"].draw(self.source, f"dy_mean/{label}")
        scale, shape = np.float32(alloy["pr_share_scale"].value), alloy["dy_family_shape"].value
        beta = alloy["pr_share_alpha"].value, alloy["pr_share_beta"].value

        def drawn(quantity: str, make: Callable[[Source, str], Draws]) -> Draws:
            keys = [f"{quantity}/{label}/{key}" for key in family_keys]
            return self.kept.stacked(self.source, keys, make)

        dy = None
        if dy_mean.any():
            own = drawn("dy", partial(gamma_draws, shape=shape))
            dy = np.minimum(np.multiply(own, dy_mean, out=own), total, out=own)
        pr = drawn("pr", partial(beta_draws, alpha=beta[0], beta=beta[1]))
        pr *= scale
        pr *= total - (dy_mean if dy is None else dy)
        return [dy, pr]

    def _elements(
        self, location: str, alloy_id: str, vintage: str, mass: Draws, dy: Draws, pr: Draws
    ) -> None:
        """Elements of the magnets of one alloy and vintage, at mean magnet masses."""
        alloy, label = self.library.alloy(alloy_id, vintage), f"{alloy_id}/{vintage}"
        bare = 1 - alloy["coating"].draw(self.source, f"coating/{alloy_id}")
        total, tb, boron, cobalt, minor = (
            alloy[quantity].draw(self.source, f"{quantity}/{label}")
            for quantity in ("ree_total", "tb", "boron", "cobalt", "minor")
        )
        of = {e: self._weight(location, e) for e in ("nd", "pr", "dy", "tb", "co", "fe")}
        sums, bare_kg = self.sums["alloy"], mass * bare
        sums.add(self._weight(location, MASS), mass)
        sums.add(self._weight(location, BARE_MASS), bare_kg)
        sums.add(of["nd"], bare_kg * (total - tb))
        sums.add(of["tb"], bare_kg * tb)
        sums.add(of["co"], bare_kg * cobalt)
        sums.add(of["fe"], bare_kg * (1 - total - boron - cobalt - minor))
        sums.add(of["dy"] - of["nd"], dy * bare)
        sums.add(of["pr"] - of["nd"], pr * bare)

    def _kit(self, members: Members, bare_kg: Means, worth: Means) -> None:
        """Gross mass: what is more of it is more of every material."""
        share = members.item_class.bare_share
        drawn = share.draw(self.source, f"bare/{members.item_class.item_class}")
        log_sd = np.array([m.gross_kg.log_sd for m in members.parts])[:, None]
        keys = [f"mass/{m.family_key}" for m in members.parts]
        each = self.kept.stacked(self.source, keys, Source.normal)
        each *= log_sd.astype(np.float32)
        each -= (log_sd**2 / 2).astype(np.float32)
        np.exp(each, out=each)  # of mean one
        in_class = drawn / np.float32(share.mean)
        for rows, worth_per_kg in alike(worth, bare_kg):
            mean_kg = members.units[:, rows] * bare_kg[rows]
            self.sums["kit_mass"].add(worth_per_kg, matmul(mean_kg, each[rows]) * in_class)

    def _mix(self, members: Members, weights: Means) -> None:
        """Shares of materials; keeps mean masses of materials, whose grades classes share."""
        item_class = members.item_class
        drawn = closed_shares(self.source, item_class)
        for material, mean, share in zip(
            item_class.materials, item_class.share_means, drawn, strict=True
        ):
            grades = self.library.compositions.get(material.composition_id, {})
            worth = weights[:, self._column[material.material, MASS]]
            for element, fraction in grades.items():
                worth = worth + self._weight(material.material, element) * fraction.mean
            mass_kg = members.units @ members.mean_kg[:, self._column[material.material, MASS]]
            if mean > 0:
                per_kg = np.outer(worth, share / np.float32(mean)).astype(np.float32)
                self.sums["material_mix"].add_shared(mass_kg, per_kg)
            place = (material.material, material.composition_id)
            self._material_kg[place] = self._material_kg.get(place, 0 * mass_kg) + mass_kg

    def _form(self, members: Members, weights: Means) -> None:
        """Which share of each stream is there, where lots do not arrive whole."""
        form, kind = members.form
        there = self.library.held(form, kind) if form else None
        for i, (stream, _) in enumerate(self.weights.series):
            if there and stream in there and there[stream].mean > 0:
                share = there[stream]
                drawn = share.draw(self.source, f"form/{form}/{kind}/{stream}")
                per_kg = np.outer(weights[:, i], drawn / np.float32(share.mean))
                mass_kg = members.units @ members.mean_kg[:, i]
                self.sums["form"].add_shared(mass_kg, per_kg.astype(np.float32))
