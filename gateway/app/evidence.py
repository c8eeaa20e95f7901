"""Evidence bundles: a folder of files that proves one message, checked by openssl alone, without this system.

evidence.json           who, when, what was agreed, what was seen, what came of it
request.headers/.body   the request as it came over the wire (an arrival) or went (a parcel)
content.bin             the document
signed-part.bin, signature.der, signer.pem     what the sender signed, and who that was
receipt.*               the same for the receipt
SHA256SUMS, VERIFY.sh   checks all of it: sha256sum and openssl cms -verify
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from gateway.app.carriers import connection_of
from gateway.app.instance import Instance
from gateway.channels.as2_line import own_identities, partner_certificates
from gateway.codecs import mdn
from gateway.codecs.as2 import Protection, open_message
from gateway.codecs.cms.algorithms import ACCEPTED_DIGESTS, LEGACY_DIGESTS
from gateway.codecs.cms.identity import Certificate, Identity
from gateway.codecs.mime import Headers, read_header_block, split_entity
from gateway.model.faults import Fault, OurFault
from gateway.model.partner import Partner
from gateway.store.view_evidence import ArrivalEvidence, ParcelEvidence

_ANY = Protection(signed=False, encrypted=False, digests=ACCEPTED_DIGESTS | LEGACY_DIGESTS)
_CHECK = (
    "openssl cms -verify -binary -inform DER -in {name}.der -content {part} -CAfile {signer} -certfile {signer} \\\n"
)
_CHECK += "  -partial_chain -no_check_time -purpose any -out /dev/null"


@dataclass(slots=True)
class _Bundle:
    files: dict[str, bytes] = field(default_factory=dict)
    checks: list[str] = field(default_factory=list)

    def signature(self, prefix: str, part: bytes, signature: bytes, signer: Certificate) -> None:
        """Add a detached signature with what it is over, and the line that checks it."""
        self.files[f"{prefix}signed-part.bin"] = part
        self.files[f"{prefix}signature.der"] = signature
        self.files[f"{prefix}signer.pem"] = pem(signer)
        self.checks.append(
            _CHECK.format(name=f"{prefix}signature", part=f"{prefix}signed-part.bin", signer=f"{prefix}signer.pem")
        )

    def receipt(self, headers: Headers, body: bytes, pinned: list[Certificate]) -> None:
        """Add a receipt, and its signature when it has one that holds."""
        self.files["receipt.headers"] = _header_text(headers)
        self.files["receipt.body"] = body
        if headers.content_type != "multipart/signed":
            return
        part, signature = mdn.signed_parts(headers, body)
        found = mdn.parse(headers, body, pinned, _ANY.digests)
        if found.signer is not None:
            self.signature("receipt-", part, signature, found.signer)


def pem(certificate: Certificate) -> bytes:
    lines = base64.encodebytes(certificate.der).decode("ascii")
    return f"-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n".encode()


def _header_text(headers: Headers) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.fields).encode()


def write_evidence(instance: Instance, row_id: str, folder: Path) -> list[str]:
    """Write the bundle of an arrival, message or parcel into folder, which must not be there; return the file names.

    Raises OurFault cli.not-found, evidence.folder-there."""
    found = instance.views.evidence(row_id)
    if found is None:
        raise OurFault("cli.not-found", value=row_id)
    if folder.exists():
        raise OurFault("evidence.folder-there", value=str(folder))
    bundle = _Bundle()
    partner = instance.book.partners.get(found.partner)
    if isinstance(found, ArrivalEvidence):
        _arrival(bundle, instance, partner, found)
    else:
        _parcel(bundle, instance, partner, found)
    _finish(bundle)
    folder.mkdir(parents=True, mode=0o700)
    for name, data in bundle.files.items():
        (folder / name).write_bytes(data)
    return sorted(bundle.files)


def _certificates(instance: Instance, partner: Partner | None) -> tuple[list[Identity], list[Certificate]]:
    """Return our identities and the partner's certificates, whatever their windows say today. partner: None when it is
    no partner any more; what is gone or unreadable is left out."""
    try:
        ours = [each for _, each in own_identities(instance.book.own.partner, instance.keys)]
    except OurFault:
        ours = []
    theirs: list[Certificate] = []
    if partner is None:
        return ours, theirs
    for over in partner.channels:
        try:
            signer, key = connection_of(instance.book, partner, over)  # a provider signs for those that it carries
            channel = signer.channels[key]
            if channel.kind == "as2" and channel.settings.get("certificate"):
                theirs += [each for _, each in partner_certificates(signer, channel.settings, instance.keys)]
        except OurFault:
            continue
    return ours, theirs


def _arrival(bundle: _Bundle, instance: Instance, partner: Partner | None, found: ArrivalEvidence) -> None:
    facts = dict(found.facts)
    bundle.files["content.bin"] = found.content
    bundle.files["request.body"] = found.raw
    head = str(facts.pop("headers", ""))
    bundle.files["request.headers"] = head.encode()
    received = datetime.fromtimestamp(found.received_at / 1e6, UTC)
    described: dict[str, object] = {
        "id": found.id, "partner": found.partner, "channel": found.channel, "state": found.state,
        "received_at": received.isoformat(), "facts": facts,
        "content_sha256": sha256(found.content).hexdigest(), "request_sha256": sha256(found.raw).hexdigest(),
        "redacted": found.redacted,
    }  # fmt: skip
    ours, theirs = _certificates(instance, partner)
    if found.channel == "as2":
        _signed_request(bundle, facts, head, found.raw, ours, theirs)
    if found.receipt is not None and found.receipt.body:
        pinned = [each.certificate for each in ours]
        _add_receipt(bundle, described, Headers(found.receipt.headers), found.receipt.body, pinned)
    bundle.files["evidence.json"] = _json(described)


def _signed_request(
    bundle: _Bundle, facts: Mapping[str, object], head: str, raw: bytes, ours: list[Identity], theirs: list[Certificate]
) -> None:
    """Open the kept request once more to take out what its sender signed."""
    part: list[bytes] = []
    try:
        opened = open_message(
            read_header_block(head.encode()), [raw], identities=ours, pinned=theirs, protection=_ANY,
            random=secrets.token_bytes, limit_bytes=1 << 40, witness=part.append,
        )  # fmt: skip
    except Fault:
        return  # it could not be opened then either, or its keys are gone: the raw bytes stay what they are
    if opened.signature is not None and opened.signer is not None:
        bundle.signature("", b"".join(part), opened.signature, opened.signer)


def _parcel(bundle: _Bundle, instance: Instance, partner: Partner | None, found: ParcelEvidence) -> None:
    bundle.files["content.bin"] = found.content
    bundle.files["request.headers"] = _header_text(Headers(found.headers))
    bundle.files["request.body"] = found.body
    described: dict[str, object] = {
        "id": found.id, "partner": found.partner, "state": found.state, "transport_id": found.transport_id,
        "mic": found.mic, "proof": dict(found.proof), "content_sha256": sha256(found.content).hexdigest(),
        "redacted": found.redacted,
    }  # fmt: skip
    _, theirs = _certificates(instance, partner)
    if found.proof_body:
        head, body = split_entity([found.proof_body])
        _add_receipt(bundle, described, read_header_block(head), b"".join(body), theirs)
    bundle.files["evidence.json"] = _json(described)


def _add_receipt(
    bundle: _Bundle, described: dict[str, object], headers: Headers, body: bytes, pinned: list[Certificate]
) -> None:
    try:
        bundle.receipt(headers, body, pinned)
    except Fault:
        described["receipt"] = "its signature does not hold with the certificates kept now"


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _finish(bundle: _Bundle) -> None:
    lines = ["#!/bin/sh", "# Needs sha256sum and openssl only.", "set -e", "sha256sum -c SHA256SUMS", *bundle.checks]
    bundle.files["VERIFY.sh"] = ("\n".join(lines) + '\necho "all of it holds"\n').encode()
    sums = "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in sorted(bundle.files.items()))
    bundle.files["SHA256SUMS"] = sums.encode()
