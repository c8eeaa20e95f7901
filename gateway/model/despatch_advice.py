"""DespatchAdvice (advance shipping notice) and ReceivingAdvice. EDIFACT DESADV and RECADV, UBL DespatchAdvice-2
and ReceiptAdvice-2."""

from dataclasses import dataclass

from gateway.model.values import DocumentRef, Item, Moment, Party, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticUnit:
    """A pallet, case or other unit. parent: id of the unit that holds it; EDIFACT CPS 7164 and 7166."""

    id: str
    parent: str | None = None
    sscc: str | None = None
    package_type: str | None = None  # UN/ECE Rec 21, or GS1's 201 for a euro pallet
    quantity: int | None = None
    gross_weight: Quantity | None = None
    handling: str | None = None  # UNCL 4079


@dataclass(frozen=True, slots=True, kw_only=True)
class Variance:
    """A difference to what was ordered. status: what happens with it: UNCL 4221 (AC, BP, CP, ...)."""

    quantity: Quantity
    status: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One of several batches of a line. quantity: None where the sender does not part the quantity of the line."""

    number: str | None = None
    quantity: Quantity | None = None
    best_before: Moment | None = None
    expiry: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DespatchLine:
    """batch, best_before and expiry: of the whole line; batches: when it has several (then batch is None)."""

    number: str
    item: Item
    despatched_quantity: Quantity
    unit: str | None = None  # id of the logistic unit
    ordered_quantity: Quantity | None = None
    order: DocumentRef | None = None  # order number and order line
    batch: str | None = None
    best_before: Moment | None = None
    expiry: Moment | None = None
    free_quantity: Quantity | None = None
    shortage: Variance | None = None
    excess: Variance | None = None
    final_location: str | None = None  # GLN of the shop, when ship_to is a cross dock
    notes: tuple[str, ...] = ()
    batches: tuple[Batch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """mode: UN/ECE Rec 19 (3 road). vehicle: the licence plate. seal: number of the seal."""

    mode: str | None = None
    vehicle: str | None = None
    seal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DespatchTotals:
    """Of the whole consignment. packages: the outermost units."""

    gross_weight: Quantity | None = None
    packages: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DespatchRefs:
    """What a despatch is about. transport: number of the consignment note."""

    order: DocumentRef | None = None
    delivery_note: str | None = None
    transport: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DespatchAdvice:
    """What has left the shipper."""

    id: str
    issued_at: Moment
    seller: Party
    buyer: Party
    lines: tuple[DespatchLine, ...]
    function: str = "original"
    ship_from: Party | None = None
    ship_to: Party | None = None
    despatch_at: Moment | None = None
    estimated_delivery: Moment | None = None
    refs: DespatchRefs | None = None
    carrier: Party | None = None
    units: tuple[LogisticUnit, ...] = ()
    ultimate_consignee: Party | None = None
    transport: Transport | None = None
    totals: DespatchTotals | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """What was not taken. reason: UNCL 4221 or 4295; disposition: return, destroy or hold."""

    quantity: Quantity
    reason: str | None = None
    disposition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingLine:
    """What came of one item. accepted_quantity None: all that came; despatched_quantity: as the advice said."""

    number: str
    item: Item
    received_quantity: Quantity
    accepted_quantity: Quantity | None = None
    despatched_quantity: Quantity | None = None
    order: DocumentRef | None = None
    unit: str | None = None  # id of the logistic unit it came in
    rejected: tuple[Rejection, ...] = ()
    shortage: Variance | None = None
    excess: Variance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingRefs:
    """What a receipt is about. despatch_advice, delivery_note: numbers."""

    despatch_advice: str | None = None
    order: DocumentRef | None = None
    delivery_note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingAdvice:
    """What has arrived at the receiver."""

    id: str
    issued_at: Moment
    receiver: Party
    seller: Party
    lines: tuple[ReceivingLine, ...]
    received_at: Moment | None = None
    ship_to: Party | None = None
    refs: ReceivingRefs | None = None
    reporting: str | None = None  # full or exceptions
    units: tuple[LogisticUnit, ...] = ()
    notes: tuple[str, ...] = ()
