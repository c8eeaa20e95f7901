import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from demo_world import ITEMS, NOW, number, settings_for

from gateway.codecs.envelope import read_interchanges
from gateway.config.schemas import load_directories
from gateway.demo import edifact_texts
from gateway.demo.behaviours import BEHAVIOURS
from gateway.demo.depot import Depot
from gateway.demo.mailbox import Mailbox
from gateway.demo.outgoing import JSON, Outgoing, message_id_for
from gateway.demo.shops import Chain, Grocer
from gateway.demo.supplier import Supplier
from gateway.model.documents import DOCUMENTS
from gateway.model.json_form import from_plain
from gateway.schema.directory import Directory
from gateway.schema.validate import validate

GROCER = settings_for("nordmarkt", "grocer")
SUPPLIER = settings_for("quellhof", "supplier")
DEPOT = settings_for("warehouse", "depot")


@pytest.fixture(scope="module")
def directories() -> dict[str, Directory]:
    return load_directories(Path("schemas"))


def post(box: Mailbox, documents: list[Outgoing]) -> None:
    for each in documents:
        box.post(each.key, message_id_for(GROCER, each.key), each.data, each.kind, each.number, "", "http", NOW)


def order_from_us(units: int = 24) -> bytes:
    envelope = edifact_texts.Envelope(sender=GROCER.gateway_gln, receiver=SUPPLIER.gln, reference="77", at=NOW)
    parties = edifact_texts.Parties(buyer=GROCER.gateway_gln, seller=SUPPLIER.gln, deliver_to=GROCER.warehouse_gln)
    lines = [edifact_texts.Line(number=str(n), gtin=item.wire_gtin, quantity=units) for n, item in enumerate(ITEMS, 1)]
    return edifact_texts.orders(envelope, "PO1", NOW.date(), parties, lines)


def everything_edifact(tmp_path: Path) -> list[Outgoing]:
    grocer = Grocer(GROCER)
    found = [each for day in range(8) for each in grocer.day(NOW + timedelta(days=day))]
    for act in ("order", "large-order", "sales", "unknown-item"):
        found += grocer.act(act, {}, NOW)
    box = Mailbox(tmp_path)
    supplier = Supplier(SUPPLIER, box)
    kept = box.keep("k1", order_from_us(), "ORDERS", "PO1", "", NOW, {})
    return found + supplier.react(kept, order_from_us(), NOW) + supplier.day(NOW + timedelta(days=2))


def test_everything_the_partners_write_is_valid_d96a(tmp_path: Path, directories: dict[str, Directory]) -> None:
    kinds = set()
    for document in everything_edifact(tmp_path):
        for interchange in read_interchanges([document.data]):
            for message in interchange.messages:
                directory = directories["control" if message.type == "CONTRL" else "d96a"]
                found = [each for each in validate(message, directory).findings if each.severity == "error"]
                assert not found, (document.key, found)
                kinds.add(message.type)
            assert not interchange.findings
    assert kinds == {"ORDERS", "SLSRPT", "INVRPT", "CONTRL", "ORDRSP", "DESADV"}


@pytest.mark.parametrize("kind", [Grocer, Chain])
def test_a_day_asked_for_twice_gives_the_same_documents(kind: type[Grocer] | type[Chain]) -> None:
    assert kind(GROCER).day(NOW) == kind(GROCER).day(NOW)


def test_over_months_a_customer_orders_what_its_shops_sold_and_at_most_a_case_more() -> None:
    grocer = Grocer(GROCER)
    sold = dict.fromkeys((item.wire_gtin for item in ITEMS), 0)
    ordered = dict(sold)
    for day in range(60):
        for document in grocer.day(NOW.replace(month=3, day=1) + timedelta(days=day)):
            segments = edifact_texts.read(document.data).segments
            gtin = ""
            for each in segments:
                gtin = each[3][0] if each[0][0] == "LIN" else gtin
                if each[0][0] == "QTY" and document.kind == "SLSRPT" and each[1][0] == "153":
                    sold[gtin] += int(each[1][1])
                if each[0][0] == "QTY" and document.kind == "ORDERS":
                    ordered[gtin] += int(each[1][1])
    assert all(total > 100 for total in sold.values())
    for item in ITEMS:
        recent = 2 * 12 * 3  # what the last days sold is ordered next time
        assert -recent <= ordered[item.wire_gtin] - sold[item.wire_gtin] <= item.pack


def test_the_broken_orders_are_broken_as_they_are_meant_to_be() -> None:
    grocer = Grocer(GROCER)
    (unknown,) = grocer.act("unknown-item", {}, NOW)
    gtins = [line[1] for line in edifact_texts.read_order(edifact_texts.read(unknown.data)).lines]
    assert len(set(gtins) - {item.wire_gtin for item in ITEMS}) == 1
    assert all(number(gtin[:-1]) == gtin for gtin in gtins)
    (wrong,) = grocer.act("wrong-date", {}, NOW)
    assert b"DTM+2:20261331:102'" in wrong.data


def test_the_supplier_answers_every_line_once_and_sends_what_it_confirmed(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    supplier = Supplier(SUPPLIER, box)
    kept = box.keep("k1", order_from_us(240), "ORDERS", "PO1", "", NOW, {})
    contrl, response = supplier.react(kept, order_from_us(240), NOW)
    assert (contrl.kind, response.kind) == ("CONTRL", "ORDRSP")
    segments = edifact_texts.read(response.data).segments
    confirmed = [int(each[1][1]) for each in segments if each[0][0] == "QTY" and each[1][0] == "113"]
    assert len(confirmed) == len(ITEMS)
    assert supplier.day(NOW) == []
    (advice,) = supplier.day(NOW + timedelta(days=2))
    (truck,) = supplier.report()
    assert [each["units"] for each in truck["lines"]] == confirmed
    assert truck["order"] == "PO1"
    assert advice.key == "DESADV-PO1"
    assert supplier.report() == []


def test_a_supplier_that_starts_again_sends_no_second_advice_and_remembers_its_trucks(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    supplier = Supplier(SUPPLIER, box)
    kept = box.keep("k1", order_from_us(), "ORDERS", "PO1", "", NOW, {})
    post(box, supplier.react(kept, order_from_us(), NOW))
    post(box, supplier.day(NOW + timedelta(days=2)))
    trucks = supplier.report()
    again = Supplier(SUPPLIER, Mailbox(tmp_path))
    again.react(kept, order_from_us(), NOW)
    assert again.day(NOW + timedelta(days=3)) == []
    again.act("trucks", {}, NOW)
    assert again.report() == trucks


def an_order_to_the_warehouse() -> bytes:
    us, customer = {"ids": [{"scheme": "0088", "value": "9"}]}, {"ids": [{"scheme": "0088", "value": "8"}]}
    line = {"number": "1", "item": {"gtin": ITEMS[0].gtin}, "quantity": {"value": "12", "unit": "H87"}}
    order = {"document": "Order", "schema": "1", "id": "N1", "issuedAt": NOW.isoformat(), "lines": [line]}
    return json.dumps(order | {"buyer": customer, "seller": us, "shipTo": customer}).encode()


def test_the_warehouse_ships_on_the_next_day_what_it_was_asked_for(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    depot = Depot(DEPOT, box)
    depot.react(
        box.keep("o1", an_order_to_the_warehouse(), "Order", "N1", JSON, NOW, {}), an_order_to_the_warehouse(), NOW
    )
    assert depot.day(NOW) == []
    (advice,) = depot.day(NOW + timedelta(days=1))
    document = from_plain(json.loads(advice.data))
    assert isinstance(document, DOCUMENTS["DespatchAdvice"])
    assert (document.lines[0].order.id, document.lines[0].order.line) == ("N1", "1")
    assert document.units[0].sscc == number(document.units[0].sscc[:-1])
    post(box, [advice])
    assert depot.day(NOW + timedelta(days=2)) == []


@pytest.mark.parametrize("what", ["count", "receive"])
def test_what_the_warehouse_reports_is_canonical(tmp_path: Path, what: str) -> None:
    truck = {
        "desadv": "D1",
        "order": "PO1",
        "supplier": SUPPLIER.gln,
        "arrives_on": "2026-03-12",
        "lines": [{"line": "1", "gtin": ITEMS[0].wire_gtin, "units": 24}],
    }
    settings = replace(DEPOT, items=tuple(replace(item, opening=48) for item in ITEMS))
    (document,) = Depot(settings, Mailbox(tmp_path)).act(what, truck, NOW)
    made = from_plain(json.loads(document.data))
    assert type(made).__name__ == document.kind
    assert len(made.lines) == (len(ITEMS) if what == "count" else 1)


def test_an_act_nobody_knows_is_refused_with_the_names_of_those_that_exist() -> None:
    with pytest.raises(ValueError, match="large-order"):
        Grocer(GROCER).act("dance", {}, NOW)


@pytest.mark.parametrize("name", sorted(BEHAVIOURS))
def test_nobody_answers_an_acknowledgement(tmp_path: Path, name: str) -> None:
    box = Mailbox(tmp_path)
    data = edifact_texts.contrl(edifact_texts.read(order_from_us()), "5", NOW)
    kept = box.keep("c1", data, "CONTRL", "5", "", NOW, {})
    assert BEHAVIOURS[name](settings_for("x", name), box).react(kept, data, NOW) == []
