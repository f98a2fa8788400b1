"""What passes between content, recovery, price and value besides frames: masses, routes, prices.

A *stream* is a magnet location (`voice_coil`, `fan_rotor` ...) or a material (`steel`, `board` ...)
in the kit. A *series* is one element of one stream; besides chemical elements every stream carries
the pseudo-element `mass` (its own mass) and magnets carry `bare_mass` (mass without coating).
"""

import math
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from valuation.threads import Once
from valuation.uncertain import Draws, Spread
from valuation.units import RARE_EARTHS, WHOLE

Means = NDArray[np.float64]
Series = tuple[str, str]

MASS = "mass"
BARE_MASS = "bare_mass"
PSEUDO_ELEMENTS = (MASS, BARE_MASS)
MAGNET_STREAMS = (
    "voice_coil", "spindle", "fan_rotor", "tape_motor", "library_motor", "optical_motor", "pump",
)  # fmt: skip
MATERIAL_STREAMS = ("aluminium", "steel", "copper", "board", "drive_board", "remainder")
STREAMS = MAGNET_STREAMS + MATERIAL_STREAMS
CHEMISTRY = ("separate", "refine", "make")
"""Stages that a processor does for a toll."""


@dataclass(frozen=True)
class Weights:
    """Weighted sums of contained masses: what a kilogram counts in each sum.

    Attributes:
        series: What each column is.
        per_kg: Shape (sums, series).
        per_gross_kg: What a kilogram of gross mass counts, shape (sums,).
    """

    series: tuple[Series, ...]
    per_kg: Means
    per_gross_kg: Means


Given = Callable[[Weights, int], Mapping[str, Draws]]
"""From weights and a number of draws to what each group of content parameters makes of the sums:
draws of their expectation given the group, shape (sums, batches, draws), but for a constant."""


@dataclass(frozen=True)
class BatchContent:
    """Contained masses of some batches.

    Attributes:
        batch_ids: Batches, in the order of the arrays.
        series: What each array row is.
        mean_kg: Analytic means, shape (series, batches). [kg]
        draws_kg: Joint draws, shape (series, batches, draws). [kg]
        gross_mean_kg: Mean gross mass of the kit, shape (batches,). [kg]
        gross_draws_kg: Its draws, shape (batches, draws). [kg]
        units: Units by kind, listed and embedded, each of shape (batches,). [1]
        unknown: Elements no class has an assay of, and why.
        form: How the batches arrive, one of `FORMS`.
        given: Weighted sums of the masses given one group of parameters; None where not known.
        made: What one valuation made of them: routes share most of it. `replace` leaves it out.
    """

    batch_ids: tuple[str, ...]
    series: tuple[Series, ...]
    mean_kg: Means
    draws_kg: Draws
    gross_mean_kg: Means
    gross_draws_kg: Draws
    units: Mapping[str, Means]
    unknown: Mapping[str, str]
    form: str = WHOLE
    given: Given | None = None
    made: Once = field(default_factory=Once, init=False, compare=False, repr=False)

    def select(self, elements: tuple[str, ...]) -> list[int]:
        """Rows of the series whose element is among `elements`."""
        return [i for i, (_, element) in enumerate(self.series) if element in elements]


@dataclass(frozen=True)
class Capture:
    """The share of a stream's element that a step moves on; the rest goes to `sink`.

    A sink `product:ID` is a co-product: `rest()` is the capture of what goes there.
    """

    step_id: str
    stream: str
    element: str
    to: str
    sink: str
    share: Spread
    complement: bool = False

    def rest(self) -> "Capture":
        """What this capture leaves: the same draw, taken from one."""
        return replace(self, complement=not self.complement)

    @property
    def mean(self) -> float:
        """Mean share moved. [1]"""
        return 1 - self.share.mean if self.complement else self.share.mean

    @property
    def key(self) -> str:
        """Key of the draw: shared by everything the row acts on."""
        return f"capture/{self.step_id}/{self.stream}/{self.element}"


@dataclass(frozen=True)
class Cost:
    """One cost line of a step; `amount` is None when nobody could bracket it."""

    step_id: str
    cost_id: str
    title: str
    cost_kind: str
    denominator: str
    unit_kind: str | None
    currency: str
    minimum: float | None
    amount: Spread | None
    unknown_reason: str | None
    basis: str | None

    @property
    def key(self) -> str:
        """Key of the draw."""
        return f"cost/{self.cost_id}"


@dataclass(frozen=True)
class Step:
    """One step of a route, in order.

    Attributes:
        is_skipped: Whether it cannot act on the form of the lot: it frees and costs nothing.
        reason: Why it is skipped, or why its process acts instead of another.
    """

    step_no: int
    step_id: str
    title: str
    stage: str
    captures: Mapping[tuple[str, str], Capture]
    costs: tuple[Cost, ...]
    is_skipped: bool = False
    reason: str | None = None

    def capture(self, stream: str, element: str) -> Capture | None:
        """The most specific capture for a series: the element, `ree`, then `*`; None passes it on.

        Raises:
            KeyError: The step names the stream but not this element.
        """
        if stream not in self.streams:
            return None
        for name in _specific_first(element):
            if (stream, name) in self.captures:
                return self.captures[stream, name]
        raise KeyError(f"step {self.step_id} names {stream} but has no share for {element}")

    @cached_property
    def streams(self) -> tuple[str, ...]:
        """Streams the step acts on."""
        return tuple(dict.fromkeys(stream for stream, _ in self.captures))


def _specific_first(element: str) -> tuple[str, ...]:
    if element == BARE_MASS:
        return (BARE_MASS, MASS, "*")
    if element in ("nd", "pr", "dy", "tb", "gd", "ho"):
        return (element, "ree", "*")
    return (element, "*")


@dataclass(frozen=True)
class Route:
    """A chain of steps from kit to products, and how its products are paid.

    Attributes:
        payable: Share of each recovered product that is paid at the point of sale.
        returnable: The same under toll, where a row gives it.
    """

    route_id: str
    title: str
    settlement: str
    point_of_sale: str
    steps: tuple[Step, ...]
    payable: Mapping[str, Spread]
    returnable: Mapping[str, Spread]

    @property
    def numbers(self) -> dict[int, int]:
        """Index of each step, by its `step_no`."""
        return {step.step_no: i for i, step in enumerate(self.steps)}

    @property
    def last_preprocess(self) -> int:
        """Index of the last preprocess step; -1 when the route has none."""
        stages = [i for i, step in enumerate(self.steps) if step.stage == "preprocess"]
        return stages[-1] if stages else -1


@dataclass(frozen=True)
class Flow:
    """One destination of one series at one step, as shares of the contained mass.

    Attributes:
        entering: Share of the contained mass that enters the step towards this destination.
        to: `next`, a product, or None when lost.
        sink: Where it is lost, else None.
        captures: Captures on the way, in order; the last is the rest where this is the sink.
    """

    step: Step
    series: Series
    entering: float
    to: str | None
    sink: str | None
    captures: tuple[Capture, ...]

    @property
    def is_oxide(self) -> bool:
        """Whether it leaves as a separated or mixed oxide."""
        return self.to is not None and self.to.endswith("_oxide")


@dataclass(frozen=True)
class Plan:
    """A route with its flows resolved for every series of the content.

    Attributes:
        route: The chain.
        flows: Every destination of every series, in step order.
        form: How the lots arrive that it is for, one of `FORMS`.
    """

    route: Route
    flows: tuple[Flow, ...]
    form: str = WHOLE

    def products(
        self, *, sold_before_feed: bool = False
    ) -> dict[str, dict[Series, tuple[Capture, ...]]]:
        """For each product, the series it is made of and the captures on the way.

        Args:
            sold_before_feed: Only what leaves up to the last preprocess step and is not magnet:
                what a chain that sells its magnets as feed sells besides.
        """
        return self._products[sold_before_feed]

    @cached_property
    def _products(self) -> dict[bool, dict[str, dict[Series, tuple[Capture, ...]]]]:
        """Both answers of `products`, worked out once: every part and batch asks again."""
        return {before: self._collect_products(before) for before in (False, True)}

    def _collect_products(
        self, sold_before_feed: bool
    ) -> dict[str, dict[Series, tuple[Capture, ...]]]:
        found: dict[str, dict[Series, tuple[Capture, ...]]] = {}
        numbers = self.route.numbers
        for flow in self.flows:
            number = numbers[flow.step.step_no]
            late = number > self.route.last_preprocess or flow.series[0] in MAGNET_STREAMS
            if flow.to not in (None, "next") and not (sold_before_feed and late):
                found.setdefault(str(flow.to), {})[flow.series] = flow.captures
        return found

    @property
    def makes_magnets_of_oxide(self) -> bool:
        """Whether oxides sold on the way go on to a magnet maker."""
        makes = any(step.stage == "make" for step in self.route.steps)
        return makes and any(flow.is_oxide for flow in self.flows)

    def path_to(self, series: Series, step_index: int) -> tuple[Capture, ...] | None:
        """Captures a series has passed when it enters a step; None when nothing reaches it."""
        path: tuple[Capture, ...] = ()
        for step in self.route.steps[:step_index]:
            capture = step.capture(*series)
            if capture is None:
                continue
            if capture.to != "next":
                return None
            path += (capture,)
        return path

    def entering(
        self, step_index: int, pseudo: str, there: Container[Series], streams: Sequence[str] = ()
    ) -> dict[Series, tuple[Capture, ...]]:
        """The mass of a step's streams as it enters, with the captures on the way.

        Args:
            step_index: The step.
            pseudo: `mass`, or `bare_mass` of magnets.
            there: Series that the content has.
            streams: Streams asked for; all that the step acts on when none is named.
        """
        found = {}
        for stream in streams or self.route.steps[step_index].streams:
            path = self.path_to((stream, pseudo), step_index)
            if path is not None and (stream, pseudo) in there:
                found[stream, pseudo] = path
        return found

    def oxides_out(self, step_index: int) -> list[Flow]:
        """Rare earths that leave a step as oxide."""
        step = self.route.steps[step_index]
        leaving = (flow for flow in self.flows if flow.step == step and flow.is_oxide)
        return [flow for flow in leaving if flow.series[1] in RARE_EARTHS]

    def magnet_feed(self, there: Container[Series]) -> dict[Series, tuple[Capture, ...]] | None:
        """Magnets entering the first step after preprocessing that acts on any; None: none does."""
        for index, step in enumerate(self.route.steps):
            taken = [stream for stream in step.streams if stream in MAGNET_STREAMS]
            if step.stage in CHEMISTRY and taken:
                return self.entering(index, MASS, there, taken)
        return None

    def liberated(self) -> dict[Series, tuple[Capture, ...]]:
        """Series that leave the last preprocess step towards a product or another step."""
        last = self.route.last_preprocess
        numbers = self.route.numbers
        found: dict[Series, tuple[Capture, ...]] = {}
        for flow in self.flows:
            number = numbers[flow.step.step_no]
            if flow.to not in (None, "next") and number <= last:
                found[flow.series] = flow.captures
        for series in dict.fromkeys(flow.series for flow in self.flows):
            path = self.path_to(series, last + 1)
            if path is not None:
                found[series] = path
        return found


def mean_share(captures: Sequence[Capture]) -> float:
    """Mean of the product of captures: rows are independent, each step is passed once. [1]"""
    return math.prod((c.mean for c in captures), start=1.0)
