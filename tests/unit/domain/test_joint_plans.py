"""CPFR: one plan that both sides have said yes to, exceptions that both find alike, notes that resolve them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from domain_scene import NOW, OTHER, OWN, RICE, SELF, SHOP, SHOP_GLN, TEA, context
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.decision import Decision, Snapshot
from gateway.domain.replenishment.cpfr import (
    AGREED,
    JOINT,
    OFFERED,
    Joint,
    content,
    joint,
)
from gateway.domain.replenishment.joint_exceptions import Compared, exceptions
from gateway.domain.table import decide
from gateway.model import json_form
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.forecast import Forecast, ForecastLine
from gateway.model.joint import AgreementAct, Criterion, JointPlan
from gateway.model.planning import PlanAgreement, PlanningTerms
from gateway.model.planning_effects import OverrideSaved, RecordSaved
from gateway.model.values import Item, Period, Quantity, party

STORE = "4099910000022"
PLANNING = replace(
    OWN,
    planning=PlanningTerms(agreements=(PlanAgreement(id="shop", method="vmi", partner="shop", places=(STORE,)),)),
)
FIRST, LAST = date(2026, 3, 9), date(2026, 3, 15)
ABOUT = f"{STORE}/{TEA}/{FIRST}/{LAST}"
RULES = (
    Criterion(metric="forecast-difference", limit=Decimal("0.2")),
    Criterion(metric="in-stock", limit=Decimal("0.95")),
)


def plan(**more: Any) -> JointPlan:
    known: dict[str, Any] = {
        "id": "JP1",
        "issued_at": NOW,
        "partner": "shop",
        "name": "Tea",
        "criteria": RULES,
        "places": (STORE,),
        "user": "ann",
    }
    return JointPlan(**(known | more))


def act(what: str, **more: Any) -> AgreementAct:
    known: dict[str, Any] = {"id": f"act-{what}", "issued_at": NOW, "kind": "joint", "agreement": "JP1", "user": "ann"}
    return AgreementAct(act=what, **(known | more))


class Talk:
    def __init__(self) -> None:
        self.record: RecordSaved | None = None
        self.overrides: list[OverrideSaved] = []

    def say(self, document: Any, who: Any = SELF) -> Decision:
        known = {} if self.record is None else {(JOINT, self.record.id): self.record}
        active = tuple(each for each in self.overrides if each.active)
        snapshot = Snapshot(plan_records=known, plan_overrides={(STORE, TEA): active})
        found = decide(document, context(who, own=PLANNING), snapshot)
        for each in found.effects:
            if isinstance(each, RecordSaved):
                self.record = each
            if isinstance(each, OverrideSaved):
                self.overrides = [old for old in self.overrides if old.id != each.id] + [each]
        return found

    @property
    def now(self) -> Joint:
        assert self.record is not None
        return joint(self.record)


def test_the_same_plan_from_both_sides_is_agreed() -> None:
    talk = Talk()
    found = talk.say(plan())
    assert (talk.now.state, talk.now.waits_for) == (OFFERED, ("them",))
    (sent,) = found.answers
    assert isinstance(sent.document, JointPlan)
    assert sent.document.criteria == RULES, "the rules go with the plan"
    back = plan(partner="supplier", user="customer", criteria=tuple(reversed(RULES)))
    talk.say(json_form.loads(json_form.dumps(back)), SHOP)
    assert (talk.now.state, talk.now.partner) == (AGREED, "shop")


def test_another_rule_is_another_offer() -> None:
    talk = Talk()
    talk.say(plan())
    talk.say(plan(criteria=(RULES[0],)), SHOP)
    assert (talk.now.state, talk.now.waits_for, len(talk.now.plan.criteria)) == (OFFERED, ("us",), 1)
    talk.say(act("accept"))
    assert talk.now.state == AGREED
    assert content(plan()) != content(plan(criteria=(RULES[0],)))


def compared(ours: object, theirs: object, **more: Any) -> Compared:
    facts: dict[str, Any] = {"place": STORE, "gtin": TEA, "first": FIRST, "last": LAST}
    numbers = [None if each is None else Decimal(str(each)) for each in (ours, theirs)]
    return Compared(ours=numbers[0], theirs=numbers[1], **(facts | more))


def test_exceptions_are_what_breaks_a_rule_the_widest_first() -> None:
    rows = [
        compared(100, 120),  # 20 / 110
        compared(100, 150, gtin=RICE),  # 50 / 125
        compared(100, None),
        compared(0, 0),
        compared(90, 90, in_stock=Decimal("0.83")),
    ]
    found = exceptions(RULES, rows)
    assert [(each.metric, each.row.gtin, each.value) for each in found] == [
        ("forecast-difference", RICE, Decimal("0.4")),
        ("in-stock", TEA, Decimal("0.83")),
    ]


numbers = st.one_of(st.none(), st.decimals(0, 1000, places=1))


@given(st.lists(st.tuples(numbers, numbers, st.one_of(st.none(), st.decimals(0, 1, places=2))), max_size=20))
def test_both_sides_find_the_same_exceptions(rows: list[tuple[Decimal | None, Decimal | None, Decimal | None]]) -> None:
    def told(*, turned: bool) -> list[tuple[str, str, Decimal]]:
        listed = [
            compared(*((b, a) if turned else (a, b)), in_stock=shelf, gtin=f"{n:014d}")
            for n, (a, b, shelf) in enumerate(rows)
        ]
        return [(each.metric, each.row.about, each.value) for each in exceptions(RULES, listed)]

    assert told(turned=False) == told(turned=True)


def test_a_note_resolves_an_exception_and_its_quantity_is_planned_with() -> None:
    talk = Talk()
    talk.say(plan())
    with pytest.raises(OurFault, match=r"cpfr\.note-wrong"):
        talk.say(act("resolve", about=ABOUT, reason="fair"))  # not agreed yet
    talk.say(act("accept", user="customer"), SHOP)
    talk.say(act("resolve", id="n1", about=ABOUT, reason="fair in town", quantity=Decimal(20)))
    talk.say(act("resolve", id="n2", about=ABOUT, reason="no, half of it", quantity=Decimal(10), user="customer"), SHOP)
    assert [(each.side, each.reason) for each in talk.now.notes] == [("us", "fair in town"), ("them", "no, half of it")]
    active = [each for each in talk.overrides if each.active]
    assert [(each.quantity, each.first_day, each.last_day, each.author) for each in active] == [
        (Decimal(10), FIRST, LAST, "customer")
    ]
    for wrong in ("nothing", f"{STORE}/{TEA}/x/y", None):
        with pytest.raises(OurFault, match=r"cpfr\.note-wrong"):
            talk.say(act("resolve", about=wrong, reason="?"))


def forecast() -> Forecast:
    line = ForecastLine(
        item=Item(gtin=TEA), quantity=Quantity(value=Decimal(70)), location=STORE, period=Period(start=FIRST, end=LAST)
    )
    us, them = party("4099900000001"), party(SHOP_GLN)
    return Forecast(id="F1", issued_at=NOW, sender=us, receiver=them, lines=(line,))


def test_our_forecast_goes_out_and_a_frozen_one_stays() -> None:
    talk = Talk()
    talk.say(plan())
    shared = talk.say(act("share", forecast=forecast()))
    assert [each.document for each in shared.answers] == [forecast()]
    talk.say(act("freeze", forecast=forecast()))
    assert talk.now.frozen == forecast()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"partner": "nobody"}, "cpfr.partner-unknown"),
        ({"places": ("4099920000029",)}, "cpfr.place-unknown"),
        ({"criteria": ()}, "cpfr.terms-wrong"),
        ({"criteria": (Criterion(metric="mood", limit=Decimal(1)),)}, "cpfr.criterion-unknown"),
        ({"frozen_days": 60}, "cpfr.terms-wrong"),
        ({"id": "x" * 61}, "cpfr.number-wrong"),
    ],
    ids=range(6),
)
def test_what_is_wrong_with_a_plan_is_said(more: dict[str, Any], code: str) -> None:
    with pytest.raises(OurFault) as caught:
        Talk().say(plan(**more))
    assert caught.value.code == code


def test_nobody_speaks_for_another() -> None:
    talk = Talk()
    talk.say(plan())
    with pytest.raises(PartnerFault, match=r"cpfr\.unknown"):
        talk.say(act("accept", user="stranger"), OTHER)
    with pytest.raises(PartnerFault, match=r"cpfr\.(unknown|place-unknown)"):
        talk.say(plan(partner="other"), OTHER)
    with pytest.raises(PartnerFault, match=r"cpfr\.act-unknown"):
        talk.say(act("share", user="customer"), SHOP)
