"""JSON: who of a partner may come into the portal, and whether it works there."""

from dataclasses import dataclass

from gateway.api.messages import NOT_FOUND
from gateway.api.partner_desk import Edit
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.store.access_rows import UserLine

TABLE = RouteTable()
_CONFLICT = {**NOT_FOUND, 400: "bad value", 409: "it cannot be so"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """link: works once, within seven days; shown this once."""

    link: str


def _partner(call: Call) -> str:
    """Return the partner of the address; one that the caller may not see is not there. Raises OurFault."""
    partner, seen = call.path("id"), call.caller.partners
    known = call.services.book().partners.get(partner)
    if known is None or known.kind != "partner" or (seen is not None and partner not in seen):
        raise OurFault("api.not-found", value=partner, kind="partner")
    return partner


@TABLE.route(
    "GET",
    "/api/v1/partners/{id}/people",
    summary="The partner's own people, who sign in at the portal",
    permission="users.read",
    responses=NOT_FOUND,
)
async def list_people(call: Call) -> tuple[UserLine, ...]:
    partner = _partner(call)
    people = await call.read(call.services.access.people, call.services.wall.now())
    return tuple(each for each in people if each.partner == partner)


@TABLE.route(
    "POST",
    "/api/v1/partners/{id}/invitations",
    summary="Invite a person of the partner to the portal; earlier links of that person are closed",
    permission="users.write",
    body={
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {
                "type": "string",
                "maxLength": 64,
                "description": "an e-mail address",
            },
            "language": {"enum": ["en", "zh-CN"]},
        },
    },
    secret=True,
    responses=_CONFLICT,
)
async def invite(call: Call) -> Invitation:
    partner, said = _partner(call), await call.body()
    language = said.get("language")
    link = await call.read(
        call.services.desk.invite,
        partner,
        str(said.get("name", ""))[:100],
        call.user,
        language=language if language in ("en", "zh-CN") else None,
    )
    return Invitation(link=link)


@TABLE.route(
    "POST",
    "/api/v1/partners/{id}/portal",
    summary="Let the partner work in the portal without EDI: its connection and the documents of its role",
    permission="partners.write",
    responses=_CONFLICT,
)
async def open_portal(call: Call) -> Edit:
    return await call.read(call.services.desk.open_portal, _partner(call), call.user)
