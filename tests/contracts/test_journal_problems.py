"""Problems, what is said of them, replays by cause, queues, alerts and the desk's lists, on every journal."""

from datetime import timedelta
from typing import Any

from journal_rows import NOW, Steps, a_message, a_parcel, an_arrival, new_id

from gateway.model.effects import DocumentExpected
from gateway.model.findings import Finding, Where
from gateway.ports.records import ReplayFilter
from gateway.store import alerts, problem_marks
from gateway.store.journal import SqlJournal
from gateway.store.view_alert_rows import AlertRule, AlertTarget
from gateway.store.views import Views

LATER = NOW + timedelta(hours=1)


def parked(steps: Steps, path: str, value: str = "A") -> str:
    fault = Finding(code="item.unknown", where=Where(path=path), value=value)
    message = a_message(state="parked", fault=fault, document_type="Order", owner="us")
    steps.prepared(message, arrival=an_arrival(message.id.encode()))
    return message.id


def test_causes_are_counted_by_place_and_spoken_of(journal: SqlJournal, steps: Steps) -> None:
    for n in range(3):
        parked(steps, f"lines[{n}].item.gtin")
    parked(steps, "buyer")
    views = Views(journal.reader)
    page = views.problems(LATER)
    assert [(each.place, each.count) for each in page.lines] == [("lines[].item.gtin", 3), ("buyer", 1)]
    assert page.lines[0].trend == (0, 0, 0, 0, 0, 0, 3)
    wanted = page.lines[0].id

    def say(tx: Any) -> None:
        problem_marks.mark(tx, "retailer", wanted, "ana", LATER, state="snoozed", until=LATER + timedelta(days=1))

    journal.write(say)
    journal.write(say)
    detail = views.problem(wanted, LATER)
    assert detail is not None
    assert (detail.problem.state, len(detail.lines), detail.values[0].count) == ("snoozed", 3, 3)


def test_a_replay_takes_one_cause_in_portions_and_tells_what_it_took(journal: SqlJournal, steps: Steps) -> None:
    taken = [parked(steps, "lines[0].item") for _ in range(3)]
    left = parked(steps, "buyer")
    chosen = ReplayFilter(partner="retailer", fault_code="item.unknown", place="lines[].item")
    bulk = journal.write(lambda tx: tx.start_bulk(new_id("bulk"), chosen, "ana", "mended", LATER))
    assert bulk.total == 3
    while journal.write(lambda tx: tx.advance_bulk(bulk.id, 2, LATER))[0].state == "running":
        pass
    found = Views(journal.reader).replay_result(bulk.id)
    assert found is not None
    assert found.states == {"received": 3}
    assert {each.id for each in found.lines} == set(taken)
    assert [each.newest for each in Views(journal.reader).problems(LATER).lines] == [left]


def test_parcels_of_one_cause_go_out_again(journal: SqlJournal, steps: Steps) -> None:
    message = a_message()
    steps.applied(message, a_parcel(cause=message.id))
    refused = Finding(code="http.refused")

    def fail(tx: Any) -> None:
        for each in tx.claim_parcels("n", NOW, timedelta(minutes=1), 5):
            tx.settle(each, "refused", NOW, fault=refused)

    journal.write(fail)
    (line,) = Views(journal.reader).problems(LATER).lines
    assert (line.kind, line.code, line.document_type) == ("parcel", "http.refused", "OrderResponse")
    chosen = ReplayFilter(kind="parcel", partner="retailer", fault_code="http.refused", place="")
    bulk = journal.write(lambda tx: tx.start_bulk(new_id("bulk"), chosen, "ana", "up again", LATER))
    assert journal.write(lambda tx: tx.advance_bulk(bulk.id, 9, LATER))[0].done == 1
    queue = next(each for each in Views(journal.reader).queues(LATER) if each.direction == "out")
    assert (queue.waiting, queue.oldest_at) == (1, NOW)


def test_absent_documents_and_empty_queues(journal: SqlJournal, steps: Steps) -> None:
    owed = DocumentExpected(key="k", partner="retailer", document_type="SalesReport", subject="2026-03-01", due=NOW)
    journal.write(lambda tx: tx.expect([owed]))
    journal.write(lambda tx: tx.overdue(LATER, 10))
    (line,) = Views(journal.reader).problems(LATER).lines
    assert (line.kind, line.place, line.count, sum(line.trend)) == ("absent", "SalesReport", 1, 1)
    assert Views(journal.reader).queues(LATER) == ()
    assert Views(journal.reader).holds() == ()


def test_a_rule_fires_once_is_delivered_and_cleared(journal: SqlJournal, steps: Steps) -> None:
    parked(steps, "buyer")
    rule = AlertRule(
        id="r", name="Team", kind="problem", targets=(AlertTarget(kind="email", address="ops@example.org"),)
    )
    found = alerts.Condition(subject="s", since=NOW, code="alert.problem", link="/problems/s", params={"partner": "p"})
    journal.write(lambda tx: alerts.save_rule(tx, rule, "ana", NOW))  # type: ignore[arg-type]
    fired = [
        journal.write(lambda tx: alerts.fire(tx, rule, [found], lambda: new_id("alert"), LATER))  # type: ignore[arg-type]
        for _ in range(2)
    ]
    assert fired == [1, 0]
    views = Views(journal.reader)
    assert views.deliveries_due(LATER)
    (due,) = journal.write(lambda tx: alerts.claim(tx, LATER, 10))  # type: ignore[arg-type]
    assert journal.write(lambda tx: alerts.claim(tx, LATER, 10)) == []  # type: ignore[arg-type]
    journal.write(lambda tx: alerts.settle(tx, due.id, None, 1, LATER))  # type: ignore[arg-type]
    journal.write(lambda tx: alerts.fire(tx, rule, [], lambda: new_id("alert"), LATER))  # type: ignore[arg-type]
    (line,) = views.alert_rules()
    assert (line.open, line.last_fired_at) == (0, LATER)
    (firing,) = views.firings("r")
    assert (firing.deliveries[0].state, firing.cleared_at) == ("sent", LATER)
    assert views.last_messages(["retailer", "nobody"]) == {"retailer": NOW}
    assert views.failure_rates(NOW - timedelta(hours=1))["retailer"].failed == 1
    assert views.reported_stock_at() == {}


def test_the_desk_s_lists_are_empty_in_an_empty_journal(journal: SqlJournal) -> None:
    views = Views(journal.reader)
    assert views.orders_at_work(side="sale", partner="p", status="open", number="4", cursor=(1, "x")) == ()
    assert views.orders_at_work(status="waiting") == ()
    assert views.shipments(side="sale", partner="p", number="n", order="o") == ()
    assert views.kept_items("oat") == ()
    assert views.kept_item("9521001100014") is None
