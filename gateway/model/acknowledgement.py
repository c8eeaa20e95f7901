"""Acknowledgement: what the far end says of something we sent. CONTRL, APERAK, UBL ApplicationResponse, MDN."""

from dataclasses import dataclass, field

from gateway.model.values import Moment, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedError:
    """code: the sender's code (EDIFACT 0085 or 9321); where: its own words for the place."""

    code: str
    text: str | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """kind: contrl, aperak, application-response. outcome: accepted, rejected or received.

    control_reference  of the interchange that is acknowledged (UCI 0020); None when only a document is named
    message_reference  of the message (UCM 0062); None for the whole interchange
    refused_messages   references of the messages that were refused, where the interchange as a whole was not
    document           number of the business document (APERAK RFF+ACW/ON, UBL DocumentReference)
    reason             why, of the document as a whole, in words
    """

    id: str
    kind: str
    outcome: str
    issued_at: Moment | None = None
    sender: Party | None = None
    receiver: Party | None = None
    control_reference: str | None = None
    message_reference: str | None = None
    document: str | None = field(default=None, metadata={"key": "documentNumber"})  # `document` names the type in JSON
    errors: tuple[AcknowledgedError, ...] = ()
    refused_messages: tuple[str, ...] = ()
    reason: str | None = None
