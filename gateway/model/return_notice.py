"""ReturnNotice: goods that go back, announced by the buyer or instructed by the seller. EDIFACT RETANN and RETINS."""

from dataclasses import dataclass

from gateway.model.values import DocumentRef, Item, Moment, Party, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLine:
    """reason: UNCL 7831 or the sender's text. instruction: what shall be done: return, destroy, keep, credit."""

    number: str
    item: Item
    quantity: Quantity
    reason: str | None = None
    instruction: str | None = None
    batch: str | None = None
    order: DocumentRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnNotice:
    """kind: announcement (the buyer asks) or instruction (the seller answers). announcement: what is answered."""

    id: str
    kind: str
    issued_at: Moment
    buyer: Party
    seller: Party
    lines: tuple[ReturnLine, ...]
    announcement: DocumentRef | None = None
    despatch_advice: DocumentRef | None = None
    ship_from: Party | None = None
    ship_to: Party | None = None
    pick_up: Moment | None = None
    notes: tuple[str, ...] = ()
