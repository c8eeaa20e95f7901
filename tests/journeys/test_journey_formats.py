"""A small partner's files through a whole gateway: CSV by HTTP and by folder, XML of its own with a schema of its own,
UBL in a business document header. No line of Python is written for any of them."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession

from tests.journeys import papers
from tests.journeys.stage import ROOT, free_ports

OURS, WAREHOUSE, SHOP = "9521001000000", "9521001000017", "9521006000005"
OATS, FLOUR = "9521001100014", "9521001100021"
DAY, WISH = "2026-11-01", "2026-11-05"
SBD = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"

PARTNER = f"""
name: Dorfladen Seewis
role: customer
gln: "{SHOP}"
channels:
  http: {{}}
  folder: {{folder: dorfladen}}
agreements:
  - {{receive: csv/Order, over: folder}}
  - {{receive: csv/SalesReport, over: http}}
  - {{receive: ubl-2.1/Order, over: http}}
  - {{receive: dorf/Bestellung, over: http}}
  - {{send: csv/OrderResponse, over: folder}}
  - {{send: ubl-2.1/OrderResponse, over: folder, envelope: sbdh}}
"""
HOUSE = f"""
name: Lager
kind: house
gln: "{WAREHOUSE}"
channels: {{http: {{}}}}
agreements:
  - {{receive: canonical/InventoryReport, over: http}}
"""
OWN_MAPPING = f"""
mapping: dorf/Bestellung
document: Order
syntax:
  kind: xml
  root: d:Bestellung
  namespaces: {{d: 'urn:dorfladen:bestellung'}}
  schema: dorfladen
  attributes: {{unit: einheit, scheme: none}}
fields:
  id: '@nummer'
  issuedAt: {{path: d:Datum, as: date}}
  buyer.ids: {{path: d:Laden, as: endpoint-id}}
  seller.ids: {{default: '{OURS}', as: endpoint-id}}
  requestedDelivery: {{path: d:Wunschtag, as: date}}
  lines:
    each: d:Posten
    fields:
      number: '@nr'
      item.gtin: {{path: d:EAN, as: gtin}}
      quantity: d:Menge
"""
SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:dorfladen:bestellung"
  targetNamespace="urn:dorfladen:bestellung" elementFormDefault="qualified">
  <xs:element name="Bestellung"><xs:complexType><xs:sequence>
    <xs:element name="Datum" type="xs:date"/>
    <xs:element name="Laden" type="xs:string"/>
    <xs:element name="Wunschtag" type="xs:date" minOccurs="0"/>
    <xs:element name="Posten" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="EAN" type="xs:string"/>
      <xs:element name="Menge"><xs:complexType><xs:simpleContent><xs:extension base="xs:decimal">
        <xs:attribute name="einheit" type="xs:string"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
    </xs:sequence><xs:attribute name="nr" type="xs:positiveInteger" use="required"/></xs:complexType></xs:element>
  </xs:sequence><xs:attribute name="nummer" type="xs:string" use="required"/></xs:complexType></xs:element>
</xs:schema>
"""


def own_order(number: str, quantity: str) -> str:
    return (
        f'<Bestellung xmlns="urn:dorfladen:bestellung" nummer="{number}">\n<Datum>{DAY}</Datum>\n<Laden>{SHOP}</Laden>\n'
        f'<Wunschtag>{WISH}</Wunschtag>\n<Posten nr="1"><EAN>{OATS}</EAN>\n'
        f'<Menge einheit="H87">{quantity}</Menge></Posten>\n</Bestellung>'
    )


def in_header(body: str, instance: str) -> str:
    return (
        f'<StandardBusinessDocument xmlns="{SBD}"><StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion>'
        f'<Sender><Identifier Authority="iso6523-actorid-upis">0088:{SHOP}</Identifier></Sender>'
        f'<Receiver><Identifier Authority="iso6523-actorid-upis">0088:{OURS}</Identifier></Receiver>'
        f"<DocumentIdentification><InstanceIdentifier>{instance}</InstanceIdentifier><Type>Order</Type>"
        f"</DocumentIdentification></StandardBusinessDocumentHeader>{body.partition('?>')[2] or body}"
        "</StandardBusinessDocument>"
    )


def ran(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@dataclass(kw_only=True)
class Small:
    """One running instance."""

    folder: Path
    url: str
    keys: dict[str, str]
    session: ClientSession

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.folder}/var/journal.sqlite?mode=ro", uri=True) as connection:
            return connection.execute(query, values).fetchall()

    async def post(self, data: str, content_type: str, partner: str = "dorfladen") -> tuple[str, list[dict[str, Any]]]:
        """Post data; return the state of its first message, and the findings kept with it."""
        headers = {"Authorization": f"Bearer {self.keys[partner]}", "Content-Type": content_type}
        async with self.session.post(f"{self.url}/inbox", data=data.encode(), headers=headers) as response:
            body = await response.json()
            assert response.status == 202, body
        query = "SELECT state, findings FROM message WHERE arrival = ?"
        async with asyncio.timeout(30):
            while not (found := self.rows(query, body["id"])) or found[0][0] in ("received", "parsed", "applied"):
                await asyncio.sleep(0.05)
        return found[0][0], json.loads(found[0][1] or "[]")

    async def answer(self, suffix: str, count: int = 1) -> list[str]:
        """Wait for files in the partner's folder."""
        out = self.folder / "var" / "folders" / "dorfladen" / "out"
        async with asyncio.timeout(30):
            while len(found := sorted(out.glob(f"*{suffix}"))) < count:
                await asyncio.sleep(0.05)
        return [each.read_text() for each in found]


@asynccontextmanager
async def small(folder: Path) -> AsyncIterator[Small]:
    partners_port, console_port, portal_port = free_ports(3)
    ports = (
        "--partners-port",
        str(partners_port),
        "--console-port",
        str(console_port),
        "--portal-port",
        str(portal_port),
    )
    ran(folder.parent, "init", str(folder), "--gln", OURS, "--name", "Lindwerder", *ports)
    own = folder / "partners" / "self"
    (own / "tables").mkdir(exist_ok=True)
    items = (ROOT / "partners" / "self" / "tables" / "items.csv").read_text().replace(",quellhof,", ",,")
    (own / "tables" / "items.csv").write_text(items)
    company = (own / "partner.yaml").read_text().replace(f'warehouse: "{OURS}"', f'warehouse: "{WAREHOUSE}"')
    (own / "partner.yaml").write_text(company)
    for name, text in (("dorfladen", PARTNER), ("lager", HOUSE)):
        (folder / "partners" / name / "mappings").mkdir(parents=True)
        (folder / "partners" / name / "partner.yaml").write_text(text)
    (folder / "partners" / "dorfladen" / "mappings" / "bestellung.yaml").write_text(OWN_MAPPING)
    (folder / "bestellung.xsd").write_text(SCHEMA)
    ran(folder, "schemas", "import", "bestellung.xsd", "--as", "dorfladen")
    ran(folder, "apply")
    keys = {name: ran(folder, "api-keys", "issue", f"{name}-key", "--partner", name) for name in ("dorfladen", "lager")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "run", cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with ClientSession() as session:
            url = f"http://127.0.0.1:{partners_port}"
            async with asyncio.timeout(60):
                while not await is_up(session, url):
                    await asyncio.sleep(0.1)
            yield Small(folder=folder, url=url, keys=keys, session=session)
    finally:
        process.terminate()
        await process.wait()


async def is_up(session: ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/inbox/x") as response:
            return response.status in (401, 404)
    except ClientError:
        return False


async def test_a_small_partners_files_become_orders_sales_and_answers(tmp_path: Path) -> None:
    async with small(tmp_path / "instance") as gateway:
        counted = papers.stock_count("C-1", WAREHOUSE, [(f"0{OATS}", "40"), (f"0{FLOUR}", "20")], when=DAY)
        assert await gateway.post(counted, "application/json", "lager") == ("done", [])

        sales = "report;report date;reporter GLN;receiver GLN;location GLN;from;to;GTIN;sold\n"
        sales += "".join(f"S1;{DAY};{SHOP};{OURS};{SHOP};{DAY};{DAY};{g};{n}\n" for g, n in ((OATS, 7), (FLOUR, 3)))
        state, _ = await gateway.post(sales, "text/csv")
        assert state == "done"
        facts = gateway.rows("SELECT gtin, sold FROM sales WHERE partner = 'dorfladen' ORDER BY gtin")
        assert facts == [(f"0{OATS}", 7000), (f"0{FLOUR}", 3000)]

        order = (
            f"order;order date;buyer GLN;seller GLN;ship-to GLN;delivery date;line;GTIN;quantity\nPO-1;{DAY};{SHOP};"
        )
        order += f"{OURS};{SHOP};{WISH};1;{OATS};5\n"
        (gateway.folder / "var" / "folders" / "dorfladen" / "in" / "order.csv").write_text(order)
        (answer,) = await gateway.answer(".csv")
        titles, row = (line.split(";") for line in answer.splitlines())
        said = dict(zip(titles, row, strict=True))
        assert (said["order"], said["order line"], said["GTIN"], said["confirmed"]) == ("PO-1", "1", OATS, "5")
        allocated = gateway.rows("SELECT allocated FROM stock WHERE gtin = ? AND location = ?", f"0{OATS}", WAREHOUSE)
        assert allocated == [(5000,)]

        ubl = papers.ubl_order("PO-2", SHOP, OURS, SHOP, [(FLOUR, "2")], when=DAY)
        assert (await gateway.post(in_header(ubl, "i-1"), "application/xml"))[0] == "done"
        (answer,) = await gateway.answer(".xml")
        assert "<Type>OrderResponse</Type>" in answer
        assert f">0088:{SHOP}</Identifier>" in answer
        assert "PO-2" in answer

        state, findings = await gateway.post(ubl.replace(f">{DAY}<", ">1.11.2026<"), "application/xml")
        if (ROOT / "schemas" / "xsd" / "ubl-2.1").is_dir():
            assert (state, findings[0]["code"]) == ("parked", "xml.schema-value")
            assert findings[0]["where"]["path"] == "/Order/IssueDate"
            shown = ran(gateway.folder, "messages", "list", "--json")
            assert "xml.schema-value" in shown

        assert (await gateway.post(own_order("B-1", "4"), "application/xml"))[0] == "done"
        orders = gateway.rows("SELECT number FROM business_order WHERE number = 'B-1'")
        assert orders == [("B-1",)]
        state, findings = await gateway.post(own_order("B-2", "vier"), "application/xml")
        assert (state, findings[0]["code"], findings[0]["value"]) == ("parked", "xml.schema-value", "vier")
        assert (findings[0]["where"]["line"], findings[0]["where"]["path"]) == (6, "/Bestellung/Posten/Menge")
