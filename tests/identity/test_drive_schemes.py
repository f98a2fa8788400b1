"""Part numbers that no labelled string holds, read by their makers' schemes.

The truths are the makers' own: what each letter and digit stands for, as product manuals say it.
"""

import pytest

HARD_DRIVES = [
    ("HUC109060CSS600", 2.5, 10000, "sas", 600),
    ("HUC151414CSS600", 2.5, 15000, "sas", 147),
    ("HUS156045VLS600", 3.5, 15000, "sas", 450),
    ("HUS724040ALS640", 3.5, 7200, "sas", 4000),
    ("HUS726060AL5210", 3.5, 7200, "sas", 6000),
    ("HDS722525VLSA80", 3.5, 7200, "sata", 250),
    ("HTS541060G9AT00", 2.5, 5400, "ide", 60),
    ("HTS421280H9AT00", 2.5, 4200, "ide", 80),
    ("WUH721818AL5204", 3.5, 7200, "sas", 18000),
    ("ST1200MM0007", 2.5, 10000, "sas", 1200),
    ("ST9146853SS", 2.5, 15000, "sas", 146),
    ("ST973402SS", 2.5, 10000, "sas", 73),
    ("ST9500430SS", 2.5, 7200, "sas", 500),
    ("ST3146356FC", 3.5, 15000, "fc", 146),
    ("ST373207LC", 3.5, 10000, "scsi", 73),
    ("ST336753LW", 3.5, 15000, "scsi", 36),
    ("ST3600002SS", 3.5, 10000, "sas", 600),
    ("ST31000640SS", 3.5, 7200, "sas", 1000),
    ("ST340014A", 3.5, None, "ide", 40),
    ("ST24000NM000C-3WD103", 3.5, 7200, "sata", 24000),
    ("ST30000NM004K", 3.5, 7200, None, 30000),
    ("MBF2300RC", 2.5, 10000, "sas", 300),
    ("MAX3073RC", 3.5, 15000, "sas", 73),
    ("MAT3147NC", 3.5, 10000, "scsi", 147),
    ("MHZ2160BJ", 2.5, 7200, "sata", 160),
    ("MHT2060AT", 2.5, 4200, "ide", 60),
    ("AL14SEB090N", 2.5, 10500, "sas", 900),
    ("MG08SCA16TE", 3.5, 7200, "sas", 16000),
    ("MK2001TRKB", 3.5, 7200, "sas", 2000),
    ("MQ04ABD200", 2.5, 5400, "sata", 2000),
    ("WD4001FYYG", 3.5, 7200, "sas", 4000),
    ("WD1600AAJB", 3.5, 7200, "ide", 160),
    ("WD800BB-00JHC0", 3.5, 7200, "ide", 80),
    ("WD360GD-00FNA0", 3.5, 10000, "sata", 36),
    ("WD22PURZ-85B4ZY0", 3.5, 5400, "sata", 2000),
    ("EG1200JEHMC", 2.5, 10000, "sas", 1200),
    ("EH0600JDYTL", 2.5, 15000, "sas", 600),
    ("EF0300FATFD", 3.5, 15000, "sas", 300),
    ("MB010000JWAYK", 3.5, 7200, "sas", 10000),
    ("IC35L036UCPR15-0", 3.5, 15000, "scsi", 36),
    ("IC25N080ATMR04-0", 2.5, 4200, "ide", 80),
    ("MAXTOR ATLAS15K2_73SAS", 3.5, 15000, "scsi", 73),
    ("Maxtor 7L250S0", 3.5, 7200, "sata", 250),
    ("SAMSUNG SP1654N", 3.5, 7200, "ide", 160),
    ("HITACHI H103014SCSUN146G", 2.5, 10000, "sas", 146),
    ("SEAGATE ST330057SSUN300G", 3.5, None, "sas", 300),
    ("IBM-ESXSST9300603SS F", 2.5, 10000, "sas", 300),
]
SSDS = [
    ("HUSMM3280ASS204", "ssd-2.5", "sas", 800),
    ("WUSTR1519ASS200", "ssd-2.5", "sas", 1920),
    ("KPM61RUG3T84", "ssd-2.5", "sas", 3840),
    ("KCM7XRUG3T84", "ssd-2.5", "nvme", 3840),
    ("KXG80ZNV1T02", "ssd-m.2", "nvme", 1024),
    ("MTFDJAK800MBT", "ssd-2.5", "sas", 800),
    ("MTFDDAV960TDS", "ssd-m.2", "sata", 960),
    ("MTFDHAX1T6MCE", "ssd-card", "nvme", 1600),
    ("MZILS1T9HEJH", "ssd-2.5", "sas", 1920),
    ("MZPLJ6T4HALA", "ssd-card", "nvme", 6400),
    ("MZ1L2960HCJR", "ssd-m.2", "nvme", 960),
    ("SSDPEDMD020T401", "ssd-card", "nvme", 2000),
    ("SSDPFVNV307TZ", "ssd-unspecified", "nvme", 30720),
    ("CT1000T700SSD3", "ssd-m.2", "nvme", 1000),
    ("CT500MX500SSD4", "ssd-m.2", "sata", 500),
    ("SEDC1500M960G", "ssd-2.5", "nvme", 960),
    ("XS3840SE70104", "ssd-2.5", "sas", 3840),
    ("VO003840KWVMV", "ssd-2.5", "nvme", 3840),
    ("MO0800JFFCH", "ssd-2.5", "sas", 800),
    ("WD_BLACK SN850X 2000GB", "ssd-m.2", "nvme", 2000),
]


@pytest.mark.parametrize(("model", "inches", "rpm", "interface", "gigabytes"), HARD_DRIVES)
def test_a_hard_drives_number_tells_its_build(
    identity_of, model, inches, rpm, interface, gigabytes
):
    found = identity_of(model)
    assert found["kind"] == "hdd"
    assert found["form_factor_in"] == inches
    assert rpm in (None, found["rpm"])  # where the scheme is silent, letters alike may speak
    assert (found["interface"], found["capacity_gb"]) == (interface, gigabytes)


@pytest.mark.parametrize(("model", "item_class", "interface", "gigabytes"), SSDS)
def test_an_ssds_number_tells_its_build(identity_of, model, item_class, interface, gigabytes):
    found = identity_of(model)
    assert (found["kind"], found["item_class"]) == ("ssd", item_class)
    assert (found["interface"], found["capacity_gb"]) == (interface, gigabytes)


@pytest.mark.parametrize(
    ("model", "generation", "item_class"),
    [
        ("IBM ULTRIUM-HH8", "8", "tape-lto-half"),
        ("ULT3580-TD7", "7", "tape-lto-full"),
        ("HP Ultrium 6-SCSI", "6", "tape-unspecified"),
        ("HP Ultrium 3000", "5", "tape-unspecified"),
        ("TANDBERG LTO-4 HH", "4", "tape-lto-half"),
        ("LTO-9 HH SAS", "9", "tape-lto-half"),
    ],
)
def test_a_tape_drive_tells_its_generation(identity_of, model, generation, item_class):
    found = identity_of(model)
    assert (found["kind"], found["item_class"]) == ("tape_drive", item_class)
    assert found["generation"] == generation


def test_no_truth_here_is_a_labelled_string(tables):
    labelled = set(tables.frame("drive_string")["model"])
    assert labelled.isdisjoint(row[0] for row in (*HARD_DRIVES, *SSDS))
