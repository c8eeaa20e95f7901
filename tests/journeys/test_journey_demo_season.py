"""The season of the demo, counted: seventy days of history, in the midst of which the scene is killed and started again;
what its characters did according to their own mailboxes is what the gateway says, and nothing else waits for anybody."""

import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from demo_stage import make_instance, notes, processes_of, rows, run, scene

from gateway.demo import cast, edifact_texts
from gateway.demo.settings import read_settings
from gateway.demo.world import SEED, Progress

pytestmark = pytest.mark.soak
DAYS = 70  # the silent one has a rhythm by then
KILL_ON = 45
PATIENCE_S = 600
PARTNERS = sorted(cast.BEHAVIOUR)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    found = make_instance(tmp_path_factory.mktemp("season"))
    with scene(found, "--days", str(DAYS)) as stage:
        _wait_for_day(found, KILL_ON)
        stage.process.send_signal(signal.SIGKILL)
        stage.process.wait(10)
    end = time.monotonic() + 60
    while processes_of(found):
        assert time.monotonic() < end
        time.sleep(0.2)
    with scene(found, "--days", str(DAYS), "--history-only") as stage:
        assert stage.process.wait(PATIENCE_S) == 0, stage.said()
    yield found
    assert run(found, "demo", "reset").returncode == 0
    assert sorted(path.name for path in (found / "var").iterdir()) == ["demo.lock"]


def _wait_for_day(folder: Path, number: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        progress = Progress.read(folder / "var" / "demo" / "scene.json")
        if progress and progress.day and (progress.day - progress.first_day).days >= number:
            return
        assert time.monotonic() < end
        time.sleep(0.1)


def start_of(folder: Path) -> date:
    progress = Progress.read(folder / "var" / "demo" / "scene.json")
    assert progress
    assert progress.season
    return progress.season


def sent(folder: Path, partner: str, kind: str) -> list[dict[str, Any]]:
    return [each for each in notes(folder, partner, "outbox") if each["kind"] == kind]


def received(folder: Path, partner: str, kind: str) -> list[edifact_texts.Read]:
    box = folder / "var" / "demo" / partner / "inbox"
    found = [each for each in notes(folder, partner, "inbox") if each["kind"] == kind]
    return [edifact_texts.read((box / str(each["file"])).read_bytes()) for each in found]


def overdue(folder: Path, partner: str) -> list[str]:
    """Return what a partner owes us, by its subject."""
    query = f"SELECT subject FROM expectation WHERE partner = '{partner}' AND state = 'overdue' ORDER BY subject"
    return [str(subject) for (subject,) in rows(folder, query)]


def problems(folder: Path, account: str) -> Counter[str]:
    """Return how many problems of each code are open with an account."""
    query = f"SELECT code FROM \"case\" WHERE account = '{account}' AND closed_at IS NULL"
    return Counter(str(code) for (code,) in rows(folder, query))


def said_by_house(folder: Path, kind: str) -> list[dict[str, Any]]:
    box = folder / "var" / "demo" / "warehouse" / "outbox"
    return [json.loads((box / str(each["file"])).read_bytes()) for each in sent(folder, "warehouse", kind)]


def prices(read: edifact_texts.Read) -> dict[str, str]:
    """Return the price of each item of an order or its response."""
    found, gtin = {}, ""
    for each in read.segments:
        gtin = each[3][0] if each[0][0] == "LIN" else gtin
        if each[0][0] == "PRI":
            found[gtin] = each[1][1]
    return found


def test_everything_has_its_receipt_every_order_is_taken_once_and_one_broken_order_waits(folder: Path) -> None:
    for partner in PARTNERS:
        assert {each["state"] for each in notes(folder, partner, "outbox")} <= {"acked"}, partner
    waiting = rows(folder, "SELECT partner, type, state, fault_code FROM message WHERE state <> 'done'")
    assert waiting == [("krautwinkel", "ORDERS", "parked", "edifact.count-mismatch")]
    for partner in ("nordmarkt", "stadtkette", "seegarten", "krautwinkel", "abendrot"):
        kind = "Order" if partner == "stadtkette" else "ORDERS"
        told = {str(each["number"]) for each in sent(folder, partner, kind)}
        query = f"SELECT number FROM business_order WHERE side = 'sale' AND partner = '{partner}'"
        assert Counter(str(number) for (number,) in rows(folder, query)) == Counter(told), partner


def test_the_odd_one_is_refused_once_and_what_it_sends_twice_is_carried_out_once(folder: Path) -> None:
    orders = sent(folder, "krautwinkel", "ORDERS")
    again = [each for each in orders if str(each["key"]).endswith("-again")]
    wrong = [each for each in orders if str(each["key"]).endswith("-wrong")]
    assert (len(again), len(wrong), len(orders)) == (6, 1, 13)
    repeats = rows(folder, "SELECT count(*) FROM message WHERE findings LIKE '%interchange.repeat%'")
    assert repeats == [(len(again),)]
    answers = received(folder, "krautwinkel", "CONTRL")
    given = {each[1][0] for read in answers for each in read.segments if each[0][0] == "UCI"}
    assert len(given) == len(answers)
    assert len(answers) == len(orders) - len(again), "sales reports are not acknowledged, repeats were"
    refused = [each for read in answers for each in read.segments if each[0][0] == "UCM" and each[3][0] == "4"]
    assert [each[2][0] for each in refused] == ["ORDERS"]
    windows = rows(folder, "SELECT count(*) FROM message WHERE findings LIKE '%edifact.charset-mismatch%'")
    assert windows == [(len(orders),)]
    assert problems(folder, "krautwinkel") == {"edifact.count-mismatch": 1}


def test_goods_that_went_back_are_credited_and_what_was_missing_is_a_case(folder: Path) -> None:
    (number, status, lines), *more = rows(folder, "SELECT number, status, lines FROM return_notice")
    assert not more
    assert (number, status, json.loads(str(lines))[0][2:]) == ("SG-BACK-1", "credited", ["4", "return", "3"])
    bills = rows(folder, "SELECT kind, count(*) FROM invoice WHERE side = 'sale' GROUP BY kind ORDER BY kind")
    told = Counter(each["typeCode"] for each in said_by_house(folder, "Invoice"))
    assert bills == [("credit-note", 1), ("invoice", told["380"])]
    assert told["381"] == 1
    assert len(received(folder, "seegarten", "INVOIC")) == told["380"] + 1
    assert len(received(folder, "seegarten", "RETINS")) == 1
    assert problems(folder, "seegarten") == {"receiving.differs": 1, "return.differs": 1}


def test_one_order_names_the_old_price_and_is_answered_with_the_new(folder: Path) -> None:
    box = folder / "var" / "demo" / "seegarten" / "outbox"
    orders = [
        edifact_texts.read((box / str(each["file"])).read_bytes()) for each in sent(folder, "seegarten", "ORDERS")
    ]
    ordered = {each.number: prices(each) for each in orders}
    differ = []
    for read in received(folder, "seegarten", "ORDRSP"):
        order = next(each[1][1] for each in read.segments if each[0][0] == "RFF" and each[1][0] == "ON")
        wanted = ordered[order]
        differ += [(order, gtin, wanted[gtin], price) for gtin, price in prices(read).items() if price != wanted[gtin]]
    (one,) = differ
    assert one[1:] == (cast.DEARER.gtin, cast.DEARER.price, cast.DEARER_PRICE)
    assert one[0] > f"SG{start_of(folder) + timedelta(days=cast.PRICE_CHANGE_ON):%y%m%d}"


def test_the_silent_one_owes_a_report_for_each_monday_and_is_a_case_of_silence(folder: Path) -> None:
    start = start_of(folder)
    mute = [
        start + timedelta(days=n) for n in range(cast.FALLS_SILENT_ON, cast.SEASON_DAYS - 1)
    ]  # the last is not over
    assert overdue(folder, "abendrot") == [str(day - timedelta(days=1)) for day in mute if day.weekday() == 0]
    silence = rows(folder, "SELECT account, rule, closed_at FROM crm_case WHERE rule = 'customer-overdue'")
    assert silence == [("abendrot", "customer-overdue", None)]


def test_the_short_supplier_has_a_case_for_each_order_and_for_each_truck_that_lost_a_piece(folder: Path) -> None:
    orders = sent(folder, "halbscheffel", "ORDRSP")
    assert len(orders) >= 4
    gln = read_settings(folder / "var" / "demo" / "halbscheffel").gln
    receipts = [each for each in said_by_house(folder, "ReceivingAdvice") if each["seller"]["ids"][0]["value"] == gln]
    lost = [
        each["id"]
        for each in receipts
        if any(line["receivedQuantity"] != line["despatchedQuantity"] for line in each["lines"])
    ]
    assert problems(folder, "halbscheffel") == {"order.supplier-short": len(orders), "receiving.differs": len(lost)}


def test_the_mute_supplier_owes_a_despatch_advice_for_each_order(folder: Path) -> None:
    assert sent(folder, "stillfracht", "DESADV") == []
    last = start_of(folder) + timedelta(days=cast.SEASON_DAYS - 1)
    due = [each for each in sent(folder, "stillfracht", "ORDRSP") if str(each["queued_at"])[:10] < str(last)]
    assert len(due) >= 4
    assert overdue(folder, "stillfracht") == sorted(str(each["number"]).removeprefix("C-") for each in due)
    orders = rows(folder, "SELECT number FROM business_order WHERE partner = 'stillfracht' AND status = 'received'")
    assert len(orders) >= len(due) - 1, "what it delivers is received all the same"


def test_the_stock_count_takes_three_pieces_away_and_promotions_stand_in_the_calendar(folder: Path) -> None:
    (moved,) = rows(
        folder,
        "SELECT e.data FROM effect e JOIN message m ON m.id = e.message"
        " WHERE m.business_number = 'WI-RECOUNT' AND e.kind = 'StockMoved'",
    )
    assert json.loads(str(moved[0]))["delta"] == str(-cast.LOST_PIECES)
    items = read_settings(folder / "var" / "demo" / "nordmarkt").items
    leaflets = cast.leaflets(SEED, items, start_of(folder))
    listed = json.loads(run(folder, "promotions", "list", "--json").stdout)
    assert [each["event"]["id"] for each in listed] == [f"LEAFLET-{each.first_day:%y%m%d}" for each in leaflets]
    assert rows(folder, "SELECT kind, file, state, changed FROM import_run") == [
        ("items", "new-items.csv", "done", len(cast.RANGE))
    ]
