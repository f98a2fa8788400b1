"""Small documents and reports for the tests, as their tools write them."""

import json
from typing import Any

SMARTCTL = """\
root@db01:~# smartctl -i /dev/sda
smartctl 7.1 2019-12-30 r5022 [x86_64-linux-5.4.0] (local build)

=== START OF INFORMATION SECTION ===
Model Family:     Seagate Constellation ES.3
Device Model:     ST4000NM0033-9ZM170
Serial Number:    Z1Z0ABCD
User Capacity:    4,000,787,030,016 bytes [4.00 TB]
Rotation Rate:    7200 rpm
Form Factor:      3.5 inches

=== START OF READ SMART DATA SECTION ===
SMART overall-health self-assessment test result: PASSED

root@db02:~# smartctl -i /dev/sdb
smartctl 7.1 2019-12-30 r5022 [x86_64-linux-5.4.0] (local build)

=== START OF INFORMATION SECTION ===
Vendor:               SEAGATE
Product:              ST1200MM0088
User Capacity:        1,200,243,695,616 bytes [1.20 TB]
Rotation Rate:        10500 rpm
Form Factor:          2.5 inches
Serial number:        Z400ABCD
Device type:          disk
Transport protocol:   SAS (SPL-3)

smartctl 7.1 2019-12-30 r5022 [x86_64-linux-5.4.0] (local build)

Smartctl open device: /dev/sdc failed: No such device
"""
STORCLI = """\
[root@node7 ~]# storcli64 /c0/eall/sall show
CLI Version = 007.1017.0000.0000 May 10, 2019
Controller = 0
Status = Success

Drive Information :
=================

-----------------------------------------------------------------------------
EID:Slt DID State DG       Size Intf Med SED PI SeSz Model               Sp Type
-----------------------------------------------------------------------------
8:0       9 Onln   0   3.637 TB SAS  HDD N   N  512B ST4000NM0023        U  -
 :1      10 UGood  - 446.102 GB SATA SSD N   N  512B INTEL SSDSC2BB480G4 U  -
8:2      11 Onln
-----------------------------------------------------------------------------

EID=Enclosure Device ID|Slt=Slot No|DID=Device ID|DG=DriveGroup

Drive /c0/e8/s0 Device attributes :
=================================
SN = Z1Z0AAAA
Manufacturer Id = SEAGATE
Model Number = ST4000NM0023
"""
MEGACLI = """\
Adapter #0

Enclosure Device ID: 32
Slot Number: 0
PD Type: SAS
Raw Size: 279.396 GB [0x22ecb25c Sectors]
Firmware state: Online, Spun Up
Inquiry Data: SEAGATE ST300MM0006     LS08S0K1ABCD
Media Type: Hard Disk Device

Enclosure Device ID: 32
Slot Number: 1
PD Type: SATA
Raw Size: 745.211 GB [0x5d26ceb0 Sectors]
Inquiry Data: BTWL3450036A800RGN  INTEL SSDSC2BB800G4                     D2010355
Media Type: Solid State Device

Enclosure Device ID: 32
Slot Number: 2
PD Type: SATA
Raw Size: 1.819 TB [0xe8e088b0 Sectors]
Inquiry Data: WD-WMAY01234567 WDC WD2003FYYS-02W0B0 01.01D01
Media Type: Hard Disk Device

Enclosure Device ID: 32
Slot Number: 3
"""
HPACUCLI = """\

Smart Array P420i in Slot 0 (Embedded)    (sn: 001438026B5E0A0)

   array A (SAS, Unused Space: 0  MB)

      physicaldrive 1I:1:1 (port 1I:box 1:bay 1, SAS, 300 GB, OK)
      physicaldrive 1I:1:2 (port 1I:box 1:bay 2, Solid State SATA, 480 GB, OK, spare)

Smart Array P410i in Slot 0 (Embedded)

   Logical Drive: 1
      Mirror Group 0:
         physicaldrive 2I:1:5 (port 2I:box 1:bay 5, SAS, 300 GB, OK)

      physicaldrive 2I:1:5
         Port: 2I
         Status: OK
         Interface Type: SAS
         Size: 300 GB
         Rotational Speed: 10000
         Serial Number: ECA1PC30ABCD1234
         Model: HP      EG0300FBDBR
      physicaldrive 2I:1:6
         Port: 2I
"""
SHOW_INVENTORY = """\
leaf1# show inventory
NAME: "Chassis",  DESCR: "Nexus9000 C93180YC-EX chassis"
PID: N9K-C93180YC-EX     ,  VID: V02 ,  SN: FDO21120ABC

NAME: "Slot 1",  DESCR: "48x10/25G + 6x40/100G Ethernet Module"
PID: N9K-C93180YC-EX     ,  VID: V02 ,  SN: FDO21120ABC

NAME: "Power Supply 1",  DESCR: "Nexus9000 C93180YC-EX chassis Power Supply"
PID: NXA-PAC-650W-PE     ,  VID: V01 ,  SN: LIT21120ABC

RP/0/RSP0/CPU0:xr1#show inventory all
NAME: "fan0 0/FT0/SP", DESCR: "ASR-9006 Fan Tray"
PID: ASR-9006-FAN      , VID: V02, SN: FOC1234N3BB
NAME: "Bay 2", DESCR: "empty"
PID:                   , VID:    , SN:
PID: LOST-ITS-NAME     , VID: V01, SN: FOC1
NAME: "cut"
"""
ENTITY_WALK = """\
admin@mon:~$ snmpwalk -v2c -c public sw-a1 ENTITY-MIB::entPhysicalTable
ENTITY-MIB::entPhysicalDescr.1 = STRING: Arista DCS-7050TX-64-F
ENTITY-MIB::entPhysicalDescr.2 = STRING: "Fan Tray
Module"
ENTITY-MIB::entPhysicalDescr.3 = STRING: Power Supply Container
ENTITY-MIB::entPhysicalDescr.4 = STRING: PSU
ENTITY-MIB::entPhysicalClass.1 = INTEGER: chassis(3)
ENTITY-MIB::entPhysicalClass.2 = INTEGER: fan(7)
ENTITY-MIB::entPhysicalClass.3 = INTEGER: container(5)
ENTITY-MIB::entPhysicalClass.4 = INTEGER: 6
ENTITY-MIB::entPhysicalSerialNum.1 = STRING: JPE12345678
ENTITY-MIB::entPhysicalModelName.1 = STRING: DCS-7050TX-64
ENTITY-MIB::entPhysicalModelName.4 = Hex-STRING: 50 57 52 2D 35 30 30 41 43 2D 46
admin@mon:~$ snmpwalk -v2c -c public -On sw-b2 .1.3.6.1.2.1.47.1.1.1.1
.1.3.6.1.2.1.47.1.1.1.1.2.1 "EX4300-48T"
.1.3.6.1.2.1.47.1.1.1.1.5.1 3
.1.3.6.1.2.1.47.1.1.1.1.5.9 10
"""

REPORTS = {
    "smartctl": (SMARTCTL, 3, 1),
    "storcli": (STORCLI, 3, 1),
    "megacli": (MEGACLI, 4, 1),
    "hpacucli": (HPACUCLI, 4, 1),
    "show-inventory": (SHOW_INVENTORY, 7, 2),
    "entity-mib": (ENTITY_WALK, 6, 0),
}
"""Text, records and records set aside of each report, counted by hand."""


def smartctl(model: str = "ST16000NM001G-2KK103", **fields: Any) -> dict[str, Any]:
    """A document of `smartctl --json`."""
    return {
        "json_format_version": [1, 0],
        "smartctl": {"version": [7, 1], "exit_status": 0},
        "device": {"name": "/dev/sda", "type": "sat", "protocol": "ATA"},
        "model_name": model,
        "serial_number": "ZL2A",
        "user_capacity": {"blocks": 31251759104, "bytes": 16000900661248},
        "rotation_rate": 7200,
        "form_factor": {"ata_value": 2, "name": "3.5 inches"},
    } | fields


def resource(kind: str, path: str, **fields: Any) -> dict[str, Any]:
    """A Redfish resource."""
    return {"@odata.id": f"/redfish/v1/{path}", "@odata.type": f"#{kind}.v1_5_0.{kind}", **fields}


ENABLED = {"State": "Enabled", "Health": "OK"}
ABSENT = {"State": "Absent"}
SYSTEM = resource(
    "ComputerSystem", "Systems/1", HostName="esx1", Manufacturer="Dell Inc.",
    Model="PowerEdge R740xd", SerialNumber="CN747", SKU="5XYZ123", Status=ENABLED,
)  # fmt: skip
DRIVES = [
    resource(
        "Drive", f"Systems/1/Storage/1/Drives/{i}", Name=f"Disk {i}", Manufacturer="SEAGATE",
        Model="ST4000NM0025", SerialNumber=f"ZC1{i}", CapacityBytes=4000787030016, MediaType="HDD",
        Protocol="SAS", RotationSpeedRPM=7200, Status=ENABLED,
    )
    for i in range(2)
] + [resource("Drive", "Systems/1/Storage/1/Drives/9", Name="Disk 9", Status=ABSENT)]  # fmt: skip
POWER = resource(
    "Power",
    "Chassis/1/Power",
    PowerSupplies=[
        {"MemberId": "0", "Name": "PS1", "Model": "PWR SPLY,750W,RDNT,DELTA",
         "SerialNumber": "CNDED0001", "PowerCapacityWatts": 750, "Status": ENABLED},
        {"MemberId": "1", "Name": "PS2", "Status": ABSENT},
    ],
    Voltages=[{"Name": "V1"}],
)  # fmt: skip
FANS = ("System Board Fan1A", "System Board Fan1B", "System Board Fan2A", "FANA", "FANB")
THERMAL = resource(
    "Thermal",
    "Chassis/1/Thermal",
    Fans=[
        {"MemberId": str(i), "Name": name, "Reading": 5880, "Status": ENABLED}
        for i, name in enumerate(FANS)
    ]
    + [
        {"MemberId": "7", "Name": "Fan 7", "Reading": None, "Status": ENABLED},
        {"MemberId": "8", "Name": "Fan 8", "Status": ABSENT},
    ],
)
CHASSIS = resource(
    "Chassis", "Chassis/1", ChassisType="RackMount", Model="PowerEdge R740xd",
    Links={"ComputerSystems": [{"@odata.id": "/redfish/v1/Systems/1"}]},
)  # fmt: skip
SERVICE = [SYSTEM, *DRIVES, POWER, THERMAL, CHASSIS]
"""One server, 2 drives, a power supply, 4 fans; 3 empty bays, 2 readings that are no fan."""

NETBOX = {
    "count": 1,
    "results": [
        {
            "id": 1, "url": "u", "display": "srv1", "name": "srv1",
            "device_type": {
                "id": 7, "url": "u", "display": "PowerEdge R740", "model": "PowerEdge R740",
                "manufacturer": {"id": 1, "url": "u", "display": "Dell", "name": "Dell"},
            },
            "role": {"id": 2, "url": "u", "display": "Server", "name": "Server"},
            "tenant": None, "serial": "ABC1234", "asset_tag": "0017",
            "site": {"id": 1, "display": "IAD1", "name": "IAD1", "slug": "iad1"},
            "rack": None, "position": 12.0, "status": {"value": "offline", "label": "Offline"},
            "tags": [{"id": 1, "name": "lease"}], "created": "2020", "last_updated": "2020",
        }
    ],
}  # fmt: skip
SERVICENOW = {
    "result": [
        {
            name: {"display_value": shown, "value": "0123456789abcdef", "link": "https://x"}
            for name, shown in {
                "display_name": "Storage 12", "asset_tag": "0042", "serial_number": "S1",
                "model": "Dell PowerEdge R740", "model_category": "Server", "quantity": "1",
                "install_status": "Retired",
            }.items()
        }
    ]
}  # fmt: skip
SNIPE_IT = {
    "total": 1,
    "rows": [
        {
            "id": 1, "name": "db1", "asset_tag": "A1", "serial": "S1", "model_number": "R740",
            "model": {"id": 1, "name": "PowerEdge R740"},
            "status_label": {"id": 1, "name": "Archived", "status_meta": "archived"},
            "category": {"id": 1, "name": "Servers"}, "manufacturer": {"id": 1, "name": "Dell"},
            "location": {"id": 1, "name": "IAD"},
            "purchase_date": {"date": "2019-03-01", "formatted": "1 March"},
        }
    ],
}  # fmt: skip
STORCLI_JSON = {
    "Controllers": [
        {
            "Command Status": {"Controller": 0, "Status": "Success"},
            "Response Data": {
                "Drive /c0/e8/s0": [
                    {"EID:Slt": "8:0", "DID": 9, "State": "Onln", "DG": 0, "Size": "3.637 TB",
                     "Intf": "SAS", "Med": "HDD", "Model": "ST4000NM0023    "}
                ],
                "Drive /c0/e8/s0 - Detailed Information": {
                    "Drive /c0/e8/s0 Device attributes": {
                        "SN": "Z1Z0AAAA", "Manufacturer Id": "SEAGATE ",
                        "Model Number": "ST4000NM0023    ",
                    }
                },
            },
        },
        {"Command Status": {"Controller": 1, "Status": "Failure"}},
    ]
}  # fmt: skip
NVME = {
    "Devices": [
        {"DevicePath": "/dev/nvme0n1", "ModelNumber": "INTEL SSDPE2KX020T8",
         "SerialNumber": "PH1", "PhysicalSize": 2000398934016}
    ]
}  # fmt: skip
NVME_SUBSYSTEMS = {
    "Devices": [
        {"HostNQN": "nqn", "Subsystems": [{"Subsystem": "nvme-subsys0", "Controllers": [
            {"Controller": "nvme0", "ModelNumber": "INTEL SSDPE2KX020T8", "SerialNumber": "PH2",
             "Namespaces": [{"NameSpace": "nvme0n1", "PhysicalSize": 2000398934016}]}
        ]}]}
    ]
}  # fmt: skip
LSBLK = {
    "blockdevices": [
        {"name": "sda", "size": "3.6T", "type": "disk", "model": "ST4000NM0033-9ZM",
         "serial": "Z1Z", "rota": True, "children": [{"name": "sda1", "type": "part"}]},
        {"name": "sdb", "size": "480103981056", "type": "disk", "model": "INTEL_SSDSC2BB480G4",
         "serial": "BT", "rota": "0"},
        {"name": "loop0", "size": "55M", "type": "loop", "rota": False},
        {"name": "zram0", "size": "8G", "type": "disk", "rota": False},
    ]
}  # fmt: skip
PHYSICAL_DISK = [
    {"FriendlyName": "ST4000NM0033-9ZM", "SerialNumber": "Z1Z", "MediaType": 3,
     "Size": 4000787030016, "HealthStatus": 0},
    {"FriendlyName": "INTEL SSDSC2BB480G4", "SerialNumber": "BT", "MediaType": "SSD",
     "Size": 480103981056},
]  # fmt: skip

DOCUMENTS = {
    "redfish": json.dumps(SERVICE, indent=1),
    "smartctl": json.dumps(smartctl()) + "\n" + json.dumps(smartctl("X")) + "\n",
    "storcli": json.dumps(STORCLI_JSON, indent=2),
    "nvme-list": json.dumps(NVME_SUBSYSTEMS, indent=2),
    "lsblk": json.dumps(LSBLK, indent=3),
    "get-physicaldisk": json.dumps(PHYSICAL_DISK, indent=4),
    "netbox": json.dumps(NETBOX),
    "lines": "".join(json.dumps({"model": f"M{i}", "serial": f"S{i}"}) + "\n" for i in range(9)),
}
"""One document of each kind."""
