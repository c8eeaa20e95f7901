"""Continuous replenishment: both sides agree, levels go down step by step, and come back where it was not enough."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from domain_scene import NOW, OTHER, OWN, RICE, SELF, SHOP, TEA, context

from gateway.domain.decision import Decision, Snapshot
from gateway.domain.replenishment.crp import (
    ACTIVE,
    DECLINED,
    ENDED,
    OFFERED,
    STOCK,
    Agreed,
    agreed,
)
from gateway.domain.replenishment.lower_levels import breached, lower, played
from gateway.domain.table import decide
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.joint import AgreementAct, LevelChange, StockAgreement, StockLevel
from gateway.model.planning import PlanAgreement, PlanningTerms
from gateway.model.planning_effects import ParameterSaved, RecordSaved

STORE = "4099910000022"
PLANNING = replace(
    OWN,
    planning=PlanningTerms(
        agreements=(
            PlanAgreement(id="shop", method="vmi", partner="shop", places=(STORE,)),
            PlanAgreement(id="other", method="vmi", partner="other", places=("4099920000029",)),
        )
    ),
)


def d(value: object) -> Decimal:
    return Decimal(str(value))


def offer(**more: Any) -> StockAgreement:
    known: dict[str, Any] = {
        "id": "CR1",
        "issued_at": NOW,
        "partner": "shop",
        "name": "Tea and rice",
        "lines": (
            StockLevel(place=STORE, gtin=TEA, level=d(40)),
            StockLevel(place=STORE, gtin=RICE, level=d(20)),
        ),
        "user": "ann",
    }
    return StockAgreement(**(known | more))


def act(what: str, **more: Any) -> AgreementAct:
    known: dict[str, Any] = {"id": f"act-{what}", "issued_at": NOW, "kind": "stock", "agreement": "CR1", "user": "ann"}
    return AgreementAct(act=what, **(known | more))


class Talk:
    """Says one document after the other and remembers the record."""

    def __init__(self) -> None:
        self.record: RecordSaved | None = None
        self.parameters: dict[tuple[str, str], str | None] = {}

    def say(self, document: Any, who: Any = SELF) -> Decision:
        known = {} if self.record is None else {(STOCK, self.record.id): self.record}
        found = decide(document, context(who, own=PLANNING), Snapshot(plan_records=known))
        for each in found.effects:
            if isinstance(each, RecordSaved):
                self.record = each
            if isinstance(each, ParameterSaved):
                self.parameters[each.gtin, each.name] = each.value
        return found

    @property
    def now(self) -> Agreed:
        assert self.record is not None
        return agreed(self.record)


@pytest.fixture
def active() -> Talk:
    talk = Talk()
    talk.say(offer())
    talk.say(act("accept", user="customer"), SHOP)
    return talk


def lowering(**more: Any) -> AgreementAct:
    line = LevelChange(place=STORE, gtin=TEA, level=d(40), proposed=d(36), days=28, fill_now=d(1), fill_next=d("0.99"))
    return act("propose", lines=(line,), **more)


def test_an_offer_counts_when_the_partner_has_said_yes() -> None:
    talk = Talk()
    found = talk.say(offer())
    assert [each.to for each in found.answers] == ["shop"]
    assert (talk.now.state, talk.now.waits_for, talk.parameters) == (OFFERED, ("them",), {})
    talk.say(act("accept", user="customer"), SHOP)
    assert (talk.now.state, talk.now.waits_for) == (ACTIVE, ())
    assert talk.now.levels == {(STORE, TEA): d(40), (STORE, RICE): d(20)}
    assert talk.parameters[TEA, "rule"] == "min-max"
    assert (talk.parameters[TEA, "minimum"], talk.parameters[TEA, "maximum"]) == ("40", "40")
    assert [each.act for each in talk.now.history] == ["offer", "accept"]


def test_what_the_system_proposes_both_sides_must_accept(active: Talk) -> None:
    active.say(lowering(user="system"))
    assert active.now.waits_for == ("us", "them")
    active.say(act("accept", proposal="act-propose"))
    assert active.parameters[TEA, "maximum"] == "40"
    active.say(act("accept", proposal="act-propose", user="customer"), SHOP)
    assert active.now.levels[STORE, TEA] == d(36)
    assert active.now.former == {(STORE, TEA): d(40)}
    assert (active.parameters[TEA, "maximum"], active.parameters[RICE, "maximum"]) == ("36", "20")


def test_a_breach_restores_the_former_level(active: Talk) -> None:
    active.say(lowering())
    active.say(act("accept", user="customer"), SHOP)
    today = NOW.date()
    empty = [((STORE, RICE), today), ((STORE, TEA), today - timedelta(days=1))]
    now = active.now
    assert breached(now.levels, now.former, now.since, empty) == []  # rice was not lowered, tea was empty before
    later = [*empty, ((STORE, TEA), today + timedelta(days=2))]
    assert breached(now.levels, now.former, now.since, later) == [(STORE, TEA)]
    assert breached(now.levels, now.former, None, later) == []
    line = LevelChange(place=STORE, gtin=TEA, level=d(36), proposed=d(40))
    active.say(act("restore", lines=(line,), user="system", reason="empty"))
    assert active.now.levels[STORE, TEA] == d(40)
    assert active.now.former == {}
    assert active.parameters[TEA, "maximum"] == "40"
    with pytest.raises(OurFault, match=r"crp\.nothing-before"):
        active.say(act("restore", lines=(line,)))


def test_a_declined_lowering_changes_nothing_and_a_declined_offer_ends_it(active: Talk) -> None:
    active.say(lowering())
    active.say(act("decline", user="customer", reason="holiday"), SHOP)
    assert (active.now.state, active.now.proposal, active.now.levels[STORE, TEA]) == (ACTIVE, None, d(40))
    talk = Talk()
    talk.say(offer())
    talk.say(act("decline", user="customer"), SHOP)
    assert talk.now.state == DECLINED
    with pytest.raises(PartnerFault, match=r"crp\.over"):
        talk.say(act("accept", user="customer"), SHOP)


def test_the_end_gives_the_parameters_back(active: Talk) -> None:
    active.say(act("end"))
    assert active.now.state == ENDED
    assert set(active.parameters.values()) == {None}


def test_other_terms_leave_the_levels_until_they_are_accepted(active: Talk) -> None:
    active.say(offer(lines=(StockLevel(place=STORE, gtin=TEA, level=d(50)),), step=d("0.2")))
    assert (active.now.state, active.now.levels[STORE, TEA], active.now.terms.step) == (ACTIVE, d(40), d("0.2"))
    active.say(act("accept", user="customer"), SHOP)
    assert active.now.levels == {(STORE, TEA): d(50), (STORE, RICE): d(20)}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"partner": "nobody"}, "crp.partner-unknown"),
        ({"partner": "other"}, "crp.place-unknown"),
        ({"id": ""}, "crp.number-wrong"),
        ({"delivery_days": (0,)}, "crp.terms-wrong"),
        ({"step": Decimal(1)}, "crp.terms-wrong"),
        ({"lines": ()}, "crp.terms-wrong"),
        ({"lines": (StockLevel(place=STORE, gtin=TEA, level=Decimal(0)),)}, "crp.level-wrong"),
        ({"lines": (StockLevel(place=STORE, gtin=TEA, level=Decimal(1)),) * 2}, "crp.level-wrong"),
    ],
    ids=range(8),
)
def test_what_is_wrong_with_an_offer_is_said(more: dict[str, Any], code: str) -> None:
    with pytest.raises(OurFault) as caught:
        Talk().say(offer(**more))
    assert caught.value.code == code


def test_nobody_speaks_for_another(active: Talk) -> None:
    with pytest.raises(PartnerFault, match=r"crp\.unknown"):
        active.say(act("end", user="stranger"), OTHER)
    with pytest.raises(PartnerFault, match=r"crp\.sender-unexpected"):
        active.say(offer(), SHOP)
    with pytest.raises(PartnerFault, match=r"crp\.act-unknown"):
        active.say(lowering(user="customer"), SHOP)
    active.say(lowering())
    with pytest.raises(PartnerFault, match=r"crp\.proposal-gone"):
        active.say(act("accept", proposal="another", user="customer"), SHOP)
    with pytest.raises(OurFault, match=r"crp\.proposal-wrong"):
        active.say(lowering())


# --- the backtest of a level ------------------------------------------------------------------------------------------

MONDAY = date(2026, 1, 5)


def week(*units: int, weeks: int = 1) -> dict[date, Decimal]:
    return {MONDAY + timedelta(days=n): d(units[n % len(units)]) for n in range(len(units) * weeks)}


def test_a_level_played_by_hand() -> None:
    """Level 10, 4 a day, Thursdays only: 6, 2, 0 and 2 lost; 10 come: 6, 2, 0 and 2 lost, then 4 are lost."""
    found = played(d(10), week(4, 4, 4, 4, 4, 4, 4), (4,), 1)
    assert found.fill == d(4 + 4 + 2 + 4 + 4 + 2 + 0) / d(28)
    assert found.stock == d(6 + 2 + 0 + 6 + 2 + 0 + 0) / d(7)


def test_what_is_on_its_way_is_not_ordered_again() -> None:
    """Three days' lead and deliveries every day: 12 at 4 a day runs empty on the third night, and what was ordered on
    the first comes on the fourth."""
    found = played(d(12), week(4, 4, 4, 4, 4, 4, 4), (1, 2, 3, 4, 5, 6, 7), 3)
    assert found.fill == 1
    assert found.stock == d(8 + 4 + 0 + 0 + 0 + 0 + 0) / d(7)


def test_the_next_level_is_the_lowest_within_a_step_that_serves_enough() -> None:
    terms = offer(delivery_days=(1, 2, 3, 4, 5, 6, 7), step=d("0.2"), fill=d("1"))
    demand = week(4, 4, 4, 4, 4, 4, 8, weeks=6)
    found = lower(STORE, TEA, d(12), terms, demand, 1)
    assert found is not None
    assert (found.proposed, found.fill_now, found.fill_next, found.days) == (d(10), 1, 1, 42)
    assert lower(STORE, TEA, d(8), terms, demand, 1) is None  # 7 would not serve the eighth
    assert lower(STORE, TEA, d(12), terms, {}, 1) is None
    assert lower(STORE, TEA, d(1), terms, demand, 1) is None
    far = lower(STORE, TEA, d(10**9), replace(terms, step=d("0.99999999")), demand, 1)
    assert far is not None, "of ten millions of levels a few are played"
    assert far.proposed == 10


@pytest.mark.parametrize("level", range(1, 30))
def test_more_stock_never_serves_less(level: int) -> None:
    demand = {MONDAY + timedelta(days=n): d((n * 7) % 11) for n in range(60)}
    less, more = played(d(level), demand, (1, 4), 2), played(d(level + 1), demand, (1, 4), 2)
    assert less.fill is not None
    assert more.fill is not None
    assert less.fill <= more.fill
