"""What the far end says of something we sent: taken, or refused and so a case for a person."""

from typing import Literal

from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.model.acknowledgement import Acknowledgement
from gateway.model.effects import CaseClosed, CaseOpened, Effect, ParcelAnswered
from gateway.model.faults import PartnerFault
from gateway.model.findings import Where

Outcome = Literal["accepted", "rejected", "received"]
OUTCOMES: dict[str, Outcome] = {"accepted": "accepted", "rejected": "rejected", "received": "received"}
KINDS = {"contrl": "contrl", "aperak": "aperak", "application-response": "response"}


def needs(word: Acknowledgement, context: Context) -> Needs:
    """The journal finds the parcel itself."""
    return Needs()


def decide(word: Acknowledgement, context: Context, snapshot: Snapshot) -> Decision:
    """Settle the parcel. Raises PartnerFault ack.reference-missing, ack.outcome-unknown."""
    subject = word.control_reference or word.document
    if not subject:
        raise PartnerFault("ack.reference-missing", Where(path="controlReference"), value=word.id)
    outcome = OUTCOMES.get(word.outcome)
    if outcome is None:
        raise PartnerFault("ack.outcome-unknown", Where(path="outcome"), value=word.outcome)
    partner = context.partner.id
    first = word.errors[0] if word.errors else None
    said = " ".join(each for each in (first.code, first.text, first.where) if each) if first else word.reason or ""
    effects: list[Effect] = [
        ParcelAnswered(
            key="parcel",
            partner=partner,
            kind=KINDS.get(word.kind, word.kind),
            outcome=outcome,
            control_reference=word.control_reference,
            document=word.document,
            detail=said or None,
            refused_messages=word.refused_messages,
        )
    ]
    if outcome == "rejected":
        params = {"value": subject[:200], "kind": word.kind.upper(), "said": said[:200] or "-"}
        effects.append(
            CaseOpened(key="case", account=partner, code="ack.rejected", subject=subject[:200], params=params)
        )
    elif outcome == "accepted":
        effects.append(CaseClosed(key="case", account=partner, code="ack.rejected", subject=subject[:200]))
    return Decision(effects=tuple(effects))
