"""Parties and persons as documents name them: NAD segments, party blocks of XML, and whole records of master data.

A document's canonical form is walked; what looks like a party is told with the role of its field and its place. Who it
is follows from identifiers and from what people have decided, never from a likeness of names alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from gateway.domain.crm.identity import STRONG, Known, blocks
from gateway.domain.crm.names import core_name, folded, gln, legal_entity, mail, telephone, vat_number
from gateway.model.partner import Partner

State = Literal["itself", "linked", "open", "accepted", "rejected"]
_PARTY_KEYS = frozenset(("ids", "name", "address", "contact"))
_SCHEMES: Mapping[str, str] = {"0088": "gln", "0060": "duns", "0199": "lei", "vat": "vat"}
MOST_PARTIES = 400  # of one document that are looked at
MOST_DEPTH = 8
# Fields of a document whose party stands there for another one: not a customer or supplier of ours by itself
SITE_ROLES = frozenset(("shipTo", "shipFrom", "deliveryParty", "store", "warehouse", "dc", "finalDestination"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A contact as a document names it. phone: E.164 where it can be one, else as written."""

    name: str
    phone: str | None = None
    mail: str | None = None

    @property
    def key(self) -> str:
        """What makes two mentions one person, at one party: the mail address, else the number, else the name."""
        if self.mail:
            return f"mail:{self.mail}"
        return f"phone:{self.phone}" if self.phone and not self.name else f"name:{folded(self.name)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One party of one document. teller: the partner whose document it is. place: path in the document.

    identifiers: (scheme, value), strong ones with a right check digit; what fails its check is told as "wrong-SCHEME".
    """

    teller: str
    role: str
    place: str
    name: str = ""
    identifiers: frozenset[tuple[str, str]] = frozenset()
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    parent: str | None = None
    registration: str | None = None
    registered: bool = False
    person: Person | None = None

    @property
    def gln(self) -> str | None:
        return next((value for scheme, value in self.identifiers if scheme == "gln"), None)

    @property
    def key(self) -> str:
        """Return what makes two mentions by one teller the same party: the best identifier, else name and place."""
        told = sorted(self.identifiers)
        for wanted in (*STRONG, "buyer", "seller", "other", "registration"):
            for scheme, value in told:
                if scheme == wanted:
                    return f"{scheme}:{value}"[:300]
        return f"name:{core_name(self.name)}|{folded(self.postcode or '')}|{folded(self.city or '')}"[:300]

    @property
    def id(self) -> str:
        """16 hexadecimal digits, the same whenever the party is told by the same partner."""
        return sha256(f"{self.teller}|{self.key}".encode()).hexdigest()[:16]

    def strong(self) -> list[str]:
        """Return the identifiers that speak for one company alone, as keys."""
        return sorted(f"id:{scheme}:{value}" for scheme, value in self.identifiers if scheme in STRONG)

    def known(self, account: str = "") -> Known:
        """Return the party as one to be compared."""
        person = self.person
        return Known(
            account=account or f"party:{self.id}",
            name=self.name,
            identifiers=self.identifiers,
            postcode=self.postcode,
            city=self.city,
            country=self.country,
            telephones=frozenset({person.phone} if person and person.phone and person.phone.startswith("+") else ()),
            mails=frozenset({person.mail} if person and person.mail else ()),
        )

    def keys(self) -> list[str]:
        """Return under which keys the party is found again, identifiers first."""
        return [*self.strong(), *sorted(each[:200] for each in blocks(self.known()))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The partners of the book by what identifies them. ours: identifiers of our own company, never a candidate.

    accounts: id -> the company; houses: partners that are a system of ours and no account.
    """

    accounts: Mapping[str, Known] = field(default_factory=dict)
    ours: frozenset[tuple[str, str]] = frozenset()
    houses: frozenset[str] = frozenset()

    def owners(self) -> dict[str, str]:
        """Return key of identifier -> account, without those that two accounts claim."""
        found: dict[str, str] = {}
        twice: set[str] = set()
        for account, company in sorted(self.accounts.items()):
            for scheme, value in company.identifiers:
                key = f"id:{scheme}:{value}"
                if scheme in STRONG and found.setdefault(key, account) != account:
                    twice.add(key)
        return {key: account for key, account in found.items() if key not in twice}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What people have said so far, and not taken back. accepted, by_key: -> account; merged: gone -> kept."""

    accepted: Mapping[str, str] = field(default_factory=dict)
    rejected: frozenset[str] = frozenset()
    by_key: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)

    def now(self, account: str) -> str:
        """Return the account that an account has become a part of, itself when of none."""
        seen = {account}
        while (after := self.merged.get(account)) is not None and after not in seen:
            account = after
            seen.add(account)
        return account


def names_of(partners: Mapping[str, Partner], warehouse: str, own: str = "self") -> Names:
    """Return the partners of the book by what identifies them. warehouse: GLN of our place; own: our company's id."""
    accounts: dict[str, Known] = {}
    ours = {("gln", warehouse)}
    houses = set()
    for name, each in partners.items():
        identifiers = frozenset(scheme_of(one.scheme, one.value) for one in each.ids)
        if name == own or each.kind == "house":
            ours |= identifiers
            houses.add(name)
            continue
        aliases = (each.name_zh,) if each.name_zh else ()
        accounts[name] = Known(account=name, name=each.name, identifiers=identifiers, aliases=aliases)
    return Names(accounts=accounts, ours=frozenset(ours), houses=frozenset(houses))


def scheme_of(scheme: str, value: str) -> tuple[str, str]:
    """Return an identifier in our words, checked: (gln, vat, lei, duns, ...), or ("wrong-SCHEME", value)."""
    name, value = _SCHEMES.get(scheme, scheme), value.strip()[:80]
    checks = {"gln": gln, "vat": vat_number, "lei": legal_entity}
    if name in checks:
        right = checks[name](value)
        return (name, right) if right else (f"wrong-{name}", value)
    return name, value


def parties_of(document: Mapping[str, Any], teller: str) -> list[Told]:
    """Return every party that a document in its canonical JSON form names, each place once."""
    kind = document.get("document")
    found: list[Told] = []
    for place, role, data, record in _walk(document, "", "", 0, kind == "PartyInfo"):
        found.append(_told(data, record, teller, role, place))
        if len(found) == MOST_PARTIES:
            break
    return [each for each in found if each.identifiers or each.name]


_Found = tuple[str, str, Mapping[str, Any], Mapping[str, Any]]


def _walk(value: Any, place: str, role: str, depth: int, records: bool) -> Iterator[_Found]:
    if depth > MOST_DEPTH:
        return
    if isinstance(value, Mapping):
        if records and isinstance(value.get("party"), Mapping) and "role" in value:
            yield f"{place}.party", str(value["role"]), value["party"], value
            return
        if value and value.keys() <= _PARTY_KEYS and ("ids" in value or "name" in value) and role != "item":
            yield place, role, value, {}
            return
        for key, each in value.items():
            if isinstance(each, Mapping | list):
                yield from _walk(each, f"{place}.{key}" if place else str(key), str(key), depth + 1, records)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _walk(each, f"{place}[{index}]", role, depth + 1, records)


def _told(data: Mapping[str, Any], record: Mapping[str, Any], teller: str, role: str, place: str) -> Told:
    given = data.get("address")
    address: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    ids = {
        scheme_of(str(each.get("scheme", "other")), str(each.get("value", "")))
        for each in data.get("ids") or ()
        if isinstance(each, Mapping) and each.get("value")
    }
    country = _text(address.get("country"), 2)
    return Told(
        teller=teller,
        role=role,
        place=place[:200],
        name=_text(data.get("name"), 200) or "",
        identifiers=frozenset(ids),
        street=_text(address.get("street"), 200),
        postcode=_text(address.get("postalCode"), 20),
        city=_text(address.get("city"), 100),
        region=_text(address.get("region"), 100),
        country=country,
        parent=_text(record.get("parent"), 80),
        registration=_text(record.get("registration"), 80),
        registered=bool(record),
        person=_person(data.get("contact"), country),
    )


def _text(value: Any, most: int) -> str | None:
    text = str(value).strip()[:most] if isinstance(value, str) else ""
    return None if set(text) <= {"*"} else text  # nothing, or what an erasure has left


def _person(contact: Any, country: str | None) -> Person | None:
    if not isinstance(contact, Mapping):
        return None
    name, phone = _text(contact.get("name"), 200) or "", _text(contact.get("phone"), 60)
    address = _text(contact.get("email"), 254)
    found = Person(
        name=name,
        phone=(telephone(phone, country) or phone) if phone else None,
        mail=(mail(address) or address) if address else None,
    )
    return found if found.name or found.phone or found.mail else None


def is_ours(told: Told, names: Names) -> bool:
    """Tell whether what was told names our own company by one of its identifiers."""
    return bool(told.identifiers & names.ours)


def owner_of(told: Told, names: Names, owners: Mapping[str, str], decided: Decided) -> tuple[str | None, State]:
    """Return whose the party is, and how that is known; (None, "open") is one for a person to look at.

    A decision comes first, then an identifier of a partner, then what has been decided of the same identifier, then
    the company that a record of master data names above it. A partner's own master data is believed for its places.
    """
    if told.id in decided.accepted:
        return decided.now(decided.accepted[told.id]), "accepted"
    if told.id in decided.rejected:
        return None, "rejected"
    keys = told.strong()
    claimed = {owners[each] for each in keys if each in owners}
    if len(claimed) == 1:
        return decided.now(claimed.pop()), "itself"
    remembered = {decided.now(decided.by_key[each]) for each in keys if each in decided.by_key}
    if len(remembered) == 1 and not claimed:
        return remembered.pop(), "accepted"
    above = owners.get(f"id:gln:{told.parent}") or decided.by_key.get(f"id:gln:{told.parent}")
    if above is not None and not claimed:
        return decided.now(above), "linked"
    if told.registered and told.gln and told.role in SITE_ROLES and told.teller in names.accounts and not claimed:
        return decided.now(told.teller), "linked"
    return None, "open"
