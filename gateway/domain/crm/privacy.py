"""Persons in what is kept: how they are spelled there, and a copy without them.

A name is covered letter by letter, byte by byte: what is kept has the length that it had, every segment and every place
in it stays where it was, and a message can be read again from the copy.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from gateway.domain.crm.names import folded, mail, telephone
from gateway.domain.crm.parties import Person

COVER = "*"
SHORTEST = 2  # characters of a name; a shorter one is no name
_CONTACT_KEYS = frozenset(("name", "phone", "email", "function", "fax"))
_LETTER = r"0-9A-Za-z\x80-\xff"  # in bytes: of a word, in any character set that is a superset of ASCII
_CHARSETS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be", "gb18030")
_RELEASED = re.compile(r"([?'+:])")  # ISO 9735: characters that stand behind a release character


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What became of kept bytes or text. hits: how often the person stood there."""

    data: bytes
    hits: int


def spellings(document: Any, person: Person) -> set[str]:
    """Return how a document spells a person: every value of each contact that is this person."""
    found: set[str] = set()
    todo = [document]
    while todo:
        value = todo.pop()
        if isinstance(value, Mapping):
            contact = value.get("contact")
            if isinstance(contact, Mapping) and contact.keys() <= _CONTACT_KEYS and _is(contact, person):
                found.update(str(contact[name]) for name in ("name", "phone", "email") if contact.get(name))
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
    return found


def contacts_in(document: Any) -> set[str]:
    """Return the names, numbers and addresses of every contact that a document names."""
    found: set[str] = set()
    todo = [document]
    while todo:
        value = todo.pop()
        if isinstance(value, Mapping):
            contact = value.get("contact")
            if isinstance(contact, Mapping) and contact.keys() <= _CONTACT_KEYS:
                found.update(str(contact[name]) for name in ("name", "phone", "email") if contact.get(name))
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
    return {each for each in found if not is_covered(each)}


def _is(contact: Mapping[str, Any], person: Person) -> bool:
    if person.mail and mail(str(contact.get("email") or "")) == person.mail:
        return True
    if person.name and folded(str(contact.get("name") or "")) == folded(person.name):
        return True
    number = str(contact.get("phone") or "")
    return bool(not person.name and person.phone and person.phone in (number, telephone(number)))


def is_covered(text: str | None) -> bool:
    """Tell whether a text has been covered: nothing of it is left to be read."""
    return bool(text) and set(text or "") == {COVER}


def usable(forms: Iterable[str]) -> list[str]:
    """Return the forms that name somebody, the longest first, each once: what is one character long names nobody."""
    kept = {each.strip() for each in forms if len(each.strip()) >= SHORTEST and not is_covered(each.strip())}
    kept |= {one for each in kept if not each.isascii() for one in (each.upper(), each.lower())}  # databases fold ASCII
    return sorted(kept, key=lambda each: (-len(each), each))


def patterns(forms: Iterable[str]) -> list[bytes]:
    """Return the byte strings under which forms may stand in a file: EDIFACT with release characters, XML with
    entities, JSON with escapes, in the character sets that partners use. The longest first."""
    found: set[bytes] = set()
    for form in usable(forms):
        plain = {form, _RELEASED.sub(r"?\1", form), escape(form), escape(form, {'"': "&quot;", "'": "&apos;"})}
        plain |= {json.dumps(form)[1:-1], json.dumps(form, ensure_ascii=False)[1:-1]}
        for text in plain:
            for charset in _CHARSETS:
                try:
                    found.add(text.encode(charset))
                except UnicodeEncodeError:
                    continue
    return sorted(found, key=lambda each: (-len(each), each))


def covered(data: bytes, forms: Iterable[str]) -> Copy:
    """Return data with every form covered, of the same length. A form counts where it stands alone: no letter or digit
    before or behind it."""
    hits = 0
    for pattern in patterns(forms):
        if pattern.lower() not in data.lower():
            continue
        bounded = re.compile(rb"(?<![%b])%b(?![%b])" % (_LETTER.encode(), re.escape(pattern), _LETTER.encode()), re.I)
        data, count = bounded.subn(_cover, data)
        hits += count
    return Copy(data=data, hits=hits)


def _cover(found: re.Match[bytes]) -> bytes:
    """Cover a match; in UTF-16 the zero bytes stay, so that it is still text."""
    text = found.group()
    if len(text) >= 4 and len(text) % 2 == 0 and text.count(0) >= len(text) // 2:
        return bytes(each and ord(COVER) for each in text)
    return COVER.encode() * len(text)


def covered_text(text: str, forms: Iterable[str]) -> str:
    """Return text of a row with every form covered, letter by letter."""
    for form in usable(forms):
        for spelled in {form, json.dumps(form, ensure_ascii=False)[1:-1]}:
            if spelled.casefold() in text.casefold():
                bounded = re.compile(rf"(?<!\w){re.escape(spelled)}(?!\w)", re.IGNORECASE)
                text = bounded.sub(lambda found: COVER * len(found.group()), text)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure came to. held: records left as they were because of a legal hold, or because they are still on
    their way; the erasure is done again when they are free."""

    erasure: str
    payloads: int
    rows: int
    held: int
    forms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """Who else gets data of persons. agreement: reference of the contract on it, "" where there is none yet."""

    id: str
    name: str
    purpose: str
    fields: tuple[str, ...] = ()
    country: str | None = None
    agreement: str = ""
    signed_on: str | None = None
    ends_on: str | None = None

    def covers(self, today: str) -> bool:
        """Tell whether there is an agreement on that day (ISO 8601)."""
        return bool(self.agreement) and (self.ends_on is None or self.ends_on >= today)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTerm:
    """For how many months stored copies of a document type name persons; type "*": all that have no term."""

    type: str
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactErasure:
    """Somebody asks to be forgotten. contact: its id; account: whose contact; reason: as told."""

    contact: str
    account: str
    reason: str


PrivacyChange = Processor | PersonTerm | ContactErasure


def due_before(terms: Mapping[str, int], kind: str, now: datetime) -> datetime | None:
    """Return the instant before which documents of a kind name nobody any more, None for one without a term."""
    months = terms.get(kind, terms.get("*"))
    if months is None:
        return None
    index = now.year * 12 + now.month - 1 - months
    return now.replace(year=index // 12, month=index % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0)
