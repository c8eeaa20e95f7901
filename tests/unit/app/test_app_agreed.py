"""Agreements with a partner through the real pipeline: offered, answered by its own document, lowered and restored."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gateway.app.agreed import AgreedActions
from gateway.app.instance import Instance, open_instance
from gateway.app.processing import Processing
from gateway.app.workers import Workers
from gateway.config.scaffold import scaffold
from gateway.model import json_form
from gateway.model.effects import SalesRecorded, StockReported
from gateway.model.faults import OurFault
from gateway.model.forecast import Forecast
from gateway.model.joint import AgreementAct, Criterion, JointPlan, StockAgreement, StockLevel
from gateway.model.payload import MemoryPayload
from gateway.model.planning_effects import DayReported, LinesPlanned, OverrideSaved, PlannedLine
from gateway.pipeline.accept import accept
from gateway.ports.records import Arrival

SHOP, STORE, TEA = "9521002000009", "9521002000016", "09521001100014"
PARTNER = f"""
name: Shop
role: customer
gln: ["{SHOP}", "{STORE}"]
channels:
  out: {{kind: folder, folder: shop}}
agreements:
  - {{receive: canonical/AgreementAct, over: out}}
  - {{receive: canonical/JointPlan, over: out}}
  - {{receive: canonical/RetailEvent, over: out}}
  - {{send: canonical/AgreementAct, over: out}}
  - {{send: canonical/StockAgreement, over: out}}
  - {{send: eancom-1997/SLSFCT, over: out}}
"""
PLANNING = f"""
agreements:
  - {{id: shops, method: vmi, partner: shop, places: ["{STORE}"], calendar: {{lead_days: 1}}}}
"""


class Later:
    """The instance's clock, so many days ahead."""

    def __init__(self, clock: Any) -> None:
        self.clock, self.days = clock, 0

    def now(self) -> datetime:
        return self.clock.now() + timedelta(days=self.days)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    root = tmp_path / "i"
    scaffold(root, name="Own", gln="9521001000000")
    (root / "partners" / "self" / "planning.yaml").write_text(PLANNING)
    (root / "partners" / "shop").mkdir()
    (root / "partners" / "shop" / "partner.yaml").write_text(PARTNER)
    opened = open_instance(root)
    opened.clock = Later(opened.clock)  # type: ignore[assignment]
    yield opened
    opened.close()


def process(instance: Instance, *lanes: str) -> None:
    found = Processing(
        journal=instance.journal,
        book=lambda: instance.book,
        workers=Workers(lambda: instance.book, 0),
        clock=instance.clock,
        owner="test",
        on_parcels=lambda: None,
        wake=lambda lane: None,
    )

    async def drain() -> None:
        for lane in lanes or ("self",):
            await found.drain(lane)

    asyncio.run(drain())


def rows(instance: Instance, query: str) -> list[tuple[Any, ...]]:
    with instance.journal.reader.connect() as connection:
        return [tuple(each) for each in connection.execute(text(query))]


def actions(instance: Instance) -> AgreedActions:
    return AgreedActions(instance=instance, wake=lambda lane: None)


def from_partner(instance: Instance, document: Any, key: str) -> None:
    now = instance.clock.now()
    data = MemoryPayload(json_form.dumps(document).encode())
    arrival = Arrival(id=key, channel="out", partner="shop", payload=data, content_type="application/json")
    instance.journal.write(lambda tx: accept(tx, instance.book, arrival, now))
    process(instance, "shop")
    faults = rows(instance, "SELECT fault_code FROM message WHERE state IN ('parked', 'quarantined')")
    assert faults == [], faults


def act(instance: Instance, kind: str, agreement: str, what: str, **more: Any) -> AgreementAct:
    facts: dict[str, Any] = {"id": f"{what}-{len(more)}", "issued_at": instance.clock.now(), "user": "buyer"}
    return AgreementAct(kind=kind, agreement=agreement, act=what, **(facts | more))


def sell(instance: Instance, days: int, units: int, stock: int) -> None:
    """Every day of so many sold units and left stock, until yesterday."""
    now = instance.clock.now()
    effects: list[Any] = []
    for n in range(days, 0, -1):
        day = now.date() - timedelta(days=n)
        facts: dict[str, Any] = {"partner": "shop", "location": STORE, "day": day, "report": f"V{day}"}
        effects.append(SalesRecorded(key=f"s{day}", gtin=TEA, sold=Decimal(units), **facts))
        effects.append(DayReported(key=f"d{day}", **facts))
        effects.append(
            StockReported(
                key=f"c{day}",
                partner="shop",
                location=STORE,
                gtin=TEA,
                type="onHand",
                quantity=Decimal(stock),
                at=day,
                report=f"I{day}",
            )
        )
    instance.journal.write(lambda tx: tx.write_effects(f"m-{now:%d%f}", effects, now, test=False))


def maximum(instance: Instance) -> str | None:
    return instance.views.plan_parameters(STORE, TEA).get("maximum")


def test_a_level_is_agreed_lowered_by_its_backtest_and_restored_after_an_empty_shelf(instance: Instance) -> None:
    office = actions(instance)
    terms = StockAgreement(
        id="CR1",
        issued_at=instance.clock.now(),
        partner="shop",
        name="Tea",
        lines=(StockLevel(place=STORE, gtin=TEA, level=Decimal(40)),),
        delivery_days=(1, 2, 3, 4, 5, 6, 7),
        period_days=14,
    )
    office.offer_stock(terms, "ann")
    process(instance)
    assert maximum(instance) is None
    from_partner(instance, act(instance, "stock", "CR1", "accept"), "a1")
    assert maximum(instance) == "40"
    assert office.look() == 0  # the period is not over
    instance.clock.days = 14  # type: ignore[attr-defined]
    sell(instance, 13, 5, 30)
    assert office.look() == 1
    process(instance)
    assert office.look() == 0
    (waiting,) = instance.views.stock_agreements("shop")
    assert waiting.proposal is not None
    (line,) = waiting.proposal.lines
    assert (line.level, line.proposed, line.fill_next, waiting.waits_for) == (40, 36, 1, ("us", "them"))
    office.answer("stock", "CR1", "accept", "ann", proposal=waiting.proposal.id)
    process(instance)
    from_partner(instance, act(instance, "stock", "CR1", "accept", proposal=waiting.proposal.id), "a2")
    assert maximum(instance) == "36"
    instance.clock.days = 20  # type: ignore[attr-defined]
    sell(instance, 2, 36, 0)
    assert office.look() == 1
    process(instance)
    assert maximum(instance) == "40"
    (found,) = instance.views.stock_agreements()
    assert [each.act for each in found.history] == ["offer", "accept", "propose", "accept", "accept", "restore"]
    sent = rows(instance, "SELECT document_type FROM parcel WHERE partner = 'shop' ORDER BY seq")
    assert sent[0] == ("StockAgreement",)
    assert ("AgreementAct",) in sent
    said = rows(instance, "SELECT user, action FROM audit WHERE action LIKE 'stock.%' ORDER BY id")
    assert said == [
        ("ann", "stock.offer"),
        ("system", "stock.propose"),
        ("ann", "stock.accept"),
        ("system", "stock.restore"),
    ]


def joint_plan(instance: Instance, **more: Any) -> JointPlan:
    rule = Criterion(metric="forecast-difference", limit=Decimal("0.2"))
    facts: dict[str, Any] = {"id": "JP1", "issued_at": instance.clock.now(), "partner": "shop", "name": "Tea"}
    return JointPlan(criteria=(rule,), **(facts | more))


def forecasts(instance: Instance, ours: float, theirs: int) -> None:
    """Both sides' units a day of the coming week."""
    now = instance.clock.now()
    today = now.date()
    daily = ",".join(
        f'{{"day":"{today + timedelta(days=n)}","system":{ours},"units":{ours},"said":false}}' for n in range(7)
    )
    line = PlannedLine(
        location=STORE,
        gtin=TEA,
        partner="shop",
        agreement="shops",
        method="vmi",
        status="nothing",
        quantity=Decimal(0),
        why=f'{{"forecast":{{"daily":[{daily}]}}}}',
    )
    told = OverrideSaved(
        key="told",
        id="told",
        location=STORE,
        gtin=TEA,
        kind="told",
        quantity=Decimal(theirs),
        first_day=today,
        last_day=today + timedelta(days=6),
        reason="F9",
        author="shop",
    )
    effects = (LinesPlanned(key="p", lines=(line,)), told)
    instance.journal.write(lambda tx: tx.write_effects("m-forecast", effects, now, test=False))


def test_the_rules_are_exchanged_and_the_exception_is_resolved_with_a_note(instance: Instance) -> None:
    office = actions(instance)
    office.offer_plan(joint_plan(instance), "ann")
    process(instance)
    from_partner(instance, joint_plan(instance, partner="us", user="buyer"), "p1")
    (plan,) = instance.views.joint_plans("shop")
    assert plan.state == "agreed"
    forecasts(instance, 10.0, 16)
    today = instance.clock.now().date()
    (row,) = instance.views.joint_exceptions("JP1", today)
    assert (row.exception.row.ours, row.exception.row.theirs) == (70, 112)
    assert round(row.exception.value, 3) == Decimal("0.462")
    office.answer("joint", "JP1", "resolve", "ann", about=row.about, reason="fair", quantity=Decimal(13))
    process(instance)
    (row,) = instance.views.joint_exceptions("JP1", today)
    assert row.note is not None
    assert (row.note.reason, row.note.quantity) == ("fair", 13)
    active = [each for each in instance.views.plan_overrides(STORE, TEA) if each.active and each.kind == "forecast"]
    assert [(each.quantity, each.author) for each in active] == [(13, "ann")]


def test_our_forecast_goes_out_as_slsfct_and_can_be_frozen(instance: Instance) -> None:
    office = actions(instance)
    office.offer_plan(joint_plan(instance), "ann")
    process(instance)
    forecasts(instance, 10.0, 10)
    office.answer("joint", "JP1", "share", "ann")
    office.answer("joint", "JP1", "freeze", "ann")
    process(instance)
    sent = rows(instance, "SELECT mapping, document_type FROM parcel WHERE partner = 'shop' ORDER BY seq")
    assert ("eancom-1997/SLSFCT", "Forecast") in sent
    frozen = instance.views.joint_plans()[0].frozen
    assert isinstance(frozen, Forecast)
    assert [(each.location, each.quantity.value) for each in frozen.lines] == [(STORE, 70)]
    with pytest.raises(OurFault, match=r"cpfr\.unknown"):
        office.answer("joint", "JP9", "share", "ann")
