"""Masses: units times what one unit holds times the captures on the way, and the rows behind it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from valuation.explain.reading import Stored
from valuation.explain.rows import Rows
from valuation.shapes import MAGNET_STREAMS, MASS, PSEUDO_ELEMENTS

LEVELS: Final = ("basis", "class", "family", "piece")
VINTAGES: Final = ("to-2012", "from-2013")
REMAINDER: Final = "remainder"
LINE: Final = ("product_id", "stream", "element")


def contributions(stored: Stored, paths: pl.DataFrame) -> pl.DataFrame:
    """What every part of a batch adds to some destinations of a route.

    Args:
        stored: The batch.
        paths: Rows of `route_path`.

    Returns:
        One row per part and path: the columns of both, contained_kg and arriving_kg.
    """
    held = stored.parts.group_by("part_id", "item_class", "runner_up").agg(pl.col("units").sum())
    rows = held.join(stored.masses, on="part_id").join(paths, on=["stream", "element"])
    return rows.with_columns(contained_kg=pl.col("units") * pl.col("kg_per_unit")).with_columns(
        arriving_kg=pl.col("contained_kg") * pl.col("share")
    )


def lines_of(rows: pl.DataFrame, *sums: str) -> list[dict[str, Any]]:
    """Contributions by product, stream and element, the largest first."""
    first = sums[-1] if sums else "arriving_kg"
    lines = rows.group_by(*LINE).agg(
        pl.col("contained_kg").sum(),
        pl.col("share").first(),
        pl.col("arriving_kg").sum(),
        *(pl.col(name).sum() for name in sums),
        pl.col("captures").first(),
    )
    order = lines.sort(pl.col(first).abs(), *LINE, descending=[True, False, False, False])
    return order.to_dicts()


def classes_of(stored: Stored, rows: pl.DataFrame, amount: str) -> list[dict[str, Any]]:
    """The same by item class: units, families and what they add, the most first."""
    classes = rows["item_class"].unique().to_list()
    counted = (
        stored.parts.filter(pl.col("item_class").is_in(classes))
        .group_by("item_class")
        .agg(pl.col("units").sum(), families=pl.col("family_key").n_unique())
    )
    added = rows.group_by("item_class").agg(pl.col(amount).sum().alias("amount"))
    joined = counted.join(added, on="item_class")
    return joined.sort(pl.col("amount").abs(), "item_class", descending=[True, False]).to_dicts()


def rows_behind(stored: Stored, reached: Rows, rows: pl.DataFrame) -> list[str]:
    """Ids of the rows that contributions rest on: captures, counts in hosts, and contents."""
    captures = {key for keys in rows["captures"].unique().to_list() for key in keys}
    found = reached.reach("capture", sorted(captures))
    found += counts_behind(stored, reached, rows["part_id"].unique().to_list())
    held = rows.filter(pl.col("kg_per_unit") > 0)
    classes = _classes(held)
    for stream in sorted({stream for _, stream in classes}):
        elements = held.filter(pl.col("stream") == stream)["element"].unique().to_list()
        names = sorted(name for name, other in classes if other == stream)
        if stream in MAGNET_STREAMS:
            found += _magnets(stored, reached, names, stream, elements)
        else:
            found += _materials(stored, reached, names, stream, elements)
    return list(dict.fromkeys(found))


def gross_behind(stored: Stored, reached: Rows) -> list[str]:
    """Ids of the rows that the gross mass of the whole batch rests on."""
    found = counts_behind(stored, reached, stored.parts["part_id"].to_list())
    names = {*stored.parts["item_class"], *stored.parts["runner_up"].drop_nulls()}
    for table in ("gross_mass", "bare_share"):
        found += reached.reach(table, sorted(names))
    return list(dict.fromkeys(found))


def counts_behind(stored: Stored, reached: Rows, part_ids: Collection[str]) -> list[str]:
    """Ids of the rows on how many of a part sit in a host, and on what one family weighs."""
    parts = stored.parts.filter(pl.col("part_id").is_in(list(part_ids)))
    typical = parts.filter(pl.col("origin") == "typical")
    hosts = typical.select("item_class", "host_family_key", "host_class").unique()
    found: list[str] = []
    for name, family, host_class in hosts.sort(pl.all()).iter_rows():
        # a family speaks first; what it does not say is that of its class
        own = reached.reach("host_content", [f"{family}/{name}"])
        found += own or reached.reach("host_content", [f"{host_class}/{name}"])
    weighed = parts.filter(pl.col("unit_mass_g").is_not_null())["family_key"].drop_nulls()
    return found + reached.reach("family_mass", sorted(set(weighed)))


def _classes(held: pl.DataFrame) -> set[tuple[str, str]]:
    """Classes and the streams of theirs that count, runners-up included."""
    certain = held.select("item_class", "stream").unique()
    doubted = held.filter(pl.col("runner_up").is_not_null()).select("runner_up", "stream").unique()
    return {*certain.iter_rows(), *doubted.iter_rows()}


def _magnets(
    stored: Stored, reached: Rows, classes: Sequence[str], stream: str, elements: Collection[str]
) -> list[str]:
    found: list[str] = []
    for name in classes:
        found += magnet_rows(stored, reached, name, stream)
    alloys = {
        reached.attributes("magnet_mass", f"{name}/{stream}").get("alloy_id") for name in classes
    }
    if set(elements) - {MASS}:
        for alloy in sorted(filter(None, alloys)):
            found += _alloy(stored, reached, alloy, classes)
    return found


def magnet_rows(stored: Stored, reached: Rows, item_class: str, stream: str) -> list[str]:
    """Ids of the rows on the magnet of one class: mass, spread by level, share that is NdFeB."""
    found = reached.reach("magnet_mass", [f"{item_class}/{stream}"])
    if not found:
        return found
    for level in LEVELS:
        own = reached.reach("magnet_spread", [f"{item_class}/{stream}/{level}"])
        found += own or reached.reach("magnet_spread", [f"*/{stream}/{level}"])
    share = reached.attributes("magnet_mass", f"{item_class}/{stream}").get("ndfeb_share_id")
    found += reached.reach("ndfeb_share", [f"{share}/alpha", f"{share}/beta"])
    return found + _measured(stored, reached, stream) + _of_form(stored, reached, stream)


def _measured(stored: Stored, reached: Rows, stream: str) -> list[str]:
    """What was weighed or assayed of a magnet location: it moves what all its classes share."""
    found: list[str] = []
    for row in stored.tables["own_measurement"].to_dicts():
        if row["location"] in (None, stream):
            key = f"{row['source_id']}/{row['source_row']}"
            error = (row["scale_error"] or 0.0) * row["value"]
            told = row | {
                "locator": f"row {row['source_row']}",
                "owner": row["author"],
                "low": row["value"] - error,
                "high": row["value"] + error,
                "spread_kind": "sd_normal" if error else "exact",
            }
            found += reached.reach_own("measured", key, told)
    return found


def _of_form(stored: Stored, reached: Rows, stream: str) -> list[str]:
    """Which part of a stream is there in the form the lot arrives in."""
    form = stored.batch.get("form")
    keys = [k for k in reached.keys("form_share") if k.split("/")[0] == form]
    return reached.reach("form_share", [k for k in keys if k.split("/")[-1] == stream])


def _alloy(stored: Stored, reached: Rows, alloy: str, classes: Sequence[str]) -> list[str]:
    """Ids of an alloy's rows: those of any year, and of the vintages the batch can hold."""
    keys = [key for key in reached.keys("alloy") if key.startswith(f"{alloy}/")]
    vintages = {key.split("/")[1] for key in keys}
    parts = stored.parts.filter(
        pl.col("item_class").is_in(classes) | pl.col("runner_up").is_in(classes)
    )
    found: list[str] = []
    wanted = {"any"}
    if set(VINTAGES) <= vintages:
        launched = parts["launch_year"]
        delay = reached.reach("assumption", ["years_from_launch_to_make"])
        years = reached.used[delay[0]]["value"] if delay else 0
        made = set((launched.drop_nulls() + years).to_list())
        last_old = int(VINTAGES[0].removeprefix("to-"))
        wanted |= {VINTAGES[year > last_old] for year in made}
        if launched.null_count():
            wanted |= set(VINTAGES)
            found += _of_vintage(reached, keys, "unknown")
        found += delay
    for vintage in sorted(wanted):
        found += _of_vintage(reached, keys, vintage)
    return found


def _of_vintage(reached: Rows, keys: Iterable[str], vintage: str) -> list[str]:
    return reached.reach("alloy", [key for key in keys if key.split("/")[1] == vintage])


def _materials(
    stored: Stored, reached: Rows, classes: Sequence[str], stream: str, elements: Collection[str]
) -> list[str]:
    """Ids of the rows on a material: gross mass, what is left of it, share, and its elements."""
    found = reached.reach("gross_mass", classes) + reached.reach("bare_share", classes)
    found += _of_form(stored, reached, stream)
    compositions = set()
    for name in classes:
        # the magnets take their place out of what the materials share
        for magnet in MAGNET_STREAMS:
            found += magnet_rows(stored, reached, name, magnet)
        key = f"{name}/{stream}"
        found += reached.reach("material_share", [key, f"{name}/{REMAINDER}"])
        if stream == REMAINDER:  # what the others leave
            every = reached.keys("material_share")
            found += reached.reach("material_share", [k for k in every if k.startswith(f"{name}/")])
        compositions.add(reached.attributes("material_share", key).get("board_type") or stream)
    chemical = sorted(set(elements) - set(PSEUDO_ELEMENTS))
    return found + reached.reach(
        "material_element", [f"{made_of}/{e}" for made_of in sorted(compositions) for e in chemical]
    )


def content_basis(stored: Stored) -> Mapping[tuple[str, str], str]:
    """Basis of the mass of each class's streams."""
    content = stored.tables["content"].select("item_class", "stream", "basis")
    return {(name, stream): basis for name, stream, basis in content.iter_rows()}
