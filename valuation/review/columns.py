"""Columns of the file of items to review: their order, and what each means to who fills it in."""

from typing import Final

from valuation.frames import RAW_TEXTS
from valuation.identity.answers import ITEM, PROGRAM_KIND, REVIEWED_COLUMNS

TOLD: Final = (
    "rank",
    ITEM,
    *RAW_TEXTS,
    "batches",
    "lines",
    "units",
    PROGRAM_KIND,
    "program_class",
    "program_confidence",
    "program_runner_up",
    "program_runner_up_confidence",
    "settled_by",
    "counted_usd",
    "could_be_usd",
    "could_be_usd_p10",
    "could_be_usd_p90",
    "could_hold_ree_g",
    "at_stake_usd",
    "usd_unknown_because",
)
"""Columns the program fills in."""
COLUMNS: Final = (*TOLD, *REVIEWED_COLUMNS)

MEANINGS: Final = {
    "rank": "1 is the item whose answer is expected to move the totals most",
    ITEM: "key of the six texts beside it; leave both as they are",
    "program_kind": "what the program takes it for; its class, confidence and runner-up follow",
    "settled_by": "what would settle it",
    "counted_usd": "sales that the totals hold for it now; empty when it is in none",
    "could_be_usd": "sales its units would bring on the best route if they are something else: the "
    "runner-up, or what items nobody can name mostly are; _p10 and _p90 bound 8 in 10 such cases",
    "could_hold_ree_g": "rare earths its units would hold then, in grams",
    "at_stake_usd": "by how much its answer is expected to move the totals, either way",
    "usd_unknown_because": "why there is no figure in USD; such items are ranked by units, last",
    "reviewed_kind": "what it is, one of the kinds below; `other` for what is no part, "
    "`unidentified` if it cannot be told, so that it is not asked again",
    "reviewed_class": "its class, where you know it; else it follows from kind and attributes",
    "reviewed_manufacturer": "its maker",
    "reviewed_family": "its model family, such as PowerEdge R740 or Exos X16",
    "reviewed_form_factor_in": "form factor in inches: 2.5 or 3.5",
    "reviewed_capacity_gb": "capacity of one piece in GB; `4 TB` is read too",
    "reviewed_rpm": "spindle speed; `7.2K` is read too",
    "reviewed_power_w": "rated power in W",
    "reviewed_fan_size_mm": "width of a fan's frame in mm",
    "reviewed_u_height": "height in rack units",
    "reviewed_pieces": "pieces that a quantity of one stands for, such as 24 for a full carrier",
    "reviewed_counted": "`no` for what is `other` and adds no unit: an empty bay, a sensor",
    "reviewed_by": "who says so",
    "reviewed_on": "on which day, year-month-day; today when empty",
    "reviewed_why": "what was seen: a label, a photograph, a data sheet",
}
"""What a person needs to know of a column."""
