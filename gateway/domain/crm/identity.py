"""Who a party is: identifiers first, then name and place; anything less than an identifier is a candidate for a person.

Two companies may share a GLN in real master data, so that matching gives candidates with reasons, never silently one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz import fuzz

from gateway.domain.crm.names import core_name, folded

SAME = 92  # points from which a name and a place make a strong candidate
LIKELY = 75  # points from which a person is asked
# Which identifiers speak for one company alone; an account number at a partner only together with that partner
STRONG = ("gln", "vat", "lei", "duns")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A company as it is on record, or as a document tells of it.

    identifiers: (scheme, value); aliases: names it has had or a person has merged; postcode, city, country as written.
    """

    account: str
    name: str
    identifiers: frozenset[tuple[str, str]] = frozenset()
    aliases: tuple[str, ...] = ()
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    telephones: frozenset[str] = frozenset()
    mails: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """points 0 to 100. reasons: what agreed, and what spoke against it (with a leading minus)."""

    account: str
    points: int
    reasons: tuple[str, ...]

    @property
    def verdict(self) -> Literal["same", "strong", "likely"]:
        """Tell how sure it is: an identifier in common is the same company, points from SAME on a strong likeness."""
        if any(each.startswith("identifier:") for each in self.reasons):
            return "same"
        return "strong" if self.points >= SAME else "likely"


@dataclass(slots=True)
class Register:
    """The companies on record, made ready for matching: by identifier, and in blocks for the fuzzy part."""

    _by_identifier: dict[tuple[str, str], list[Known]] = field(default_factory=dict)
    _blocks: dict[str, list[Known]] = field(default_factory=dict)

    def add(self, company: Known) -> None:
        """Take a company in, under its identifiers and the blocks it is looked for in."""
        for identifier in company.identifiers:
            self._by_identifier.setdefault(identifier, []).append(company)
        for block in blocks(company):
            self._blocks.setdefault(block, []).append(company)

    def candidates(self, party: Known, limit: int = 10) -> list[Candidate]:
        """Return who the party may be, the likeliest first; not itself."""
        near: dict[str, Known] = {}
        for identifier in sorted(party.identifiers):
            near.update((each.account, each) for each in self._by_identifier.get(identifier, ()))
        for block in blocks(party):
            near.update((each.account, each) for each in self._blocks.get(block, ()))
        near.pop(party.account, None)
        found = [candidate for each in near.values() if (candidate := compared(party, each)) is not None]
        return sorted(found, key=lambda each: (-each.points, each.account))[:limit]


def register(companies: Iterable[Known]) -> Register:
    """Return a register of companies."""
    made = Register()
    for company in companies:
        made.add(company)
    return made


def blocks(company: Known) -> set[str]:
    """Return the keys under which a company is compared with others: never everybody with everybody."""
    made = {f"phone:{each}" for each in company.telephones} | {f"mail:{each}" for each in company.mails}
    for name in (company.name, *company.aliases):
        core = core_name(name)
        if not core:
            continue
        made.add(f"name:{core[:4]}")
        if company.postcode:
            made.add(f"post:{folded(company.postcode).replace(' ', '')}:{core[:1]}")
    return made


def compared(party: Known, known: Known) -> Candidate | None:
    """Return how much two companies agree, None below LIKELY."""
    reasons: list[str] = []
    points = 0
    theirs = dict(known.identifiers)
    for scheme, value in sorted(party.identifiers):
        if (scheme, value) in known.identifiers:
            reasons.append(f"identifier:{scheme}")
            points = 100
        elif scheme in STRONG and scheme != "gln" and scheme in theirs:
            reasons.append(f"-identifier:{scheme}")  # one company has many GLNs, but one VAT number in a country
    likeness = _name_likeness(party, known)
    if points < 100:
        points = round(0.8 * likeness)
        points += _place(party, known, reasons)
        points += _contact(party, known, reasons)
        if any(each.startswith("-identifier") for each in reasons):
            points -= 30
    if likeness >= LIKELY:
        reasons.append(f"name:{likeness}")
    points = max(0, min(points, 100))
    return Candidate(account=known.account, points=points, reasons=tuple(reasons)) if points >= LIKELY else None


def _name_likeness(party: Known, known: Known) -> int:
    names = [core_name(each) for each in (party.name, *party.aliases) if each]
    theirs = [core_name(each) for each in (known.name, *known.aliases) if each]
    return round(max((_likeness(one, other) for one in names for other in theirs), default=0))


def _likeness(one: str, other: str) -> float:
    """Words in another order are the same name; a missing word costs, so that two branches are not one company."""
    if not one or not other:
        return 0.0
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))


def _place(party: Known, known: Known, reasons: list[str]) -> int:
    if party.country and known.country and party.country.upper() != known.country.upper():
        reasons.append("-country")
        return -20
    if party.postcode and known.postcode:
        if folded(party.postcode).replace(" ", "") == folded(known.postcode).replace(" ", ""):
            reasons.append("postcode")
            return 15
        return -5
    if party.city and known.city and folded(party.city) == folded(known.city):
        reasons.append("city")
        return 8
    return 0


def _contact(party: Known, known: Known, reasons: list[str]) -> int:
    if party.telephones & known.telephones:
        reasons.append("telephone")
        return 25
    if party.mails & known.mails:
        reasons.append("mail")
        return 25
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Two companies told to be one: what the kept one takes over. Undone by giving it all back."""

    kept: str
    gone: str
    filled: Mapping[str, str]  # fields that were blank in the kept one
    identifiers: frozenset[tuple[str, str]]
    aliases: tuple[str, ...]


def merge(kept: Known, gone: Known, fields: Sequence[str] = ("postcode", "city", "country")) -> Merge:
    """Return what changes in kept when gone becomes a part of it: blanks filled, identifiers and names remembered.

    Raises ValueError when both are one account.
    """
    if kept.account == gone.account:
        raise ValueError("an account cannot be merged with itself")
    filled = {name: value for name in fields if not getattr(kept, name) and (value := getattr(gone, name))}
    names = [each for each in (gone.name, *gone.aliases) if each not in (kept.name, *kept.aliases)]
    return Merge(
        kept=kept.account,
        gone=gone.account,
        filled=filled,
        identifiers=gone.identifiers - kept.identifiers,
        aliases=tuple(dict.fromkeys(names)),
    )
