"""Who a party in a document is in our records, and how we name ourselves and others in documents."""

from collections.abc import Iterator
from datetime import date, datetime

from gateway.domain.decision import Context
from gateway.model.partner import OwnCompany, Partner
from gateway.model.values import GLN_SCHEME, Moment, Party, PartyIdentifier


def day_of(moment: Moment) -> date:
    """Return the calendar day as written: a moment without zone is local to the ship-to place (EDIFACT 2380)."""
    return moment.date() if isinstance(moment, datetime) else moment


def own_party(own: OwnCompany) -> Party:
    """Return our company as a party of a document."""
    return Party(ids=own.partner.ids, name=own.partner.name)


def warehouse_party(own: OwnCompany) -> Party:
    """Return the place we ship from and receive at."""
    return Party(ids=(PartyIdentifier(scheme=GLN_SCHEME, value=own.warehouse),), name=own.partner.name)


def partner_party(partner: Partner) -> Party:
    """Return a partner as a party of a document: its GLN, else its first identifier."""
    ids = [each for each in partner.ids if each.scheme == GLN_SCHEME] or list(partner.ids)
    return Party(ids=tuple(ids[:1]), name=partner.name)


def named(said: Party | None, fallback: Party) -> Party:
    """Return the party as the document names it, or fallback when it carries no identifier."""
    return said if said is not None and said.ids else fallback


def is_same(one: Party | None, other: Party | None) -> bool:
    """Tell whether two parties share an identifier of the same scheme."""
    if one is None or other is None:
        return False
    return bool(set(one.ids) & set(other.ids))


def partner_of(context: Context, party: Party | None) -> Partner | None:
    """Return the partner that lists one of the party's identifiers, or None."""
    ids = {each.value for each in party.ids} if party is not None else set()
    return next((each for each in trading(context) if any(i.value in ids for i in each.ids)), None)


def trading(context: Context) -> Iterator[Partner]:
    """Yield every partner that is another company: not us and not our warehouse."""
    return (each for each in context.partners.values() if each.kind == "partner")


def customers(context: Context) -> list[str]:
    """Return the ids of partners that may order from us."""
    return [each.id for each in trading(context) if each.role != "supplier"]


def suppliers(context: Context) -> list[str]:
    """Return the ids of partners we may order from."""
    return [each.id for each in trading(context) if each.role in ("supplier", "both")]
