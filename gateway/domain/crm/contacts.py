"""What people say of an account and of the persons there: checked on entry, with words from lists that are data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from unicodedata import category

from gateway.domain.crm.names import mail, telephone
from gateway.model.faults import OurFault

Kind = Literal["customer", "supplier", "both"]
KINDS: tuple[Kind, ...] = ("customer", "supplier", "both")
CHANNELS = ("mail", "phone", "visit", "chat", "post")
MOST = 200  # characters of a field of one line
TEXT = 4_000
_NO_TEXT = ("Cc", "Cs")  # control characters, halves of surrogate pairs
_LISTED = ("relation", "source", "intention", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """An account as people see it. relation, source, intention, status: codes of the lists of these names.

    owner: the person who looks after it; shared: others to whom it belongs too; parent: the account above it.
    """

    account: str
    name: str
    kind: Kind = "customer"
    parent: str | None = None
    relation: str | None = None
    source: str | None = None
    intention: str | None = None
    status: str | None = None
    owner: str | None = None
    shared: tuple[str, ...] = ()
    note: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person at an account. groups: names of groups that it is in. silent: is not to be contacted. unshared: no
    connector gets it. origin: "document" when a document has named it, "person" when somebody has entered it."""

    id: str
    account: str
    name: str
    function: str | None = None
    phone: str | None = None
    mail: str | None = None
    channel: str | None = None
    groups: tuple[str, ...] = ()
    silent: bool = False
    unshared: bool = False
    note: str | None = None
    origin: Literal["document", "person"] = "person"


def wrong(name: str, value: object) -> OurFault:
    """Return the fault of a field that does not take a value."""
    return OurFault("crm.value-wrong", value=str(value)[:100], field=name)


def line(name: str, value: str, *, needed: bool = False, most: int = MOST) -> str:
    """Return value without blanks around it. Raises OurFault crm.value-wrong: too long, needed and empty, no text."""
    text = value.replace("\r\n", "\n").strip()
    plain = text.replace("\n", "").replace("\t", "")
    if len(text) > most or (needed and not text) or any(category(each) in _NO_TEXT for each in plain):
        raise wrong(name, text)
    return text


def checked_profile(given: Profile, words: Mapping[str, frozenset[str]]) -> Profile:
    """Return the profile as it is kept. words: list -> its codes. Raises OurFault crm.value-wrong."""
    for name in _LISTED:
        code = getattr(given, name)
        if code is not None and code not in words.get(name, frozenset()):
            raise wrong(name, code)
    if given.kind not in KINDS:
        raise wrong("kind", given.kind)
    if given.parent == given.account:
        raise wrong("parent", given.parent)
    return Profile(
        account=given.account,
        name=line("name", given.name, needed=True),
        kind=given.kind,
        parent=given.parent or None,
        relation=given.relation,
        source=given.source,
        intention=given.intention,
        status=given.status,
        owner=line("owner", given.owner or "") or None,
        shared=tuple(dict.fromkeys(line("shared", each) for each in given.shared if each.strip()))[:50],
        note=line("note", given.note or "", most=TEXT) or None,
        fields={name: line(name, value, most=1_000) for name, value in given.fields.items() if value.strip()},
    )


def checked_contact(given: Contact, country: str | None = None) -> Contact:
    """Return the contact as it is kept: the number in E.164, the address in small letters. Raises OurFault
    crm.value-wrong. country: of its account, for numbers without their country."""
    number = line("phone", given.phone or "", most=60)
    address = line("mail", given.mail or "", most=254)
    phone = telephone(number, country) if number else None
    found = mail(address) if address else None
    if number and phone is None:
        raise wrong("phone", number)
    if address and found is None:
        raise wrong("mail", address)
    if given.channel and given.channel not in CHANNELS:
        raise wrong("channel", given.channel)
    return Contact(
        id=given.id,
        account=line("account", given.account, needed=True, most=100),
        name=line("name", given.name, needed=True),
        function=line("function", given.function or "") or None,
        phone=phone,
        mail=found,
        channel=given.channel or None,
        groups=tuple(dict.fromkeys(line("group", each, most=60) for each in given.groups if each.strip()))[:20],
        silent=given.silent,
        unshared=given.unshared,
        note=line("note", given.note or "", most=TEXT) or None,
        origin=given.origin,
    )
