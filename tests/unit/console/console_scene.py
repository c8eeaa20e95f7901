"""A journal filled through its own transactions, and a console on it: what the tests of API and console look at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

from gateway.api.services import ConsoleSettings, Services
from gateway.console.app import make_console
from gateway.model import json_form
from gateway.model.effects import (
    ActivityAdded,
    CaseOpened,
    Effect,
    OrderLineState,
    OrderSaved,
    ProposalSaved,
    SalesRecorded,
    StockMoved,
)
from gateway.model.findings import Finding, Where
from gateway.model.order import Order, OrderLine, OrderResponse, OrderResponseLine
from gateway.model.partner import ItemRecord, OwnCompany, Partner, SupplierTerms
from gateway.model.payload import MemoryPayload
from gateway.model.replenishment import PlanReason, ProposalLine, ReplenishmentProposal
from gateway.model.sales_report import SalesLine, SalesReport
from gateway.model.values import Amount, DocumentRef, Item, PartyIdentifier, Quantity, party
from gateway.ports.journal import Tx
from gateway.ports.records import Arrival, NewInterchange, NewMessage, NewParcel, Proof, Wrapped
from gateway.store.access import Access
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from gateway.store.saved_views import SavedViews
from gateway.store.views import Views

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
WAREHOUSE = "9521001000017"
OATS, RICE, SALT = "09521001100014", "09521001100038", "09521001100052"
HOSTILE = '<script>alert("x")</script>'


@dataclass(frozen=True)
class Book:
    partners: dict[str, Partner]
    own: OwnCompany


def book() -> Book:
    def company(name: str, label: str, label_zh: str, role: str, gln: str) -> Partner:
        ids = (PartyIdentifier(scheme="0088", value=gln),)
        return Partner(id=name, name=label, name_zh=label_zh, role=role, ids=ids)

    partners = [
        company("nordmarkt", "Nordmarkt Handels AG", "北市零售集团", "customer", "9521002000009"),
        company("stadtkette", "Stadtkette eG", "城市连锁合作社", "customer", "9521003000008"),
        company("quellhof", "Quellhof Lebensmittel GmbH", "泉庄食品有限公司", "supplier", "9521004000007"),
        company("warehouse", "Warehouse Lindwerder", "林德韦德仓库", "none", WAREHOUSE),
        company("self", "Lindwerder Vertrieb GmbH", "林德韦德商贸有限公司", "both", "9521001000000"),
    ]
    items = [
        ItemRecord(gtin=OATS, name="Rolled oats 500 g", name_zh="燕麦片 500克", supplier="quellhof"),
        ItemRecord(gtin=RICE, name="Long-grain rice 1 kg", name_zh="长粒大米 1千克", supplier="quellhof"),
        ItemRecord(gtin=SALT, name="Sea salt 500 g", name_zh="海盐 500克", supplier="quellhof"),
    ]
    own = OwnCompany(
        partner=partners[-1],
        warehouse=WAREHOUSE,
        items={each.gtin: each for each in items},
        suppliers={"quellhof": SupplierTerms(partner="quellhof", approval_limit=Decimal(250))},
    )
    return Book({each.id: each for each in partners}, own)


def edifact_order(number: str, reference: str, lines: list[tuple[str, str, int]], day: str = "20261123") -> bytes:
    """Return an ORDERS interchange: lines are (GTIN, description, quantity)."""
    body = [
        f"UNH+{reference}+ORDERS:D:96A:UN:EAN008",
        f"BGM+220+{number}+9",
        "DTM+137:20261120:102",
        f"DTM+2:{day}:102",
        "NAD+BY+9521002000009::9",
        "NAD+SU+9521001000000::9",
        "NAD+DP+9521002000016::9",
        "CUX+2:EUR:9",
    ]
    for position, (gtin, text, quantity) in enumerate(lines, 1):
        body += [f"LIN+{position}++{gtin}:EN", f"IMD+F++:::{text}", f"QTY+21:{quantity}"]
    body += ["UNS+S", f"CNT+2:{len(lines)}"]
    body.append(f"UNT+{len(body) + 1}+{reference}")
    envelope = [f"UNB+UNOC:3+9521002000009:14+9521001000000:14+261120:0931+{reference}", *body, f"UNZ+1+{reference}"]
    return ("'\r\n".join(envelope) + "'\r\n").encode("latin-1")


def place(data: bytes, pattern: str, element: int | None = None, component: int | None = None, nth: int = 0) -> Where:
    """Return the place of the nth segment that matches pattern, as the reader would give it."""
    found = list(re.finditer(pattern.encode(), data))[nth]
    first = data.index(b"UNH")
    segment = data.count(b"'", first, found.start()) + 1
    tag = found.group().decode()[:3]
    return Where(segment=segment, tag=tag, element=element, component=component, offset=found.start())


def order(number: str, buyer: str, lines: list[tuple[str, str, int]]) -> Order:
    return Order(
        id=number,
        issued_at=date(2026, 11, 20),
        buyer=party(buyer),
        seller=party("9521001000000"),
        currency="EUR",
        requested_delivery=date(2026, 11, 23),
        lines=tuple(
            OrderLine(
                number=str(position),
                item=Item(gtin=gtin.rjust(14, "0"), description=text),
                quantity=Quantity(value=Decimal(quantity), per="gtin"),
            )
            for position, (gtin, text, quantity) in enumerate(lines, 1)
        ),
    )


def sources(data: bytes, lines: int) -> dict[str, Where]:
    found = {
        "id": place(data, "BGM", 2, 1),
        "issuedAt": place(data, r"DTM\+137", 1, 2),
        "requestedDelivery": place(data, r"DTM\+2:", 1, 2),
        "buyer": place(data, r"NAD\+BY", 2, 1),
        "seller": place(data, r"NAD\+SU", 2, 1),
        "currency": place(data, "CUX", 1, 2),
    }
    for line in range(lines):
        found |= {
            f"lines[{line}].number": place(data, "LIN", 1, 1, line),
            f"lines[{line}].item.gtin": place(data, "LIN", 3, 1, line),
            f"lines[{line}].item.description": place(data, "IMD", 3, 4, line),
            f"lines[{line}].quantity": place(data, r"QTY\+21", 1, 2, line),
        }
    return found


@dataclass
class Scene:
    """A journal in a folder and everything the console needs."""

    folder: Path
    now: datetime = NOW
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.journal = SqlJournal.open(self.folder / "journal.db", MemoryBlobs())
        self.access = Access(self.journal.reader, self.journal)
        self.views = Views(self.journal.reader)
        self.book = book()
        self._ids = count(1)

    def services(self, settings: ConsoleSettings | None = None) -> Services:
        return Services(
            views=self.views,
            access=self.access,
            saved=SavedViews(self.journal.reader, self.journal),
            actions=Acting(self),
            book=lambda: self.book,
            clock=Clock(self),
            wall=Clock(self),
            settings=settings or ConsoleSettings(title="Lindwerder"),
        )

    def app(self, settings: ConsoleSettings | None = None):
        return make_console(self.services(settings))

    def next_id(self) -> str:
        return f"019a0000-0000-7000-8000-{next(self._ids):012d}"

    def receive(
        self,
        data: bytes,
        *,
        at: datetime,
        partner: str = "nordmarkt",
        channel: str = "as2",
        filename: str | None = None,
        content_type: str = "application/edifact",
        test: bool = False,
        messages: tuple[NewMessage, ...] = (),
        interchange: NewInterchange | None = None,
        fault: Finding | None = None,
    ) -> str:
        arrival = Arrival(
            id=self.next_id(),
            channel=channel,
            partner=partner,
            payload=MemoryPayload(data),
            content_type=content_type,
            filename=filename,
            transport_id=f"<{partner}-{at:%H%M%S}@example>" if channel == "as2" else None,
            test=test,
            evidence={"signature": "valid", "algorithm": "sha-256"} if channel == "as2" else {},
        )

        def accept(tx: Tx) -> None:
            tx.add_arrival(arrival, f"partner:{partner}", at)

        def prepare(tx: Tx) -> None:
            claim = tx.claim_lane(f"partner:{partner}", "test", at, timedelta(seconds=30))
            assert claim is not None
            later = at + timedelta(milliseconds=90)
            if messages or fault is None:
                found = (interchange,) if interchange else ()
                tx.store_prepared(claim, arrival.id, "parsed", found, messages, later)
            else:
                tx.finish_arrival(claim, arrival.id, "parked", later, fault=fault)
            tx.release_lane(claim)

        self.journal.write(accept)
        self.journal.write(prepare)
        return arrival.id

    def finish(
        self, message: NewMessage, at: datetime, effects: tuple[Effect, ...] = (), parcels: tuple[NewParcel, ...] = ()
    ) -> None:
        def apply(tx: Tx) -> None:
            lane = next(each for each in tx.lanes_with_work(at) if each)
            claim = tx.claim_lane(lane, "test", at, timedelta(seconds=30))
            assert claim is not None
            tx.write_effects(message.id, effects, at, test=message.test)
            tx.add_parcels(parcels, at)
            tx.finish_message(claim, message.id, "applied", at)
            tx.release_lane(claim)

        self.journal.write(apply)

    def park(self, message: NewMessage, at: datetime, fault: Finding, owner: str) -> None:
        def apply(tx: Tx) -> None:
            lane = next(each for each in tx.lanes_with_work(at) if each)
            claim = tx.claim_lane(lane, "test", at, timedelta(seconds=30))
            assert claim is not None
            tx.finish_message(claim, message.id, "parked", at, fault=fault, owner=owner)
            tx.release_lane(claim)

        self.journal.write(apply)

    def deliver(self, at: datetime, *, fault: Finding | None = None) -> None:
        """Send everything that is due: proved, or refused with fault."""

        def work(tx: Tx) -> None:
            for parcel in tx.claim_parcels("test", at, timedelta(seconds=30), 50):
                headers = (("AS2-From", "LINDWERDER-AS2"), ("Message-ID", f"<{parcel.id}@lindwerder>"))
                wrapped = Wrapped(headers=headers, body=b"sealed", transport_id=f"<{parcel.id}@lindwerder>")
                tx.store_wrapped(parcel, wrapped, at + timedelta(milliseconds=30))
                if fault is None:
                    proof = Proof(state="acked", evidence={"disposition": "processed", "mic": "equal"}, body=b"MDN")
                    tx.settle(parcel, "acked", at + timedelta(milliseconds=400), proof=proof)
                else:
                    tx.settle(parcel, "refused", at + timedelta(milliseconds=400), fault=fault)

        self.journal.write(work)

    def close(self) -> None:
        self.journal.close()


@dataclass
class Clock:
    scene: Scene

    def now(self) -> datetime:
        return self.scene.now


@dataclass
class Acting:
    """Replay and resend on the journal itself; decisions are noted, as their processing is not the console's."""

    scene: Scene

    async def replay(self, message_or_arrival_id: str, user: str) -> None:
        self.scene.journal.write(lambda tx: tx.replay(message_or_arrival_id, user, self.scene.now))

    async def resend(self, parcel_id: str, user: str) -> None:
        self.scene.journal.write(lambda tx: tx.resend(parcel_id, user, self.scene.now))

    async def resubmit(self, message_or_arrival_id: str, data: bytes, reason: str, user: str) -> str:
        self.scene.calls.append(("resubmit", message_or_arrival_id, data.decode("latin-1"), reason, user))
        return message_or_arrival_id

    async def decide_proposal(self, proposal_id: str, decision: str, user: str) -> str:
        self.scene.calls.append((decision, proposal_id, user))
        return "arrival"

    async def request_plan(self, user: str, supplier: str | None = None) -> str:
        self.scene.calls.append(("plan", supplier or "", user))
        return "arrival"


def _read(scene: Scene, data: bytes, number: str, lines: list[tuple[str, str, int]], **changes: object) -> NewMessage:
    values: dict[str, object] = {
        "id": scene.next_id(),
        "position": 0,
        "state": "parsed",
        "type": "ORDERS",
        "mapping": "eancom-1997/ORDERS",
        "reference": number[-4:],
        "document_type": "Order",
        "document": json_form.dumps(order(number, "9521002000009", lines)),
        "business_number": number,
        "sources": sources(data, len(lines)),
        "start": data.index(b"UNH"),
        "end": data.index(b"UNZ"),
        "interchange": 0,
    }
    return NewMessage(**{**values, **changes})  # type: ignore[arg-type]


def _envelope(number: str, *, test: bool = False) -> NewInterchange:
    return NewInterchange(
        syntax="edifact",
        sender="9521002000009",
        receiver="9521001000000",
        reference=number[-4:],
        test=test,
        status="accepted",
    )


def _order_effects(partner: str, number: str, lines: list[tuple[str, str, int]]) -> tuple[Effect, ...]:
    states = tuple(
        OrderLineState(
            number=str(position),
            gtin=gtin.rjust(14, "0"),
            ordered=Decimal(quantity),
            confirmed=Decimal(quantity),
            status="accepted",
            promised="2026-11-23",
        )
        for position, (gtin, _, quantity) in enumerate(lines, 1)
    )
    total = sum(Decimal(quantity) for _, _, quantity in lines)
    moved = (
        StockMoved(
            key=f"line:{each.number}",
            gtin=each.gtin,
            location=WAREHOUSE,
            measure="allocated",
            delta=each.confirmed,
            reason="order-allocated",
            reference=number,
        )
        for each in states
    )
    saved = OrderSaved(
        key="order",
        side="sale",
        partner=partner,
        number=number,
        status="open",
        ordered_on=date(2026, 11, 20),
        lines=states,
        ship_to="9521002000016",
        currency="EUR",
    )
    figures = {
        "orders": Decimal(1),
        "order_lines": Decimal(len(lines)),
        "units_ordered": total,
        "units_confirmed": total,
        "order_value": total * Decimal("1.89"),
    }
    activity = ActivityAdded(key="a", account=partner, kind="order-received", reference=number, figures=figures)
    return (*moved, saved, activity)


def _answer(scene: Scene, message: NewMessage, partner: str, number: str, channel: str, mapping: str) -> NewParcel:
    response = OrderResponse(
        id="OR" + number[-6:],
        issued_at=NOW.date(),
        status="accepted",
        order=DocumentRef(id=number),
        buyer=party("9521002000009"),
        seller=party("9521001000000"),
        lines=(OrderResponseLine(number="1", order_line="1", status="accepted", item=Item(gtin=OATS)),),
    )
    body = f"UNH+1+ORDRSP:D:96A:UN:EAN005'BGM+231+{response.id}+29'DTM+137:20261120:102'UNT+4+1'"
    return NewParcel(
        id=scene.next_id(),
        partner=partner,
        channel=channel,
        mapping=mapping,
        document_type="OrderResponse",
        payload=body.encode(),
        content_type="application/edifact",
        filename=f"{response.id}.edi",
        business_number=response.id,
        control_reference="417",
        document=json_form.dumps(response),
        cause=message.id,
        about=number,
    )


def fill(scene: Scene) -> dict[str, str]:
    """Write a small morning of trade; return the ids of what the tests look at, by name."""
    ids: dict[str, str] = {}
    _opening(scene)
    lines = [("9521001100014", "Rolled oats 500 g", 240), ("9521001100038", "Long-grain rice 1 kg", 120)]
    for step in range(6):
        _good_order(scene, f"450001882{step}", lines, NOW - timedelta(hours=9 - step, minutes=7))
    ids["good"] = _good_order(scene, "4500018831", lines, NOW - timedelta(minutes=24))
    ids["parcel"] = scene.views.message(ids["good"]).parcels[0].id  # type: ignore[union-attr]
    _sales(scene)
    ids["test"] = _test_order(scene, lines)
    ids["hostile"] = _hostile_order(scene)
    ids["parked"] = _broken_order(scene)
    ids["unread"] = scene.receive(
        b"\x89PNG not a document",
        at=NOW - timedelta(minutes=3),
        partner="stadtkette",
        channel="http",
        filename="scan 20261120.png",
        content_type="application/octet-stream",
        fault=Finding(code="json.not-a-document", value="\x89PNG"),
    )
    ids["refused"] = _refused(scene)
    ids["proposal"] = _proposal(scene)
    return ids


def _opening(scene: Scene) -> None:
    data = b'{"document":"InventoryReport"}'
    message = NewMessage(
        id=scene.next_id(),
        position=0,
        state="parsed",
        type="InventoryReport",
        document_type="InventoryReport",
        business_number="IR-1",
        document=data.decode(),
        end=len(data),
    )
    at = NOW - timedelta(hours=20)
    scene.receive(
        data, at=at, partner="warehouse", channel="http", content_type="application/json", messages=(message,)
    )
    counted = tuple(
        StockMoved(
            key=f"{gtin}:{measure}",
            gtin=gtin,
            location=WAREHOUSE,
            measure=measure,  # type: ignore[arg-type]
            delta=Decimal(units),
            reason="counted",
            reference="IR-1",
        )
        for gtin, measure, units in (
            (OATS, "on_hand", 3120),
            (RICE, "on_hand", 1840),
            (SALT, "on_hand", 96),
            (SALT, "backordered", 48),
            (OATS, "in_transit", 600),
            (SALT, "on_order", 480),
        )
    )
    scene.finish(message, at + timedelta(milliseconds=150), counted)


def _good_order(scene: Scene, number: str, lines: list[tuple[str, str, int]], at: datetime) -> str:
    data = edifact_order(number, number[-4:], lines)
    message = _read(scene, data, number, lines)
    scene.receive(data, at=at, filename=f"ORDERS-{number}.edi", messages=(message,), interchange=_envelope(number))
    answer = _answer(scene, message, "nordmarkt", number, "as2", "eancom-1997/ORDRSP")
    scene.finish(message, at + timedelta(milliseconds=210), _order_effects("nordmarkt", number, lines), (answer,))
    scene.deliver(at + timedelta(seconds=1))
    return message.id


def _sales(scene: Scene) -> None:
    report = SalesReport(
        id="SR-20261119",
        issued_at=date(2026, 11, 20),
        reporter=party("9521003000008"),
        receiver=party("9521001000000"),
        lines=(SalesLine(item=Item(gtin=OATS), sold_quantity=Quantity(value=Decimal(37))),),
    )
    data = b"<ProductActivity>\n\n  <ID>SR-20261119</ID>\n  <Quantity>37</Quantity>\n</ProductActivity>\n"
    message = NewMessage(
        id=scene.next_id(),
        position=0,
        state="parsed",
        type="ProductActivity",
        mapping="ubl-2.1/ProductActivity",
        document_type="SalesReport",
        business_number=report.id,
        document=json_form.dumps(report),
        sources={"id": Where(line=3, path="/ProductActivity/ID")},
        end=len(data),
    )
    at = NOW - timedelta(minutes=51)
    scene.receive(
        data, at=at, partner="stadtkette", channel="http", content_type="application/xml", messages=(message,)
    )
    sold = SalesRecorded(
        key="s", partner="stadtkette", location="9521003000015", gtin=OATS, day=date(2026, 11, 19), sold=Decimal(37)
    )
    told = ActivityAdded(
        key="a", account="stadtkette", kind="sales-reported", reference=report.id, figures={"units_sold": Decimal(37)}
    )
    scene.finish(message, at + timedelta(milliseconds=180), (sold, told))


def _test_order(scene: Scene, lines: list[tuple[str, str, int]]) -> str:
    data = edifact_order("TEST-77", "T077", lines)
    message = _read(scene, data, "TEST-77", lines, test=True)
    at = NOW - timedelta(minutes=14)
    scene.receive(data, at=at, test=True, messages=(message,), interchange=_envelope("TEST-77", test=True))
    scene.finish(message, at + timedelta(milliseconds=190), _order_effects("nordmarkt", "TEST-77", lines))
    return message.id


def _hostile_order(scene: Scene) -> str:
    lines = [("9521001100014", HOSTILE, 12)]
    data = edifact_order("4500018840", "8840", lines)
    message = _read(scene, data, "4500018840", lines)
    at = NOW - timedelta(minutes=9)
    scene.receive(data, at=at, filename=f"{HOSTILE}.edi", messages=(message,), interchange=_envelope("4500018840"))
    scene.finish(message, at + timedelta(milliseconds=240), _order_effects("nordmarkt", "4500018840", lines))
    return message.id


def _broken_order(scene: Scene) -> str:
    lines = [("9521001100014", "Rolled oats 500 g", 96), ("9521001109994", "Oat biscuits 200 g", 60)]
    data = edifact_order("4500018841", "8841", lines)
    message = _read(scene, data, "4500018841", lines)
    at = NOW - timedelta(minutes=6)
    scene.receive(
        data, at=at, filename="ORDERS-4500018841.edi", messages=(message,), interchange=_envelope("4500018841")
    )
    fault = Finding(code="item.unknown", where=place(data, "LIN", 3, 1, 1), value="9521001109994")
    scene.park(message, at + timedelta(milliseconds=230), fault, "us")
    return message.id


def _refused(scene: Scene) -> str:
    data = b'{"document":"DespatchAdvice","id":"WH-9"}'
    message = NewMessage(
        id=scene.next_id(),
        position=0,
        state="parsed",
        type="DespatchAdvice",
        document_type="DespatchAdvice",
        business_number="WH-9",
        document=data.decode(),
        end=len(data),
    )
    at = NOW - timedelta(minutes=2)
    scene.receive(
        data, at=at, partner="warehouse", channel="http", content_type="application/json", messages=(message,)
    )
    parcel = NewParcel(
        id=scene.next_id(),
        partner="stadtkette",
        channel="http",
        mapping="ubl-2.1/DespatchAdvice",
        document_type="DespatchAdvice",
        payload=b"<DespatchAdvice>\n  <ID>DA-000009</ID>\n</DespatchAdvice>\n",
        content_type="application/xml",
        filename="DA-000009.xml",
        business_number="DA-000009",
        cause=message.id,
    )
    scene.finish(message, at + timedelta(milliseconds=120), (), (parcel,))
    scene.deliver(
        at + timedelta(seconds=1),
        fault=Finding(code="http.refused", value="unknown order", params=(("status", "422"),)),
    )
    return parcel.id


def _proposal(scene: Scene) -> str:
    reason = PlanReason(
        daily_demand=Decimal("41.2857"),
        demand_deviation=Decimal("9.6113"),
        days_of_history=28,
        lead_time_days=3,
        review_days=1,
        service_factor=Decimal("1.64"),
        safety_stock=Decimal("31.5251"),
        reorder_point=Decimal("196.668"),
        order_up_to=Decimal("237.9537"),
        on_hand=Decimal(96),
        allocated=Decimal(0),
        backordered=Decimal(48),
        on_order=Decimal(0),
        in_transit=Decimal(0),
    )
    proposal = ReplenishmentProposal(
        id="RP000031-quellhof",
        issued_at=NOW.date(),
        supplier="quellhof",
        ship_to=WAREHOUSE,
        status="proposed",
        value=Amount(value=Decimal("412.80"), currency="EUR"),
        limit=Amount(value=Decimal(250), currency="EUR"),
        lines=(
            ProposalLine(
                number="1",
                item=Item(gtin=SALT),
                quantity=Quantity(value=Decimal(480)),
                price=Amount(value=Decimal("0.86"), currency="EUR"),
                reason=reason,
            ),
        ),
    )
    data = b'{"document":"PlanningRequest"}'
    message = NewMessage(
        id=scene.next_id(),
        position=0,
        state="parsed",
        type="PlanningRequest",
        document_type="PlanningRequest",
        business_number="PL-1",
        document=data.decode(),
        end=len(data),
    )
    at = NOW - timedelta(minutes=1)
    scene.receive(data, at=at, partner="self", channel="internal", content_type="application/json", messages=(message,))
    opened = CaseOpened(key="c", account="quellhof", code="plan.approval-needed", subject=proposal.id)
    scene.finish(message, at + timedelta(milliseconds=90), (ProposalSaved(key="p", proposal=proposal), opened))
    return proposal.id


def scenes(folder: Path) -> Iterator[Scene]:
    scene = Scene(folder)
    yield scene
    scene.close()
