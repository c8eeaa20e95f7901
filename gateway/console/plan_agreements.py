"""Agreements with partners in planning: stock lowered step by step, joint plans with their exceptions."""

from datetime import date
from decimal import Decimal

from aiohttp import web

from gateway.api.given import is_count
from gateway.console.forms import number, signed, texts
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader, segment
from gateway.domain.replenishment.cpfr import METRICS
from gateway.model.faults import OurFault
from gateway.model.joint import Criterion, JointDate, JointPlan, StockAgreement, StockLevel
from gateway.model.values import Item, gtin14

TABLE = PageTable()
SHOWN = 300


@TABLE.get("/joint", "proposals.read")
async def agreements_page(reader: Reader) -> web.StreamResponse:
    views, partner = reader.services.views, reader.query("partner") or None
    return reader.page(
        "plan_agreements.html",
        stocks=await reader.read(views.stock_agreements, partner),
        plans=await reader.read(views.joint_plans, partner),
        partner=partner or "",
        partners=_partners(reader),
        metrics=METRICS,
        writes=_writes(reader),
    )


@TABLE.get("/joint/stock/{id}", "proposals.read")
async def stock_page(reader: Reader) -> web.StreamResponse:
    identity = reader.request.match_info["id"]
    found = await reader.read(reader.services.views.stock_agreement, identity)
    if found is None:
        return not_found(reader, "agreement", identity[:80])
    return reader.page("plan_stock.html", found=found, shown=SHOWN, writes=_writes(reader))


@TABLE.get("/joint/plan/{id}", "proposals.read")
async def plan_page(reader: Reader) -> web.StreamResponse:
    identity, today = reader.request.match_info["id"], reader.words.now.date()
    views = reader.services.views
    found = await reader.read(views.joint_plan, identity)
    if found is None:
        return not_found(reader, "plan", identity[:80])
    return reader.page(
        "plan_joint.html",
        found=found,
        rows=await reader.read(views.joint_exceptions, identity, today),
        compared=(await reader.read(views.joint_compared, identity, today))[:SHOWN],
        frozen=(await reader.read(views.joint_frozen, identity))[:SHOWN],
        writes=_writes(reader),
    )


@TABLE.post("/joint/stock", "proposals.decide")
async def offer_stock(reader: Reader) -> web.StreamResponse:
    _require(reader)
    given = await texts(reader)
    days = [each for each in given.get("delivery_days", "").replace(",", " ").split() if each]
    if not all(each in "1234567" and len(each) == 1 for each in days):
        raise OurFault("api.bad-value", name="delivery_days", value=given["delivery_days"][:40], expected="1 3 5")
    said = StockAgreement(
        id=given.get("id", ""),
        issued_at=reader.words.now,
        partner=given.get("partner", ""),
        name=given.get("name", "")[:200],
        lines=tuple(_levels(given.get("lines", ""))),
        delivery_days=tuple(int(each) for each in days),
        period_days=_whole(given, "period_days", 28),
        step=_share(given, "step", 10),
        fill=_share(given, "fill", 98),
    )
    await reader.services.actions.offer_stock(said, reader.user)
    raise web.HTTPSeeOther("/joint?done=offered")


@TABLE.post("/joint/plan", "proposals.decide")
async def offer_plan(reader: Reader) -> web.StreamResponse:
    _require(reader)
    given = await texts(reader)
    criteria = [
        Criterion(metric=metric, limit=limit / 100 if metric != "stock-days" else limit)
        for metric in METRICS
        if (limit := number(given, metric)) is not None
    ]
    said = JointPlan(
        id=given.get("id", ""),
        issued_at=reader.words.now,
        partner=given.get("partner", ""),
        name=given.get("name", "")[:200],
        criteria=tuple(criteria),
        items=tuple(Item(gtin=gtin14(each)) for each in given.get("items", "").split()),
        places=tuple(given.get("places", "").split()),
        calendar=tuple(_dates(given.get("calendar", ""))),
        frozen_days=_whole(given, "frozen_days", 7),
        horizon_days=_whole(given, "horizon_days", 28),
    )
    await reader.services.actions.offer_plan(said, reader.user)
    raise web.HTTPSeeOther("/joint?done=offered")


@TABLE.post("/joint/{kind}/{id}/act", "proposals.decide")
async def act(reader: Reader) -> web.StreamResponse:
    """Say our word; a resolution names its exception, and may name units a day."""
    _require(reader)
    kind, identity = reader.request.match_info["kind"], reader.request.match_info["id"]
    if kind not in ("stock", "plan"):
        raise OurFault("api.no-such-address")
    given = await texts(reader)
    await reader.services.actions.answer(
        "stock" if kind == "stock" else "joint",
        identity,
        given.get("act", ""),
        reader.user,
        proposal=given.get("proposal") or None,
        reason=given.get("reason", ""),
        about=given.get("about") or None,
        quantity=signed(given, "quantity"),
    )
    raise web.HTTPSeeOther(f"/joint/{kind}/{segment(identity)}?done=said")


def _levels(text: str) -> list[StockLevel]:
    """Read lines of place, item and level. Raises OurFault api.bad-value."""
    found = []
    for line in text.splitlines():
        words = line.replace(",", " ").replace(";", " ").split()
        if not words:
            continue
        level = signed({"lines": words[2]}, "lines") if len(words) == 3 else None
        if level is None:
            raise OurFault("api.bad-value", name="lines", value=line[:80], expected="GLN GTIN 40")
        found.append(StockLevel(place=words[0], gtin=gtin14(words[1]), level=level))
    return found


def _dates(text: str) -> list[JointDate]:
    """Read lines of a day and what is done on it. Raises OurFault api.bad-value."""
    found = []
    for line in text.splitlines():
        day, _, what = line.strip().partition(" ")
        if not day:
            continue
        try:
            found.append(JointDate(on=date.fromisoformat(day), what=what.strip()[:200]))
        except ValueError:
            raise OurFault("api.bad-value", name="calendar", value=line[:80], expected="2026-03-02 ...") from None
    return found


def _share(given: dict[str, str], name: str, default: int) -> Decimal:
    """Return a part of one from per cent. Raises OurFault api.bad-value."""
    found = number(given, name)
    return (Decimal(default) if found is None else found) / 100


def _whole(given: dict[str, str], name: str, default: int) -> int:
    text = given.get(name, "")
    if text and not is_count(text, 4):
        raise OurFault("api.bad-value", name=name, value=text[:40], expected=str(default))
    return int(text) if text else default


def _writes(reader: Reader) -> bool:
    return reader.may("proposals.decide") and reader.caller is not None and reader.caller.partners is None


def _require(reader: Reader) -> None:
    if not _writes(reader):
        raise OurFault("access.forbidden", role="", permission="proposals.decide")


def _partners(reader: Reader) -> list[tuple[str, str]]:
    own = reader.services.book().partners.values()
    return sorted((each.id, reader.words.partner(each.id)) for each in own if each.kind == "partner")
