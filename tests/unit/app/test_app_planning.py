"""What planners set in motion: lists of parameters, words that are refused at once, runs that are asked for once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.app.instance import open_instance
from gateway.app.planning import PlanningActions, change_request, parameter_rows
from gateway.config.scaffold import scaffold
from gateway.model.faults import OurFault
from gateway.model.replenishment import PlanValue

PLACE, GTIN = "9521001000017", "09521001100014"


def test_parameters_come_as_pairs_or_as_columns() -> None:
    pairs = f"place,gtin,name,value\n{PLACE},9521001100014,service,0.99\n{PLACE},9521001100014,capacity,-\n"
    service = PlanValue(place=PLACE, gtin=GTIN, name="service", value="0.99")
    assert parameter_rows(pairs) == [service, PlanValue(place=PLACE, gtin=GTIN, name="capacity", value=None)]
    columns = f"\ufeffgtin,place,service,capacity\n9521001100014,{PLACE},0.99,\n"
    assert parameter_rows(columns) == [service]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("item,service\n1,0.9\n", "plan.file-wrong"),
        (f"place,gtin,servise\n{PLACE},1,0.9\n", "plan.parameter-unknown"),
        (f"place,gtin,service\n{PLACE},1,1.5\n", "plan.parameter-wrong"),
        (f"place,gtin,unheard\n{PLACE},1,-\n", "plan.parameter-unknown"),
        ("name,value,place,gtin\nservice,0.9\n", "plan.file-wrong"),
        (f'place,gtin,service\n{PLACE},1,"0.9\n', "plan.file-wrong"),
        (f"place,gtin,service\n{PLACE},1,{'9' * 200_000}\n", "plan.file-wrong"),
    ],
    ids=range(7),
)
def test_a_wrong_list_is_refused_as_a_whole(text: str, code: str) -> None:
    with pytest.raises(OurFault) as caught:
        parameter_rows(text)
    assert caught.value.code == code


def test_the_same_change_is_asked_for_once() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    one, two = change_request((5, PLACE, GTIN), now), change_request((5, PLACE, GTIN), now)
    assert one == two
    assert (one.release, one.changed > 0) == (False, True)
    assert change_request((6, PLACE, GTIN), now).id != one.id


def test_a_word_about_a_place_that_is_not_planned_is_refused_at_once(tmp_path: Path) -> None:
    root = tmp_path / "i"
    scaffold(root, name="Own", gln="9521001000000")
    opened = open_instance(root)
    actions = PlanningActions(instance=opened, wake=lambda lane: None)
    with pytest.raises(OurFault, match=r"plan\.place-unknown"):
        actions.say("freeze", "ann", [PlanValue(place=PLACE, gtin=GTIN)])
    with pytest.raises(OurFault, match=r"plan\.pair-unknown"):
        actions.what_if(PLACE, GTIN, {"service": "0.9"})
    assert actions.approve_normal("ann") == 0
    opened.close()


def test_a_word_is_a_document_and_a_line_of_the_audit(tmp_path: Path) -> None:
    root = tmp_path / "i"
    scaffold(root, name="Own", gln="9521001000000")
    terms = f'agreements:\n  - {{id: own, method: purchase, places: ["{PLACE}"]}}\n'
    (root / "partners" / "self" / "planning.yaml").write_text(terms)
    opened = open_instance(root)
    woken: list[str] = []
    actions = PlanningActions(instance=opened, wake=woken.append)
    word = actions.say("freeze", "ann", [PlanValue(place=PLACE, gtin=GTIN)], reason="delisted")
    assert woken == ["self"]
    with opened.journal.reader.connect() as connection:
        rows = connection.execute(text("SELECT user, action, subject, after FROM audit")).all()
        arrived = connection.execute(text("SELECT partner, state FROM arrival")).all()
    assert [tuple(each) for each in rows if each.action == "plan.freeze"] == [
        ("ann", "plan.freeze", f"{PLACE} {GTIN}", f"{PLACE} {GTIN} delisted")
    ]
    assert ("self", "received") in [tuple(each) for each in arrived]
    assert len(word) == 36
    opened.close()
