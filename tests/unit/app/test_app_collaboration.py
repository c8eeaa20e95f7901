"""Events of the calendar through the real pipeline: said by a person, sent by a partner, loaded from a file."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gateway.app.collaboration import CollaborationActions, event_rows
from gateway.app.instance import Instance, open_instance
from gateway.app.processing import Processing
from gateway.app.workers import Workers
from gateway.config.scaffold import scaffold
from gateway.model.faults import OurFault
from gateway.model.retail_event import RetailEvent
from gateway.model.values import Item

PLACE, GTIN, OTHER = "9521001000017", "09521001100014", "09521001100021"


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    root = tmp_path / "i"
    scaffold(root, name="Own", gln="9521001000000")
    terms = f'agreements:\n  - {{id: own, method: purchase, places: ["{PLACE}"]}}\n'
    (root / "partners" / "self" / "planning.yaml").write_text(terms)
    opened = open_instance(root)
    yield opened
    opened.close()


def actions(instance: Instance) -> CollaborationActions:
    return CollaborationActions(instance=instance, wake=lambda lane: None)


def process(instance: Instance) -> None:
    found = Processing(
        journal=instance.journal,
        book=lambda: instance.book,
        workers=Workers(lambda: instance.book, 0),
        clock=instance.clock,
        owner="test",
        on_parcels=lambda: None,
        wake=lambda lane: None,
    )
    asyncio.run(found.drain("self"))


def event(instance: Instance, **more: Any) -> RetailEvent:
    today = instance.clock.now().date()
    facts: dict[str, Any] = {
        "id": "E1",
        "issued_at": today,
        "kind": "promotion",
        "name": "Oats week",
        "first_day": today,
        "last_day": today + timedelta(days=6),
        "items": (Item(gtin=GTIN),),
        "uplift": Decimal("0.5"),
    }
    return RetailEvent(**(facts | more))


def rows(instance: Instance, query: str) -> list[tuple[Any, ...]]:
    with instance.journal.reader.connect() as connection:
        return [tuple(each) for each in connection.execute(text(query))]


def test_an_event_is_a_document_that_can_be_said_anew_and_taken_back(instance: Instance) -> None:
    act = actions(instance)
    act.save_events([event(instance)], "ann")
    process(instance)
    assert [each.event.name for each in instance.views.planning_events()] == ["Oats week"]
    assert (PLACE, GTIN) in rows(instance, "SELECT location, gtin FROM plan_changed")
    act.save_events([event(instance, name="Longer week", function="replace")], "ann")
    process(instance)
    assert [each.event.name for each in instance.views.planning_events()] == ["Longer week"]
    act.cancel_event("E1", "bob")
    process(instance)
    assert instance.views.planning_events() == ()
    (cancelled,) = instance.views.planning_events(cancelled=True)
    assert cancelled.event.name == "Longer week"
    assert rows(instance, "SELECT state FROM message") == [("done",)] * 3
    said = rows(instance, "SELECT user, action, subject FROM audit WHERE action LIKE 'event.%' ORDER BY id")
    assert said == [("ann", "event.save", "E1"), ("ann", "event.save", "E1"), ("bob", "event.cancel", "E1")]


def test_what_is_wrong_is_said_at_once_and_nothing_of_it_is_kept(instance: Instance) -> None:
    with pytest.raises(OurFault, match=r"event\.kind-unknown"):
        actions(instance).save_events([event(instance), event(instance, id="E2", kind="party")], "ann")
    with pytest.raises(OurFault, match=r"event\.unknown"):
        actions(instance).cancel_event("E9", "ann")
    assert rows(instance, "SELECT id FROM message") == []
    assert rows(instance, "SELECT id FROM arrival") == []


def test_lines_of_one_number_make_one_event(instance: Instance) -> None:
    head = "id,name,first_day,last_day,gtin,place,uplift\n"
    lines = f"P1,Week,2026-03-02,2026-03-08,{GTIN},{PLACE},0.5\nP1,Week,2026-03-02,2026-03-08,{OTHER},{PLACE},0.5\n"
    assert actions(instance).load_events(head + lines, "ann") == 1
    process(instance)
    (found,) = instance.views.planning_events()
    assert (found.event.gtins, found.event.places, found.event.uplift) == ((GTIN, OTHER), (PLACE,), Decimal("0.5"))


@pytest.mark.parametrize(
    "wrong",
    [
        "id,gtin\n1,2\n",
        f"id,name,first_day,last_day,gtin\n,a,2026-03-02,2026-03-08,{GTIN}\n",
        f"id,name,first_day,last_day,gtin\nP1,a,02.03.2026,2026-03-08,{GTIN}\n",
        f"id,name,first_day,last_day,gtin,uplift\nP1,a,2026-03-02,2026-03-08,{GTIN},much\n",
        f"id,name,first_day,last_day,gtin\nP1,a,2026-03-02,2026-03-08,{GTIN}\nP1,b,2026-03-02,2026-03-08,{GTIN}\n",
        f'id,name,first_day,last_day,gtin\nP1,"a,2026-03-02,2026-03-08,{GTIN}\n',
        '"id,name,first_day,last_day,gtin\n',
    ],
    ids=range(7),
)
def test_a_wrong_file_is_refused_as_a_whole(wrong: str, instance: Instance) -> None:
    with pytest.raises(OurFault, match=r"event\.file-wrong"):
        event_rows(wrong, instance.clock.now())


def test_the_audit_holds_what_stood_there_before(instance: Instance) -> None:
    act = actions(instance)
    act.save_events([event(instance)], "ann")
    process(instance)
    act.save_events([event(instance, name="Other", function="replace")], "ann")
    before, after = rows(instance, "SELECT before, after FROM audit WHERE action = 'event.save' ORDER BY id DESC")[0]
    assert (json.loads(before)["name"], json.loads(after)["name"]) == ("Oats week", "Other")
