"""Places: where the records stand that are no lines, so that each has its number.

Lines and records set aside know their numbers; these do not need them to be counted, so that only
who asks for numbers pays for the further look.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from valuation.engine import Steps, text_literal
from valuation.errors import ContractError
from valuation.inventory.scan import IGNORED, Scanned

_SQL: Final = Path(__file__).parent
_NOTHING: Final = "(select null::bigint as source_line, null::varchar as reason_code where false)"


def place_ignored(engine: Steps, scanned: Sequence[Scanned]) -> None:
    """Write where every ignored record stands into `read_ignored`, once all lines are written.

    Raises:
        ContractError: The numbers of a file do not run from 1 to the number of its records.
    """
    for done in scanned:
        reading, file_id = done.rows.reading, {"file_id": done.file_id}
        passed = reading.passed_over
        relation = f"read_parquet({text_literal(str(passed))})" if passed else _NOTHING
        engine.step(_SQL / "passed_lines.sql", file_id, passed_over=relation)
        before = reading.blank_lines + sum(reading.ignored.values()) + done.ignored.get("mended", 0)
        if done.lines_ignored > before:
            engine.step(_SQL / "ignored_lines.sql", file_id | {"ignored": list(IGNORED)})
        if reading.blank_lines:
            engine.step(_SQL / "blank_lines.sql", file_id | {"lines_read": reading.lines_read})
    counts = [(done.file_id, done.rows.reading.lines_read) for done in scanned]
    schema = {"file_id": pl.String, "lines_read": pl.Int64}
    engine.register("read_file", pl.DataFrame(counts, schema=schema, orient="row"))
    wrong = engine.run((_SQL / "places_wrong.sql").read_text(encoding="utf-8"))
    if wrong:
        raise ContractError(f"records of {[row[0] for row in wrong]} do not run from 1 to the last")
