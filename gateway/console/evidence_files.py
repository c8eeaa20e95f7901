"""What is kept of one message as a file to hand on: every byte as it was received, sent and answered, nothing added."""

import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from gateway.api.rendering import jsonable
from gateway.store.view_evidence import ArrivalEvidence, ParcelEvidence

_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the same evidence is the same file


def evidence_zip(found: ArrivalEvidence | ParcelEvidence) -> bytes:
    """Return a ZIP archive; `gateway evidence` writes one that also says how to check signatures."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, data in _parts(found).items():
            archive.writestr(ZipInfo(name, _NO_TIME), data)
    return out.getvalue()


def _parts(found: ArrivalEvidence | ParcelEvidence) -> dict[str, bytes]:
    if isinstance(found, ArrivalEvidence):
        facts = {"id": found.id, "partner": found.partner, "channel": found.channel, "state": found.state}
        parts = {"content": found.content, "request-body": found.raw}
        more = dict(found.facts)
        if found.receipt is not None:
            parts |= {"receipt-headers.txt": _headers(found.receipt.headers), "receipt-body": found.receipt.body}
    else:
        facts = {"id": found.id, "partner": found.partner, "state": found.state}
        parts = {"content": found.content, "sent-headers.txt": _headers(found.headers), "sent-body": found.body}
        parts["proof-body"] = found.proof_body
        more = {"mic": found.mic, "transportId": found.transport_id, **found.proof}
    text = json.dumps(
        jsonable({**facts, "redacted": found.redacted, "facts": more}), ensure_ascii=False, indent=2, sort_keys=True
    )
    return {"facts.json": text.encode(), **{name: data for name, data in parts.items() if data}}


def _headers(headers: tuple[tuple[str, str], ...]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("utf-8", "replace")
