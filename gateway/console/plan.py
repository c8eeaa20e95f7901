"""Replenishment as a list of work: one row for each item and place, and the page of one of them."""

from datetime import date, timedelta
from decimal import Decimal

from aiohttp import web

from gateway.console.pages import PageTable, not_found
from gateway.console.plan_chart import BACK, plan_chart
from gateway.console.reader import Reader, segment
from gateway.domain.replenishment.effective import NAMES
from gateway.model.faults import OurFault
from gateway.model.findings import Where
from gateway.model.replenishment import LineApproval, PlanValue
from gateway.model.values import gtin14
from gateway.store.view_planning import STATES, PlanRow

TABLE = PageTable()
SHOWN = 200
CSV_LIMIT_BYTES = 4_000_000
REASONS = ("promotion", "weather", "delisted", "count", "customer", "delivery")  # why planners order otherwise


@TABLE.get("/plan", "proposals.read")
async def work_list(reader: Reader) -> web.StreamResponse:
    views = reader.services.views
    status = reader.query("status") if reader.query("status") in STATES else ""
    partner = reader.query("partner")
    counts = await reader.read(views.plan_counts)
    rows = await reader.read(views.plan_rows, status=status or None, partner=partner or None, limit=SHOWN)
    totals = {state: sum(each.count for each in counts if each.status == state) for state in STATES}
    partners = [(each, reader.words.partner(each)) for each in sorted({each.partner for each in counts})]
    return reader.page(
        "plan.html",
        rows=rows,
        totals=totals,
        chosen=status,
        partner=partner,
        partners=partners,
        states=STATES,
        reasons=REASONS,
    )


@TABLE.post("/plan/approve-normal", "proposals.decide")
async def approve_normal(reader: Reader) -> web.StreamResponse:
    caller = reader.caller
    partners = caller.partners if caller is not None else frozenset()
    await reader.services.actions.approve_normal(reader.user, partners)
    if partners is None:
        await reader.services.actions.request_plan(reader.user)
    raise web.HTTPSeeOther("/plan?done=normal")


@TABLE.post("/plan/parameters", "proposals.decide", limit_bytes=CSV_LIMIT_BYTES)
async def load_parameters(reader: Reader) -> web.StreamResponse:
    """Take parameters of many items from a CSV file: all lines, or none when one is wrong."""
    if reader.caller is None or reader.caller.partners is not None:
        raise OurFault("access.forbidden", role="", permission="proposals.decide")
    form = await reader.request.post()
    upload = form.get("file")
    if not isinstance(upload, web.FileField):
        raise OurFault("plan.file-wrong", value="-", line="1")
    try:
        text = upload.file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise OurFault("plan.file-wrong", value="UTF-8", line="1") from None
    reason = str(form.get("reason", "")).strip()[:2000]
    await reader.services.actions.load_parameters(text, reader.user, reason)
    raise web.HTTPSeeOther("/plan?done=parameters")


@TABLE.get("/plan/{place}/{gtin}", "proposals.read")
async def item_place(reader: Reader) -> web.StreamResponse:
    place, gtin = _pair(reader)
    views = reader.services.views
    row = await reader.read(views.plan_row, place, gtin)
    if row is None:
        return not_found(reader, "plan", f"{gtin} {place}")
    today = reader.words.now.date()
    sold, counted = await reader.read(views.item_history, place, gtin, today - timedelta(days=BACK))
    return reader.page(
        "item_place.html",
        row=row,
        why=row.why,
        chart=plan_chart(row.why, sold, counted, today),
        orders=await reader.read(views.planned_orders, place=place, gtin=gtin),
        overrides=await reader.read(views.plan_overrides, place, gtin),
        parameters=await reader.read(views.plan_parameters, place, gtin),
        words=await reader.read(views.plan_words, 8),
        names=NAMES,
        today=today.isoformat(),
        ages={each["on"]: (today - date.fromisoformat(each["on"])).days for each in row.why["position"]["steps"]},
        documents=await _documents(reader, row),
        tried=await _tried(reader, row),
    )


async def _tried(reader: Reader, row: PlanRow) -> dict[str, object] | None:
    """Return what the plan would be with the parameter that the address names."""
    name, value = reader.query("name"), reader.query("value")
    if not name or not value:
        return None
    return await reader.services.actions.what_if(row.place, row.gtin, {name: value})


async def _documents(reader: Reader, row: PlanRow) -> dict[str, str]:
    """Return the address of each document that a figure came from."""
    position = row.why["position"]
    numbers = {each["document"] for each in position["steps"]} | {each["number"] for each in position["supply"]}
    return {number: f"/messages?q={number}" for number in numbers if number}


@TABLE.post("/plan/{place}/{gtin}/order", "proposals.decide")
async def order_line(reader: Reader) -> web.StreamResponse:
    """Order the line of the open proposal, with another quantity when the form has one."""
    place, gtin = _pair(reader)
    row = await reader.read(reader.services.views.plan_row, place, gtin)
    proposal = None
    if row is not None and row.proposal is not None:
        proposal = await reader.read(reader.services.views.proposal, row.proposal)
    if proposal is None:
        raise OurFault("plan.proposal-unknown", value=f"{gtin} {place}")
    lines = proposal.document.get("lines", ())
    number = next((each["number"] for each in lines if each["item"].get("gtin") == gtin), None)
    if number is None:
        raise OurFault("plan.line-unknown", value=gtin)
    form = await reader.request.post()
    said = str(form.get("quantity", "")).strip()
    note = str(form.get("note", "")).strip()[:500]
    word = LineApproval(number=number, quantity=_number(said) if said else None, note=note or None)
    await reader.services.actions.approve_lines(proposal.id, [word], reader.user)
    raise web.HTTPSeeOther("/plan?done=order")


@TABLE.post("/plan/{place}/{gtin}/say", "proposals.decide")
async def say(reader: Reader) -> web.StreamResponse:
    """Set a parameter, override a figure, freeze or unfreeze, order by hand, take an order back."""
    place, gtin = _pair(reader)
    if reader.caller is None or reader.caller.partners is not None:
        raise OurFault("access.forbidden", role="", permission="proposals.decide")
    form = {name: str(value).strip() for name, value in (await reader.request.post()).items()}
    kind, name = form.get("kind", ""), form.get("name", "")
    value = PlanValue(place=place, gtin=gtin)
    if kind == "parameters":
        value = PlanValue(place=place, gtin=gtin, name=name, value=form.get("value") or None)
    elif kind == "order":
        value = PlanValue(place=place, gtin=gtin, quantity=_number(form.get("quantity", "")))
    elif kind == "override":
        value = PlanValue(
            place=place,
            gtin=gtin,
            quantity=_number(form.get("quantity", "")),
            first_day=_day(form.get("first_day", "")),
            last_day=_day(form.get("last_day", "")),
        )
    reason, what = form.get("reason", "")[:2000], form.get("what", "quantity")
    if kind == "cancel-order":
        await reader.services.actions.say(kind, reader.user, reason=reason, about=form.get("about", "")[:100])
    else:
        await reader.services.actions.say(kind, reader.user, [value], reason=reason, what=what)
    raise web.HTTPSeeOther(f"/plan/{segment(place)}/{segment(gtin)}?done=said")


@TABLE.post("/plan/words/{id}/undo", "proposals.decide")
async def undo(reader: Reader) -> web.StreamResponse:
    if reader.caller is None or reader.caller.partners is not None:
        raise OurFault("access.forbidden", role="", permission="proposals.decide")
    await reader.services.actions.say("undo", reader.user, about=reader.request.match_info["id"])
    raise web.HTTPSeeOther("/plan?done=undone")


def _pair(reader: Reader) -> tuple[str, str]:
    return reader.request.match_info["place"], gtin14(reader.request.match_info["gtin"])


def _number(text: str) -> Decimal:
    """Return a quantity as people type it, with a comma or a point. Raises OurFault plan.quantity-wrong."""
    plain = text.replace(",", ".")
    if not plain.replace(".", "", 1).isdigit() or not plain.isascii() or len(plain) > 15:
        raise OurFault("plan.quantity-wrong", Where(path="quantity"), value=text[:40])
    return Decimal(plain)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
