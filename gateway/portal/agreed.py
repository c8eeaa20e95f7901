"""What is planned together: proposals for stock levels are accepted or declined, joint plans answered, and where both
forecasts differ a number is agreed on. What the partner says is an AgreementAct that enters like any document."""

from aiohttp import web

from gateway.api.problems import status_of
from gateway.console.forms import number, texts
from gateway.console.pages import PageTable
from gateway.console.reader import Reader
from gateway.model.faults import Fault, OurFault
from gateway.model.joint import AgreementAct
from gateway.portal.scene import desk_of, once, once_of, partner_of

TABLE = PageTable()
ACTS = {"stock": ("accept", "decline"), "joint": ("accept", "decline", "resolve")}


@TABLE.get("/agreed", "messages.read")
async def agreed_page(reader: Reader) -> web.StreamResponse:
    return await _page(reader)


async def _page(reader: Reader, fault: Fault | None = None) -> web.StreamResponse:
    partner, desk = partner_of(reader), desk_of(reader)
    return reader.page(
        "portal_agreed.html",
        status=status_of(fault.code) if fault else 200,
        found=await reader.read(desk.agreed, partner),
        may_say="AgreementAct" in await reader.read(desk.documents, partner),
        once=once,
        fault=fault.as_finding() if fault else None,
    )


@TABLE.post("/agreed", "documents.send")
async def answer(reader: Reader) -> web.StreamResponse:
    """Take the partner's word on one agreement. What it may say of whose agreement is judged where it is applied."""
    given, partner = await texts(reader), partner_of(reader)
    try:
        mark = once_of(given.get("once", ""))
        kind, act = given.get("kind", ""), given.get("act", "")
        if act not in ACTS.get(kind, ()):
            raise OurFault("api.bad-value", name="act", value=f"{kind} {act}"[:60], expected="accept, decline, resolve")
        said = AgreementAct(
            id=f"ACT-{mark}",
            issued_at=reader.services.clock.now(),
            kind=kind,
            agreement=given.get("agreement", "")[:80],
            act=act,
            user=reader.user,
            proposal=given.get("proposal", "")[:80] or None,
            reason=given.get("reason", "")[:2000],
            about=given.get("about", "")[:200] or None,
            quantity=number(given, "quantity"),
        )
        await reader.read(desk_of(reader).say, partner, said, reader.user, mark)
    except Fault as fault:
        return await _page(reader, fault)
    raise web.HTTPSeeOther("/agreed?done=said")
