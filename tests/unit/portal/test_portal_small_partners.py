"""A supplier without EDI works in the portal alone: what it says there are documents like any other's."""

import asyncio
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from portal_scene import FREMD, HOF, OATS, OURS, RICE, World, hidden, running

from gateway.app.agreed import AgreedActions
from gateway.model.effects import StockReported
from gateway.model.forecast import Forecast, ForecastLine
from gateway.model.joint import Criterion, JointPlan, StockAgreement, StockLevel
from gateway.model.json_form import dumps
from gateway.model.payload import MemoryPayload
from gateway.model.planning_effects import LinesPlanned, PlannedLine
from gateway.model.values import Item, Period, Quantity, party
from gateway.ports.records import Arrival
from gateway.store.view_rows import MessageFilter

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def confirmed(world: World, number: str) -> None:
    await world.until(lambda: world.instance.views.order(number)[0].lines[0].status != "open")


async def test_an_order_is_confirmed_shipped_and_labelled_in_the_portal(tmp_path: Path) -> None:
    async with running(tmp_path / "house") as world:
        number = await world.order_from("hof", HOF, {OATS: 24, RICE: 10})
        visitor = await world.person("hof")
        assert number in await visitor.get("/orders")

        # answered line by line: less oats, later rice
        page = await visitor.get(f"/orders/{number}")
        lines = {each.gtin: each.number for each in world.instance.views.order(number)[0].lines}
        said = {
            "do": "lines",
            "once": hidden(page, "once"),
            f"quantity-{lines[OATS]}": "20",
            f"quantity-{lines[RICE]}": "10",
            f"day-{lines[RICE]}": "2030-05-06",
        }
        await visitor.post(f"/orders/{number}/answer", said)
        await confirmed(world, number)
        order = world.instance.views.order(number)[0]
        assert order.status == "amended"
        assert {each.gtin: (int(each.confirmed), each.status) for each in order.lines} == {
            OATS: (20, "quantity-changed"),
            RICE: (10, "date-changed"),
        }

        # the same form again is the same document
        await visitor.post(f"/orders/{number}/answer", said)
        answers = world.instance.views.messages(MessageFilter(type="OrderResponse"), None, 50).lines
        assert len(answers) == 1
        assert (answers[0].channel, answers[0].partner) == ("portal", "hof")

        # shipped: oats in two batches on two pallets, numbers from our range
        page = await visitor.get(f"/orders/{number}/despatch")
        rows = {
            "once": hidden(page, "once"),
            "despatch": "2026-12-01",
            "package": "201",
            "sscc": "ours",
            "number": "LS-1",
            "line-0": lines[OATS], "quantity-0": "12", "batch-0": "L1", "best-0": "2027-01-31", "unit-0": "1",
            "line-1": lines[OATS], "quantity-1": "8", "batch-1": "L2", "best-1": "2027-02-28", "unit-1": "2",
            "line-2": lines[RICE], "quantity-2": "10", "batch-2": "", "best-2": "", "unit-2": "2",
        }  # fmt: skip
        more = await visitor.post(f"/orders/{number}/despatch", {**rows, "split": lines[RICE]}, status=200)
        assert 'name="line-3"' in more
        assert hidden(more, "batch-1") == "L2"
        where = await visitor.post(f"/orders/{number}/despatch", rows)
        again = await visitor.post(f"/orders/{number}/despatch", rows)
        assert again == where
        shipped = await world.until(lambda: world.instance.views.shipments(partner="hof", number="LS-1"))
        assert (shipped[0].units, shipped[0].order, shipped[0].side) == (30, number, "purchase")
        page = await visitor.get(where)
        assert "095210010000000017" in page  # extension 0, prefix, serials 1 and 2
        assert "095210010000000024" in page
        assert "LS-1" in page
        async with visitor.session.get(f"{world.portal}{where}/labels") as answer:
            assert answer.content_type == "application/pdf"
            assert (await answer.read()).startswith(b"%PDF")

        # nothing more than what is left
        page = await visitor.get(f"/orders/{number}/despatch")
        refused = await visitor.post(
            f"/orders/{number}/despatch", {**rows, "once": hidden(page, "once"), "number": "LS-2"}, status=409
        )
        assert "portal.more-than-left" in refused

        # what a stranger tries
        other = await world.person("fremd")
        own = world.instance.views.messages(MessageFilter(partner="hof"), None, 50).lines
        for each in own:
            for path in (f"/documents/{each.id}", f"/documents/{each.id}/raw", f"/shipments/{each.id}"):
                await other.get(path, status=404)
        await other.get(f"/orders/{number}", status=404)
        await other.get(where, status=404)
        await other.get(f"{where}/labels", status=404)
        await other.post(f"/orders/{number}/answer", said, status=404)
        assert number not in await other.get("/orders")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"quantity-1": "25"}, "portal.more-than-ordered"),
        ({"quantity-1": "many"}, "api.bad-value"),
        ({"day-1": "tomorrow"}, "api.bad-value"),
        ({"once": "guess"}, "api.bad-value"),
    ],
)
async def test_a_wrong_answer_is_shown_with_what_was_typed(world: World, values: dict[str, str], code: str) -> None:
    number = (await asyncio.to_thread(world.instance.views.orders, side="purchase"))[0].number
    visitor = await world.person("fremd", f"fremd.{code[-5:]}{len(values.get('once', ''))}")
    page = await visitor.get(f"/orders/{number}")
    given = {"do": "lines", "once": hidden(page, "once"), "quantity-1": "24", **values}
    shown = await visitor.post(f"/orders/{number}/answer", given, status=400 if code.startswith("api") else 409)
    assert code in shown
    assert f'value="{given["quantity-1"]}"' in shown


async def test_sales_and_stock_come_as_files_and_enter_as_reports(world: World) -> None:
    visitor = await world.person("fremd", "fremd.lists")
    await visitor.get("/lists")
    table = f"EAN;Menge;Tag\n{OATS};12;2026-11-01\n{RICE};3;2026-11-02\n123;1;2026-11-02\n".encode()
    where = await visitor.upload("/lists", "umsatz.csv", table, status=303, kind="sales")
    page = await visitor.get(where)
    assert "Units sold" in page  # which column is it?
    chosen = {"column-gtin": "EAN", "column-sold": "Menge", "column-day": "Tag"}
    page = await visitor.get(f"{where}?column-gtin=EAN&column-sold=Menge&column-day=Tag")
    assert "123" in page
    done = await visitor.post(where, chosen)
    again = await visitor.post(where, chosen)
    assert done.split("?")[0] == again.split("?")[0]
    assert again.endswith("repeat")
    lines = await world.until(
        lambda: [
            each
            for each in world.instance.views.messages(MessageFilter(type="SalesReport"), None, 9).lines
            if each.state == "done"
        ]
    )
    assert [(each.partner, each.channel) for each in lines] == [("fremd", "portal")]
    stock = f"gtin,stock\n{OATS},36\n".encode()
    where = await visitor.upload("/lists", "stock.csv", stock, status=303, kind="stock")
    await visitor.get(where)
    await visitor.post(where, {})
    await world.until(
        lambda: [
            each
            for each in world.instance.views.messages(MessageFilter(type="InventoryReport"), None, 9).lines
            if each.state == "done"
        ]
    )
    assert "36" in await visitor.get("/sell-through")
    # columns of such a file are known from now on
    where = await visitor.upload("/lists", "umsatz.csv", table + b"\n", status=303, kind="sales")
    assert "Please say which" not in await visitor.get(where)
    # nobody else finds the list
    other = await world.person("hof", "hof.lists")
    await other.get(where, status=409)


async def test_what_is_not_agreed_cannot_be_said(world: World) -> None:
    visitor = await world.person("laden", "laden.x")
    page = await visitor.get("/lists")
    assert 'type="file"' not in page
    where = await visitor.upload("/lists", "a.csv", f"gtin,sold\n{OATS},1\n".encode(), status=303, kind="sales")
    await visitor.get(where)
    assert "portal.not-agreed" in await visitor.post(where, {}, status=409)


async def test_a_file_is_tried_and_leaves_nothing_and_is_kept_as_a_test_when_asked(world: World) -> None:
    visitor = await world.person("laden", "laden.try")
    await visitor.get("/try")
    wrong = (
        f"UNB+UNOC:3+{FREMD}:14+9521001000000:14+261120:0931+77'UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+T1+9'"
        "DTM+137:20261120:102'NAD+BY+9521002000009::9'LIN+1++123:EN'QTY+21:x'UNS+S'UNT+8+1'UNZ+1+77'"
    ).encode()
    before = len(world.instance.views.messages(MessageFilter(), None, 200).lines)
    page = await visitor.upload("/try", "order.edi", wrong, status=200)
    assert "/help/errors/" in page
    assert "Would not be taken in" in page
    assert len(world.instance.views.messages(MessageFilter(), None, 200).lines) == before
    await visitor.upload("/try", "order.edi", wrong, status=200, keep="yes")
    lines = await world.until(
        lambda: [
            each
            for each in world.instance.views.messages(MessageFilter(partner="laden"), None, 9).lines
            if each.test and each.state == "parked"
        ]
    )
    assert lines[0].channel == "portal"
    assert "Please correct" in await visitor.get(f"/documents/{lines[0].id}")


async def test_a_proposal_for_stock_levels_and_a_joint_plan_are_answered_in_the_portal(world: World) -> None:
    instance = world.instance
    office = AgreedActions(instance=instance, wake=world.node.wake_lane)
    now = instance.clock.now()
    level = StockLevel(place=FREMD, gtin=OATS, level=Decimal(40))
    terms = StockAgreement(id="CR1", issued_at=now, partner="fremd", name="Oats in the shop", lines=(level,))
    office.offer_stock(terms, "anna")
    rule = Criterion(metric="forecast-difference", limit=Decimal("0.2"))
    plan = JointPlan(id="JP1", issued_at=now, partner="fremd", name="Season", criteria=(rule,), places=(FREMD,))
    office.offer_plan(plan, "anna")
    await world.until(lambda: instance.views.joint_plans("fremd") and instance.views.stock_agreements("fremd"))
    (offered,) = instance.views.stock_agreements("fremd")
    visitor = await world.person("fremd", "fremd.plans")
    page = await visitor.get("/agreed")
    assert "Oats in the shop" in page
    assert "Season" in page
    said = {"kind": "stock", "agreement": "CR1", "act": "accept", "once": hidden(page, "once"), "reason": "fine"}
    said["proposal"] = offered.proposal.id if offered.proposal else ""
    await visitor.post("/agreed", said)
    await visitor.post("/agreed", said)  # counts once
    await world.until(lambda: instance.views.stock_agreements("fremd")[0].state == "active")
    page = await visitor.get("/agreed")
    marks = re.findall(r'name="once" value="([^"]+)"', page)
    assert "Oats in the shop" in page
    await visitor.post("/agreed", {"kind": "joint", "agreement": "JP1", "act": "decline", "once": marks[0]})
    await world.until(lambda: instance.views.joint_plans("fremd")[0].state == "declined")
    acts = instance.views.messages(MessageFilter(type="AgreementAct", partner="fremd"), None, 9).lines
    assert [(each.channel, each.state) for each in acts] == [("portal", "done"), ("portal", "done")]
    bad = {"kind": "stock", "agreement": "CR1", "act": "propose", "once": marks[0]}
    assert "api.bad-value" in await visitor.post("/agreed", bad, status=400)
    other = await world.person("hof", "hof.plans")
    assert "Oats in the shop" not in await other.get("/agreed")
    said["once"] = "0" * 32
    assert "portal.not-agreed" in await other.post("/agreed", said, status=409)


async def test_the_scorecard_shows_the_figures_of_ones_own_reports_and_of_nobody_elses(world: World) -> None:
    instance = world.instance
    now = instance.clock.now()
    stock = [
        StockReported(
            key=f"c{n}", partner="fremd", location=FREMD, gtin=OATS, type="onHand", at=now.date() - timedelta(days=n),
            quantity=Decimal(0 if n == 1 else 8),
        )
        for n in range(1, 11)
    ]  # fmt: skip
    instance.journal.write(lambda tx: tx.write_effects("m-counts", stock, now, test=False))
    page = await (await world.person("fremd", "fremd.score")).get("/scorecard")
    assert "How our trade goes" in page
    assert "In stock" in page
    assert "90.0 %" in page  # nine of ten days
    other = await (await world.person("hof", "hof.score")).get("/scorecard")
    assert "90.0 %" not in other
    assert "There is not enough data yet" in other


async def test_where_both_forecasts_differ_a_number_is_agreed_on_in_the_portal(world: World) -> None:
    instance = world.instance
    now = instance.clock.now()
    today = now.date()
    office = AgreedActions(instance=instance, wake=world.node.wake_lane)
    rule = Criterion(metric="forecast-difference", limit=Decimal("0.2"))
    plan = JointPlan(id="JP2", issued_at=now, partner="fremd", name="Autumn", criteria=(rule,), places=(FREMD,))
    office.offer_plan(plan, "anna")
    await world.until(lambda: [each for each in instance.views.joint_plans("fremd") if each.id == "JP2"])
    visitor = await world.person("fremd", "fremd.cpfr")
    page = await visitor.get("/agreed")
    accepted = {"kind": "joint", "agreement": "JP2", "act": "accept", "once": hidden(page, "once")}
    await visitor.post("/agreed", accepted)
    await world.until(lambda: [e for e in instance.views.joint_plans("fremd") if (e.id, e.state) == ("JP2", "agreed")])
    # ours comes from planning, theirs as a document
    daily = ",".join(f'{{"day":"{today + timedelta(days=n)}","system":10,"units":10,"said":false}}' for n in range(7))
    ours = PlannedLine(
        location=FREMD, gtin=OATS, partner="fremd", agreement="fremd", method="vmi", status="nothing",
        quantity=Decimal(0), why=f'{{"forecast":{{"daily":[{daily}]}}}}',
    )  # fmt: skip
    instance.journal.write(
        lambda tx: tx.write_effects("m-plan", [LinesPlanned(key="p", lines=(ours,))], now, test=False)
    )
    week = Period(start=today, end=today + timedelta(days=6))
    line = ForecastLine(
        item=Item(gtin=OATS), quantity=Quantity(value=Decimal(112), per="gtin"), location=FREMD, period=week
    )
    theirs = Forecast(id="F-9", issued_at=now, sender=party(FREMD), receiver=party(OURS), lines=(line,))
    await world.node.accept(
        Arrival(
            id="019a0000-0000-7000-8000-00000000f009",
            channel="portal",
            partner="fremd",
            payload=MemoryPayload(dumps(theirs).encode()),
            content_type="application/json",
        )
    )
    (row,) = await world.until(lambda: instance.views.joint_exceptions("JP2", today))
    assert (row.exception.row.ours, row.exception.row.theirs) == (70, 112)

    page = await visitor.get("/agreed")
    about = hidden(page, "about")
    said = {"kind": "joint", "agreement": "JP2", "act": "resolve", "about": about, "quantity": "13"}
    other = await world.person("hof", "hof.cpfr")
    assert "Autumn" not in await other.get("/agreed")
    assert (
        await visitor.post("/agreed", {**said, "reason": "fair", "once": hidden(page, "once")}) == "/agreed?done=said"
    )
    noted = await world.until(lambda: [e for e in instance.views.joint_exceptions("JP2", today) if e.note])
    assert (noted[0].note.reason, noted[0].note.quantity) == ("fair", 13)
    assert "fair" in await visitor.get("/agreed")
    agreed = [each for each in instance.views.plan_overrides(FREMD, OATS) if each.active and each.kind == "forecast"]
    assert [(each.quantity, each.author) for each in agreed] == [(13, "fremd.cpfr")]
