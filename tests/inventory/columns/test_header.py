"""Column names of real systems and of none."""

import polars as pl
import pytest

from valuation.errors import MissingColumns
from valuation.inventory.columns.column_map import normalise, with_batch_column
from valuation.inventory.columns.header import find_header
from valuation.inventory.columns.names import HeaderTable
from valuation.tables import Tables

SYSTEMS = {
    "servicenow": (
        (
            "Display name|Asset tag|Serial number|Model|Model category|Configuration Item|State|"
            "Substate|Stockroom|Quantity|Assigned to|Cost"
        ),
        {
            "Display name": "component_name",
            "Asset tag": "asset_tag",
            "Serial number": "serial",
            "Model": "model",
            "Model category": "type",
            "Configuration Item": "host",
            "State": "status",
            "Stockroom": "site",
            "Quantity": "quantity",
        },
    ),
    "servicenow-cmdb": (
        (
            "sys_id|name|asset_tag|serial_number|manufacturer|model_number|department|assigned_to|"
            "install_status|operational_status|sys_class_name|sys_updated_on|location"
        ),
        {
            "name": "host",
            "asset_tag": "asset_tag",
            "serial_number": "serial",
            "manufacturer": "manufacturer",
            "model_number": "model",
            "install_status": "status",
            "sys_class_name": "type",
            "location": "site",
        },
    ),
    "netbox-inventory-items": (
        (
            "device|parent|name|label|status|role|manufacturer|part_id|serial|asset_tag|discovered|"
            "description"
        ),
        {
            "device": "host",
            "name": "component_name",
            "status": "status",
            "role": "type",
            "manufacturer": "manufacturer",
            "part_id": "part_number",
            "serial": "serial",
            "asset_tag": "asset_tag",
            "description": "description",
        },
    ),
    "device42": (
        (
            "device_type|server_location|building_name|room_name|row_name|chassis_u_location|"
            "rack_name|u_position|device_name|asset_number|manufacturer|hardware_model|service_level|"
            "in_service|customer_department"
        ),
        {
            "device_type": "type",
            "server_location": "site",
            "building_name": "site",
            "device_name": "host",
            "asset_number": "asset_tag",
            "manufacturer": "manufacturer",
            "hardware_model": "model",
            "service_level": "status",
        },
    ),
    "facility-sheet": (
        (
            "Tag No|Asset Type|Asset Make|Asset Model|Serial Number|Location|User Allocated|"
            "Asset Status|OS Version"
        ),
        {
            "Tag No": "asset_tag",
            "Asset Type": "type",
            "Asset Make": "manufacturer",
            "Asset Model": "model",
            "Serial Number": "serial",
            "Location": "site",
            "Asset Status": "status",
        },
    ),
    "entity-mib": (
        (
            "entPhysicalIndex|entPhysicalContainedIn|entPhysicalClass|entPhysicalName|"
            "entPhysicalDescr|entPhysicalModelName|entPhysicalMfgName|entPhysicalSerialNum"
        ),
        {
            "entPhysicalClass": "type",
            "entPhysicalName": "component_name",
            "entPhysicalDescr": "description",
            "entPhysicalModelName": "model",
            "entPhysicalMfgName": "manufacturer",
            "entPhysicalSerialNum": "serial",
        },
    ),
}


@pytest.fixture(scope="module")
def table(tables: Tables) -> HeaderTable:
    return HeaderTable.from_tables(tables)


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_header_of_a_system_is_recognised_and_mapped(system: str, table: HeaderTable) -> None:
    names, expected = SYSTEMS[system]
    found = table.match(names.split("|"))
    assert found.system == system
    assert found.column_of() == expected
    assert set(found.unmapped()) == set(names.split("|")) - set(expected)


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("S/N", "serial"),
        ("Serial#", "serial"),
        ("Asset Serial No.", "serial"),
        ("Mfr", "manufacturer"),
        ("OEM Vendor", "manufacturer"),
        ("MANUFACTURER NAME", "manufacturer"),
        ("Model No.", "model"),
        ("Hardware Model", "model"),
        ("P/N", "part_number"),
        ("FRU", "part_number"),
        ("Item Description", "description"),
        ("Qty.", "quantity"),
        ("# of Units", None),
        ("No. of Units", "quantity"),
        ("Drive Capacity (GB)", "capacity"),
        ("Asset Category", "type"),
        ("Data Center", "site"),
        ("Parent Device", "host"),
        ("Lot Number", "batch"),
        ("In-Service Date", "purchase_date"),
        ("Kapazität", "capacity"),
        ("Seriennummer", "serial"),
        ("수량", "quantity"),
        ("제조사", "manufacturer"),
    ],
)
def test_a_common_name_is_mapped(name: str, canonical: str | None, table: HeaderTable) -> None:
    assert table.match([name, "Model"]).column_of().get(name) == canonical


def test_the_model_number_speaks_before_the_model(table: HeaderTable) -> None:
    assert table.match(["Model", "Model Number", "Qty"]).columns["model"] == (1, 0)


def test_a_header_is_found_below_titles_and_the_first_of_equals_wins(table: HeaderTable) -> None:
    header = ["Model", "Serial", "Qty"]
    rows = [["Report", "", ""], ["", "", ""], header, ["R740", "S1", "1"], header]
    found = find_header(rows, table)
    assert found is not None
    assert found[0] == 2


def test_a_header_below_the_first_fifty_rows_is_not_looked_for(table: HeaderTable) -> None:
    assert find_header([["x", "y"]] * 50 + [["Model", "Qty"]], table) is None


def test_a_column_that_numbers_the_lines_describes_nothing(table: HeaderTable) -> None:
    rows = [["Item", "Model", "Qty"], ["1", "a", "5"], ["2", "b", "7"], ["3", "c", "5"]]
    found = find_header(rows, table)
    assert found is not None
    assert "description" not in found[1].columns
    assert found[1].unmapped() == ["Item"]


def test_a_batch_column_of_the_users_choice_is_used_or_named_as_missing(
    table: HeaderTable,
) -> None:
    columns = table.match(["Model", "Qty", "Pallet Code"])
    assert with_batch_column(columns, "pallet_code").columns["batch"] == (2,)
    with pytest.raises(MissingColumns, match="Did you mean `Pallet Code`"):
        with_batch_column(columns, "Palet Code")


def test_the_shipped_names_are_normalised_and_used_columns_are_ranked(tables: Tables) -> None:
    frame = tables.frame("header")
    assert frame["normalised"].to_list() == [normalise(name) for name in frame["header"]]
    ranked = pl.col("canonical").is_null() == pl.col("rank").is_null()
    assert frame.select(ranked.all()).item()
    assert frame.equals(frame.sort("system", "normalised"))


def test_a_field_added_in_servicenow_is_read_by_its_name(table: HeaderTable) -> None:
    found = table.match(["u_model", "u_serial_number", "u_quantity", "u_height", "u_position"])
    assert found.columns == {"model": (0,), "serial": (1,), "quantity": (2,)}


def test_a_second_header_row_with_the_same_columns_belongs_to_the_header(
    table: HeaderTable,
) -> None:
    rows = [["Hersteller", "Modell", "Menge"], ["Manufacturer", "Model", "Quantity"]]
    found = find_header([*rows, ["Dell", "R740", "1"]], table)
    assert found and found[0] == 1
    repeated = find_header([rows[0], rows[0], ["Dell", "R740", "1"]], table)
    assert repeated and repeated[0] == 0, "the same names again are a repeated header"
