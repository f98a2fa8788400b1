"""Tools: what Redfish, smartctl, RAID tools, switches and SNMP tell, counted by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.inventory.conftest import Read, Reader
from tests.inventory.documents import documents as given
from tests.inventory.documents.documents import (
    CHASSIS,
    DRIVES,
    REPORTS,
    SERVICE,
    SYSTEM,
    THERMAL,
    resource,
    smartctl,
)
from valuation.identity import identify
from valuation.tables import Tables


@pytest.fixture
def kinds(tables: Tables) -> Callable[[Read], dict[str, int]]:
    """Pieces by kind that a reading comes to, those of counted items only."""

    def counter(result: Read) -> dict[str, int]:
        found = identify(result.inventory.items, tables).items
        counted = found.filter("counted").select("item_id", "kind")
        joined = result.tables["read_count"].join(counted, on="item_id")
        totals = joined.group_by("kind").agg(pl.col("quantity").sum().cast(pl.Int64))
        return dict(totals.sort("kind").iter_rows())

    return counter


@pytest.fixture
def read_text(tmp_path: Path, read: Reader) -> Callable[[str], Read]:
    """Read a text of any kind."""

    def reader(text: str) -> Read:
        path = tmp_path / "in.txt"
        path.write_text(text, encoding="utf-8")
        return read(path)

    return reader


@pytest.fixture
def read_json(read_text: Callable[[str], Read]) -> Callable[[Any], Read]:
    return lambda value: read_text(json.dumps(value))


def row(result: Read) -> dict[str, Any]:
    return result.account("in.txt")


def lines(result: Read) -> pl.DataFrame:
    return result.tables["read_line"].join(result.inventory.items.drop("lines"), on="item_id")


# Redfish

WHOLE = {"fan": 4, "hdd": 2, "psu": 1, "server": 1}


@pytest.mark.parametrize(
    "arranged",
    [
        SERVICE,
        {one["@odata.id"]: one for one in SERVICE},
        {"bmc-1": {one["@odata.id"]: one for one in SERVICE}},
        [*SERVICE, {"@odata.id": "/redfish/v1/x", "Members": DRIVES}],  # drives given twice
    ],
    ids=["list", "by path", "by host", "twice"],
)
def test_a_server_is_its_parts_however_its_resources_are_arranged(
    arranged: Any, read_json: Callable[[Any], Read], kinds: Callable[[Read], dict[str, int]]
) -> None:
    result = read_json(arranged)
    assert (row(result)["format"], row(result)["lines_loaded"]) == ("redfish", 13)
    assert kinds(result) == WHOLE
    assert set(result.tables["read_line"]["host"]) == {"esx1"}


def test_documents_of_one_service_tell_about_each_other(
    read_text: Callable[[str], Read], kinds: Callable[[Read], dict[str, int]]
) -> None:
    result = read_text("\n".join(json.dumps(one, indent=1) for one in SERVICE))
    assert kinds(result) == WHOLE
    assert kinds(read_text("\n".join(map(json.dumps, SERVICE)))) == WHOLE


def test_services_of_two_hosts_keep_their_parts(read_json: Callable[[Any], Read]) -> None:
    by_path = {one["@odata.id"]: one for one in (DRIVES[0], THERMAL)}
    hosts = set(read_json({"bmc1": by_path, "bmc2": by_path}).tables["read_line"]["host"])
    assert hosts == {"bmc1", "bmc2"}


def test_links_alone_are_no_parts(read_json: Callable[[Any], Read]) -> None:
    links = {"@odata.id": "/redfish/v1/Drives", "Members": [{"@odata.id": "/redfish/v1/D/1"}]}
    assert "1 links to Redfish resources" in row(read_json(links))["reason"]


def test_a_chassis_without_its_system_is_the_server(
    read_json: Callable[[Any], Read], kinds: Callable[[Read], dict[str, int]]
) -> None:
    assert kinds(read_json([CHASSIS])) == {"server": 1}
    assert kinds(read_json([CHASSIS, SYSTEM])) == {"server": 1}


def test_newer_resources_are_the_same_parts(
    read_json: Callable[[Any], Read], kinds: Callable[[Read], dict[str, int]]
) -> None:
    result = read_json(
        [
            resource("PowerSupply", "Chassis/1/PowerSubsystem/PowerSupplies/0", Name="PSU 0",
                     Model="PWR-1", PowerCapacityWatts=1100, Status={"State": "Enabled"}),
            resource("Fan", "Chassis/1/ThermalSubsystem/Fans/0", Name="Fan 0",
                     SpeedPercent={"Reading": 40}, Status={"State": "Enabled"}),
            resource("Memory", "Systems/1/Memory/0", CapacityMiB=32768, MemoryDeviceType="DDR4",
                     PartNumber="M393A4K40CB2-CTD", Status={"State": "Enabled"}),
            resource("Processor", "Systems/1/Processors/0", ProcessorType="CPU",
                     Model="Intel Xeon Gold 6130", Status={"State": "Enabled"}),
            resource("Volume", "Systems/1/Volumes/0", CapacityBytes=1),
        ]
    )  # fmt: skip
    assert kinds(result) == {"cpu": 1, "fan": 1, "memory": 1, "psu": 1}


# smartctl and lists of drives


def test_smartctl_tells_hard_drives_from_others_by_their_turning(
    read_json: Callable[[Any], Read], kinds: Callable[[Read], dict[str, int]]
) -> None:
    nvme = {"device": {"name": "/dev/nvme0", "protocol": "NVMe"}, "rotation_rate": None}
    scsi = {"scsi_vendor": "SEAGATE", "scsi_product": "ST1200MM0088", "rotation_rate": 10500}
    failed = {"json_format_version": [1, 0], "smartctl": {"messages": [{"string": "no device"}]}}
    result = read_json(
        [
            smartctl(serial_number="1"),
            smartctl("XQZ 5000", serial_number="2", rotation_rate=0),
            smartctl("SAMSUNG MZQLB1T9HAJR-00007", serial_number="3", **nvme),
            smartctl("SEAGATE ST1200MM0088", serial_number="4", **scsi),
            failed,
        ]
    )
    assert kinds(result) == {"hdd": 2, "ssd": 2}
    assert result.tables["read_reject"]["raw_text"].to_list() == ["no device"]
    found = lines(result).filter(pl.col("serial") == "1").row(0, named=True)
    assert found["type_raw"] == "HDD, 7200 rpm, 3.5 inches, ATA"
    assert found["capacity_raw"] == "16000900661248 bytes"


@pytest.mark.parametrize(
    ("document", "system", "pieces"),
    [
        (given.STORCLI_JSON, "storcli", {"hdd": 1}),
        (given.NVME, "nvme-list", {"ssd": 1}),
        (given.NVME_SUBSYSTEMS, "nvme-list", {"ssd": 1}),
        (given.LSBLK, "lsblk", {"hdd": 1, "ssd": 1}),
        (given.PHYSICAL_DISK, "windows-physical-disk", {"hdd": 1, "ssd": 1}),
        (given.PHYSICAL_DISK[0], "windows-physical-disk", {"hdd": 1}),
    ],
)
def test_lists_of_drives_are_read_as_drives(
    document: Any,
    system: str,
    pieces: dict[str, int],
    read_json: Callable[[Any], Read],
    kinds: Callable[[Read], dict[str, int]],
) -> None:
    result = read_json(document)
    assert row(result)["system"] == system
    assert kinds(result) == pieces


def test_a_tool_that_found_no_drive_is_no_fault(read_json: Callable[[Any], Read]) -> None:
    result = read_json({"Devices": []})
    assert (row(result)["status"], row(result)["lines_read"]) == ("loaded", 0)


def test_a_document_of_another_kind_is_set_aside(read_text: Callable[[str], Read]) -> None:
    text = "".join(json.dumps(one) + "\n" for one in (smartctl(), {"error": "late"}, smartctl("X")))
    assert json.loads(row(read_text(text))["reasons"]) == {"other_document": 1}


# Reports


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_known_and_every_record_accounted_for(
    name: str, read_text: Callable[[str], Read]
) -> None:
    text, records, set_aside = REPORTS[name]
    result = read_text(text)
    found = row(result)
    assert (found["format"], found["lines_read"]) == (name, records)
    assert found["lines_rejected"] == set_aside
    assert found["lines_loaded"] == records - set_aside
    codes = result.tables["read_reject"]["reason_code"].to_list()
    assert sum(json.loads(found["reasons"]).values()) == len(codes)


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_line_ends_and_wide_characters_change_nothing(
    name: str, line_end: str, tmp_path: Path, read: Reader
) -> None:
    text, records, _ = REPORTS[name]
    path = tmp_path / "in.txt"
    path.write_bytes(text.replace("\n", line_end).encode("utf-16"))
    assert read(path).account("in.txt")["lines_read"] == records


@pytest.mark.parametrize(
    ("name", "pieces", "hosts"),
    [
        ("smartctl", {"hdd": 2}, {"db01", "db02"}),
        ("storcli", {"hdd": 1, "ssd": 1}, {"node7"}),
        ("megacli", {"hdd": 2, "ssd": 1}, {"controller 0"}),
        (
            "hpacucli",
            {"hdd": 2, "ssd": 1},
            {"Smart Array P420i in Slot 0 (Embedded)", "Smart Array P410i in Slot 0 (Embedded)"},
        ),
        ("show-inventory", {"fan": 1, "psu": 1, "switch": 1}, {"leaf1", "xr1"}),
        ("entity-mib", {"fan": 1, "psu": 1, "switch": 2}, {"sw-a1", "sw-b2"}),
    ],
)
def test_reports_hold_the_parts_a_person_counts(
    name: str,
    pieces: dict[str, int],
    hosts: set[str],
    read_text: Callable[[str], Read],
    kinds: Callable[[Read], dict[str, int]],
) -> None:
    result = read_text(REPORTS[name][0])
    assert kinds(result) == pieces
    assert set(result.tables["read_line"]["host"]) == hosts


def test_details_give_a_drive_of_a_table_its_serial(read_text: Callable[[str], Read]) -> None:
    found = lines(read_text(given.STORCLI)).filter(pl.col("serial") == "Z1Z0AAAA")
    assert found["model_raw"].to_list() == ["ST4000NM0023"]


def test_inquiry_data_are_taken_apart_only_where_it_is_sure(
    read_text: Callable[[str], Read],
) -> None:
    found = lines(read_text(given.MEGACLI)).sort("model_raw")
    assert found["model_raw"].to_list() == ["", "INTEL SSDSC2BB800G4", "ST300MM0006"]
    assert found["serial"].to_list() == [None, "BTWL3450036A800RGN", "S0K1ABCD"]
    assert found["description_raw"][0] == "WD-WMAY01234567 WDC WD2003FYYS-02W0B0 01.01D01"


def test_values_of_a_walk_may_run_over_lines_or_be_hexadecimal(
    read_text: Callable[[str], Read],
) -> None:
    found = lines(read_text(given.ENTITY_WALK))
    assert "Fan Tray Module" in set(found["description_raw"])
    assert "PWR-500AC-F" in set(found["model_raw"])
    assert set(found["type_raw"]) == {
        "chassis",
        "fan",
        "container",
        "powerSupply",
        "port container",
    }


@pytest.mark.parametrize("justify", [str.rjust, str.ljust])
def test_a_table_of_entities_is_cut_where_its_columns_stand(
    justify: Callable[[str, int], str],
    read_text: Callable[[str], Read],
    kinds: Callable[[Read], dict[str, int]],
) -> None:
    rows = [
        ["index", "entPhysicalDescr", "entPhysicalClass", "entPhysicalModelName"],
        ["1", "EX4300-48T Ethernet Switch", "chassis", "EX4300-48T"],
        ["2", "Power Supply 0", "powerSupply", "JPSU-350-AC-AFO-A"],
        ["3", "Fan Tray 0", "fan", ""],
        ["4", "FPC slot 1", "container", ""],
    ]
    table = "".join(" ".join(justify(cell, 28) for cell in row) + "\n" for row in rows)
    result = read_text(f"SNMP table: ENTITY-MIB::entPhysicalTable\n\n{table}")
    assert (row(result)["format"], row(result)["lines_read"]) == ("entity-mib", 4)
    assert kinds(result) == {"fan": 1, "psu": 1, "switch": 1}


@pytest.mark.parametrize(
    "text",
    [
        "NAME,DESCR,PID,VID,SN\nChassis,Nexus9000 chassis,N9K-C93180YC-EX,V02,FDO1\n",
        'Model,Serial,Remark\nR740,A1,"NAME: ""Chassis"", DESCR: ""x"""\n',
        'Model,Serial,Remark\nR740,A1,"\nNAME: ""Chassis"", DESCR: ""x""\nPID: A, VID: B, SN: C"\n',
        "Model;Serial;Remark\nST4000NM0033;Z1;smartctl 7.1 says fine\n",
        "Model,Serial,State\nsmartctl 7.1 [x86_64-linux] drive,Z1,EID:Slt DID State Model\n",
        "entPhysicalDescr,entPhysicalModelName,entPhysicalClass\nFan,FAN-1,fan\n",
    ],
)
def test_a_table_that_mentions_a_tool_is_a_table(
    text: str, read_text: Callable[[str], Read]
) -> None:
    assert row(read_text(text))["format"] in ("csv", "csv-semicolon")
