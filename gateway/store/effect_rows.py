"""Effects as rows: pure functions, one per kind of row."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from gateway.model import json_form
from gateway.model.effects import (
    CalendarSaved,
    CustomerSaved,
    Effect,
    ItemSaved,
    OrderSaved,
    ProposalSaved,
    ShipmentSaved,
)
from gateway.model.planning_effects import LinesPlanned
from gateway.store.forms import milli

# whole in the records themselves
_LEFT_OUT = frozenset(("key", "document", "pending", "proposal", "lines", "item", "calendar", "terms"))

E = TypeVar("E")


def only(effects: Sequence[Effect], kind: type[E]) -> list[E]:
    return [each for each in effects if isinstance(each, kind)]


@cache
def _shown(kind: type[Any]) -> tuple[tuple[str, str], ...]:
    """Return (name in canonical JSON, attribute) of what the timeline shows of a kind of effect, in JSON's order."""
    return tuple(sorted((json_form.camel(each.name), each.name) for each in fields(kind) if each.name not in _LEFT_OUT))


def effect_data(each: Effect) -> dict[str, Any]:
    """Return what the timeline shows of an effect: everything small, in canonical JSON form."""
    shown: dict[str, Any] = {}
    kind: Any = type(each)
    for name, attribute in _shown(kind):
        value = getattr(each, attribute)
        if value is not None:
            shown[name] = value if value.__class__ is str else plain_value(value)
    if isinstance(each, OrderSaved | ShipmentSaved):
        shown["lines"] = len(each.lines)
    if isinstance(each, CalendarSaved):
        said = each.calendar
        shown |= {"owner": said.owner, "kind": said.kind, "validFrom": said.valid_from.isoformat()}
    if isinstance(each, CustomerSaved):
        shown["terms"] = json_form.plain(each.terms)
    if isinstance(each, ProposalSaved):
        proposal = {"id": each.proposal.id, "supplier": each.proposal.supplier, "status": each.proposal.status}
        shown |= {name: value for name, value in proposal.items() if value is not None}
    if isinstance(each, LinesPlanned):
        shown |= {"planned": len(each.lines), "skipped": len(each.skipped)}
    if isinstance(each, ItemSaved):
        shown["gtin"] = each.item.gtin
    return shown


def plain_value(value: Any) -> Any:
    """Return a value as JSON holds it: decimals without an exponent, days in ISO 8601."""
    if value.__class__ is str:
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: plain_value(each) for name, each in value.items()}
    return value


def order_row(each: OrderSaved, message_id: str, at: int) -> dict[str, Any]:
    """Return an order as its row holds it. at: microseconds."""
    return {
        "side": each.side,
        "partner": each.partner,
        "number": each.number,
        "status": each.status,
        "ordered_on": each.ordered_on.isoformat(),
        "ship_to": each.ship_to,
        "currency": each.currency,
        "digest": each.digest,
        "document": None if each.document is None else json_form.dumps(each.document),
        "pending": None if each.pending is None else json_form.dumps(each.pending),
        "message": message_id,
        "effect_key": each.key,
        "updated_at": at,
    }


def line_rows(order: OrderSaved) -> list[dict[str, Any]]:
    """Return the lines of an order as their rows hold them."""
    return [
        {
            "side": order.side,
            "partner": order.partner,
            "order_number": order.number,
            "number": line.number,
            "position": position,
            "gtin": line.gtin,
            "ordered": milli(line.ordered),
            "confirmed": milli(line.confirmed),
            "backordered": milli(line.backordered),
            "despatched": milli(line.despatched),
            "received": milli(line.received),
            "status": line.status,
            "price": None if line.price is None else format(line.price, "f"),
            "promised": line.promised,
            "invoiced": milli(line.invoiced),
            "returned": milli(line.returned),
            "requested": line.requested,
            "reason": line.reason,
        }
        for position, line in enumerate(order.lines)
    ]
