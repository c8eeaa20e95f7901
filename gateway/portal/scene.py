"""What the pages of the portal share: whose person asks, and the desk behind them."""

from uuid import uuid4

from gateway.console.reader import Reader
from gateway.model.faults import OurFault
from gateway.portal.desk import PORTAL_DESK, PortalDesk

UPLOAD_BYTES = 5_500_000


def partner_of(reader: Reader) -> str:
    """Return the partner of the person who asks: the only one there is on these pages. Raises OurFault."""
    caller = reader.caller
    if caller is None or caller.user.role != "partner" or not caller.user.partner:
        raise OurFault("access.forbidden", role=caller.user.role if caller else "-", permission="portal")
    return caller.user.partner


def desk_of(reader: Reader) -> PortalDesk:
    return reader.request.app[PORTAL_DESK]


def once() -> str:
    """Return what makes a form be taken once, however often it is sent."""
    return uuid4().hex


def once_of(given: str) -> str:
    """Return the mark that a form brought back. Raises OurFault api.bad-value."""
    if len(given) != 32 or not all(each in "0123456789abcdef" for each in given):
        raise OurFault("api.bad-value", name="once", value=given[:40], expected="the form as it was shown")
    return given
