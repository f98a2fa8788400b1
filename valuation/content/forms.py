"""Units listed in a lot that does not arrive whole, of which nothing is there."""

import polars as pl

from valuation.content.parts import BatchContents
from valuation.tables import Tables


def not_there_warnings(contents: BatchContents, tables: Tables) -> list[str]:
    """One sentence per batch in a form that holds nothing of some kinds its lines list.

    Args:
        contents: Units by batch and kind, and how batches arrive.
        tables: Reference data: which kinds a form holds something of.
    """
    rows = tables.frame("form_share")
    held = {form[0]: set(found["kind"]) for form, found in rows.group_by("form")}
    listed = contents.units.filter(pl.col("origin") == "listed", pl.col("units") > 0)
    warnings = []
    for batch, form in contents.forms.items():
        if form not in held:
            continue
        others = listed.filter(
            pl.col("batch_id") == batch,
            ~pl.col("kind").is_in([*held[form], "unidentified", "other"]),
        )
        if others.height:
            units = others.select("kind", "units").iter_rows()
            counts = [f"{count:,.10g} {kind}" for kind, count in units]
            kinds = ", ".join(sorted(held[form]))
            warnings.append(
                f"Batch {batch} arrives as {form}, which holds parts of {kinds} only: nothing is "
                f"valued of {', '.join(counts)}. Split the batch (--batch-by) if they arrive whole."
            )
    return warnings
