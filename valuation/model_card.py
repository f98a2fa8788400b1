"""The card of a stored model: what is known of it, as JSON beside its numbers."""

import json
from pathlib import Path
from typing import Any

from valuation.errors import ModelError


def read_card(path: Path, hint: str) -> dict[str, Any]:
    """A card.

    Args:
        path: The file.
        hint: What to do when it cannot be used.

    Raises:
        ModelError: There is none, or it is no JSON object.
    """
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}.", hint) from error
    if not isinstance(card, dict):
        raise ModelError(f"{path} is no card of a model.", hint)
    return card
