"""Training: fits the content model to the evidence and writes it with its card."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from valuation.content.model.card import card_of
from valuation.content.model.fitting import fit_content
from valuation.content.model.parameters import CARD_FILE, PARAMETER_FILE, parameters_bytes
from valuation.content.model.readings import pooled_quantities
from valuation.tables import Tables

Said = Callable[[str], None]


def train(tables: Tables, directory: Path, say: Said = lambda _: None) -> dict[str, Any]:
    """Fit the content model and store it with its card.

    Args:
        tables: The reference data; its evidence is pooled.
        directory: Where file and card are written.
        say: Is told what happens.

    Returns:
        The card.

    Raises:
        TableError: Evidence that does not fit together.
        OSError: File or card cannot be written.
    """
    quantities = pooled_quantities(tables)
    readings = sum(len(q.readings) for q in quantities.values())
    say(f"pooling {readings} published readings of {len(quantities)} quantities")
    model = fit_content(tables)
    stored = parameters_bytes(model)
    card = card_of(tables, model, stored, quantities)
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    for name, content in ((PARAMETER_FILE, stored), (CARD_FILE, text.encode("utf-8"))):
        beside = directory / f".{name}"
        beside.write_bytes(content)
        beside.replace(directory / name)
    return card


def differs(one: Path, other: Path) -> list[str]:
    """Files of two stored content models that are not alike."""
    names = (PARAMETER_FILE, CARD_FILE)
    return [n for n in names if _bytes(one / n) != _bytes(other / n)]


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
