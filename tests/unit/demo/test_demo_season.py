"""The season of the demo: who does what on which day, and that what the newcomers write is what they mean to write."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from demo_world import ITEMS, NOW, number, settings_for

from gateway.codecs.envelope import read_interchanges
from gateway.config.schemas import load_directories
from gateway.demo import cast, demand, edifact_texts, story
from gateway.demo.behaviours import BEHAVIOURS
from gateway.demo.depot import Depot
from gateway.demo.mailbox import Mailbox
from gateway.demo.outgoing import JSON, Behaviour, Outgoing, message_id_for
from gateway.demo.scene import households
from gateway.demo.season_shops import Oddity, Returner, Silent
from gateway.demo.settings import PartnerSettings
from gateway.demo.supplier import MuteSupplier, ShortSupplier
from gateway.demo.world import Progress
from gateway.model.documents import DOCUMENTS
from gateway.model.json_form import from_plain
from gateway.schema.directory import Directory
from gateway.schema.validate import validate

START = NOW.date()
SHOP = number("400000200001")


def character(behaviour: str, **more: Any) -> PartnerSettings:
    settings = settings_for(behaviour, behaviour)
    return replace(settings, season=START, first_day=START, places=(SHOP,), **more)


def play(partner: Behaviour, box: Mailbox, days: range) -> dict[int, list[Outgoing]]:
    """Return what the partner sends on each day of the season, posted as the partner's process would."""
    found = {}
    for day in days:
        now = NOW + timedelta(days=day)
        found[day] = partner.day(now)
        post(box, found[day])
    return found


def post(box: Mailbox, documents: list[Outgoing]) -> None:
    for each in documents:
        box.post(each.key, message_id_for(DEPOT, each.key), each.data, each.kind, each.number, "", "http", NOW)


DEPOT = character("depot", billed=(number("400000200000"),))


@pytest.fixture(scope="module")
def directories() -> dict[str, Directory]:
    return load_directories(Path("schemas"))


def despatch(name: str, units: int) -> bytes:
    """A despatch advice of ours for two lines of the order SG1."""
    lines = [
        edifact_texts.Line(number=str(n), gtin=item.wire_gtin, quantity=units, order_line=str(n))
        for n, item in enumerate(ITEMS[:2], 1)
    ]
    envelope = edifact_texts.Envelope(
        sender=DEPOT.gateway_gln, receiver=DEPOT.gln, reference=name, at=NOW, directory="01B"
    )
    parties = edifact_texts.Parties(buyer=DEPOT.gln, seller=DEPOT.gateway_gln, deliver_to=SHOP)
    return edifact_texts.desadv(envelope, name, "SG1", START, parties, {"395210010000000014": lines})


def returner(folder: Path) -> tuple[Returner, Mailbox]:
    """The one who sends goods back, with three deliveries on the first day."""
    box = Mailbox(folder)
    partner = Returner(character("returner", directory="01B", items=(*ITEMS, cast.DEARER.known())), box)
    for name, units in (("D1", 2), ("D2", 6), ("D3", 6)):
        data = despatch(name, units)
        post(box, partner.react(box.keep(name, data, "DESADV", name, "", NOW, {}), data, NOW))
    return partner, box


def test_what_the_returner_writes_is_valid_d01b(tmp_path: Path, directories: dict[str, Directory]) -> None:
    partner, box = returner(tmp_path)
    kinds = set()
    for document in (each for day in play(partner, box, range(17)).values() for each in day):
        for interchange in read_interchanges([document.data]):
            for message in interchange.messages:
                found = [f for f in validate(message, directories["d01b"]).findings if f.severity == "error"]
                assert not found, (document.key, found)
                kinds.add(message.type)
            assert not interchange.findings
    assert kinds == {"ORDERS", "SLSRPT", "RECADV", "RETANN"}


def test_the_returner_confirms_each_delivery_once_misses_one_piece_and_sends_four_back(tmp_path: Path) -> None:
    partner, box = returner(tmp_path)
    days = play(partner, box, range(20))
    receipts = [each for day in days.values() for each in day if each.kind == "RECADV"]
    assert [each.number for each in receipts] == ["W-D1", "W-D2", "W-D3"]
    assert receipts == [each for each in days[1] if each.kind == "RECADV"]
    assert b"QVR" not in receipts[0].data + receipts[1].data
    assert b"QTY+12:6'\nQTY+194:5'\nQVR+1:194+CP'" in receipts[2].data
    (back,) = (each for day in days.values() for each in day if each.kind == "RETANN")
    assert back in days[cast.RETURN_ON]
    assert f"LIN+1++{ITEMS[0].wire_gtin}:SRV'\nQTY+61:4'\nRFF+ON:SG1:1'".encode() in back.data, "of D2: D1 has too few"


def test_the_first_order_after_the_price_change_has_the_old_price_and_later_ones_the_new(tmp_path: Path) -> None:
    partner, box = returner(tmp_path)
    gtin = cast.DEARER.gtin
    prices = [
        next(s[1][1] for s in segments[place:] if s[0][0] == "PRI")
        for day in play(partner, box, range(30)).values()
        for segments in (edifact_texts.read(each.data).segments for each in day if each.kind == "ORDERS")
        for place, one in enumerate(segments)
        if one[0][0] == "LIN" and one[3][0] == gtin
    ]
    assert set(prices) == {cast.DEARER.price, cast.DEARER_PRICE}
    assert prices == sorted(prices)
    assert cast.PRICE_CHANGE_ON % Returner.every_days != 1, "an order before and one after the change"


def test_the_odd_one_sends_twice_counts_wrongly_once_and_reports_late(tmp_path: Path) -> None:
    days = play(Oddity(character("oddity")), Mailbox(tmp_path), range(30))
    orders = {day: [each for each in sent if each.kind == "ORDERS"] for day, sent in days.items()}
    assert {day: len(each) for day, each in orders.items() if each} == {3: 2, 8: 1, 9: 2, 13: 2, 18: 2, 23: 2, 28: 2}
    for first, again in (each for day, each in orders.items() if each and day != cast.WRONG_COUNT_ON):
        assert first.data == again.data
        assert first.key != again.key, "another transmission of the same interchange"
    (wrong,) = orders[cast.WRONG_COUNT_ON]
    right = orders[cast.WRONG_COUNT_ON + 1][0]
    assert wrong.number == right.number
    (interchange,) = read_interchanges([wrong.data])
    findings = [f for message in interchange.messages for f in message.findings] + list(interchange.findings)
    assert any(each.code == "edifact.count-mismatch" for each in findings), findings
    reports = {day: [each.number for each in sent if each.kind == "SLSRPT"] for day, sent in days.items()}
    assert {day for day, each in reports.items() if each} == set(range(4, 30, 4))
    told = [each for day in reports.values() for each in day]
    open_days = [day for n in range(28) if (day := START + timedelta(days=n)).weekday() != 6]
    assert told == [f"S{day:%y%m%d}" for day in open_days]


def test_the_odd_one_writes_an_apostrophe_that_its_character_set_does_not_have(tmp_path: Path) -> None:
    (first, _) = (each for each in Oddity(character("oddity")).day(NOW + timedelta(days=3)) if each.kind == "ORDERS")
    assert b"UNB+UNOC:3+" in first.data
    assert "Krautwinkel\N{RIGHT SINGLE QUOTATION MARK}s Söhne".encode("cp1252") in first.data


def test_the_silent_one_orders_on_tuesdays_reports_on_mondays_and_then_nothing(tmp_path: Path) -> None:
    settings = replace(character("silent"), season=START + timedelta(days=60))
    days = play(Silent(settings), Mailbox(tmp_path), range(90))
    told = {kind: [day for day, sent in days.items() if any(each.kind == kind for each in sent)] for kind in KINDS}
    tuesdays = [n for n in range(60 + cast.FALLS_SILENT_ON) if (START + timedelta(days=n)).weekday() == 1]
    assert told["ORDERS"] in (tuesdays, tuesdays[1:]), "on the very first day nothing has been sold yet"
    assert told["INVRPT"] == [n for n in range(60 + cast.FALLS_SILENT_ON) if (START + timedelta(days=n)).weekday() == 0]
    lines = [each.data.count(b"LIN+") for day in told["ORDERS"] for each in days[day] if each.kind == "ORDERS"]
    assert lines[-1] < lines[1]


KINDS = ("ORDERS", "INVRPT")


@pytest.mark.parametrize("behaviour", ["returner", "oddity", "silent"])
def test_without_a_season_nobody_of_it_trades(tmp_path: Path, behaviour: str) -> None:
    settings = replace(character(behaviour), season=None)
    partner = BEHAVIOURS[behaviour](settings, Mailbox(tmp_path))
    assert [partner.day(NOW + timedelta(days=day)) for day in range(40)] == [[]] * 40


# --- suppliers ---


def served(supplier: Callable[[PartnerSettings, Mailbox], Behaviour], folder: Path) -> tuple[Behaviour, Mailbox]:
    """A supplier of each kind with four orders of ours, of 30 units and 1 unit, despatched."""
    box = Mailbox(folder)
    partner = supplier(character("supplier"), box)
    for name in ("PO1", "PO2", "PO3", "PO4"):
        lines = [
            edifact_texts.Line(number=str(n), gtin=item.wire_gtin, quantity=units)
            for n, (item, units) in enumerate(zip(ITEMS, (30, 1), strict=False), 1)
        ]
        envelope = edifact_texts.Envelope(sender=DEPOT.gateway_gln, receiver=DEPOT.gln, reference=name, at=NOW)
        parties = edifact_texts.Parties(buyer=DEPOT.gateway_gln, seller=DEPOT.gln, deliver_to=DEPOT.warehouse_gln)
        data = edifact_texts.orders(envelope, name, START, parties, lines)
        post(box, partner.react(box.keep(name, data, "ORDERS", name, "", NOW, {}), data, NOW))
    post(box, partner.day(NOW + timedelta(days=2)))
    return partner, box


def test_the_short_one_confirms_less_of_every_line_and_loses_a_piece_now_and_then(tmp_path: Path) -> None:
    partner, box = served(ShortSupplier, tmp_path)
    for response in (each for each in box.sent() if each.kind == "ORDRSP"):
        text = box.data_of(response)
        assert b"QTY+113:26'" in text, "of 30, a tenth and one less"
        assert b"QTY+113:0'" in text, "of one nothing"
    trucks = partner.report()
    assert [each["order"] for each in trucks] == ["PO1", "PO2", "PO3", "PO4"]
    loaded = [(line["units"], line["advised"]) for each in trucks for line in each["lines"]]
    assert set(loaded) == {(26, 26), (25, 26)}
    partner.act("trucks", {}, NOW)
    assert partner.report() == trucks, "the same pieces are lost when it is asked again"


def test_the_one_without_advices_delivers_what_it_confirmed_and_writes_no_word(tmp_path: Path) -> None:
    partner, box = served(MuteSupplier, tmp_path)
    assert {each.kind for each in box.sent()} == {"CONTRL", "ORDRSP"}
    trucks = partner.report()
    assert [(each["order"], each["desadv"]) for each in trucks] == [(f"PO{n}", "") for n in range(1, 5)]
    partner.act("trucks", {}, NOW)
    assert partner.report() == trucks
    (receipt,) = Depot(DEPOT, box).act("receive", trucks[0], NOW)
    document = from_plain(json.loads(receipt.data))
    assert isinstance(document, DOCUMENTS["ReceivingAdvice"])
    assert document.refs.despatch_advice is None
    assert document.refs.order.id == "PO1"


# --- our house ---


def an_order(price: str = "1.50") -> bytes:
    us, customer = ({"ids": [{"scheme": "0088", "value": each}]} for each in (DEPOT.gateway_gln, DEPOT.gln))
    line = {"number": "1", "item": {"gtin": ITEMS[0].gtin}, "quantity": {"value": "12", "unit": "H87"}}
    line["price"] = {"net": {"value": price, "currency": "EUR"}}
    order = {"document": "Order", "schema": "1", "id": "SG1", "issuedAt": NOW.isoformat(), "lines": [line]}
    return json.dumps(order | {"buyer": customer, "seller": us, "shipTo": customer}).encode()


def a_return() -> bytes:
    us, customer = ({"ids": [{"scheme": "0088", "value": each}]} for each in (DEPOT.gateway_gln, DEPOT.gln))
    line = {"number": "1", "item": {"gtin": ITEMS[0].gtin}, "quantity": {"value": "4", "unit": "H87"}}
    line["order"] = {"id": "SG1", "line": "1"}
    notice = {"document": "ReturnNotice", "schema": "1", "id": "B1", "kind": "announcement", "issuedAt": str(START)}
    return json.dumps(notice | {"buyer": customer, "seller": us, "lines": [line]}).encode()


@pytest.mark.parametrize("again", [False, True], ids=["one process", "started again every day"])
def test_goods_are_billed_taken_back_and_credited_once(tmp_path: Path, again: bool) -> None:
    box = Mailbox(tmp_path)
    depot = Depot(DEPOT, box)
    inbox = [(box.keep("o1", an_order(), "Order", "SG1", JSON, NOW, {}), an_order())]
    inbox.append((box.keep("r1", a_return(), "ReturnNotice", "B1", JSON, NOW, {}), a_return()))
    for kept, data in inbox:
        post(box, depot.react(kept, data, NOW))
    said: dict[int, list[str]] = {}
    for day in range(6):
        if again:
            depot = Depot(DEPOT, Mailbox(tmp_path))
            for kept, data in inbox:
                post(box, depot.react(kept, data, NOW))
        before = len(box.sent())
        post(box, depot.day(NOW + timedelta(days=day)))
        said[day] = [each.number for each in box.sent()[before:] if each.kind in ("Invoice", "ReceivingAdvice")]
    assert said == {0: [], 1: [], 2: ["RE-SG1", "WR-B1"], 3: ["GS-B1"], 4: [], 5: []}
    bills = {each.number: from_plain(json.loads(box.data_of(each))) for each in box.sent() if each.kind == "Invoice"}
    assert [str(line.price.net.value) for line in bills["RE-SG1"].lines] == ["1.50"], "what the customer was confirmed"
    credit = bills["GS-B1"]
    assert (credit.type_code, credit.refs.invoice.id, str(credit.lines[0].quantity.value)) == ("381", "RE-SG1", "3")
    (answer,) = (each for each in box.sent() if each.kind == "ReturnNotice")
    assert from_plain(json.loads(box.data_of(answer))).kind == "instruction"


def test_the_season_opens_with_new_items_and_prices_and_one_is_dearer_later(tmp_path: Path) -> None:
    days = play(Depot(DEPOT, Mailbox(tmp_path)), Mailbox(tmp_path), range(30))
    assert {day: [each.kind for each in sent] for day, sent in days.items() if sent} == {
        cast.RANGE_ON: ["InventoryReport", "PriceCatalogue"],
        cast.PRICE_CHANGE_ON: ["PriceCatalogue"],
    }
    counted, prices = (json.loads(each.data) for each in days[cast.RANGE_ON])
    assert len(counted["lines"]) == len(cast.RANGE)
    assert len(prices["lines"]) == len(ITEMS) + len(cast.RANGE)
    (dearer,) = json.loads(days[cast.PRICE_CHANGE_ON][0].data)["lines"]
    assert dearer["prices"][0]["amount"]["value"] == cast.DEARER_PRICE
    for document in (each for sent in days.values() for each in sent):
        assert isinstance(from_plain(json.loads(document.data)), DOCUMENTS[document.kind])


# --- days ---


def test_a_season_is_the_last_thirty_days_and_a_shorter_history_has_none() -> None:
    last = date(2026, 5, 29)
    assert cast.season_from(date(2026, 3, 1), last) == date(2026, 4, 30)
    assert cast.season_from(date(2026, 4, 30), last) == date(2026, 4, 30)
    assert cast.season_from(date(2026, 5, 1), last) is None


@pytest.mark.parametrize(
    ("start", "change"),
    [
        (date(2026, 10, 1), date(2026, 10, 25)),
        (date(2027, 3, 28), date(2027, 3, 28)),
        (date(2026, 10, 26), None),
        (date(2026, 12, 20), None),
    ],
    ids=str,
)
def test_the_clocks_change_only_where_the_season_holds_the_day(start: date, change: date | None) -> None:
    assert cast.clock_change(start) == change
    assert ("the clocks change in Germany" in "\n".join(story.season(start))) is (change is not None)


def test_every_leaflet_that_begins_in_the_season_or_soon_after_is_told_with_its_week() -> None:
    many = [replace(ITEMS[0], gtin=str(n)) for n in range(40)]
    found = cast.leaflets(7, many, START)
    assert len(found) in (2, 3), "every four weeks one"
    assert all(each.gtins and demand.on_promotion(7, each.gtins[0], each.last_day) for each in found)
    assert all((each.last_day - each.first_day).days == 6 for each in found)
    assert all(
        START <= each.first_day < START + timedelta(days=cast.SEASON_DAYS) + cast.PROMOTIONS_AHEAD for each in found
    )


def test_the_small_ones_share_a_process_and_the_others_have_their_own() -> None:
    everybody = [settings_for(name, behaviour) for name, behaviour in cast.BEHAVIOUR.items()]
    together = sorted(tuple(sorted(each.name for each in one)) for one in households(everybody))
    alone = [("nordmarkt",), ("quellhof",), ("stadtkette",), ("warehouse",)]
    assert together == sorted([*alone, tuple(sorted({"guest", *cast.SEASONAL}))])


def test_the_story_names_everybody_of_the_cast() -> None:
    assert set(story.WHO) == set(cast.BEHAVIOUR)
    told = "\n".join(story.season(START))
    assert all(name in told for name in cast.SEASONAL)


def test_a_world_that_an_earlier_version_has_made_is_told_no_season() -> None:
    progress = Progress(first_day=START - timedelta(days=60), last_day=START + timedelta(days=29), api_key="k")
    everybody = [settings_for(name, behaviour) for name, behaviour in cast.BEHAVIOUR.items()]
    happened = "What happens in the last thirty days"
    assert happened in story.opening("link", progress, everybody)
    assert happened not in story.opening("link", progress, [each for each in everybody if each.name != "abendrot"])
