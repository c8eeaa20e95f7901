"""Places, where goods go to and come from, as our house or a partner says it; customers, as our house says them."""

from gateway.domain.customers import CUSTOMER, customer_of, customer_saved
from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.model.effects import Effect, PlaceSaved
from gateway.model.findings import Finding, Where
from gateway.model.party_info import PartyInfo, PartyRecord
from gateway.model.values import Party

LONGEST_GLN = 20  # characters: other identifiers under the GLN's scheme are kept as they are
KINDS = {
    "shipTo": "store",
    "store": "store",
    "deliveryParty": "store",
    "warehouse": "warehouse",
    "shipFrom": "warehouse",
    "dc": "dc",
}


def needs(info: PartyInfo, context: Context) -> Needs:
    """Return the places as we know them."""
    return Needs(places=frozenset(gln for each in info.parties if (gln := each.party.gln)))


def decide(info: PartyInfo, context: Context, snapshot: Snapshot) -> Decision:
    """Keep every party that has a GLN as a place, and a customer's record as a version of it.

    A partner speaks for its own places only; our house for all, and for customers. Raises PartnerFault customer.*.
    """
    effects: dict[str, Effect] = {}
    findings: list[Finding] = []
    ours = context.partner.kind == "house"
    for index, record in enumerate(info.parties):
        gln = record.party.gln
        if record.role == CUSTOMER:
            customer = customer_of(context, record) if ours else None
            if customer is None:
                code = "customer.unknown-partner" if ours else "customer.sender"
                findings.append(_finding(code, index, record.account or gln or record.party.name or ""))
                continue
            saved = customer_saved(info, index, customer, _address(record.party))
            effects[saved.key] = saved
            continue
        if not gln or len(gln) > LONGEST_GLN:
            findings.append(_finding("place.gln-missing", index, record.party.name or record.role))
            continue
        known = snapshot.places.get(gln)
        if not ours and known is not None and known.partner != context.partner.id:
            findings.append(_finding("place.of-another", index, gln))
            continue
        owner = (known.partner if known else None) if ours else context.partner.id
        effects[gln] = _place(record, gln, known, _owner(record, context) or owner if ours else owner)
    return Decision(effects=tuple(effects.values()), findings=tuple(findings))


def _owner(record: PartyRecord, context: Context) -> str | None:
    """Return the partner that the record's parent GLN names."""
    if record.parent is None:
        return None
    return next((p.id for p in context.partners.values() if any(i.value == record.parent for i in p.ids)), None)


def _place(record: PartyRecord, gln: str, known: PlaceSaved | None, owner: str | None) -> PlaceSaved:
    data = dict(known.data) if known else {}
    data.update(_address(record.party))
    if record.opening_hours:
        data["openingHours"] = record.opening_hours
    if record.parent:
        data["parent"] = record.parent
    return PlaceSaved(
        key=f"place:{gln}",
        gln=gln,
        name=record.party.name or (known.name if known else gln),
        kind=KINDS.get(record.role, known.kind if known else "office"),
        partner=owner,
        data=data,
    )


def _address(party: Party) -> dict[str, str]:
    found: dict[str, str] = {}
    if party.address is not None:
        pairs = {
            "street": party.address.street,
            "city": party.address.city,
            "postalCode": party.address.postal_code,
            "region": party.address.region,
            "country": party.address.country,
        }
        found |= {name: value for name, value in pairs.items() if value}
    if party.contact is not None:
        contact = {"contact": party.contact.name, "phone": party.contact.phone, "email": party.contact.email}
        found |= {name: value for name, value in contact.items() if value}
    return found


def _finding(code: str, index: int, value: str) -> Finding:
    return Finding(code=code, severity="warning", where=Where(path=f"parties[{index}].party"), value=value)
