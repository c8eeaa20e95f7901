"""What a sample in a format that nobody has told us about consists of: its places with their values, which part of it
repeats once for each line, and where its parties stand."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation

from gateway.codecs.xml import Element
from gateway.mapping.draft_words import LINE, LINES, PARTIES, ROLES, Kind, plain_name
from gateway.model.values import has_valid_check_digit

VALUES_KEPT = 50
NODE_LIMIT = 20_000
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:?\d{2})?\Z", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:(?P<mark>[.,' ])\d{3})*(?:[.,]\d{1,6})?\Z|[+-]?\d+(?:[.,]\d{1,6})?\Z", re.ASCII)
_SAYS_NOTHING = ("www", "org", "com", "net", "de", "cn", "schema", "schemas", "xsd", "xml", "xmlschema", "urn", "names")
PATTERNS: tuple[tuple[str, str], ...] = (  # as strptime says it, as a mapping says it
    ("%d.%m.%Y", "DD.MM.YYYY"),
    ("%d.%m.%Y %H:%M", "DD.MM.YYYY HH:mm"),
    ("%Y%m%d", "YYYYMMDD"),
    ("%d/%m/%Y", "DD/MM/YYYY"),
    ("%m/%d/%Y", "MM/DD/YYYY"),
    ("%Y/%m/%d", "YYYY/MM/DD"),
    ("%d-%m-%Y", "DD-MM-YYYY"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place with what the sample has there. path: as a mapping says it, from the document or from the line.

    where   condition that tells it from others of the same path: ("@type", "iln")
    alone   the sample has no other of that path: the condition only counts for identifiers
    names   plain names on the way, the place's own last
    """

    path: str
    names: tuple[str, ...]
    values: tuple[str, ...]
    in_line: bool = False
    where: tuple[tuple[str, str], ...] = ()
    alone: bool = False

    @property
    def id(self) -> str:
        """What a form calls it."""
        told = "".join(f"[{name}={value}]" for name, value in self.where)
        return f"{'line:' if self.in_line else ''}{self.path}{told}"

    @property
    def label(self) -> str:
        """What a person reads: the path without prefixes."""
        path = "/".join(step.rpartition(":")[2] for step in self.path.split("/"))
        return path + "".join(f" ({value})" for _, value in self.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyPlace:
    """Where one party stands: path and condition, and the places below it, seen from it."""

    role: str
    path: str
    where: tuple[tuple[str, str], ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """each: path of the repeated part, "" when there is none. lines: how many of it there are."""

    sources: tuple[Source, ...]
    parties: tuple[PartyPlace, ...] = ()
    each: str = ""
    lines: int = 0
    namespaces: Mapping[str, str] = field(default_factory=dict)  # prefix -> namespace
    root: str = ""


def fits(kind: Kind, values: Sequence[str]) -> bool:
    """Tell whether the values look like what a field of that kind holds; most of them must."""
    if not values:
        return kind == "text"
    good = sum(_FITS[kind](each.strip()) for each in values)
    return good * 5 >= len(values) * 4


def is_date(text: str) -> bool:
    """Tell whether a text looks like a date in one of the forms that a draft can name."""
    return bool(_ISO_DAY.match(text)) or date_pattern((text,)) is not None


def date_pattern(values: Sequence[str]) -> str | None:
    """Return the pattern that reads every value, "" for ISO 8601, None when there is none."""
    if all(_ISO_DAY.match(each) for each in values):
        return ""
    return next((told for form, told in PATTERNS if all(_reads(form, each) for each in values)), None)


def _reads(form: str, text: str) -> bool:
    try:
        found = datetime.strptime(text, form)  # noqa: DTZ007  only whether it can be read
    except ValueError:
        return False
    return 1990 <= found.year <= 2100


def _is_number(text: str) -> bool:
    return bool(_NUMBER.match(text))


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_gtin(text: str) -> bool:
    return len(text) in (8, 12, 13, 14) and has_valid_check_digit(text)


def _is_gln(text: str) -> bool:
    return len(text) == 13 and has_valid_check_digit(text)


def _is_code(size: int) -> "re.Pattern[str]":
    return re.compile(rf"[A-Za-z]{{{size}}}\Z", re.ASCII)


_FITS: Mapping[Kind, Callable[[str], bool]] = {
    "text": lambda text: True,
    "date": is_date,
    "number": _is_number,
    "whole": _is_whole,
    "gtin": _is_gtin,
    "gln": _is_gln,
    "currency": lambda text: bool(_is_code(3).match(text)),
    "country": lambda text: bool(_is_code(2).match(text)),
    "unit": lambda text: 0 < len(text) <= 20 and not _is_number(text),
}


def number_mark(values: Sequence[str]) -> tuple[str, str]:
    """Return the decimal mark and the one between thousands that read the values: (".", "") or (",", ".")..."""
    if any("," in each and (each.rfind(",") > each.rfind(".")) and len(each) - each.rfind(",") <= 4 for each in values):
        thousands = "." if any("." in each for each in values) else ""
        return ",", thousands
    return ".", "," if any("," in each for each in values) else ""


def exact(text: str) -> Decimal | None:
    """Return the number a text is, None when it is none."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


# --- XML --------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Node:
    """All elements of one name at one place."""

    path: str
    names: tuple[str, ...]
    elements: list[Element] = field(default_factory=list)
    most: int = 0  # below one parent
    children: "dict[str, _Node]" = field(default_factory=dict)

    @property
    def texts(self) -> tuple[str, ...]:
        found = ((each.text or "").strip() for each in self.elements if len(each) == 0)
        return tuple(text for text in found if text)[:VALUES_KEPT]

    def walk(self) -> "Iterator[_Node]":
        yield self
        for each in self.children.values():
            yield from each.walk()


class _Spaces:
    """Gives every namespace of a sample a prefix that says something."""

    def __init__(self) -> None:
        self.by_space: dict[str, str] = {}

    def name(self, tag: str) -> str:
        space, _, local = tag.rpartition("}")
        if not space:
            return local
        space = space.removeprefix("{")
        if space not in self.by_space:
            words = re.findall(r"[a-z]{2,12}", space.rpartition("://")[2].lower())
            ordered = (
                words if "://" in space else reversed(words)
            )  # an address begins with its host, a URN ends in a name
            word = next((each for each in ordered if each not in _SAYS_NOTHING), "n")
            taken = set(self.by_space.values())
            options = (f"{word}{number or ''}" for number in range(len(taken) + 1))
            self.by_space[space] = next(each for each in options if each not in taken)
        return f"{self.by_space[space]}:{local}"


def xml_sample(root: Element, document: str) -> Sample:
    """Take an XML document apart. document: what it shall become, which tells what a line of it has."""
    spaces = _Spaces()
    top = _Node("", ())
    top.elements = [root]
    top.most = 1
    _grow(top, spaces, [0])
    line = _line_node(top, document)
    parties = tuple(_parties(top, line, document))
    taken = {place.path for place in parties}
    sources = [each for node in _outside(top, line, taken) for each in _places(node, node.path)]
    if line is not None:
        for node in line.walk():
            path = node.path[len(line.path) + 1 :]
            sources += [_in_line(each, len(line.names)) for each in _places(node, path) if each.path]
    return Sample(
        sources=tuple(sources),
        parties=parties,
        each=line.path if line else "",
        lines=len(line.elements) if line else 0,
        namespaces={prefix: space for space, prefix in spaces.by_space.items()},
        root=str(root.tag),
    )


def _grow(node: _Node, spaces: _Spaces, count: list[int]) -> None:
    for element in node.elements:
        seen: Counter[str] = Counter()
        for child in element:
            if not isinstance(child.tag, str):
                continue
            count[0] += 1
            if count[0] > NODE_LIMIT:
                return
            name = spaces.name(child.tag)
            seen[name] += 1
            found = node.children.get(name)
            if found is None:
                path = f"{node.path}/{name}" if node.path else name
                found = node.children[name] = _Node(path, (*node.names, plain_name(name.rpartition(":")[2])))
            found.elements.append(child)
            found.most = max(found.most, seen[name])
    for child_node in node.children.values():
        _grow(child_node, spaces, count)


def _line_node(top: _Node, document: str) -> _Node | None:
    """Return the part that holds an item and a quantity, the innermost one that repeats or is called a line."""
    words = {each.key: each for each in LINE[document]}
    quantity = next(each for each in LINE[document] if each.kind == "number" and each.required)
    best: tuple[float, _Node | None] = (0.0, None)
    for node in top.walk():
        if node is top or not node.children or "reference" in node.names[-1]:
            continue
        below = [each for each in node.walk() if each is not node and not each.children]
        counted = any(_called(quantity.exact, each.names[-1]) and fits("number", each.texts) for each in below)
        named = any(
            fits("gtin", each.texts) or _called(words[key].exact, each.names[-1])
            for each in below
            for key in ("item.gtin", "item.sellerId", "item.buyerId")
            if each.texts
        )
        if counted and named:
            called = 2.5 if _called(LINES, node.names[-1]) else 0.0
            score = 1 + (3 if node.most > 1 else 0) + called + len(node.names) * 0.1
            best = max(best, (score, node), key=lambda pair: pair[0])
    return best[1]


def _called(pattern: str, name: str) -> bool:
    return re.fullmatch(pattern, name) is not None


def role_of(name: str, document: str) -> str | None:
    """Return the party that a name, an attribute or a code stands for, None for any other."""
    name = re.sub(r"_(?:party|partner|address|anschrift|role)\Z", "", plain_name(name))
    return next((role for role in PARTIES[document] if _called(ROLES[role], name)), None)


def _parties(top: _Node, line: _Node | None, document: str) -> Iterator[PartyPlace]:
    """Yield the parties at the head: by the name of their element, or by what is said in it or beside it."""
    found: set[str] = set()
    waiting = [top]
    while waiting:
        node = waiting.pop(0)
        for child in node.children.values():
            if child is line:
                continue
            places = list(_party_places(child, document)) if child.children else []
            for place in places:
                if place.role not in found:
                    found.add(place.role)
                    yield place
            if not places:
                waiting.append(child)


def _party_places(node: _Node, document: str) -> Iterator[PartyPlace]:
    role = role_of(node.names[-1], document)
    if role is not None:
        yield PartyPlace(role=role, path=node.path, sources=_party_sources(node, node.elements))
        return
    for condition, words in _said(node):
        roles = {word: role_of(word, document) for word in words}
        if any(roles.values()):
            for word, each in roles.items():
                if each is not None:
                    here = [element for element in node.elements if _says(element, condition, word)]
                    where = ((_prefixed(node, condition), word),)
                    yield PartyPlace(role=each, path=node.path, where=where, sources=_party_sources(node, here))
            return


def _said(node: _Node) -> Iterator[tuple[str, list[str]]]:
    """Yield what tells the elements of a node apart: an attribute or a child with a few words."""
    for name in sorted({name for element in node.elements for name in element.attrib}):
        yield f"@{name}", sorted({str(element.get(name)) for element in node.elements if element.get(name)})
    for name, child in node.children.items():
        if not child.children and child.texts and len(set(child.texts)) <= 12:
            yield name, sorted(set(child.texts))


def _prefixed(node: _Node, condition: str) -> str:
    return condition if condition.startswith("@") else f"{node.path}/{condition}"


def _says(element: Element, condition: str, word: str) -> bool:
    if condition.startswith("@"):
        return bool(element.get(condition[1:]) == word)
    local = condition.rpartition(":")[2]
    return any(str(each.tag).rpartition("}")[2] == local and (each.text or "").strip() == word for each in element)


def _party_sources(node: _Node, elements: Sequence[Element]) -> tuple[Source, ...]:
    """Return the places below a party, with the values of those elements alone."""
    spaces = _Known(node)
    own = _Node("", ())
    own.elements = list(elements)
    _grow(own, spaces, [0])
    return tuple(each for inner in own.walk() if inner is not own for each in _places(inner, inner.path))


class _Known(_Spaces):
    """Names as they were given before."""

    def __init__(self, node: _Node) -> None:
        super().__init__()
        self.known = {
            str(element.tag): name
            for each in node.walk()
            for name, child in each.children.items()
            for element in child.elements[:1]
        }

    def name(self, tag: str) -> str:
        return self.known.get(tag) or super().name(tag)


def _outside(top: _Node, line: _Node | None, taken: set[str]) -> Iterator[_Node]:
    waiting = [top]
    while waiting:
        node = waiting.pop(0)
        if node is not line and node.path not in taken:
            if node is not top:
                yield node
            waiting[:0] = node.children.values()


def _places(node: _Node, path: str) -> Iterator[Source]:
    """Yield the text of a node, once for each word of an attribute that parts it, and its attributes with a meaning."""
    texts = node.texts
    if texts:
        parted = [
            (name, sorted({str(each.get(name)) for each in node.elements if each.get(name)}))
            for name in sorted({name for each in node.elements for name in each.attrib})
            if "}" not in name
        ]
        kinds = next(((name, words) for name, words in parted if len(words) > 1 or name in ("type", "qualifier")), None)
        if kinds is not None and len(kinds[1]) <= 12:
            name, words = kinds
            for word in words:
                own = tuple((each.text or "").strip() for each in node.elements if each.get(name) == word)
                where = ((f"@{name}", word),)
                alone = len(words) == 1
                yield Source(path=path, names=node.names, values=own[:VALUES_KEPT], where=where, alone=alone)
        else:
            yield Source(path=path, names=node.names, values=texts)


def _in_line(source: Source, depth: int) -> Source:
    return replace(source, names=source.names[depth:], in_line=True)
