"""The header side of AS2: identifiers, Message-ID, the receipt that is asked for.

Source: RFC 4130 sections 5.3, 6 and 7.3; RFC 6017 (EDIINT-Features).
"""

import re
from dataclasses import dataclass

from gateway.codecs.cms.algorithms import digest_named
from gateway.codecs.mime import Headers, quoted
from gateway.model.faults import PartnerFault

AS2_VERSION = "1.2"  # 1.1: compression is read; 1.2: EDIINT-Features says what else
FEATURES = "multiple-attachments, AS2-Reliability"
_PLAIN_ID = re.compile(r"[!#-\[\]-~]{1,128}")
_BARE_ID = re.compile(r"[ !#-\[\]-~]{1,128}")
_QUOTED_ID = re.compile(r'"((?:[ !#-\[\]-~]|\\[\\"]){1,256})"')
_MESSAGE_ID = re.compile(r"<[!-~ ]{1,996}>|[!-~]{1,998}")


def write_id(as2_id: str) -> str:
    """Return an AS2 identifier as it stands in AS2-From and AS2-To (RFC 4130 section 6.2)."""
    return as2_id if _PLAIN_ID.fullmatch(as2_id) else quoted(as2_id)


def read_id(value: str) -> str | None:
    """Return the identifier meant by an AS2-From or AS2-To value; None when it is not one.

    Blanks inside need quotes; several products leave them out, and nothing else can be meant."""
    match = _QUOTED_ID.fullmatch(value.strip())
    if match:
        found = re.sub(r"\\(.)", r"\1", match.group(1))
        return found if len(found) <= 128 else None
    return value.strip() if _BARE_ID.fullmatch(value.strip()) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptWish:
    """What the sender asked for. algorithm: digest for the MIC and the receipt's signature; async_url: as asked, not
    to be trusted; unsupported: what was required and does not exist here (a disposition modifier)."""

    wanted: bool = False
    signed: bool = False
    algorithm: str = "sha-256"
    async_url: str | None = None
    unsupported: str | None = None


RECEIPTS = ("signed-sync", "unsigned-sync", "signed-async", "unsigned-async", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRequest:
    """The receipt that we ask for. kind: one of RECEIPTS; url: where an async one shall be sent."""

    kind: str
    url: str = ""

    @property
    def is_signed(self) -> bool:
        return self.kind.startswith("signed")

    @property
    def is_async(self) -> bool:
        return self.kind.endswith("-async")

    def fields(self, address: str, digest_name: str) -> list[tuple[str, str]]:
        """Return the header fields that ask for it. address: what Disposition-Notification-To shall say."""
        if self.kind == "none":
            return []
        found = [("Disposition-Notification-To", address)]
        if self.is_signed:
            options = (
                f"signed-receipt-protocol=required, pkcs7-signature; signed-receipt-micalg=required, {digest_name}"
            )
            found.append(("Disposition-Notification-Options", options))
        if self.is_async:
            found.append(("Receipt-Delivery-Option", self.url))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressing:
    """The header side of a message: who, to whom, which id, which receipt."""

    sender: str
    receiver: str
    message_id: str
    subject: str
    receipt: ReceiptWish


def read_addressing(headers: Headers, *, needs_id: bool = True) -> Addressing:
    """Raises PartnerFault as2.bad-header: AS2-From, AS2-To or Message-ID missing, repeated or not allowed.

    needs_id: False for what may be a receipt, which may have no Message-ID; it is empty then."""
    values = {}
    for name in ("AS2-From", "AS2-To", "Message-ID"):
        found = headers.get_all(name)
        if len(found) != 1 and (needs_id or found or name != "Message-ID"):
            raise PartnerFault("as2.bad-header", field=name)
        values[name] = found[0].strip() if found else ""
    sender, receiver = read_id(values["AS2-From"]), read_id(values["AS2-To"])
    if sender is None or receiver is None:
        raise PartnerFault("as2.bad-header", field="AS2-From" if sender is None else "AS2-To")
    if (needs_id or values["Message-ID"]) and not _MESSAGE_ID.fullmatch(values["Message-ID"]):
        raise PartnerFault("as2.bad-header", field="Message-ID")
    return Addressing(
        sender=sender,
        receiver=receiver,
        message_id=values["Message-ID"],
        subject=headers.get("subject")[:500],
        receipt=_read_wish(headers),
    )


def _read_wish(headers: Headers) -> ReceiptWish:
    options: dict[str, list[str]] = {}
    for option in headers.get("disposition-notification-options").split(";"):
        name, _, value = option.partition("=")
        options[name.strip().lower()] = [each.strip().strip('"') for each in value.split(",")]
    protocols = [each.lower() for each in options.get("signed-receipt-protocol", [])]
    algorithms = options.get("signed-receipt-micalg", [])
    known = [digest for each in algorithms[1:] if (digest := digest_named(each))]
    signed = any(each in ("pkcs7-signature", "x-pkcs7-signature") for each in protocols[1:])
    unsupported = None
    if protocols[:1] == ["required"] and not signed:
        unsupported = "unsupported format"
    elif [each.lower() for each in algorithms[:1]] == ["required"] and not known:
        unsupported = "unsupported MIC-algorithms"
    return ReceiptWish(
        wanted=bool(headers.get("disposition-notification-to").strip()),
        signed=signed,
        algorithm=next((each.name for each in known if each.name != "sha-1"), known[0].name if known else "sha-256"),
        async_url=headers.get("receipt-delivery-option").strip() or None,
        unsupported=unsupported,
    )
