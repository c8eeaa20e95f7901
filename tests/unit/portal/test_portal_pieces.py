"""The pure parts of the portal: answers and advices as documents, lists as reports, states in words, settings."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.config.settings import read_settings
from gateway.console.help_text import rendered
from gateway.domain.imports import convert, match_columns
from gateway.domain.packing import sscc
from gateway.domain.portal_answers import (
    AskedLine,
    LineAnswer,
    PackedLine,
    Shipping,
    despatch_of,
    numbered,
    order_answer,
)
from gateway.domain.portal_lists import PORTAL_LISTS, report_of
from gateway.model.faults import Fault, OurFault, PartnerFault
from gateway.model.findings import Finding
from gateway.model.partner import OwnCompany, Partner, SsccRange
from gateway.model.sales_report import InventoryReport, SalesReport
from gateway.model.values import PartnerId, PartyIdentifier
from gateway.portal.menu import plain_state
from gateway.portal.reading import sheet_of
from gateway.store.view_rows import MessageLine

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
OATS = "09521001100014"
HOF = Partner(id=PartnerId("hof"), name="Hof", ids=(PartyIdentifier(scheme="0088", value="9521004000007"),))
OWN = OwnCompany(
    partner=Partner(id=PartnerId("self"), name="Own", ids=(PartyIdentifier(scheme="0088", value="9521001000000"),)),
    warehouse="9521001000017",
    items={},
    suppliers={},
)
LINE = AskedLine(number="1", gtin=OATS, ordered=Decimal(24), left=Decimal(20), requested=date(2026, 12, 1))
SHIPPING = Shipping(number="LS1", despatch_on=date(2026, 11, 30))


@pytest.mark.parametrize(
    ("said", "status", "line"),
    [
        ({}, "accepted", "accepted"),
        ({"1": LineAnswer(quantity=Decimal(24), day=date(2026, 12, 1))}, "accepted", "accepted"),
        ({"1": LineAnswer(quantity=Decimal(5))}, "amended", "quantity-changed"),
        ({"1": LineAnswer(day=date(2026, 12, 3))}, "amended", "date-changed"),
        ({"1": LineAnswer(reject=True)}, "rejected", "rejected"),
        ({"1": LineAnswer(quantity=Decimal(0), day=date(2026, 12, 3))}, "rejected", "rejected"),
    ],
)
def test_an_answer_says_what_changed(said: dict[str, LineAnswer], status: str, line: str) -> None:
    found = order_answer("PO1", [LINE], said, number="R1", at=NOW, partner=HOF, own=OWN)
    assert (found.status, found.lines[0].status, found.order.id) == (status, line, "PO1")
    said_day = said["1"].day if said and line != "rejected" else None
    assert found.lines[0].promised_delivery == said_day


@pytest.mark.parametrize(
    ("packed", "shipping", "code"),
    [
        ([PackedLine(line="1", quantity=Decimal(0))], SHIPPING, "portal.nothing-packed"),
        ([PackedLine(line="2", quantity=Decimal(1))], SHIPPING, "portal.line-unknown"),
        ([PackedLine(line="1", quantity=Decimal(21))], SHIPPING, "portal.more-than-left"),
        ([PackedLine(line="1", quantity=Decimal(11)), PackedLine(line="1", quantity=Decimal(10))], SHIPPING,
         "portal.more-than-left"),
        ([PackedLine(line="1", quantity=Decimal(1), unit=0)], SHIPPING, "portal.unit-number"),
        ([PackedLine(line="1", quantity=Decimal(1), unit=201)], SHIPPING, "portal.unit-number"),
        ([PackedLine(line="1", quantity=Decimal(1))], replace(SHIPPING, own_ssccs=("1" * 18, "2" * 18)),
         "portal.sscc-count"),
        ([PackedLine(line="1", quantity=Decimal(1))], replace(SHIPPING, own_ssccs=("1" * 18,)), "despatch.sscc-wrong"),
    ],
)  # fmt: skip
def test_an_advice_that_cannot_be_is_refused(packed: list[PackedLine], shipping: Shipping, code: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        despatch_of("PO1", [LINE], packed, shipping, at=NOW, partner=HOF, own=OWN)
    assert caught.value.code == code


def test_own_numbers_go_to_the_units_in_their_order_and_ours_to_those_without() -> None:
    own = tuple(sscc(SsccRange(prefix="9521004"), serial) for serial in (7, 8))
    packed = [PackedLine(line="1", quantity=Decimal(2), unit=9), PackedLine(line="1", quantity=Decimal(1), unit=2)]
    shipping = replace(SHIPPING, own_ssccs=own)
    found = despatch_of("PO1", [LINE], packed, shipping, at=NOW, partner=HOF, own=OWN)
    assert {each.id: each.sscc for each in found.units} == {"3": own[0], "10": own[1]}
    bare = despatch_of("PO1", [LINE], packed, SHIPPING, at=NOW, partner=HOF, own=OWN)
    assert [each.sscc for each in numbered(bare, ["a", "b"]).units] == ["a", "b"]


def test_rows_become_a_report_and_wrong_ones_are_named() -> None:
    kind = PORTAL_LISTS["sales"]
    columns = match_columns(kind, ["条码", "数量", "日期"], {}, {})
    good = convert(kind, columns, 2, [OATS, "1.234,5", "01.11.2026"])
    assert not good.problems
    assert convert(kind, columns, 3, ["123", "x", "someday"]).problems
    facts = {"number": "S1", "at": NOW, "day": NOW.date(), "partner": HOF, "own": OWN}
    found = report_of("sales", [good.values], **facts)  # type: ignore[arg-type]
    assert isinstance(found, SalesReport)
    assert (found.lines[0].sold_quantity.value, found.period.start) == (Decimal("1234.5"), date(2026, 11, 1))  # type: ignore[union-attr]
    stock = report_of("stock", [{"gtin": OATS, "on_hand": "7", "location": None}], **facts)  # type: ignore[arg-type]
    assert isinstance(stock, InventoryReport)
    assert (stock.kind, stock.lines[0].type) == ("balance", "onHand")


@pytest.mark.parametrize(
    ("direction", "state", "code", "word"),
    [
        ("in", "received", None, "reading"),
        ("in", "done", None, "taken"),
        ("in", "parked", "edifact.value-not-numeric", "mistake"),
        ("in", "parked", "mapping.missing", "ours"),
        ("in", "retry", None, "reading"),
        ("out", "retry", None, "coming"),
        ("out", "parked", "http.unreachable", "stuck"),
        ("out", "accepted", None, "there"),
        ("out", "refused", None, "refused"),
        ("in", "a-state-to-come", None, "ours"),
    ],
)
def test_a_state_is_said_as_the_partner_sees_it(direction: str, state: str, code: str | None, word: str) -> None:
    fault = Finding(code=code) if code else None
    line = MessageLine(
        id="1", kind="message", direction=direction, at=NOW, partner="hof", channel="as2", type="ORDERS",
        document_type=None, business_number=None, reference=None, filename=None, state=state, fault=fault, test=False,
    )  # type: ignore[arg-type]  # fmt: skip
    assert plain_state(line) == word


def test_a_document_is_a_head_and_a_table() -> None:
    party = {"ids": [{"scheme": "0088", "value": "9521004000007"}]}
    lines = [{"number": str(n), "item": {"gtin": OATS}, "quantity": {"value": str(n)}} for n in range(1, 503)]
    found = sheet_of({"document": "Order", "schema": "1", "id": "PO1", "buyer": party, "lines": lines}, "en")
    assert ("number", "PO1") in found.head
    assert ("buyer", "9521004000007") in found.head
    assert found.columns == ("number", "item GTIN", "quantity")
    assert (found.rows[0], len(found.rows), found.more) == (("1", OATS, "1"), 500, 2)
    assert sheet_of(None, "en").rows == ()


def test_a_help_page_shows_its_marks_and_nothing_else() -> None:
    shown = rendered(
        "A **b** `<i>` [c](/orders) [d](//evil) [e](javascript:x)\n\n1. one\n   more\n2. two\n\n```\n<x>\n```"
    )
    assert '<strong>b</strong> <code>&lt;i&gt;</code> <a href="/orders">c</a>' in shown
    assert "<ol><li>one more</li><li>two</li></ol><pre><code>&lt;x&gt;</code></pre>" in shown
    assert "javascript:x</a>" not in shown
    assert 'href="//evil"' not in shown


def test_the_portal_is_served_where_it_is_named_and_its_address_is_checked(tmp_path: Path) -> None:
    assert read_settings("instance: x\n", tmp_path).portal_port is None
    found = read_settings("listen: {portal: {port: 9000}}\nportal: {url: https://p.example}\n", tmp_path)
    assert found.portal_port is not None
    assert (found.portal_port.port, found.portal_url) == (9000, "https://p.example")
    with pytest.raises(OurFault) as caught:
        read_settings("portal: {url: 'javascript:alert(1)'}\n", tmp_path)
    assert [each.code for each in caught.value.findings] == ["config.bad-value"]
    assert isinstance(caught.value, Fault)
