"""Training: fits the content model to the evidence and writes it with its card."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from valuation.content.model.card import card_of
from valuation.content.model.fitting import fit_content, prior_row
from valuation.content.model.parameters import (
    CARD_FILE,
    PARAMETER_FILE,
    ContentModel,
    parameters_bytes,
)
from valuation.content.model.readings import pooled_quantities
from valuation.errors import ModelError
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
        ModelError: A fitted number lies outside the interval of its prior row.
        TableError: Evidence that does not fit together.
        OSError: File or card cannot be written.
    """
    quantities = pooled_quantities(tables)
    readings = sum(len(q.readings) for q in quantities.values())
    say(f"pooling {readings} published readings of {len(quantities)} quantities")
    model = fit_content(tables)
    refuse_outside(model, tables)
    stored = parameters_bytes(model)
    card = card_of(tables, model, stored, quantities)
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    for name, content in ((PARAMETER_FILE, stored), (CARD_FILE, text.encode("utf-8"))):
        beside = directory / f".{name}"
        beside.write_bytes(content)
        beside.replace(directory / name)
    return card


def refuse_outside(model: ContentModel, tables: Tables) -> None:
    """Refuse a fit that leaves what was thought possible: a wrong row of evidence more likely.

    Raises:
        ModelError: Names the first number outside low to high of its prior row.
    """
    for fitted in model.parameters:
        row = prior_row(tables, fitted.table_name, fitted.row_key)
        if row["low"] is None:
            continue
        if not row["low"] <= fitted.value <= row["high"]:
            raise ModelError(
                f"{fitted.row_key} is fitted as {fitted.value:g}, outside {row['low']:g} to "
                f"{row['high']:g} of its row in {fitted.table_name}.csv.",
                f"Look at the evidence ({', '.join(fitted.sources)}), or widen the row.",
            )


def differs(one: Path, other: Path) -> list[str]:
    """Files of two stored content models that are not alike."""
    names = (PARAMETER_FILE, CARD_FILE)
    return [n for n in names if _bytes(one / n) != _bytes(other / n)]


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
