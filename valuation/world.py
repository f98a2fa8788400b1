"""The world of a run: everything besides the files that decides its figures, read before them."""

from dataclasses import dataclass, field

from valuation.content import NOTHING_MEASURED, Measured
from valuation.deck import Deck
from valuation.disposition import Policy, Resale
from valuation.errors import InputError
from valuation.identity import Overrides, read_overrides
from valuation.measuring import read_measured
from valuation.price import price_deck
from valuation.price.resale import read_resale
from valuation.progress import Clock
from valuation.recovery import known_routes, owner_policy
from valuation.settings import Settings
from valuation.tables import Tables
from valuation.uncertain import Source
from valuation.value import Terms


@dataclass(frozen=True)
class World:
    """What decides every figure besides the files: reference data, prices, draws, routes.

    Attributes:
        routes: Routes valued.
        overrides: What people said items are.
        policy: What the owner allows.
        resale: What working units fetch; None when no table is given.
        measured: What people weighed, assayed or looked at.
    """

    tables: Tables
    settings: Settings
    source: Source
    deck: Deck
    terms: Terms
    routes: tuple[str, ...]
    overrides: Overrides = field(default_factory=Overrides)
    policy: Policy = field(default_factory=lambda: Policy(None, {}, {}, frozenset()))
    resale: Resale | None = None
    measured: Measured = NOTHING_MEASURED


def open_world(tables: Tables, settings: Settings, clock: Clock) -> World:
    """Read prices and check choices before any file is read.

    Raises:
        UsageError: An unknown route or scenario.
        SettingsError: A deck that cannot be read.
        InputError: Reviewed items or measurements that cannot be read.
        TableError: Reference data that breaks its description.
    """
    source = Source(settings.seed, settings.draws)
    with clock.stage("price"):
        routes = known_routes(tables, settings.routes)
        deck = price_deck(tables, settings.deck, settings.as_of, source, settings.own_decks)
        terms = Terms.of(tables, settings.scenario)
        policy = owner_policy(tables, settings.policy)
        resale = own_resale(tables, settings, deck)
    with clock.stage("identity"):
        overrides = own_overrides(tables, settings)
        measured = NOTHING_MEASURED
        if settings.measured:
            measured = read_measured(settings.measured, tables)
    return World(tables, settings, source, deck, terms, routes, overrides, policy, resale, measured)


def own_resale(tables: Tables, settings: Settings, deck: Deck) -> Resale | None:
    """What working units fetch, where a table says so.

    Raises:
        SettingsError: It cannot be read.
    """
    if settings.resale is None:
        return None
    return read_resale(settings.resale, tables, settings.as_of, deck.usd_per_unit)


def own_overrides(tables: Tables, settings: Settings) -> Overrides:
    """Reviewed items as a run uses them.

    Raises:
        InputError: They cannot be read, or there is no file of the name given.
    """
    if not settings.use_overrides:
        return Overrides()
    if settings.overrides is not None and not settings.overrides.exists():
        raise InputError(
            f"There is no {settings.overrides} with reviewed items.",
            "Make it with `valuation review import`, or leave the setting `overrides` out.",
        )
    return read_overrides(settings.overrides_file, tables)
