"""Groups: the records of a file by batch, item and quantity, told apart by what they say."""

from pathlib import Path
from typing import Final

from valuation.engine import Steps

_SQL: Final = Path(__file__).parent
_SELDOM_KEYS: Final = {"is_untagged": "false", "remark": "null::varchar"}
"""What most files say of no record, and what stands for it then."""
_SELDOM_COUNTS: Final = {
    "is_scientific": "scientific_serials",
    "is_unusual": "unusual_status",
    "is_whole": "whole_lines",
    "is_module": "module_lines",
    "is_shredded": "shredded_lines",
}
"""What is counted of records that say it, and as what."""


def group_records(engine: Steps, file_number: int) -> None:
    """Make `scan`; to group by and count what no record says would be half of the work."""
    query = (_SQL / "scan_met.sql").read_text(encoding="utf-8")
    parameters = {"file_number": file_number}
    met = engine.frame(query, parameters).row(0, named=True)
    keys = [name for name in _SELDOM_KEYS if met[name]]
    texts = [
        name if met[name] else f"{nothing} as {name}" for name, nothing in _SELDOM_KEYS.items()
    ]
    for name, count in _SELDOM_COUNTS.items():
        texts.append(
            f"{f'count(*) filter (where {name})' if met[name] else '0::bigint'} as {count}"
        )
    texts.append(f"{'bool_or(is_day_first)' if met['is_day_first'] else 'false'} as is_day_first")
    engine.step(
        _SQL / "scan.sql",
        parameters,
        seldom="".join(f"{text},\n    " for text in texts),
        seldom_keys="".join(f", {key}" for key in keys),
    )
