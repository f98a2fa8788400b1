"""Money: sales by product and costs by step, each split into the factors it is the product of."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import polars as pl

from valuation.explain.choosing import TOTAL, Figure
from valuation.explain.masses import (
    LINE,
    classes_of,
    contributions,
    counts_behind,
    gross_behind,
    lines_of,
    rows_behind,
)
from valuation.explain.reading import Stored
from valuation.explain.rows import Rows

SOLD: Final = ("product", "feed")
ALL_MADE: Final = ("product", "recovered")
BY_PATH: Final = ("kg_step_feed", "kg_bare_magnet", "kg_oxide_out")
"""Denominators that are a mass on its way through the route."""
NEAR: Final = 1e-6
"""Relative difference up to which a quantity is the sum of its lines."""
SPREAD: Final = ("mean", "p10", "p50", "p90", "mean_at_fixed_prices", "reason")


def paid_lines(stored: Stored, route_id: str) -> pl.DataFrame:
    """What every part of the batch brings on a route, by product, stream and element. [USD]

    Columns of `contributions`, and: product_kg, payable_share, usd_per_kg, usd, row keys and
    tables of payable share and price; usd is null where there is no price or no share.
    """
    paths = paths_of(stored, route_id, SOLD)
    rows = contributions(stored, paths)
    sales = stored.tables["route_sale"].filter(pl.col("route_id") == route_id)
    rows = rows.join(sales, on="product_id", how="left")
    rows = rows.join(stored.tables["product_price"], on=["product_id", "element"], how="left")
    paid = pl.col("arriving_kg") * pl.col("kg_per_kg") * pl.col("usd_per_kg")
    # a product of which nothing is paid needs no price
    worthless = pl.col("payable_share") == 0
    return rows.with_columns(
        product_kg=pl.col("arriving_kg") * pl.col("product_kg_per_kg"),
        usd=pl.when(worthless).then(0.0).otherwise(paid * pl.col("payable_share")),
    )


def sale_parts(
    stored: Stored, reached: Rows, figure: Figure, only: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Sales of a route by product, the largest first, each with mass, payable share and price.

    Args:
        stored: The batch.
        reached: Rows reached so far.
        figure: The figure they are parts of.
        only: Products that count; all when None.
    """
    route_id = str(figure.route_id)
    lines = paid_lines(stored, route_id)
    rows = stored.values.filter(
        pl.col("route_id") == route_id,
        pl.col("measure") == "gross_usd",
        pl.col("product_id") != TOTAL,
    )
    titles = dict(stored.tables["product"].select("product_id", "title").iter_rows())
    parts = []
    for row in rows.to_dicts():
        product = row["product_id"]
        if only is not None and product not in only:
            continue
        parts.append(
            {"kind": "sale", "id": product, "title": titles.get(product, product)}
            | {name: row[name] for name in SPREAD}
            | {"factors": sale_factors(stored, reached, lines, product)}
        )
    return largest_first(parts)


def sale_factors(
    stored: Stored, reached: Rows, lines: pl.DataFrame, product: str
) -> list[dict[str, Any]]:
    """Mass, payable share and price of one product."""
    own = lines.filter(pl.col("product_id") == product)
    by_assay = "feed" in set(own["mode"])  # paid by the elements in it, whatever it weighs
    kg = own["arriving_kg" if by_assay else "product_kg"].sum()
    mass = {
        "factor": "mass",
        "text": "units x mass of one unit x captures on the way",
        "value": float(kg),
        "unit": "kg",
        "lines": lines_of(own, "product_kg", "usd"),
        "classes": classes_of(stored, own, "usd" if own["usd"].null_count() == 0 else "product_kg"),
        "rows": rows_behind(stored, reached, own),
    }
    if own.is_empty():
        return [mass]
    first = own.row(0, named=True)
    return [
        mass,
        {
            "factor": "payable share",
            "text": f"paid at the point of sale ({first['mode']})",
            "value": first["payable_share"],
            "unit": "1",
            "rows": reached.reach_share(first, first["route_id"]),
        },
        price_factor(stored, reached, own),
    ]


def price_factor(stored: Stored, reached: Rows, own: pl.DataFrame) -> dict[str, Any]:
    """The price of a product: quotations, and rows they are multiplied by."""
    priced = own.unique(["element"]).sort("element")
    quoted = sorted(set(priced["quoted_product_id"].drop_nulls()))
    found: list[str] = []
    for name in quoted:
        found += reached.reach_price(name)
        found += _behind_quotation(stored, reached, name)
    for table, key in sorted(
        set(priced.select("factor_table", "factor_key").drop_nulls().iter_rows())
    ):
        found += reached.reach(table, [key])
    prices = {r["element"]: r["usd_per_kg"] for r in priced.to_dicts() if r["usd_per_kg"]}
    reasons = priced["reason"].drop_nulls()
    mass, usd = float(own["product_kg"].sum()), float(own["usd"].sum())
    share = own["payable_share"][0]
    each = usd / mass / share if mass and share and not own["usd"].null_count() else None
    return {
        "factor": "price",
        "text": "; ".join(_told(reached, name) for name in quoted) or "no quotation",
        "value": each,
        "unit": "USD/kg",
        "by_element_usd_per_kg": prices,
        "reason": reasons[0] if len(reasons) else None,
        "rows": list(dict.fromkeys(found)),
    }


def _told(reached: Rows, product_id: str) -> str:
    row = reached.price(product_id)
    backed = ", NO TRADE STANDS BEHIND IT" if row["volume_backed"] is False else ""
    return f"{product_id} of {row['observed_on']}: {row['conversion']}{backed}"


def _behind_quotation(stored: Stored, reached: Rows, product_id: str) -> list[str]:
    """Rate, tax, volatility and days to settlement: what a quotation was converted by."""
    row = reached.price(product_id)
    products = stored.tables["product"].select("product_id", "factor_id")
    factors = dict(products.iter_rows())
    found = reached.reach("volatility", [factors.get(product_id, "")])
    found += reached.reach("assumption", ["days_to_settlement"])
    if "(VAT)" in (row["conversion"] or ""):
        found += reached.reach("assumption", ["vat_china"])
    if row["currency"] != "USD":
        seen_on = str(stored.tables["deck"]["seen_on"][0])
        # ISO dates compare as text
        rates = [k for k in reached.keys("fx") if k.startswith(f"{row['currency']}/")]
        known = [k for k in rates if k.split("/")[1] <= seen_on]
        found += reached.reach("fx", sorted(known)[-1:])
    return found


def cost_parts(stored: Stored, reached: Rows, figure: Figure) -> list[dict[str, Any]]:
    """Costs of a route, the largest first, each with what it is per and what one costs."""
    costs = stored.costs.filter(pl.col("route_id") == figure.route_id)
    steps = stored.tables["route_step"].filter(pl.col("route_id") == figure.route_id)
    titles = dict(steps.select("step_no", "title").iter_rows())
    return largest_first(
        [_cost(stored, reached, row, titles.get(row["step_no"])) for row in costs.to_dicts()]
    )


def _cost(
    stored: Stored, reached: Rows, row: Mapping[str, Any], step: str | None
) -> dict[str, Any]:
    """One cost as what it takes from the net."""

    def taken(number: float | None) -> float | None:
        return None if number is None else -number

    return {
        "kind": "cost",
        "id": row["cost_id"],
        "title": row["title"],
        "step_no": row["step_no"],
        "step": step,
        "basis": row["basis"],
        "mean": taken(row["mean"]),
        "p10": taken(row["p90"]),
        "p50": None,
        "p90": taken(row["p10"]),
        "mean_at_fixed_prices": taken(row["mean"]),
        "reason": row["reason"],
        "factors": [_quantity(stored, reached, row), _amount(reached, row)],
    }


def _quantity(stored: Stored, reached: Rows, cost: Mapping[str, Any]) -> dict[str, Any]:
    """How much of its denominator a cost is paid for, and the rows that rests on."""
    per = cost["denominator"]
    factor = {"factor": "quantity", "text": per, "value": cost["quantity"], "unit": per}
    if per in BY_PATH:
        paths = paths_of(stored, cost["route_id"], (per,))
        lines = contributions(stored, paths.filter(pl.col("step_no") == cost["step_no"]))
        arriving = float(lines["arriving_kg"].sum())
        if per != "kg_oxide_out" and abs(arriving - cost["quantity"]) > NEAR * arriving:
            # units sold again never come here: what does is told by the route that takes it
            return factor | {"text": f"{per}, of what is not sold again", "rows": []}
        return factor | {
            "lines": lines_of(lines),
            "classes": classes_of(stored, lines, "arriving_kg"),
            "rows": rows_behind(stored, reached, lines),
        }
    if per == "unit":
        kind = reached.attributes("cost", f"{cost['step_id']}/{cost['cost_id']}").get("unit_kind")
        counted = stored.parts if kind is None else stored.parts.filter(pl.col("kind") == kind)
        return factor | {"rows": counts_behind(stored, reached, counted["part_id"].to_list())}
    found = [] if per == "lot" else gross_behind(stored, reached)
    if per == "shipment":
        found += reached.reach("assumption", ["shipment_kg"])
    return factor | {"rows": found}


def _amount(reached: Rows, cost: Mapping[str, Any]) -> dict[str, Any]:
    known = cost["mean"] is not None and cost["quantity"]
    return {
        "factor": "cost of one",
        "text": cost["title"],
        "value": cost["mean"] / cost["quantity"] if known else None,
        "unit": f"USD/{cost['denominator']}",
        "reason": cost["reason"],
        "rows": reached.reach("cost", [f"{cost['step_id']}/{cost['cost_id']}"]),
    }


def stream_parts(stored: Stored, reached: Rows, figure: Figure) -> list[dict[str, Any]]:
    """Sales of one product by the stream it comes from."""
    lines = paid_lines(stored, str(figure.route_id))
    own = lines.filter(pl.col("product_id") == figure.product_id)
    if own["usd"].null_count():
        return []
    parts = []
    for stream in sorted(set(own["stream"])):
        of_stream = own.filter(pl.col("stream") == stream)
        factors = sale_factors(stored, reached, of_stream, str(figure.product_id))
        usd = float(of_stream["usd"].sum())
        parts.append(
            {"kind": "stream", "id": stream, "title": stream.replace("_", " ")}
            | {"mean": usd, "mean_at_fixed_prices": usd, "factors": factors}
        )
    return largest_first(parts)


def basis_shares(
    stored: Stored, reached: Rows, route_id: str, basis_of: Mapping[tuple[str, str], str]
) -> dict[str, dict[str, float]]:
    """On what sales and costs rest: shares by basis, sales by absolute value.

    `sales_by_content` goes by the row of the mass of each class's stream, `sales_by_capture` and
    `sales_by_price` by the weakest row on the way and in the price. [1]
    """
    lines = paid_lines(stored, route_id).filter(pl.col("usd").is_not_null(), pl.col("usd") != 0)
    key = ["item_class", *LINE, "factor_table", "factor_key", "quoted_product_id"]
    lines = lines.group_by(key).agg(pl.col("usd").sum(), pl.col("captures").first()).sort(key)
    shares: dict[str, dict[str, float]] = {}
    for line in lines.to_dicts():
        usd = abs(line["usd"])
        captures = reached.reach("capture", line["captures"])
        price = reached.reach(line["factor_table"] or "", [line["factor_key"] or ""])
        price += reached.reach_price(line["quoted_product_id"] or "")
        for question, basis in (
            ("sales_by_content", basis_of.get((line["item_class"], line["stream"]), "unknown")),
            ("sales_by_capture", _weakest(reached, captures)),
            ("sales_by_price", _weakest(reached, price)),
        ):
            found = shares.setdefault(question, {})
            found[basis] = found.get(basis, 0.0) + usd
    for row in stored.costs.filter(pl.col("route_id") == route_id, pl.col("mean") > 0).to_dicts():
        found = shares.setdefault("costs", {})
        found[row["basis"] or "unknown"] = found.get(row["basis"] or "unknown", 0.0) + row["mean"]
    return {
        question: {b: part / sum(found.values()) for b, part in sorted(found.items())}
        for question, found in shares.items()
    }


BASES: Final = ("measured", "reported", "derived", "assumed")
"""From the strongest to the weakest."""


def _weakest(reached: Rows, names: Sequence[str]) -> str:
    found = [b for b in BASES if any(reached.basis(name) == b for name in names)]
    return found[-1] if found else "unknown"


def paths_of(stored: Stored, route_id: str | None, purposes: Sequence[str]) -> pl.DataFrame:
    """Rows of `route_path` of a route, for some purposes."""
    paths = stored.tables["route_path"]
    return paths.filter(pl.col("route_id") == route_id, pl.col("purpose").is_in(purposes)).drop(
        "route_id"
    )


def largest_first(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parts without a figure first, then by size."""
    return sorted(parts, key=lambda part: (part["mean"] is not None, -abs(part["mean"] or 0)))
