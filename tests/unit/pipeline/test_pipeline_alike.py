"""Orders in all their functions, and cross docks, come to the same in EDIFACT D.96A, in EDIFACT D.01B and in UBL."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from pipeline_scene import NORDMARKT, OATS, OURS, RICE, STADTKETTE, Line, book, envelope, message
from test_pipeline_despatch import SHOPS, shipment

from gateway.mapping.compiler import DocumentMapping
from gateway.model.partner import Agreement
from tests.journeys import month_papers, papers

Standard = Callable[[str], DocumentMapping]
Lines = tuple[tuple[str, str], ...]
DAY, ISO = "20261101", "2026-11-01"


class Edifact:
    """A customer that orders in EANCOM. release: of the directory; guide: EAN's association code of ORDERS."""

    def __init__(self, family: str, release: str, guide: str) -> None:
        self.family, self.version = family, f"D:{release}:UN:{guide}"
        self.partner, self.gln = "nordmarkt", NORDMARKT

    def _body(self, number: str, function: str, lines: Lines, shops: str = "") -> str:
        body = f"BGM+220+{number}+{function}'DTM+137:{DAY}:102'NAD+BY+{NORDMARKT}::9'NAD+SU+{OURS}::9'"
        goods = "SRV" if self.family == "eancom-2002" else "EN"
        body += "".join(f"LIN+{n}++{gtin}:{goods}'QTY+21:{units}'{shops}" for n, (gtin, units) in enumerate(lines, 1))
        return body + f"UNS+S'CNT+2:{len(lines)}'"

    def order(self, number: str, lines: Lines, function: str = "9", reference: str = "R1") -> bytes:
        return envelope(
            message("ORDERS", self._body(number, function, lines), kind_of=self.version), reference=reference
        )

    def copy(self, number: str, lines: Lines) -> bytes:
        return self.order(number, lines, "31", "R3")

    def cross_dock(self, number: str, gtin: str, parts: tuple[int, ...]) -> bytes:
        shops = "".join(f"LOC+7+{shop}::9'QTY+11:{n}'" for shop, n in zip(SHOPS, parts, strict=True))
        body = self._body(number, "9", ((gtin, str(sum(parts))),), shops)
        return envelope(message("ORDERS", body, kind_of=self.version))

    def change(self, number: str, line: str, gtin: str, units: str) -> bytes:
        guide = "EAN008" if self.family == "eancom-1997" else "EAN007"
        goods = "SRV" if self.family == "eancom-2002" else "EN"
        body = f"BGM+230+CH-1+4'DTM+137:{DAY}:102'RFF+ON:{number}'NAD+BY+{NORDMARKT}::9'NAD+SU+{OURS}::9'"
        body += f"LIN+{line}+3+{gtin}:{goods}'QTY+21:{units}'UNS+S'"
        version = self.version.rpartition(":")[0] + f":{guide}"
        return envelope(message("ORDCHG", body, kind_of=version), reference="R4")

    def cancellation(self, number: str) -> bytes:
        return self.order(number, ((OATS, "10"), (RICE, "5")), "1", "R5")

    def places(self, advice: str) -> list[tuple[str, str]]:
        """Return (shop, units) of each line of our despatch advice."""
        lines = advice.split("LIN+")[1:]
        found = [(re.search(r"LOC\+7\+(\d+)", each), re.search(r"QTY\+12:(\d+)", each)) for each in lines]
        return [(shop[1], units[1]) for shop, units in found if shop and units]


class Ubl:
    family, partner, gln = "ubl-2.1", "stadtkette", STADTKETTE

    def order(self, number: str, lines: Lines, function: str = "9", reference: str = "") -> bytes:
        return papers.ubl_order(number, STADTKETTE, OURS, STADTKETTE, lines, when=ISO).encode()

    def copy(self, number: str, lines: Lines) -> bytes:
        text = self.order(number, lines).decode()
        return text.replace("<cbc:IssueDate>", "<cbc:CopyIndicator>true</cbc:CopyIndicator><cbc:IssueDate>", 1).encode()

    def cross_dock(self, number: str, gtin: str, parts: tuple[int, ...]) -> bytes:
        text = self.order(number, ((gtin, str(sum(parts))),)).decode()
        shops = "".join(
            f'<cac:Delivery><cbc:Quantity unitCode="H87">{n}</cbc:Quantity><cac:DeliveryLocation>'
            f'<cbc:ID schemeID="0088">{shop}</cbc:ID></cac:DeliveryLocation></cac:Delivery>'
            for shop, n in zip(SHOPS, parts, strict=True)
        )
        return text.replace("<cac:Item>", f"{shops}<cac:Item>", 1).encode()

    def change(self, number: str, line: str, gtin: str, units: str) -> bytes:
        lines = [(line, "3", gtin, units)]
        return month_papers.ubl_change("CH-1", number, STADTKETTE, OURS, lines, when=ISO).encode()

    def cancellation(self, number: str) -> bytes:
        return month_papers.ubl_cancellation("CX-1", number, STADTKETTE, OURS, when=ISO).encode()

    def places(self, advice: str) -> list[tuple[str, str]]:
        lines = advice.split("<cac:DespatchLine>")[1:]
        found = [
            (re.search(rf">({'|'.join(SHOPS)})<", each), re.search(r"<cbc:DeliveredQuantity[^>]*>(\d+)<", each))
            for each in lines
        ]
        return [(shop[1], units[1]) for shop, units in found if shop and units]


FORMS = (Edifact("eancom-1997", "96A", "EAN008"), Edifact("eancom-2002", "01B", "EAN010"), Ubl())
Form = Edifact | Ubl


@pytest.fixture(params=FORMS, ids=["d96a", "d01b", "ubl"])
def form(request: pytest.FixtureRequest) -> Form:
    found: Form = request.param
    return found


@pytest.fixture
def trade(line: Line, form: Form, standard: Standard) -> Line:
    """The pipeline, with a customer that trades in one form, and stock."""
    if form.family == "eancom-2002":
        names = {"receive": ("ORDERS", "ORDCHG"), "send": ("ORDRSP", "DESADV")}
        pairs = [(way, f"{form.family}/{name}") for way, several in names.items() for name in several]
        agreements = tuple(Agreement(direction=way, mapping=name, over="as2") for way, name in pairs)  # type: ignore[arg-type]
        partner = replace(book().partners[form.partner], agreements=agreements)
        line.book = replace(
            book(),
            partners={**book().partners, form.partner: partner},
            mappings={**book().mappings, **{(form.partner, name): standard(name) for _, name in pairs}},
        )
    line.count_stock(OATS, RICE)
    return line


def taken(trade: Line, form: Form, data: bytes) -> str | None:
    """Let the customer send data; return the code with which it was parked, None when it was taken."""
    (applied,) = trade.take(data, form.partner)
    return applied.fault.code if applied.fault else None


def held(trade: Line) -> dict[str, int]:
    return {row["gtin"][1:]: row["allocated"] // 1000 for row in trade.rows("stock") if row["allocated"]}


def test_every_function_of_an_order_has_the_same_outcome(trade: Line, form: Form) -> None:
    lines = ((OATS, "10"), (RICE, "5"))
    assert taken(trade, form, form.copy("A0", lines)) is None
    assert held(trade) == {}, "a copy is for information"
    assert taken(trade, form, form.order("A1", lines)) is None
    assert held(trade) == {OATS: 10, RICE: 5}
    if isinstance(form, Edifact):  # UBL has no words for duplicate and replacement: the number tells
        assert taken(trade, form, form.order("A1", lines, "7", "R6")) is None
        assert held(trade) == {OATS: 10, RICE: 5}
    assert taken(trade, form, form.order("A1", lines, reference="R7") + b"\n") is None
    assert held(trade) == {OATS: 10, RICE: 5}, "the same order again changes nothing"
    assert taken(trade, form, form.order("A1", ((OATS, "11"), (RICE, "5")), reference="R8")) == "order.number-clash"
    assert taken(trade, form, form.change("A1", "1", OATS, "7")) is None
    assert held(trade) == {OATS: 7, RICE: 5}
    if isinstance(form, Edifact):
        assert taken(trade, form, form.order("A1", ((RICE, "4"),), "5", "R9")) is None
        assert held(trade) == {RICE: 4}
    assert taken(trade, form, form.cancellation("A1")) is None
    assert held(trade) == {}
    assert len(trade.rows("business_order")) == 1
    answers = [mapping for mapping, _ in trade.parcels(form.partner) if mapping.endswith(("ORDRSP", "OrderResponse"))]
    assert len(answers) == (4 if isinstance(form, Edifact) else 3), "each change of the order is answered"


def test_a_cross_dock_goes_out_by_shop_in_the_customers_form(trade: Line, form: Form) -> None:
    assert taken(trade, form, form.cross_dock("A1", OATS, (18, 12))) is None
    (applied,) = trade.take(shipment("WD-1", ("A1", "1", OATS, "30"), buyer=form.gln), "warehouse")
    assert applied.fault is None
    mapping, advice = trade.parcels(form.partner)[-1]
    assert mapping.partition("/")[0] == form.family
    assert form.places(advice) == [(SHOPS[0], "18"), (SHOPS[1], "12")]
