"""A small invented company for the tests of the domain, and short ways to write documents."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from gateway.domain.decision import Context, Decision, Snapshot, StockLevel
from gateway.domain.table import decide
from gateway.model.despatch_advice import DespatchAdvice, DespatchLine, DespatchRefs
from gateway.model.documents import Document
from gateway.model.effects import (
    Effect,
    InvoiceSaved,
    NumbersTaken,
    OrderSaved,
    PackSaved,
    ReturnSaved,
    ShipmentSaved,
    StockMoved,
    UnitShipped,
)
from gateway.model.order import Order, OrderLine
from gateway.model.partner import Agreement, ItemRecord, OwnCompany, Partner, SupplierTerms
from gateway.model.values import DocumentRef, Item, PartnerId, PartyIdentifier, Quantity, party

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TODAY = NOW.date()
WAREHOUSE, SHOP_GLN, OTHER_GLN, SUPPLIER_GLN = "4099900000018", "4099910000015", "4099920000012", "4099930000019"
TEA, RICE, SOAP, OLD = "04099900000100", "04099900000117", "04099900000124", "04099900000131"


def partner(name: str, gln: str, role: str = "customer", kind: str = "partner") -> Partner:
    return Partner(
        id=PartnerId(name),
        name=name.title(),
        role=role,  # type: ignore[arg-type]
        kind=kind,  # type: ignore[arg-type]
        ids=(PartyIdentifier(scheme="0088", value=gln),),
    )


SELF = partner("self", "4099900000001", "none", "self")
HOUSE = partner("warehouse", WAREHOUSE, "none", "house")
SHOP = partner("shop", SHOP_GLN)
OTHER = partner("other", OTHER_GLN)
FARM = partner("farm", SUPPLIER_GLN, "supplier")
PARTNERS = {each.id: each for each in (SELF, HOUSE, SHOP, OTHER, FARM)}


def item(gtin: str, name: str, **more: object) -> ItemRecord:
    facts: dict[str, object] = {
        "supplier": "farm",
        "supplier_item": f"F-{name}",
        "pack": Decimal(12),
        "sales_price": Decimal("2.50"),
        "purchase_price": Decimal("1.40"),
    }
    return ItemRecord(gtin=gtin, name=name, **(facts | more))  # type: ignore[arg-type]


OWN = OwnCompany(
    partner=SELF,
    warehouse=WAREHOUSE,
    items={
        each.gtin: each
        for each in (item(TEA, "tea"), item(RICE, "rice"), item(SOAP, "soap"), item(OLD, "old", active=False))
    },
    suppliers={"farm": SupplierTerms(partner="farm", lead_time_days=3, review_days=1)},
)


def context(who: Partner = SHOP, serial: int = 7, own: OwnCompany = OWN, **agreed: object) -> Context:
    agreement = Agreement(direction="receive", mapping="eancom-1997/ORDERS", over="as2", **agreed)  # type: ignore[arg-type]
    return Context(partner=who, own=own, partners=PARTNERS, now=NOW, serial=serial, agreement=agreement)


def units(value: object) -> Quantity:
    return Quantity(value=Decimal(str(value)))


def order(*lines: tuple[str, str, object], number: str = "A1", **more: object) -> Order:
    """lines: (line number, GTIN, quantity)."""
    facts: dict[str, object] = {
        "issued_at": TODAY,
        "buyer": party(SHOP_GLN, "Shop"),
        "seller": party("4099900000001", "Us"),
    }
    made = tuple(OrderLine(number=n, item=Item(gtin=gtin), quantity=units(value)) for n, gtin, value in lines)
    return Order(id=number, lines=made, **(facts | more))  # type: ignore[arg-type]


def level(on_hand: object = 0, allocated: object = 0, **more: object) -> StockLevel:
    facts = {"on_hand": on_hand, "allocated": allocated, **more}
    return StockLevel(**{name: Decimal(str(value)) for name, value in facts.items()})


def despatch(
    *lines: tuple[str | None, str, object], to: str = "A1", number: str = "D1", buyer: str = SHOP_GLN
) -> DespatchAdvice:
    """lines: (order line, GTIN, quantity)."""
    return DespatchAdvice(
        id=number,
        issued_at=NOW,
        seller=party("4099900000001"),
        buyer=party(buyer),
        refs=DespatchRefs(order=DocumentRef(id=to)),
        lines=tuple(
            DespatchLine(
                number=str(n),
                item=Item(gtin=gtin),
                despatched_quantity=units(value),
                order=DocumentRef(id=to, line=line) if line else None,
            )
            for n, (line, gtin, value) in enumerate(lines, start=1)
        ),
    )


class Records:
    """Remembers what effects say, as a journal would, so that a test can play several documents in a row."""

    def __init__(self, **stock: StockLevel) -> None:
        self.stock: dict[str, StockLevel] = {}
        self.orders: dict[tuple[str, str, str], OrderSaved] = {}
        self.shipments: dict[tuple[str, str, str], ShipmentSaved] = {}
        self.invoices: dict[tuple[str, str, str], InvoiceSaved] = {}
        self.returns: dict[tuple[str, str, str], ReturnSaved] = {}
        self.proposals: dict[str, object] = {}
        self.daily_sales: dict[str, dict[date, Decimal]] = defaultdict(dict)
        self.packs: tuple[PackSaved, ...] = ()
        self.ranges: dict[str, int] = {}
        self.units: dict[str, tuple[UnitShipped, datetime]] = {}
        self.serial = 0

    def snapshot(self) -> Snapshot:
        return Snapshot(
            orders=dict(self.orders),  # type: ignore[arg-type]
            shipments=dict(self.shipments),  # type: ignore[arg-type]
            stock=dict(self.stock),
            proposals=dict(self.proposals),  # type: ignore[arg-type]
            invoices=dict(self.invoices),  # type: ignore[arg-type]
            returns=dict(self.returns),  # type: ignore[arg-type]
            daily_sales=self.daily_sales,
            packs=self.packs,
            ranges=dict(self.ranges),
            units=dict(self.units),
        )

    def take(self, document: Document, who: Partner = SHOP, **agreed: object) -> Decision:
        """Decide document and remember the effects."""
        self.serial += 1
        own = agreed.pop("own", OWN)
        made = decide(document, context(who, self.serial, own, **agreed), self.snapshot())  # type: ignore[arg-type]
        self.remember(made.effects)
        return made

    def remember(self, effects: Iterable[Effect]) -> None:
        seen = set()
        for each in effects:
            assert (type(each), each.key) not in seen, f"effect key {each.key} twice"
            seen.add((type(each), each.key))
            assert len(each.key) <= 200
            if isinstance(each, StockMoved):
                before = self.stock.get(each.gtin, StockLevel())
                value = getattr(before, each.measure) + each.delta
                self.stock[each.gtin] = replace(before, **{each.measure: value})
            elif isinstance(each, OrderSaved):
                self.orders[each.side, each.partner, each.number] = each
            elif isinstance(each, ShipmentSaved):
                self.shipments[each.side, each.partner, each.number] = each
            elif isinstance(each, InvoiceSaved):
                self.invoices[each.side, each.partner, each.number] = each
            elif isinstance(each, ReturnSaved):
                self.returns[each.side, each.partner, each.number] = each
            elif isinstance(each, NumbersTaken):
                assert self.ranges.get(each.range, 0) == each.start
                self.ranges[each.range] = each.last
            elif isinstance(each, UnitShipped):
                self.units[each.sscc] = (each, NOW)
            elif hasattr(each, "proposal"):
                self.proposals[each.proposal.id] = each.proposal


def only(kind: type, decision: Decision) -> list:  # type: ignore[type-arg]
    return [each for each in decision.effects if isinstance(each, kind)]


def answered(decision: Decision, to: str) -> list:  # type: ignore[type-arg]
    return [each.document for each in decision.answers if each.to == to]


def codes(decision: Decision) -> list[str]:
    return [each.code for each in decision.findings]
