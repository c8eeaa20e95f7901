"""Goods that go back to us: announced by the customer, allowed or refused by us, received by our house, credited."""

from dataclasses import replace
from decimal import Decimal

from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.items import ItemFinder, identifier, item_path, positive_amount
from gateway.domain.parties import customers, named, own_party, partner_of, partner_party
from gateway.domain.stock import ZERO, moved
from gateway.model.despatch_advice import ReceivingAdvice
from gateway.model.effects import (
    CaseClosed,
    CaseOpened,
    DocumentLinked,
    Effect,
    OrderSaved,
    ReturnSaved,
    Side,
)
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.return_notice import ReturnNotice
from gateway.model.values import DocumentRef

LONGEST_NUMBER = 70
Line = tuple[str, str, Decimal, str | None, Decimal]


def _number(notice: ReturnNotice) -> str:
    """Return the number of the announcement, whichever of the two documents this is."""
    return notice.announcement.id if notice.kind == "instruction" and notice.announcement else notice.id


def _customer(notice: ReturnNotice, context: Context) -> str:
    if context.partner.kind == "partner":
        return context.partner.id
    found = partner_of(context, notice.buyer)
    return found.id if found else ""


def needs(notice: ReturnNotice, context: Context) -> Needs:
    """Return the return itself, and the orders and despatch it is about."""
    customer = _customer(notice, context)
    orders = {line.order.id for line in notice.lines if line.order}
    shipment = notice.despatch_advice.id if notice.despatch_advice else None
    return Needs(
        returns=frozenset({("sale", customer, _number(notice))}),
        orders=frozenset(("sale", customer, number) for number in orders),
        shipments=frozenset({("sale", customer, shipment)}) if shipment else frozenset(),
    )


def decide(notice: ReturnNotice, context: Context, snapshot: Snapshot) -> Decision:
    """Raises PartnerFault return.*."""
    if not notice.id.strip() or len(notice.id) > LONGEST_NUMBER:
        raise PartnerFault("return.number-unusable", Where(path="id"), value=notice.id[:80])
    if not notice.lines:
        raise PartnerFault("return.no-lines", Where(path="lines"), value=notice.id)
    known = snapshot.returns.get(("sale", _customer(notice, context), _number(notice)))
    if notice.kind == "announcement" and context.partner.kind == "partner":
        return _announced(notice, known, context, snapshot)
    if notice.kind == "instruction" and context.partner.kind in ("house", "self"):
        return _instructed(notice, known, context)
    raise PartnerFault("return.sender-unexpected", Where(path="kind"), value=notice.kind)


def _announced(notice: ReturnNotice, known: ReturnSaved | None, context: Context, snapshot: Snapshot) -> Decision:
    saved = _saved(notice, context, snapshot)
    if known is not None:
        if [line[:3] for line in known.lines] != [line[:3] for line in saved.lines]:
            raise PartnerFault("return.number-clash", Where(path="id"), value=notice.id)
        return Decision(
            findings=(Finding(code="return.repeat", severity="warning", where=Where(path="id"), value=notice.id),)
        )
    too_many = _beyond_delivery(saved, snapshot)
    case = CaseOpened(
        key="waits",
        account=saved.partner,
        code="return.waits",
        subject=saved.number,
        params={"value": saved.number, "items": ", ".join(too_many[:10]) or "-"},
    )
    units = sum((line[2] for line in saved.lines), ZERO)
    figures = activity("announced", saved.partner, "return-announced", saved.number, returns=1, units_announced=units)
    forward = (Answer(to=context.house.id, document=notice, optional=True),) if context.house else ()
    return Decision(
        effects=(saved, *_link(saved), case, figures),
        answers=forward,
        findings=tuple(
            Finding(code="return.more-than-delivered", severity="warning", where=Where(path="lines"), value=each)
            for each in too_many
        ),
    )


def _saved(notice: ReturnNotice, context: Context, snapshot: Snapshot) -> ReturnSaved:
    finder = ItemFinder(context.own)
    lines: list[Line] = []
    for index, line in enumerate(notice.lines):
        item = finder.find(line.item)
        if item is None:
            path = item_path(f"lines[{index}]", line.item)
            raise PartnerFault("return.item-unknown", Where(path=path), value=identifier(line.item))
        units = positive_amount(line.quantity, f"lines[{index}].quantity")
        lines.append((line.number or str(index + 1), item.gtin, units, None, ZERO))
    shipment = notice.despatch_advice.id if notice.despatch_advice else None
    known = snapshot.shipments.get(("sale", context.partner.id, shipment or ""))
    order = next((line.order.id for line in notice.lines if line.order), None) or (known.order if known else None)
    return ReturnSaved(
        key="return",
        side="sale",
        partner=context.partner.id,
        number=notice.id,
        status="announced",
        order=order,
        shipment=shipment,
        lines=tuple(lines),
        document=notice,
    )


def _beyond_delivery(saved: ReturnSaved, snapshot: Snapshot) -> list[str]:
    """Return the items of which more is announced than the order delivered less what came back already."""
    order = snapshot.orders.get(("sale", saved.partner, saved.order or ""))
    if order is None:
        return []
    allowed: dict[str, Decimal] = {}
    for state in order.lines:
        allowed[state.gtin] = allowed.get(state.gtin, ZERO) + state.despatched - state.returned
    return sorted({line[1] for line in saved.lines if line[2] > allowed.get(line[1], ZERO)})


def _link(saved: ReturnSaved) -> list[Effect]:
    source = ("DespatchAdvice", saved.shipment) if saved.shipment else ("Order", saved.order)
    if source[1] is None:
        return []
    return [
        DocumentLinked(
            key=f"link:{saved.number}",
            side="sale",
            partner=saved.partner,
            source_type=source[0],
            source=source[1],
            to_type="ReturnNotice",
            to=saved.number,
        )
    ]


def _instructed(notice: ReturnNotice, known: ReturnSaved | None, context: Context) -> Decision:
    """Our people say what shall be done with each line; the customer gets the instruction."""
    if known is None:
        raise PartnerFault("return.unknown", Where(path="announcement"), value=_number(notice))
    if known.status not in ("announced", "instructed"):
        raise PartnerFault("return.already-received", Where(path="announcement"), value=known.number)
    said = {line.number: line.instruction or "return" for line in notice.lines}
    lines = tuple((n, gtin, units, said.get(n, instruction), back) for n, gtin, units, instruction, back in known.lines)
    refused = all(line[3] == "refuse" for line in lines)
    saved = replace(known, key="return", status="refused" if refused else "instructed", lines=lines)
    customer = context.partners[known.partner]
    answer = replace(
        notice,
        buyer=named(notice.buyer, partner_party(customer)),
        seller=named(notice.seller, own_party(context.own)),
        announcement=DocumentRef(id=known.number),
    )
    closed = CaseClosed(key="waits", account=known.partner, code="return.waits", subject=known.number)
    return Decision(effects=(saved, closed), answers=(Answer(to=known.partner, document=answer, about=known.number),))


# --- the goods are back -----------------------------------------------------------------------------------------------


def returned_needs(advice: ReceivingAdvice, context: Context) -> frozenset[tuple[Side, str, str]]:
    """Return the returns that a receipt of our house may be about: it names the return as its delivery note."""
    note = advice.refs.delivery_note if advice.refs and context.partner.kind == "house" else None
    return frozenset(("sale", customer, note) for customer in customers(context)) if note else frozenset()


def taken_back(
    advice: ReceivingAdvice,
    notice: ReturnSaved,
    order: OrderSaved | None,
    received: dict[str, Decimal],
    context: Context,
) -> Decision:
    """Stock comes in, the order knows what came back; a difference to the announcement is a problem.

    received: accepted units by GTIN. Raises PartnerFault return.already-received.
    """
    if notice.status in ("received", "credited"):
        raise PartnerFault("return.already-received", Where(path="refs.deliveryNote"), value=notice.number)
    left = dict(received)
    lines: list[Line] = []
    for number, gtin, units, instruction, _ in notice.lines:
        back = min(units, left.get(gtin, ZERO))
        left[gtin] = left.get(gtin, ZERO) - back
        lines.append((number, gtin, units, instruction, back))
    effects: list[Effect] = [
        moved(f"stock:on_hand:{gtin}", context, gtin, "on_hand", units, "returned", notice.number)
        for gtin, units in sorted(received.items())
        if units
    ]
    effects.append(replace(notice, key="return", status="received", lines=tuple(lines)))
    if order is not None:
        effects.append(_with_returned(order, received))
    total = sum(received.values(), ZERO)
    effects.append(activity("returned", notice.partner, "returned", notice.number, units_taken_back=total))
    announced = sum((line[2] for line in notice.lines if line[3] in (None, "return")), ZERO)
    if total != announced:
        params = {"value": notice.number, "received": format(total, "f"), "announced": format(announced, "f")}
        effects.append(
            CaseOpened(
                key="differs", account=notice.partner, code="return.differs", subject=notice.number, params=params
            )
        )
    effects.append(
        DocumentLinked(
            key=f"link:{advice.id}",
            side="sale",
            partner=notice.partner,
            source_type="ReturnNotice",
            source=notice.number,
            to_type="ReceivingAdvice",
            to=advice.id,
        )
    )
    return Decision(effects=tuple(effects))


def _with_returned(order: OrderSaved, received: dict[str, Decimal]) -> OrderSaved:
    """Spread what came back over the order's lines of the item, no line above what it has shipped."""
    left = dict(received)
    lines = []
    for line in order.lines:
        units = min(left.get(line.gtin, ZERO), line.despatched - line.returned)
        if units > 0:
            left[line.gtin] -= units
            line = replace(line, returned=line.returned + units)
        lines.append(line)
    return replace(order, key="order", lines=tuple(lines))
