"""Documents: JSON and the output of tools, each record of them a line of a table."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from valuation.errors import InputError
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.delimited.encoding import detect_encoding
from valuation.inventory.documents.entry import Account, Entry, Found, as_reading, no_fields
from valuation.inventory.documents.family import Family
from valuation.inventory.documents.listings import (
    LSBLK_JSON,
    NVME_JSON,
    PHYSICAL_DISK_JSON,
    STORCLI_JSON,
)
from valuation.inventory.documents.records import (
    Flat,
    as_records,
    column_names,
    count_at,
    find_tables,
    place_name,
    records_at,
)
from valuation.inventory.documents.redfish import REDFISH
from valuation.inventory.documents.reports import read_report, report_of
from valuation.inventory.documents.smartctl import SMARTCTL_JSON
from valuation.inventory.documents.values import (
    MAX_DOCUMENT_BYTES,
    Doubled,
    Value,
    Values,
    begins_json,
    has_doubled,
    json_values,
    too_deep,
)
from valuation.inventory.reading import Reading
from valuation.inventory.source import Source

__all__ = ["head_text", "is_json", "read_json", "read_report", "report_of"]

_FAMILIES: Final = (
    SMARTCTL_JSON,
    STORCLI_JSON,
    NVME_JSON,
    LSBLK_JSON,
    PHYSICAL_DISK_JSON,
    REDFISH,
)
_SAMPLED_DOCUMENTS: Final = 200
_NAMED_TABLES: Final = 3


def head_text(head: bytes) -> str:
    """The first bytes of a text as text, whatever its encoding, for a look at what it is."""
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return head.decode("utf-32", "replace")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    if b"\0" in head[:2]:
        return head.decode("utf-16-be" if head[:1] == b"\0" else "utf-16-le", "replace")
    return head.decode("utf-8-sig", "replace")


def is_json(head: str) -> bool:
    """Whether a text is JSON, by its beginning."""
    return begins_json(head)


def read_json(source: Source, table: HeaderTable, folder: Path) -> Reading:
    """The table of a JSON file: of a tool we know, else the list of records that names most.

    Raises:
        InputError: It is cut, too large, nested too deeply, or holds no records that name items.
    """
    encoding = detect_encoding(source.path, source.head)
    values = json_values(source.path, encoding, head_text(source.head))
    try:
        sample = list(islice((v for v in values.take() if not v.reason), _SAMPLED_DOCUMENTS))
        family = _family(sample)
        found = _of_family(values, family) if family else _of_records(values, sample, table)
        reading = as_reading(found, source, encoding, table, folder)
    except RecursionError:
        raise too_deep() from None
    return reading


def _family(sample: list[Value]) -> Family | None:
    """The tool most of the documents come from; None for one we do not know."""
    names = [next((f.format for f in _FAMILIES if f.recognises(v)), "") for v in sample]
    often = Counter(filter(None, names)).most_common(1)
    return next((f for f in _FAMILIES if often and f.format == often[0][0]), None)


def _of_family(values: Values, family: Family) -> Found:
    account = Account()
    entries = _whole(values, family, account) if family.is_whole else _each(values, family, account)
    return Found(family.format, "json", entries, account, family.system, family.columns)


def _each(values: Values, family: Family, account: Account) -> Iterator[Entry]:
    """The records of each document by itself."""
    for value in values.take():
        if entry := _set_aside(values, value, family):
            account.records += 1
            yield entry
            continue
        account.records += family.count(value)
        yield from family.entries(value.value)
    _warn_of_numbers(values, account)


def _whole(values: Values, family: Family, account: Account) -> Iterator[Entry]:
    """The records of all documents together."""
    documents: list[Any] = []
    characters = 0
    for value in values.take():
        characters += value.end - value.start
        if characters > MAX_DOCUMENT_BYTES:
            raise InputError(
                f"holds more than {MAX_DOCUMENT_BYTES >> 20} MiB of documents that are read "
                "together.",
                "Split it, one file for some of the machines.",
            )
        if entry := _set_aside(values, value, family):
            account.records += 1
            yield entry
            continue
        documents.append(value.value)
    account.records += family.count(Value(documents, "", 0, 0))
    yield from family.entries(documents)
    _warn_of_numbers(values, account)


def _set_aside(values: Values, value: Value, family: Family) -> Entry | None:
    """A document that is no record of the family, as an entry that is set aside."""
    reason = value.reason
    if not reason and not family.recognises(value):
        reason = "other_document"
    if not reason and has_doubled(value.value):
        if not values.is_lines:
            raise _repeated(value.value)
        reason = "repeated_field"
    return Entry({}, reason, value.text[value.start : value.end]) if reason else None


def _of_records(values: Values, sample: list[Value], table: HeaderTable) -> Found:
    """The list of records that names most, of documents of no tool we know."""
    tables = find_tables(
        [value.value if values.is_lines else as_records(value.value, table) for value in sample],
        table,
    )
    if not tables or not tables[0].score:
        nearest = max(tables, key=lambda one: len(one.names), default=None)
        raise no_fields(nearest.names if nearest else [], table)
    place = tables[0].place
    account = Account()
    others = [one.place for one in tables[1:] if one.score]
    entries = _records(values, place, others, table, account)
    return Found("jsonl" if values.is_lines else "json", "json", entries, account,
                 name=column_names)  # fmt: skip


def _records(
    values: Values,
    place: tuple[str, ...],
    others: list[tuple[str, ...]],
    table: HeaderTable,
    account: Account,
) -> Iterator[Entry]:
    flat = Flat()
    left_out: Counter[tuple[str, ...]] = Counter()
    for value in values.take():
        if value.reason:
            account.records += 1
            yield Entry({}, value.reason, value.text)
            continue
        # A line is a record or a page of them; only a whole document is written by columns.
        document = [value.value if values.is_lines else as_records(value.value, table)]
        records = count_at(document, place)
        left_out.update({other: count_at(document, other) for other in others})
        if not records:
            account.records += 1
            yield Entry({}, "other_document", value.text[value.start : value.end])
            continue
        account.records += records
        for record, around in records_at(document, place):
            if any(isinstance(one, Doubled) for one in around):
                raise _repeated(value.value)
            yield flat.entry(record, around)
    account.warnings += _said(place, left_out, flat)
    _warn_of_numbers(values, account)


def _said(place: tuple[str, ...], left_out: Counter[tuple[str, ...]], flat: Flat) -> list[str]:
    """What was not read beside the records."""
    out = []
    if left_out:
        named = [f"`{place_name(p)}` ({_records_text(n)})" for p, n in left_out.most_common()]
        more = f" and {len(named) - _NAMED_TABLES} more" if len(named) > _NAMED_TABLES else ""
        out.append(
            f"the records of `{place_name(place)}` were read; lists that could also be tables were "
            f"not: {', '.join(named[:_NAMED_TABLES])}{more}"
        )
    own = {f"{place_name(p)}" for p in left_out}
    nested = sorted(name for name in flat.nested if not any(p.endswith(name) for p in own))
    if nested:
        shown = ", ".join(f"`{name}`" for name in nested[:_NAMED_TABLES])
        more = f" and {len(nested) - _NAMED_TABLES} more" if len(nested) > _NAMED_TABLES else ""
        out.append(f"fields that hold lists of objects were not read: {shown}{more}")
    return out


def _records_text(records: int) -> str:
    return "1 record" if records == 1 else f"{records:,} records"


def _warn_of_numbers(values: Values, account: Account) -> None:
    if values.not_numbers:
        count = values.not_numbers
        account.warnings.append(f"NaN or infinity stands {count:,} times and was taken as blank")


def _repeated(value: Any) -> InputError:
    names = ", ".join(f"`{name}`" for name in islice(_doubled_fields(value), 3))
    return InputError(
        f"has an object in which a field stands twice with different values; its fields are "
        f"{names}.",
        "Export it again, each field once.",
    )


def _doubled_fields(value: Any) -> Iterator[str]:
    if isinstance(value, Doubled):
        yield from value
    elif isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        yield from chain.from_iterable(map(_doubled_fields, inside))
