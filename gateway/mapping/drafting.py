"""A first mapping for a format that nobody has described: fields are found by names and by what the values look like.

It is a proposal: a person looks at it, changes it, and only then it comes into force.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.mapping.draft_sources import PartyPlace, Sample, Source, fits
from gateway.mapping.draft_words import HEAD, KINDS, LINE, PARTY, UNITS, Word, plain_name
from gateway.mapping.rules import Plain

THRESHOLD = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """key: canonical field ("lines[].quantity", "buyer.gln"). source: None when nothing fits. score: how well."""

    key: str
    source: Source | None
    score: float = 0.0
    required: bool = False


def kind_of(names: Iterable[str]) -> str | None:
    """Return which of our documents a root element or a file of such a name is, None when nothing tells."""
    for name in names:
        plain = plain_name(name)
        exact = next((document for document, words in KINDS.items() if re.fullmatch(words, plain)), None)
        if exact:
            return exact
        tokens = "|".join(KINDS.values())
        for part in re.findall(rf"(?:^|_)({tokens})(?=_|$)", plain):
            return next(document for document, words in KINDS.items() if re.fullmatch(words, part))
    return None


def matches(sample: Sample, document: str) -> tuple[Match, ...]:
    """Return a match for each field of the document that drafting knows, in the order in which they are shown."""
    own = [each for each in sample.sources if not each.in_line]
    lines = [each for each in sample.sources if each.in_line]
    head = _assigned(HEAD[document], own, "")
    parties = [match for place in sample.parties for match in _party(place)]
    return (*head, *parties, *_assigned(LINE[document], lines, "lines[]."))


def _party(place: PartyPlace) -> list[Match]:
    found = [each for each in _assigned(PARTY, place.sources, f"{place.role}.") if each.source is not None]
    if any(each.key.endswith(".gln") for each in found):
        found = [each for each in found if not each.key.endswith(".ids")]
    return found


def _assigned(words: Sequence[Word], sources: Sequence[Source], prefix: str) -> list[Match]:
    """Give every field the source that fits best, the surest first; no source twice."""
    rated = sorted(
        ((score, -number, word, source) for number, word in enumerate(words) for source in sources
         if (score := _score(word, source)) >= THRESHOLD),
        key=lambda row: (-row[0], -row[1], len(row[3].path), row[3].id),
    )  # fmt: skip
    chosen: dict[str, tuple[Source, float]] = {}
    used: set[str] = set()
    for score, _, word, source in rated:
        shared = word.key in ("period.start", "period.end")  # one day is both
        if word.key not in chosen and (source.id not in used or shared):
            chosen[word.key] = (source, score)
            used.add(source.id)
    keys = dict.fromkeys(each.key for each in words)
    required = {each.key for each in words if each.required}
    return [
        Match(
            key=prefix + key,
            source=chosen[key][0] if key in chosen else None,
            score=round(chosen[key][1], 1) if key in chosen else 0.0,
            required=key in required,
        )
        for key in keys
    ]


def _score(word: Word, source: Source) -> float:
    if not source.values or not fits(word.kind, source.values):
        return 0.0
    last, way = source.names[-1], "/".join(source.names)
    if re.fullmatch(word.exact, last):
        score = 10.0
    elif word.near and re.search(word.near, "_".join(source.names[-2:])):
        score = 7.5
    elif word.kind in ("gtin",):
        score = 6.5  # a check digit that is right in every value says it by itself
    else:
        return 0.0
    if word.kind in ("gtin", "gln", "date", "currency", "country"):
        score += 2.0
    if last.startswith(tuple(word.key.lower().split("."))):
        score += 0.3
    if word.against and re.search(word.against, way):
        score -= 5.0
    return score - 0.2 * len(source.names)


# --- the text of the mapping ------------------------------------------------------------------------------------------


def fields_of(
    found: Iterable[Match], sample: Sample, document: str, *, defaults: Mapping[str, str], csv: bool = False
) -> dict[str, Plain]:
    """Return `fields` of a mapping file. defaults: canonical field -> value where the format does not say it."""
    chosen = {each.key: each.source for each in found if each.source is not None}
    places = {each.role: each for each in sample.parties}
    top: dict[str, Plain] = {}
    for key, source in chosen.items():
        role = key.partition(".")[0]
        if not source.in_line and role in places and source in places[role].sources:
            continue
        if not source.in_line:
            top[key] = _rule(key, source, csv)
    for role, place in places.items():
        inner = {key.partition(".")[2]: _rule(key, each, csv) for key, each in chosen.items()
                 if key.startswith(f"{role}.") and each in place.sources}  # fmt: skip
        if inner:
            block: dict[str, Plain] = {"in": place.path}
            if place.where:
                block["where"] = {_below(name, place.path): value for name, value in place.where}
            top[role] = {**block, "fields": inner}
    for key, value in defaults.items():
        said = key in chosen or any(each.startswith(f"{key.partition('.')[0]}.") for each in chosen)
        if not said:
            top[key] = {"default": value}
    lines = {key[8:]: _rule(key[8:], each, csv) for key, each in chosen.items() if key.startswith("lines[].")}
    if document == "InventoryReport" and lines:
        lines["type"] = {"default": "onHand"}
    if lines:
        top["lines"] = {"each": sample.each, "fields": lines}
    return top


def _below(name: str, path: str) -> str:
    return name if name.startswith("@") else name[len(path) + 1 :] if name.startswith(f"{path}/") else name


_AS = {
    "item.gtin": "gtin",
    "location": "gln",
    "currency": "upper",
    "quantity.unit": "upper",
    "address.country": "upper",
}


def _rule(key: str, source: Source, csv: bool) -> Plain:
    field = key if key in _AS else key.partition(".")[2]
    converter = _AS.get(field)
    last = field.rpartition(".")[2] if field else key
    if last == "ids" and not csv:
        converter = "party-id"
    rule: dict[str, Plain] = {"path": source.path}
    if key.lower().endswith("quantity.unit") and (units := _units(source.values)):
        return {**rule, "choose": units, "unknown": "keep"}
    if source.where and (not source.alone or last in ("gtin", "gln", "ids")):
        rule["where"] = dict(source.where)
    if converter:
        rule["as"] = converter
    if key.rpartition(".")[2] in ("description", "notes"):
        rule["twice"] = "warning"
    return source.path if len(rule) == 1 else rule


def _units(values: Sequence[str]) -> dict[str, Plain]:
    """Return codes for units in words, the word that is used first; nothing when the values are codes."""
    words = {each.strip().upper(): each.strip() for each in values}
    if all(word in UNITS or not any(word in names for names in UNITS.values()) for word in words):
        return {}
    found: dict[str, Plain] = {}
    for code, names in UNITS.items():
        said = [words[name] for name in names if name in words]
        found[code] = [*said, *(each for each in (code, *names) if each not in said)]
    return found
