"""A running node with its console and portal, and three partners that work in the portal alone."""

import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from gateway.app.actions import JournalActions
from gateway.app.instance import Instance, open_instance
from gateway.app.main import start
from gateway.app.node import Node
from gateway.config.scaffold import scaffold
from gateway.model.json_form import dumps
from gateway.model.payload import MemoryPayload
from gateway.model.price_catalogue import CatalogueItem, CataloguePrice, PriceCatalogue
from gateway.model.values import Amount, Item, party
from gateway.ports.records import Arrival

OURS, HOF, LADEN, FREMD = "9521001000000", "9521004000007", "9521002000009", "9521003000008"
OATS, RICE = "09521001100014", "09521001100038"
PARTNERS = {
    "hof": f"""\
name: Quellhof
role: supplier
gln: "{HOF}"
contact: {{email: hof@example.org}}
channels: {{portal: {{}}}}
agreements:
  - {{send: canonical/Order, over: portal}}
  - {{receive: canonical/OrderResponse, over: portal}}
  - {{receive: canonical/DespatchAdvice, over: portal}}
  - {{receive: canonical/PriceCatalogue, over: portal}}
  - {{receive: eancom-1997/DESADV, over: portal}}
""",
    "laden": f"""\
name: Eckladen
role: customer
mode: test
gln: "{LADEN}"
channels: {{portal: {{}}}}
agreements:
  - {{receive: eancom-1997/ORDERS, over: portal}}
""",
    "fremd": f"""\
name: Fremd
role: both
gln: "{FREMD}"
channels: {{portal: {{}}}}
agreements:
  - {{send: canonical/Order, over: portal}}
  - {{receive: canonical/OrderResponse, over: portal}}
  - {{receive: canonical/PriceCatalogue, over: portal}}
  - {{receive: canonical/SalesReport, over: portal}}
  - {{receive: canonical/InventoryReport, over: portal}}
  - {{receive: canonical/AgreementAct, over: portal}}
  - {{receive: canonical/Forecast, over: portal}}
""",
}
PASSWORD = "correct horse battery"


def free_ports(count: int) -> list[int]:
    taken = [socket.socket() for _ in range(count)]
    for each in taken:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in taken]
    for each in taken:
        each.close()
    return ports


@dataclass
class Visitor:
    """Somebody with a browser's cookies at one address."""

    base: str
    session: aiohttp.ClientSession
    csrf: str = ""

    async def get(self, path: str, status: int = 200) -> str:
        async with self.session.get(self.base + path, allow_redirects=False) as answer:
            text = await answer.text(errors="replace")
            assert answer.status == status, (path, answer.status, text[:2000])
        found = re.search(r'name="csrf" value="([^"]+)"', text)
        self.csrf = found[1] if found else self.csrf
        return text

    async def post(self, path: str, values: Any = None, *, status: int = 303) -> str:
        """Return where it leads, or the page for another status."""
        data = values
        if isinstance(values, dict) or values is None:
            data = {"csrf": self.csrf, **(values or {})}
        async with self.session.post(self.base + path, data=data, allow_redirects=False) as answer:
            text = await answer.text(errors="replace")
            assert answer.status == status, (path, answer.status, re.sub(r"<[^>]+>", " ", text)[:1500])
            return answer.headers.get("Location", "") if status == 303 else text

    async def upload(self, path: str, name: str, data: bytes, *, status: int, **values: str) -> str:
        form = aiohttp.FormData({"csrf": self.csrf, **values})
        form.add_field("file", data, filename=name)
        return await self.post(path, form, status=status)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


@dataclass
class World:
    instance: Instance
    node: Node
    console: str
    portal: str
    stack: AsyncExitStack

    async def visitor(self, base: str) -> Visitor:
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.stack.push_async_callback(session.close)
        return Visitor(base, session)

    async def person(self, partner: str, name: str = "") -> Visitor:
        """Return somebody of partner who has taken an invitation."""
        name = name or f"{partner}.1"
        link = self.instance.invitation(name, partner, by="test")
        visitor = await self.visitor(self.portal)
        path = link.removeprefix(self.portal)
        token = hidden(await visitor.get(path), "token")
        await visitor.post("/invitation", {"token": token, "new": PASSWORD, "again": PASSWORD})
        await visitor.get("/")
        return visitor

    async def staff(self, name: str = "anna", role: str = "admin") -> Visitor:
        if self.instance.access.user(name) is None:
            self.instance.access.add_user(name, role, self.instance.wall.now(), by="test")
        visitor = await self.visitor(self.console)
        async with visitor.session.get(self.instance.login_link(name), allow_redirects=False) as answer:
            assert answer.status == 303
        await visitor.get("/me")
        return visitor

    async def until(self, found: Callable[[], Any], seconds: float = 20.0) -> Any:
        """Wait for what the node does by itself."""
        import asyncio

        for _ in range(int(seconds / 0.05)):
            if result := found():
                return result
            await asyncio.sleep(0.05)
        raise AssertionError("it has not happened")

    async def order_from(self, supplier: str, gln: str, quantities: dict[str, int]) -> str:
        """Have our people buy from the supplier's catalogue; return the number of the order."""
        catalogue = PriceCatalogue(
            id=f"CAT-{supplier}",
            issued_at=date(2026, 1, 1),
            provider=party(gln),
            receiver=party(OURS),
            currency="EUR",
            lines=tuple(
                CatalogueItem(
                    item=Item(gtin=each, description="x"),
                    prices=(CataloguePrice(kind="net", amount=Amount(value=Decimal("1.20"), currency="EUR")),),
                )
                for each in quantities
            ),
        )
        instance = self.instance
        await self.node.accept(
            Arrival(
                id=f"019a0000-0000-7000-8000-{abs(hash(supplier)) % 10**12:012d}",
                channel="portal",
                partner=supplier,
                payload=MemoryPayload(dumps(catalogue).encode()),
                content_type="application/json",
            )
        )
        await self.until(lambda: len(instance.views.offers(list(quantities))) == len(quantities))
        actions = JournalActions(instance=instance, wake=self.node.wake_lane, wake_delivery=self.node.wake_delivery)
        for gtin, quantity in quantities.items():
            actions.put_in_basket("anna", supplier, gtin, Decimal(quantity))
        before = {each.number for each in instance.views.orders(side="purchase")}
        actions.order_basket("anna")
        orders = await self.until(
            lambda: [each for each in instance.views.orders(side="purchase") if each.number not in before]
        )
        return orders[0].number


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[World]:
    partners_port, console_port, portal_port = free_ports(3)
    scaffold(
        folder,
        name="Lindwerder",
        gln=OURS,
        partners_port=partners_port,
        console_port=console_port,
        portal_port=portal_port,
    )
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace("workers: 2", "workers: 1").replace("every_h: 24", "every_h: 0"))
    own = folder / "partners" / "self"
    text = (own / "partner.yaml").read_text()
    (own / "partner.yaml").write_text(text + 'sscc: {prefix: "9521001", extension: "0"}\n')
    (own / "tables" / "items.csv").write_text(
        "gtin,name,name_zh,unit,supplier,supplier_item,pack,sales_price,purchase_price,currency,active\n"
        f"{OATS},Rolled oats 500 g,燕麦片 500克,H87,hof,QH-1,1,1.89,1.20,EUR,true\n"
        f"{RICE},Long-grain rice 1 kg,长粒大米 1千克,H87,hof,QH-2,1,2.10,1.20,EUR,true\n"
    )
    (own / "tables" / "suppliers.csv").write_text(
        "partner,lead_time_days,review_days,service_factor,approval_limit,currency\n"
        "hof,3,1,1.64,100000,EUR\nfremd,3,1,1.64,100000,EUR\n"
    )
    (own / "planning.yaml").write_text(
        f'agreements:\n  - {{id: x, method: vmi, partner: fremd, places: ["{FREMD}"], calendar: {{lead_days: 1}}}}\n'
    )
    for name, said in PARTNERS.items():
        target = folder / "partners" / name / "partner.yaml"
        target.parent.mkdir(parents=True)
        target.write_text(said, encoding="utf-8")
    instance = open_instance(folder, take_folders=True)
    instance.keys.create_own("self", "Lindwerder", instance.wall.now())
    try:
        async with AsyncExitStack() as stack:
            node = await start(instance, stack)
            async with AsyncExitStack() as visitors:
                yield World(
                    instance,
                    node,
                    f"http://127.0.0.1:{console_port}",
                    f"http://127.0.0.1:{portal_port}",
                    visitors,
                )
    finally:
        instance.close()
