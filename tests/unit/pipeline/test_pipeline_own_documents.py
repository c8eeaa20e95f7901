"""Our own documents do not stand in the way of others' in the log, save those that wait for a person."""

import json

from pipeline_scene import Line, envelope, orders

from gateway.store.view_rows import MessageFilter
from gateway.store.views import Views


def said(number: str, order: str) -> str:
    return json.dumps(
        {
            "document": "OrderDecision",
            "schema": "1",
            "id": number,
            "issuedAt": "2026-11-02",
            "partner": "nordmarkt",
            "order": order,
            "decision": "accept",
            "user": "ann",
        }
    )


def test_our_own_are_left_out_unless_they_wait_and_counts_say_the_same(line: Line) -> None:
    line.take(envelope(orders("O-1")))
    assert [each.fault for each in line.take(said("W-1", "O-1"), "self", channel="internal")] == [None]
    (parked,) = line.take(said("W-2", "nobody"), "self", channel="internal")
    assert parked.fault is not None
    views = Views(line.journal._database.reader)

    def shown(own: bool | None) -> list[str]:
        wanted = MessageFilter(own=own, direction="in")
        found = [f"{each.partner} {each.state}" for each in views.messages(wanted).lines]
        assert views.count_messages(wanted).value == len(found)
        return sorted(found)

    assert shown(None) == ["nordmarkt applied", "self done", "self parked"]
    assert shown(False) == ["nordmarkt applied", "self parked"]
    assert shown(True) == ["self done", "self parked"]
    assert [each.partner for each in views.messages(MessageFilter(own=True, direction="out")).lines] == []
