"""The file of answers: written whole, in the place of the old one."""

from pathlib import Path

from valuation.identity.overrides import Overrides
from valuation.sheet import MARKED
from valuation.store import put_in_place, staged


def keep(path: Path, overrides: Overrides) -> None:
    """Write the file of answers whole, in the place of the old one."""
    target = path.resolve()
    with staged(target) as beside:
        beside.write_text(overrides.text(), encoding=MARKED, newline="")
        if target.exists():
            beside.chmod(target.stat().st_mode)
        put_in_place(beside, target)
