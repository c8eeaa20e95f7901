"""TransportStatus: where consignments are. EDIFACT IFTSTA."""

from dataclasses import dataclass

from gateway.model.values import Moment, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEvent:
    """status: UNCL 9011 or 4405 as sent. place: GLN, UN/LOCODE or name."""

    status: str
    at: Moment | None = None
    place: str | None = None
    reason: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentStatus:
    """id: number of the consignment. despatch_advice, order: the documents it belongs to."""

    id: str
    despatch_advice: str | None = None
    order: str | None = None
    events: tuple[StatusEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportStatus:
    """Where consignments are. EDIFACT IFTSTA."""

    id: str
    issued_at: Moment
    consignments: tuple[ConsignmentStatus, ...]
    carrier: Party | None = None
    receiver: Party | None = None
    consignor: Party | None = None
    consignee: Party | None = None
