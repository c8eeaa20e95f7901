"""The portal as a channel: what we send to a partner that works there waits for its people on the pages of the portal.

Nothing leaves the journal: the kept parcel is what is shown. What the partner's people say comes in as an arrival of
this channel (gateway.portal)."""

from gateway.model.partner import Partner
from gateway.model.payload import read_all
from gateway.ports.records import ParcelRow, Proof, Wrapped


class PortalChannel:
    """ports.shell.Channel."""

    name = "portal"

    def __init__(self, *, limit_bytes: int = 50_000_000) -> None:
        self._limit_bytes = limit_bytes

    def wrap(self, parcel: ParcelRow, partner: Partner, over: str) -> Wrapped:
        """The payload as it is. transport_id: the parcel's id."""
        headers = (("Content-Type", parcel.content_type), ("X-Filename", parcel.filename))
        return Wrapped(
            headers=headers, body=read_all(parcel.payload, self._limit_bytes), transport_id=f"portal:{parcel.id}"
        )

    async def send(self, wrapped: Wrapped, partner: Partner, over: str) -> Proof:
        """It is there as soon as it is kept; a second time changes nothing."""
        return Proof(state="acked", evidence={"portal": partner.id})
