"""Headers of asset tools and of other languages."""

import pytest

from valuation.inventory.columns.names import HeaderTable
from valuation.tables import Tables


@pytest.fixture(scope="module")
def table(tables: Tables) -> HeaderTable:
    return HeaderTable.from_tables(tables)


@pytest.mark.parametrize(
    ("system", "names", "used"),
    [
        (
            "intune",
            (
                "Device name|Enrollment date|Last check-in|OS version|Serial number|Manufacturer|"
                "Model|Total storage|Compliance|Ownership"
            ),
            "host|||| serial|manufacturer|model|||",
        ),
        (
            "tanium",
            "Computer Name|Computer Serial Number|Manufacturer|Model|Chassis Type|Count",
            "host|serial|manufacturer|model|type|quantity",
        ),
        (
            "glpi",
            "Nom|Entité|Statut|Fabricant|Numéro de série|Type|Modèle|Lieu|Dernière modification",
            "host||status|manufacturer|serial|type|model|site|",
        ),
        (
            "sap-equipment",
            "EQUNR|EQKTX|HERST|TYPBZ|SERGE|SERNR|MATNR|SWERK|STORT|ANSDT|TPLNR",
            (
                "asset_tag|description|manufacturer|model|serial|serial|part_number|site|site|"
                "purchase_date|"
            ),
        ),
        (
            "maximo",
            "ASSETNUM|DESCRIPTION|SERIALNUM|MANUFACTURER|ITEMNUM|LOCATION|SITEID|STATUS|ORGID",
            "asset_tag|description|serial|manufacturer|part_number|site|site|status|",
        ),
        (
            "dctrack-api",
            "tiName|cmbMake|cmbModel|cmbLocation|tiSerialNumber|tiAssetNumber|cmbUPosition",
            "host|manufacturer|model|site|serial|asset_tag|",
        ),
        (
            "opendcim",
            "DataCenter|Cabinet|Position|Label|Height|Manufacturer|Model|Hostname|SerialNo|AssetTag",
            "site||| component_name||manufacturer|model|host|serial|asset_tag",
        ),
    ],
)
def test_an_asset_tool_is_recognised(
    system: str, names: str, used: str, table: HeaderTable
) -> None:
    found = table.match(names.split("|"))
    assert found.system == system
    pairs = zip(names.split("|"), used.split("|"), strict=True)
    assert found.column_of() == {name: ours.strip() for name, ours in pairs if ours.strip()}


@pytest.mark.parametrize(
    "names",
    [
        (
            "Seriennr.|Hersteller|Modell|Geräteart|Bezeichnung|Stk.|Teile-Nr.|Kapazität|Inventar-Nr.|"
            "Standort|Gerätestatus|Kaufdatum|Servername|Los-Nr."
        ),
        (
            "시리얼넘버|제조사|모델명|장비종류|제품설명|수량(EA)|파트넘버|디스크용량|자산관리번호|"
            "보관장소|장비상태|도입일자|호스트명|로트번호"
        ),
        (
            "製造番号|メーカー名|機種名|種別|説明|台数|部品番号|容量|資産管理番号|設置場所|状態|購入日|"
            "ホスト名|ロット番号"
        ),
        (
            "序列号|厂商|设备型号|资产类型|描述|数量|部件号|硬盘容量|资产编号|机房|资产状态|采购日期|"
            "主机名|批次号"
        ),
        (
            "N° de série|Constructeur|Modèle|Type de matériel|Désignation|Qté|"
            "Référence constructeur|Capacité disque|N° d'inventaire|Localisation|Statut|"
            "Date d'achat|Nom d'hôte|Numéro de lot"
        ),
        (
            "Nº de serie|Fabricante|Modelo|Tipo de equipo|Descripción|Cantidad|Número de parte|"
            "Capacidad|Número de inventario|Ubicación|Estado|Fecha de compra|"
            "Nombre del servidor|Lote"
        ),
    ],
)
def test_a_header_in_another_language_is_placed_whole(names: str, table: HeaderTable) -> None:
    expected = (
        "serial manufacturer model type description quantity part_number capacity asset_tag site "
        "status purchase_date host batch"
    )
    found = table.match(names.split("|"))
    ours = found.column_of()
    assert [ours.get(name) for name in names.split("|")] == expected.split()
