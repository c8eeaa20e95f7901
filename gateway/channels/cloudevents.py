"""Changes of records as CloudEvents 1.0 in structured JSON over HTTP, signed. Source: CloudEvents 1.0.2 JSON format;
CloudEvents HTTP protocol binding 1.0.2, section 3.2; Standard Webhooks 1.0 (signature over id, time and body)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.channels.http import webhook_headers
from gateway.channels.outbound import Outbound
from gateway.model.faults import NetworkFault, OurFault
from gateway.model.payload import MemoryPayload

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
AGAIN = frozenset({408, 425, 429})  # and every 5xx
SAID_LONGEST = 200


def event_of(
    *, source: str, event: str, object_kind: str, change: str, key: str, at: datetime, data: Mapping[str, Any]
) -> bytes:
    """Return one event. event: its id, the same over all attempts. data: the record as it is now."""
    body = {
        "specversion": "1.0",
        "id": event,
        "source": source,
        "type": f"edi-gateway.{object_kind}.{change}",
        "subject": key,
        "time": at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": dict(data),
    }
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


async def tell(outbound: Outbound, address: str, secret: str, event: str, body: bytes, now: datetime) -> str:
    """Post an event and return what the other side said. now: real time, for the signature.

    Raises NetworkFault (it may be taken later: no connection, 408, 425, 429, 5xx), OurFault connector.refused.
    """
    headers = [("Content-Type", CONTENT_TYPE), *webhook_headers([secret], event, now, body)]
    answer = await outbound.post(address, headers, MemoryPayload(body))
    said = f"{answer.status} {answer.body[:SAID_LONGEST].decode('utf-8', 'replace')}".strip()
    if 200 <= answer.status < 300:
        return said
    if answer.status in AGAIN or answer.status >= 500:
        raise NetworkFault("http.unavailable", value=address, status=str(answer.status))
    raise OurFault("connector.refused", value=said, connector=address)
