"""Message disposition notifications: AS2's receipts, built and read.

Source: RFC 4130 section 7, RFC 8098 section 3.
"""

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from gateway.codecs.cms.algorithms import ACCEPTED_DIGESTS, DIGESTS, digest_named
from gateway.codecs.cms.identity import Certificate, Identity
from gateway.codecs.cms.signed import sign, verify
from gateway.codecs.mime import (
    Headers,
    PartScanner,
    base64_lines,
    decoded,
    header_block,
    parameters,
    quoted,
    read_header_block,
    read_parts,
    split_entity,
)
from gateway.model.faults import PartnerFault

MAX_MDN_BYTES = 1_000_000
REPORTING_UA = "edi-gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mic:
    """A message integrity check: base64 value and digest name (sha-256)."""

    value: str
    algorithm: str

    def __str__(self) -> str:
        return f"{self.value}, {self.algorithm}"

    @classmethod
    def read(cls, text: str) -> "Mic | None":
        """Parse "value, algorithm", however spaced and spelled; None when it is not one."""
        value, comma, name = text.rpartition(",")
        digest = digest_named(name)
        value = re.sub(r"\s+", "", value)
        return cls(value=value, algorithm=digest.name) if comma and value and digest else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """type: processed or failed; modifier: None, or error, warning, failure with its text."""

    type: str
    kind: str | None = None
    modifier: str | None = None

    @property
    def is_good(self) -> bool:
        """Processed; a warning is still processed (RFC 4130 section 7.5.5)."""
        return self.type == "processed" and self.kind in (None, "warning")

    @property
    def is_duplicate(self) -> bool:
        return (self.modifier or "").lower().startswith("duplicate-document")

    def __str__(self) -> str:
        mark = f"/{self.kind}: {self.modifier}" if self.kind else ""
        return f"automatic-action/MDN-sent-automatically; {self.type}{mark}"

    @classmethod
    def read(cls, text: str) -> "Disposition":
        """Parse the field as partners write it: blanks around ; / and :, or without the action mode."""
        last = text.rpartition(";")[2].strip()
        kind_of, slash, rest = last.partition("/")
        kind, _, modifier = rest.partition(":")
        return cls(
            type=kind_of.strip().lower(),
            kind=kind.strip().lower() or None if slash else None,
            modifier=modifier.strip() or None,
        )


PROCESSED = Disposition(type="processed")


_FAILURES = frozenset({"unsupported format", "unsupported MIC-algorithms", "sender-equals-receiver"})


def failed(modifier: str) -> Disposition:
    """Return the disposition "processed/error: modifier", or "failed/failure: modifier" where the standard says so
    (RFC 4130 section 7.5.3)."""
    if modifier in _FAILURES:
        return Disposition(type="failed", kind="failure", modifier=modifier)
    return Disposition(type="processed", kind="error", modifier=modifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A receipt ready to be sent: MIME headers (no AS2 ones) and body."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


_TEXT_HEAD = header_block([("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "8bit")])
_MACHINE_HEAD = header_block(
    [("Content-Type", "message/disposition-notification"), ("Content-Transfer-Encoding", "8bit")]
)
_SIGNATURE_HEAD = header_block(
    [
        ("Content-Type", "application/pkcs7-signature; name=smime.p7s; smime-type=signed-data"),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-Disposition", "attachment; filename=smime.p7s"),
    ]
)


def _report(
    original_message_id: str, recipient: str, disposition: Disposition, mic: Mic | None, explanation: str
) -> tuple[str, bytes]:
    """Return (Content-Type value, body) of the multipart/report."""
    fields = [
        ("Reporting-UA", REPORTING_UA),
        ("Original-Recipient", f"rfc822; {recipient}"),
        ("Final-Recipient", f"rfc822; {recipient}"),
        ("Original-Message-ID", original_message_id),
        ("Disposition", str(disposition)),
    ]
    if mic is not None:
        fields.append(("Received-Content-MIC", str(mic)))
    notification = header_block(fields)
    boundary = "report-" + sha256(notification).hexdigest()[:32]
    mark = f"--{boundary}".encode()
    body = b"%b\r\n%b%b\r\n\r\n%b\r\n%b%b\r\n%b--\r\n" % (
        *(mark, _TEXT_HEAD, explanation.encode()),
        *(mark, _MACHINE_HEAD, notification),
        mark,
    )
    return f'multipart/report; report-type=disposition-notification; boundary="{boundary}"', body


def build(
    *,
    original_message_id: str,
    recipient: str,
    disposition: Disposition,
    mic: Mic | None,
    explanation: str,
    identity: Identity | None,
    digest_name: str = "sha-256",
) -> Built:
    """Return a receipt, signed when identity is given.

    digest_name: as asked for; SHA-1 is never made. recipient: our AS2 id, as the message addressed it.
    original_message_id: exactly as received, brackets included.
    """
    content_type, report = _report(original_message_id, recipient, disposition, mic, explanation)
    if identity is None:
        return Built(headers=(("Content-Type", content_type),), body=report)
    digest = DIGESTS[digest_name if digest_name in ACCEPTED_DIGESTS else "sha-256"]
    part = header_block([("Content-Type", content_type)]) + report
    computed = digest.new()
    computed.update(part)
    signature = sign(computed.digest(), digest, identity)
    return signed_entity(part, signature, digest.name, f"signed-{computed.hexdigest()[:32]}")


def signed_entity(part: bytes, signature: bytes, digest_name: str, boundary: str) -> Built:
    """Return the multipart/signed around a small part (RFC 1847 section 2.1)."""
    line = f"\r\n--{boundary}".encode()
    body = b"".join(
        (line[2:], b"\r\n", part, line, b"\r\n", signature_part(signature), line, b"--\r\n"),
    )
    return Built(headers=(("Content-Type", signed_content_type(digest_name, boundary)),), body=body)


def signed_content_type(digest_name: str, boundary: str) -> str:
    """Return the Content-Type of a signed receipt. digest_name: as micalg. Source: RFC 8551, 3.5.3.2."""
    return (
        f'multipart/signed; protocol="application/pkcs7-signature"; micalg={digest_name}; boundary={quoted(boundary)}'
    )


def signature_part(signature: bytes) -> bytes:
    """Return the second part of a multipart/signed: base64, because several products read nothing else."""
    return _SIGNATURE_HEAD + base64_lines(signature)


def is_receipt(headers: Headers, chunks: Iterable[bytes]) -> bool:
    """Tell whether an AS2 request carries a receipt and not a message: a report, or a signature around one."""
    if headers.content_type == "multipart/report":
        return True
    if headers.content_type != "multipart/signed":
        return False
    try:
        part = PartScanner(chunks, parameters(headers.get("content-type")).get("boundary", "")).next_part()
        head, _ = split_entity(part or ())
        return read_header_block(head).content_type == "multipart/report"
    except PartnerFault:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mdn:
    """A receipt as read. signer: the pinned certificate that signed it, None for an unsigned one."""

    original_message_id: str
    disposition: Disposition
    mic: Mic | None
    recipient: str
    explanation: str
    signer: Certificate | None


def parse(
    headers: Headers,
    body: bytes,
    pinned: Sequence[Certificate],
    accepted_digests: frozenset[str] = ACCEPTED_DIGESTS,
) -> Mdn:
    """Read a receipt and check its signature when it has one.

    Raises PartnerFault as2.receipt-unreadable, and what a wrong signature raises in cms.signed.verify."""
    body = b"".join(decoded([body], headers.encoding))
    signer: Certificate | None = None
    if headers.content_type == "multipart/signed":
        part, signer = _verified_part(headers, body, pinned, accepted_digests)
        head, rest = split_entity([part])
        headers = read_header_block(head)
        body = b"".join(decoded(rest, headers.encoding))
    if headers.content_type != "multipart/report":
        raise PartnerFault("as2.receipt-unreadable", detail="no multipart/report", value=headers.content_type)
    boundary = parameters(headers.get("content-type")).get("boundary", "")
    explanation = ""
    for part_headers, content, _ in read_parts(body, boundary):
        if part_headers.content_type == "message/disposition-notification":
            return _read_fields(content, explanation, signer)
        if part_headers.content_type.startswith("text/"):
            explanation = content.decode("utf-8", "replace").strip()[:2_000]
    raise PartnerFault("as2.receipt-unreadable", detail="no message/disposition-notification")


def signed_parts(headers: Headers, body: bytes) -> tuple[bytes, bytes]:
    """Return (the part that was signed, the signature) of a small multipart/signed.

    Raises PartnerFault as2.receipt-unreadable."""
    scanner = PartScanner([body], parameters(headers.get("content-type")).get("boundary", ""))
    parts: list[bytes] = []
    while len(parts) < 2 and (part := scanner.next_part()) is not None:
        parts.append(b"".join(part))
    if len(parts) != 2:
        raise PartnerFault("as2.receipt-unreadable", detail="multipart/signed without two parts")
    head, rest = split_entity([parts[1]])
    return parts[0], b"".join(decoded(rest, read_header_block(head).encoding))


def _verified_part(
    headers: Headers, body: bytes, pinned: Sequence[Certificate], accepted_digests: frozenset[str]
) -> tuple[bytes, Certificate]:
    part, signature = signed_parts(headers, body)
    digests = {}
    for each in DIGESTS.values():
        computed = each.new()
        computed.update(part)
        digests[each.name] = computed.digest()
    return part, verify(signature, digests, pinned, accepted_digests).certificate


def _read_fields(content: bytes, explanation: str, signer: Certificate | None) -> Mdn:
    fields = read_header_block(content)
    disposition = fields.get("disposition")
    if not disposition:
        raise PartnerFault("as2.receipt-unreadable", detail="no Disposition")
    return Mdn(
        original_message_id=fields.get("original-message-id"),
        disposition=Disposition.read(disposition),
        mic=Mic.read(fields.get("received-content-mic")),
        recipient=fields.get("final-recipient").partition(";")[2].strip(),
        explanation=explanation,
        signer=signer,
    )


def mic_of(data_digest: bytes, algorithm: str) -> Mic:
    """Return a digest as a receipt names it. Source: RFC 4130, 7.4.3 (Received-content-MIC)."""
    return Mic(value=base64.b64encode(data_digest).decode("ascii"), algorithm=algorithm)
