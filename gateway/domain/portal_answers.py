"""What a partner without EDI says on the pages of the portal, as the documents that EDI would bring: the answer to our
order, and the advice of a despatch. Pure: who said it, when and under which number comes from the shell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from gateway.domain.parties import own_party, partner_party, warehouse_party
from gateway.model.despatch_advice import DespatchAdvice, DespatchLine, DespatchRefs, LogisticUnit
from gateway.model.faults import PartnerFault
from gateway.model.findings import Where
from gateway.model.order import OrderResponse, OrderResponseLine
from gateway.model.partner import OwnCompany, Partner
from gateway.model.values import DocumentRef, Item, Quantity, has_valid_check_digit

ZERO = Decimal(0)
MOST_PORTAL_UNITS = 200
SSCC_LENGTH = 18
PALLET, CARTON = "201", "CT"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLine:
    """A line of our order as the page shows it. left: units that are confirmed (or ordered, when nothing was said yet)
    and not despatched."""

    number: str
    gtin: str
    ordered: Decimal
    left: Decimal
    requested: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAnswer:
    """quantity None: as ordered. day: when it comes, None: as asked. reject: it does not come."""

    quantity: Decimal | None = None
    day: date | None = None
    reject: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedLine:
    """Units of one order line in one batch and on one logistic unit. unit: number of the unit from 1."""

    line: str
    quantity: Decimal
    batch: str | None = None
    best_before: date | None = None
    unit: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """number: of the delivery note. own_ssccs: of the partner's units, in their order; empty: they have none yet."""

    number: str
    despatch_on: date
    arrives_on: date | None = None
    package: str = PALLET
    own_ssccs: tuple[str, ...] = ()


def order_answer(
    order: str,
    asked: Sequence[AskedLine],
    answers: Mapping[str, LineAnswer],
    *,
    number: str,
    at: datetime,
    partner: Partner,
    own: OwnCompany,
    note: str = "",
) -> OrderResponse:
    """Return the answer to our order; a line that is not in answers is accepted as it is.

    Raises PartnerFault portal.line-unknown, portal.more-than-ordered.
    """
    unknown = sorted(set(answers) - {each.number for each in asked})
    if unknown:
        raise PartnerFault("portal.line-unknown", Where(path="lines"), value=unknown[0][:40], order=order)
    lines = tuple(
        _answered(place, each, answers.get(each.number, LineAnswer())) for place, each in enumerate(asked, start=1)
    )
    said = {each.status for each in lines}
    status = "accepted" if said == {"accepted"} else "rejected" if said == {"rejected"} else "amended"
    return OrderResponse(
        id=number,
        issued_at=at,
        status=status,
        order=DocumentRef(id=order),
        buyer=own_party(own),
        seller=partner_party(partner),
        lines=lines,
        notes=(note,) if note else (),
    )


def _answered(place: int, asked: AskedLine, said: LineAnswer) -> OrderResponseLine:
    quantity = ZERO if said.reject else asked.ordered if said.quantity is None else said.quantity
    if quantity > asked.ordered:
        where = Where(path=f"lines[{place - 1}].confirmedQuantity", line=place)
        raise PartnerFault("portal.more-than-ordered", where, value=f"{quantity:f}", ordered=f"{asked.ordered:f}")
    moved = said.day is not None and said.day != asked.requested
    status = "accepted"
    if quantity == 0:
        status = "rejected"
    elif quantity < asked.ordered:
        status = "quantity-changed"
    elif moved:
        status = "date-changed"
    return OrderResponseLine(
        number=str(place),
        order_line=asked.number,
        status=status,
        item=Item(gtin=asked.gtin),
        ordered_quantity=Quantity(value=asked.ordered),
        confirmed_quantity=Quantity(value=quantity),
        promised_delivery=said.day if quantity else None,
    )


def despatch_of(
    order: str,
    asked: Sequence[AskedLine],
    packed: Sequence[PackedLine],
    shipping: Shipping,
    *,
    at: datetime,
    partner: Partner,
    own: OwnCompany,
) -> DespatchAdvice:
    """Return the advice of what leaves; its units have the partner's SSCCs or none.

    Raises PartnerFault portal.nothing-packed, portal.more-than-left, portal.line-unknown, portal.unit-number,
    portal.sscc-count, despatch.sscc-wrong.
    """
    known = {each.number: each for each in asked}
    packed = [each for each in packed if each.quantity]
    _check_packed(order, known, packed)
    numbers = sorted({each.unit for each in packed})
    _check_ssccs(shipping.own_ssccs, len(numbers))
    lines = tuple(
        DespatchLine(
            number=str(place),
            item=Item(gtin=known[each.line].gtin),
            despatched_quantity=Quantity(value=each.quantity),
            unit=str(each.unit + 1),
            ordered_quantity=Quantity(value=known[each.line].ordered),
            order=DocumentRef(id=order, line=each.line),
            batch=each.batch,
            best_before=each.best_before,
        )
        for place, each in enumerate(packed, start=1)
    )
    ssccs = dict(zip(numbers, shipping.own_ssccs, strict=False))
    units = tuple(
        LogisticUnit(id=str(each + 1), package_type=shipping.package, quantity=1, sscc=ssccs.get(each))
        for each in numbers
    )
    return DespatchAdvice(
        id=shipping.number,
        issued_at=at,
        seller=partner_party(partner),
        buyer=own_party(own),
        lines=lines,
        ship_from=partner_party(partner),
        ship_to=warehouse_party(own),
        despatch_at=shipping.despatch_on,
        estimated_delivery=shipping.arrives_on,
        refs=DespatchRefs(order=DocumentRef(id=order)),
        units=units,
    )


def _check_packed(order: str, known: Mapping[str, AskedLine], packed: Sequence[PackedLine]) -> None:
    if not packed:
        raise PartnerFault("portal.nothing-packed", Where(path="lines"), value=order)
    totals: dict[str, Decimal] = {}
    for each in packed:
        if each.line not in known:
            raise PartnerFault("portal.line-unknown", Where(path="lines"), value=each.line[:40], order=order)
        if not 1 <= each.unit <= MOST_PORTAL_UNITS:
            raise PartnerFault(
                "portal.unit-number", Where(path="units"), value=str(each.unit), most=str(MOST_PORTAL_UNITS)
            )
        totals[each.line] = totals.get(each.line, ZERO) + each.quantity
    for line, total in totals.items():
        if total > known[line].left:
            where = Where(path="lines.despatchedQuantity")
            raise PartnerFault(
                "portal.more-than-left", where, value=f"{total:f}", line=line, left=f"{known[line].left:f}"
            )


def _check_ssccs(ssccs: Sequence[str], units: int) -> None:
    if ssccs and len(ssccs) != units:
        raise PartnerFault("portal.sscc-count", Where(path="units"), value=str(len(ssccs)), units=str(units))
    for place, each in enumerate(ssccs):
        if len(each) != SSCC_LENGTH or not has_valid_check_digit(each) or each in ssccs[:place]:
            raise PartnerFault("despatch.sscc-wrong", Where(path=f"units[{place}].sscc"), value=each[:40])


def numbered(advice: DespatchAdvice, ssccs: Sequence[str]) -> DespatchAdvice:
    """Return the advice with these SSCCs on the units that have none, in their order."""
    rest = iter(ssccs)
    units = tuple(each if each.sscc else replace(each, sscc=next(rest)) for each in advice.units)
    return replace(advice, units=units)
