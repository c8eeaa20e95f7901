"""Our own house in CSV and in UBL instead of canonical JSON, by HTTP and by folder, both ways: counts, shipments and goods
that came back go in, orders come out. The files are written and read here by hand, sharing no code with the gateway."""

import asyncio
import csv
import io
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp import ClientSession
from click.testing import CliRunner

from gateway.cli.root import cli
from tests.journeys.month_papers import party
from tests.journeys.papers import UBL, ubl_despatch
from tests.journeys.stage import ROOT, free_ports
from tests.journeys.test_journey_formats import is_up

OURS, LAGER, SHOP = "9521001000000", "9521001000017", "9521006000005"
OATS = "9521001100014"
DAY = "2026-11-02"

SHOP_YAML = f"""
name: Dorfladen
role: customer
gln: "{SHOP}"
channels: {{http: {{}}}}
agreements:
  - {{receive: canonical/Order, over: http}}
  - {{receive: canonical/ReturnNotice, over: http}}
"""
HOUSE_YAML = f"""
name: Lager
kind: house
gln: "{LAGER}"
channels:
  http: {{}}
  folder: {{folder: lager}}
agreements:
"""


def table(**columns: str) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), delimiter=";")
    writer.writeheader()
    writer.writerow(columns)
    return out.getvalue()


class InCsv:
    """What the house says in CSV, and how its orders read."""

    content_type, suffix = "text/csv", "csv"
    agreements = """
  - {receive: csv/InventoryReport, over: http}
  - {receive: csv/DespatchAdvice, over: folder}
  - {receive: csv/ReceivingAdvice, over: http}
  - {receive: csv/PartyInfo, over: folder}
  - {send: csv/Order, over: folder}
"""

    def count(self, units: int) -> str:
        return table(
            **{"report": "C1", "report date": DAY, "reporter GLN": LAGER, "GTIN": OATS, "quantity": str(units)}
        )

    def shipment(self, order: str, units: int) -> str:
        head = f"H;W1;{DAY};original;{OURS};{SHOP};;;;;;{order};;;;;;;\r\n"
        return head + f"L;1;;{OATS};;;;;{units};;{order};1;;;;;;;\r\n"

    def came_back(self, number: str, units: int) -> str:
        head = {
            "receipt": "B1",
            "receipt date": DAY,
            "receiver GLN": LAGER,
            "seller GLN": OURS,
            "delivery note": number,
        }
        return table(**head, line="1", GTIN=OATS, received=str(units))

    def order(self, text: str) -> dict[str, str]:
        (row,) = csv.DictReader(io.StringIO(text), delimiter=";")
        return {"number": row["order"], "gtin": row["GTIN"], "units": row["quantity"], "buyer": row["buyer GLN"]}


class InUbl:
    """The same in UBL."""

    content_type, suffix = "application/xml", "xml"
    agreements = """
  - {receive: ubl-2.1/InventoryReport, over: http}
  - {receive: ubl-2.1/DespatchAdvice, over: folder}
  - {receive: ubl-2.1/ReceiptAdvice, over: http}
  - {send: ubl-2.1/Order, over: folder}
"""
    item = (
        "<cac:Item><cac:StandardItemIdentification>"
        f'<cbc:ID schemeID="0160">{OATS}</cbc:ID></cac:StandardItemIdentification></cac:Item>'
    )

    def _doc(self, root: str, number: str, content: str) -> str:
        space = f"urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
        head = f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{DAY}</cbc:IssueDate>"
        return f'<?xml version="1.0"?><{root} xmlns="{space}" {UBL}>{head}{content}</{root}>'

    def count(self, units: int) -> str:
        who = f'<cbc:EndpointID schemeID="0088">{LAGER}</cbc:EndpointID>'
        us = f'<cbc:EndpointID schemeID="0088">{OURS}</cbc:EndpointID>'
        return self._doc(
            "InventoryReport",
            "C1",
            f"<cac:InventoryPeriod><cbc:StartDate>{DAY}</cbc:StartDate><cbc:EndDate>{DAY}</cbc:EndDate>"
            f"</cac:InventoryPeriod><cac:RetailerCustomerParty><cac:Party>{who}</cac:Party></cac:RetailerCustomerParty>"
            f"<cac:InventoryReportingParty>{who}</cac:InventoryReportingParty>"
            f"<cac:SellerSupplierParty><cac:Party>{us}</cac:Party></cac:SellerSupplierParty><cac:InventoryReportLine>"
            f'<cbc:ID>1</cbc:ID><cbc:Quantity unitCode="H87">{units}</cbc:Quantity>'
            f"<cbc:AvailabilityStatusCode>ON_HAND</cbc:AvailabilityStatusCode>{self.item}<cac:InventoryLocation>"
            f'<cbc:ID schemeID="0088">{LAGER}</cbc:ID></cac:InventoryLocation></cac:InventoryReportLine>',
        )

    def shipment(self, order: str, units: int) -> str:
        return ubl_despatch("W1", order, OURS, SHOP, [(OATS, str(units))], when=DAY)

    def came_back(self, number: str, units: int) -> str:
        return self._doc(
            "ReceiptAdvice",
            "B1",
            f"<cac:AdditionalDocumentReference><cbc:ID>{number}</cbc:ID><cbc:DocumentTypeCode>270</cbc:DocumentTypeCode>"
            '</cac:AdditionalDocumentReference><cac:DeliveryCustomerParty><cac:Party><cbc:EndpointID schemeID="0088">'
            f"{LAGER}</cbc:EndpointID></cac:Party></cac:DeliveryCustomerParty><cac:DespatchSupplierParty><cac:Party>"
            f'<cbc:EndpointID schemeID="0088">{OURS}</cbc:EndpointID></cac:Party></cac:DespatchSupplierParty>'
            f'<cac:ReceiptLine><cbc:ID>1</cbc:ID><cbc:ReceivedQuantity unitCode="H87">{units}</cbc:ReceivedQuantity>'
            f"{self.item}</cac:ReceiptLine>",
        )

    def order(self, text: str) -> dict[str, str]:
        found = ElementTree.fromstring(text)
        cbc = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
        cac = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
        line = found.find(f"{cac}OrderLine/{cac}LineItem")
        assert line is not None
        buyer = found.find(f"{cac}BuyerCustomerParty/{cac}Party")
        assert buyer is not None
        (gln,) = re.findall(SHOP, "".join(buyer.itertext()))
        gtin = line.findtext(f"{cac}Item/{cac}StandardItemIdentification/{cbc}ID") or ""
        return {
            "number": found.findtext(f"{cbc}ID") or "",
            "gtin": gtin,
            "units": line.findtext(f"{cbc}Quantity") or "",
            "buyer": gln,
        }


Form = InCsv | InUbl


@dataclass(kw_only=True)
class World:
    folder: Path
    url: str
    keys: dict[str, str]
    session: ClientSession
    form: Form

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.folder}/var/journal.sqlite?mode=ro", uri=True) as connection:
            return connection.execute(query, values).fetchall()

    async def post(self, partner: str, data: str, content_type: str) -> None:
        """Post a document, and wait until it is decided."""
        headers = {"Authorization": f"Bearer {self.keys[partner]}", "Content-Type": content_type}
        async with self.session.post(f"{self.url}/inbox", data=data.encode(), headers=headers) as response:
            body = await response.json()
            assert response.status == 202, body
        await self.decided("arrival = ?", body["id"])

    async def decided(self, where: str, value: str) -> None:
        query = f"SELECT state, fault FROM message WHERE {where}"
        async with asyncio.timeout(30):
            while not (found := self.rows(query, value)) or found[0][0] in ("received", "parsed"):
                await asyncio.sleep(0.05)
        assert found[0][0] in ("applied", "done"), found

    async def put(self, name: str, data: str, number: str) -> None:
        """Put a file into the house's folder, and wait until its document is decided."""
        (self.folder / "var" / "folders" / "lager" / "in" / name).write_text(data)
        await self.decided("business_number = ?", number)

    async def fetched(self, count: int) -> list[dict[str, str]]:
        """Return the orders that have come out into the house's folder."""
        out = self.folder / "var" / "folders" / "lager" / "out"
        async with asyncio.timeout(30):
            while len(found := sorted(out.glob(f"*.{self.form.suffix}"))) < count:
                await asyncio.sleep(0.05)
        return [self.form.order(each.read_text()) for each in found]

    def stock(self) -> tuple[int, int]:
        (row,) = self.rows("SELECT on_hand, allocated FROM stock WHERE gtin = ? AND location = ?", f"0{OATS}", LAGER)
        return row[0] // 1000, row[1] // 1000


def ran(*words: str) -> str:
    done = CliRunner().invoke(cli, list(words))
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


@asynccontextmanager
async def opened(folder: Path, form: Form) -> AsyncIterator[World]:
    partners_port, console_port, portal_port = free_ports(3)
    ports = (
        "--partners-port",
        str(partners_port),
        "--console-port",
        str(console_port),
        "--portal-port",
        str(portal_port),
    )
    ran("init", str(folder), "--gln", OURS, "--name", "Lindwerder", *ports)
    own = folder / "partners" / "self"
    items = (ROOT / "partners" / "self" / "tables" / "items.csv").read_text().replace(",quellhof,", ",,")
    (own / "tables").mkdir(exist_ok=True)
    (own / "tables" / "items.csv").write_text(items)
    company = (own / "partner.yaml").read_text().replace(f'warehouse: "{OURS}"', f'warehouse: "{LAGER}"')
    (own / "partner.yaml").write_text(company)
    for name, text in (("laden", SHOP_YAML), ("lager", HOUSE_YAML + form.agreements)):
        (folder / "partners" / name).mkdir(parents=True)
        (folder / "partners" / name / "partner.yaml").write_text(text)
    here = ("--instance", str(folder))
    ran(*here, "apply")
    keys = {name: ran(*here, "api-keys", "issue", f"{name}-key", "--partner", name) for name in ("laden", "lager")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "run", cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with ClientSession() as session:
            url = f"http://127.0.0.1:{partners_port}"
            async with asyncio.timeout(60):
                while not await is_up(session, url):
                    await asyncio.sleep(0.1)
            yield World(folder=folder, url=url, keys=keys, session=session, form=form)
    finally:
        process.terminate()
        await process.wait()


def order(number: str, units: int) -> str:
    line = {"number": "1", "item": {"gtin": f"0{OATS}"}, "quantity": {"value": str(units), "unit": "H87"}}
    head = {"document": "Order", "id": number, "issuedAt": DAY, "buyer": party(SHOP), "seller": party(OURS)}
    return json.dumps({**head, "lines": [line]})


def announcement(number: str, units: int) -> str:
    line = {
        "number": "1",
        "item": {"gtin": f"0{OATS}"},
        "quantity": {"value": str(units), "unit": "H87"},
        "order": {"id": "PO-1"},
    }
    head = {"document": "ReturnNotice", "kind": "announcement", "id": number, "issuedAt": DAY}
    return json.dumps({**head, "buyer": party(SHOP), "seller": party(OURS), "lines": [line]})


@pytest.mark.parametrize("form", [InCsv(), InUbl()], ids=["csv", "ubl"])
async def test_the_house_counts_ships_and_takes_back_in_its_own_form(tmp_path: Path, form: Form) -> None:
    async with opened(tmp_path / "instance", form) as world:
        await world.post("lager", form.count(40), form.content_type)
        assert world.stock() == (40, 0)
        await world.post("laden", order("PO-1", 12), "application/json")
        assert world.stock() == (40, 12)
        assert await world.fetched(1) == [{"number": "PO-1", "gtin": OATS, "units": "12", "buyer": SHOP}]
        await world.put(f"W1.{form.suffix}", form.shipment("PO-1", 12), "W1")
        assert world.stock() == (28, 0)
        await world.post("laden", announcement("RA-1", 3), "application/json")
        await world.post("lager", form.came_back("RA-1", 3), form.content_type)
        assert world.stock() == (31, 0)
        if isinstance(form, InCsv):
            terms = {"list": "K1", "list date": "2020-01-01", "role": "customer", "GLN": SHOP, "credit limit": "10"}
            await world.put("customers.csv", table(**terms), "K1")
            await world.post("laden", order("PO-2", 30), "application/json")
            waiting = world.rows("SELECT status FROM business_order WHERE number = 'PO-2'")
            assert waiting == [("waiting",)], "the credit limit that the house has told holds the order"
