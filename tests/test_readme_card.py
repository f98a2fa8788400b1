"""The README's figures of identity are those of the card."""

import json
import re
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_figures_of_identity_in_the_readme_are_those_of_the_card(tables):
    card = json.loads((tables.models / "identity" / "card.json").read_text(encoding="utf-8"))
    left, seen = card["left_out"], card["seen"]
    expected = [
        f"{100 * value:.1f} %"
        for side in (left, seen)
        for value in (
            side["drives"]["right"],
            side["drives"]["wrong"],
            side["capacity"]["right"],
            side["form_factor"]["right_of_answered"],
            *(side["parts"][part]["precision"] for part in ("fan", "psu")),
            *(side["parts"][part]["recall"] for part in ("fan", "psu")),
        )
    ]
    section = README.read_text(encoding="utf-8").split("## How sure an identity is")[1]
    said = re.findall(r"\d+\.\d %", section.split("\n## ")[0])
    assert set(expected) <= set(said)
