"""Invoices: ours and the suppliers', what differs from order and receipt, what is paid."""

from typing import cast

from aiohttp import web

from gateway.api.house_actions import InvoiceWord
from gateway.api.problems import status_of
from gateway.console.forms import texts
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader, segment
from gateway.model.faults import Fault, OurFault

TABLE = PageTable()
STATES = ("disputed", "open", "matched", "refused", "paid", "credited")
UNDECIDED = ("disputed", "open")
SHOWN = 100


@TABLE.get("/invoices", "invoices.read")
async def invoices_page(reader: Reader) -> web.StreamResponse:
    side = reader.query("side") if reader.query("side") in ("sale", "purchase") else None
    status = reader.query("status") if reader.query("status") in STATES else None
    views = reader.services.views
    found = await reader.read(views.invoices, side, reader.query("partner") or None, status, None, SHOWN)
    disputed = await reader.read(views.invoices, "purchase", None, "disputed", None, SHOWN)
    return reader.page(
        "invoices.html",
        invoices=found,
        side=side,
        chosen=status,
        disputed=len(disputed),
        counted=SHOWN,
        partner=reader.query("partner"),
    )


@TABLE.get("/invoices/{number}", "invoices.read")
async def invoice_page(reader: Reader) -> web.StreamResponse:
    return await _invoice_page(reader)


async def _invoice_page(reader: Reader, fault: Fault | None = None) -> web.StreamResponse:
    number = reader.request.match_info["number"]
    found = await reader.read(reader.services.views.invoice, number)
    if not found:
        return not_found(reader, "invoice", number)
    return reader.page(
        "invoice.html",
        status=status_of(fault.code) if fault else 200,
        number=number,
        invoices=found,
        undecided=UNDECIDED,
        fault=fault.as_finding() if fault else None,
    )


@TABLE.post("/invoices/{number}/decide", "invoices.decide")
async def decide(reader: Reader) -> web.StreamResponse:
    number, given = reader.request.match_info["number"], await texts(reader)
    decision, partner = given.get("decision", ""), given.get("partner", "")
    try:
        if decision not in ("approve", "reject"):
            raise OurFault("api.bad-value", name="decision", value=decision[:100], expected="approve, reject")
        if not await reader.read(reader.services.views.invoice, number, "purchase", partner):
            return not_found(reader, "invoice", number)
        reason = given.get("reason", "")[:500] or None
        await reader.services.actions.decide_invoice(
            partner, number, cast("InvoiceWord", decision), reader.user, reason
        )
    except Fault as fault:
        return await _invoice_page(reader, fault)
    raise web.HTTPSeeOther(f"/invoices/{segment(number)}?done=decide")
