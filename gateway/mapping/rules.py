"""From the layers of a mapping, as written, to one flat table of rules: the effective mapping.

A layer's `fields` may nest (in, use, each); here everything becomes canonical key -> entry, so that a later layer can
replace or remove by key. A list element's keys start with the list's own: "lines[].item.gtin".
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from hashlib import sha256
from typing import Any, Literal, NoReturn

from gateway.codecs.csv_rows import ROOT, CsvForm
from gateway.mapping import csv_syntax
from gateway.model.faults import OurFault
from gateway.model.findings import Severity, Where

Plain = str | list["Plain"] | dict[str, "Plain"]
Path = tuple[str | int, ...]
Direction = Literal["both", "in", "out"]
Conditions = tuple[tuple[str, tuple[str, ...]], ...]  # (source name, values): the first value is written

RULE_LIMIT = 2000
DEPTH_LIMIT = 12
CONDITION_LIMIT = 50  # of one rule, those of the blocks around it included
KEY_LIMIT = 300  # characters
WHEN_DEPTH_LIMIT = 3
KEEP, DROP = "keep", "drop"  # of unknown codes
SPLIT = "split"
OTHER = "other:"  # stands before a code that was kept
ANY_TEXT = "*"  # in conditions: whatever, but something

_TOP = ("mapping", "document", "syntax", "extends", "blocks", "fields", "remove", "ignore", "cannot", "note")
_RULE = (
    "path", "where", "as", "code", "const", "default", "required", "each", "direction", "lookup", "column", "join",
    "check", "time", "twice", "choose", "when", "unknown", "note",
)  # fmt: skip
_TABLES = ("where", "choose", "when")  # words whose value is a table
_LIST = ("each", "where", "fields", "use", "tree", "alone", "group_by", "fn", "direction", "note")
_BLOCK = ("in", "where", "fields", "use", "otherwise", "note")
_SYNTAX = {
    "edifact": ("kind", "directory", "message", "association"),
    "xml": (
        "kind",
        "root",
        "namespaces",
        "schema",
        "customization",
        "contains",
        "each",
        "header",
        "attributes",
        "merge",
    ),
    "json": ("kind",),
    "csv": csv_syntax.WORDS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One YAML file. rules: nested dict, list and str; marks: (line, column) of each value by its path of keys.

    gateway.config.yaml gives both: plain(load(text, path)) and marks(load(text, path)).
    """

    path: str
    rules: Plain
    marks: Mapping[Path, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """kind decides which of the others are set: edifact directory, message, association; xml root, namespaces, schema,
    customization, contains, each, header; csv table, file.

    schema         set of XML Schemas; "" for any that has the root, "none" to check by no schema
    customization  only documents whose UBL CustomizationID begins so
    contains       only documents that hold this element, for roots that stand for many documents (cXML)
    each           children of the root that are a document each: the message is read once for each of them
    header         "sbdh": a business document header is put inside what is written (GS1 XML)
    attributes     unit, currency, scheme -> name of that attribute beside a value, "none" where there is none
    merge          element -> child: on writing, elements with the same text in that child become one
    file           pattern of file names (sales_*.csv)
    """

    kind: Literal["edifact", "xml", "json", "csv"]
    directory: str = ""
    message: str = ""
    association: str = ""
    root: str = ""  # {namespace}Order
    namespaces: Mapping[str, str] = field(default_factory=dict)  # prefix -> namespace
    schema: str = ""
    customization: str = ""
    contains: tuple[str, ...] = ()
    each: str = ""
    header: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    merge: Mapping[str, str] = field(default_factory=dict)
    table: CsvForm | None = None
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A condition on canonical fields of the same scope: all of fields, not negated, at least one of options."""

    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()
    negated: "When | None" = None
    options: "tuple[When, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to a canonical value. Words as in the mapping language; at: file:line for messages.

    path     from the enclosing list element (or the message), "" for the element of `each` itself
    where    conditions on the same segment or element ("C507.2005", "@schemeID"), or on an enclosing one
             ("SG2/NAD/3035", "cac:Item/cbc:Code": from the enclosing list element)
    """

    key: str
    at: str
    path: str
    where: Conditions = ()
    converter: str = ""
    code: str = ""
    choose: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (canonical value, codes: all read, the first written)
    when: When | None = None
    const: str | None = None
    default: str | None = None
    required: bool = False
    each: str = ""
    direction: Direction = "both"
    lookup: str = ""
    column: str = ""
    join: str | None = None
    check: str = ""
    time: str = ""
    twice: Severity | None = None  # of the finding when the place holds a second, other value
    split: bool = False  # a second, other value makes another element of the list
    unknown: str = ""  # what a code becomes that is not in the table: KEEP, DROP or a canonical value; "" is an error
    rank: int = 0  # place in the effective table: XML is written in this order


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHead:
    """A repeated part: one canonical list element for each occurrence of `each`.

    alone: key in the element -> key of the enclosing scope: where the values of a single element go instead
    """

    key: str
    at: str
    each: str
    where: Conditions = ()
    tree: Mapping[str, str] = field(default_factory=dict)
    alone: Mapping[str, str] = field(default_factory=dict)
    group_by: tuple[str, ...] = ()
    fn: str = ""
    direction: Direction = "both"
    rank: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """When key is absent, other stands for it: in both directions."""

    key: str
    at: str
    other: str


Entry = tuple[Rule, ...] | ListHead | Fallback


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The merged mapping. entries keep the order of the files: XML is written in it."""

    name: str
    document: str
    syntax: Syntax
    entries: Mapping[str, Entry]
    ignore: tuple[str, ...] = ()
    cannot: Mapping[str, str] = field(default_factory=dict)  # canonical field -> why this format does not carry it

    @property
    def digest(self) -> str:
        """SHA-256 over the rules without their places: equal rules have equal digests."""
        facts = {key: _facts(entry) for key, entry in self.entries.items()}
        text = json.dumps([self.document, _facts(self.syntax), facts, list(self.ignore)], ensure_ascii=False)
        return sha256(text.encode()).hexdigest()


def _facts(value: object) -> object:
    if value is None or value.__class__ is str:
        return value
    if isinstance(value, tuple):
        return [_facts(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): _facts(each) for key, each in value.items()}
    kind: Any = type(value)
    names = _fact_names(kind)
    if names:
        values = ((name, getattr(value, name)) for name in names)
        return {name: each if each.__class__ is str else _facts(each) for name, each in values}
    return value


@cache
def _fact_names(kind: Any) -> tuple[str, ...]:
    """Return what of a dataclass counts for the digest, () for any other type."""
    return tuple(name for name in getattr(kind, "__dataclass_fields__", ()) if name not in ("at", "rank"))


def nearest(name: str, known: Sequence[str]) -> str:
    """Return the known name that looks most like name, "" when none does."""
    found = get_close_matches(name, known, n=1, cutoff=0.5)
    return found[0] if found else ""


def refuse(code: str, at: str, value: str, known: Sequence[str] = ()) -> NoReturn:
    """Raise the OurFault for a wrong mapping, with the nearest right name."""
    name, _, line = at.rpartition(":")
    where = Where(line=int(line), path=name) if line.isdigit() else Where(path=at)
    raise OurFault(code, where, value=value, at=at, nearest=nearest(value, known) or "-")


def merge(name: str, layers: Sequence[Layer]) -> Effective:
    """Merge the layers, first the standard's, last the partner's. Raises OurFault mapping.*."""
    entries: dict[str, Entry] = {}
    document, syntax, ignore = "", None, []
    cannot: dict[str, str] = {}
    for layer in layers:
        reader = _LayerReader(layer)
        document = reader.text("document") or document
        syntax = reader.syntax() or syntax
        ignore += reader.words("ignore")
        cannot.update(reader.reasons())
        for key in reader.words("remove"):
            doomed = [each for each in entries if each == key or each.startswith((f"{key}.", f"{key}["))]
            if not doomed:
                refuse("mapping.unknown-field", reader.at(("remove",)), key, list(entries))
            for each in doomed:
                del entries[each]
        entries = _overlaid(entries, reader.entries(syntax.kind if syntax else "edifact"))
    if not document or syntax is None:
        refuse("mapping.incomplete-head", layers[-1].path if layers else name, name)
    if len(entries) > RULE_LIMIT:
        refuse("mapping.too-many-rules", layers[-1].path, str(len(entries)))
    return Effective(
        name=name, document=document, syntax=syntax, entries=_ranked(entries), ignore=tuple(ignore),
        cannot={key: why for key, why in cannot.items() if key not in entries},
    )  # fmt: skip


def _overlaid(entries: dict[str, Entry], layer: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return entries with those of a layer: one of the same key takes its place, a new one stands behind the one that
    the layer names before it, so that it can be written where the schema wants it."""
    behind: dict[str, list[str]] = {}
    anchor = ""
    for key in layer:
        if key in entries:
            anchor = key
        else:
            behind.setdefault(anchor, []).append(key)
    found: dict[str, Entry] = {}
    for key, entry in entries.items():
        found[key] = layer.get(key, entry)
        for new in behind.pop(key, ()):
            found[new] = layer[new]
    return found | {key: layer[key] for keys in behind.values() for key in keys}


def _ranked(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for number, (key, entry) in enumerate(entries.items()):
        if isinstance(entry, Fallback):
            found[key] = entry
        elif isinstance(entry, ListHead):
            found[key] = replace(entry, rank=number * 100)
        else:
            found[key] = tuple(replace(rule, rank=number * 100 + n) for n, rule in enumerate(entry))
    return found


class _LayerReader:
    """Reads one layer. Paths of keys (tuples) follow the nesting, so that every message names a line."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        if not isinstance(layer.rules, dict):
            refuse("mapping.bad-shape", self.at(()), layer.path)
        self.rules = layer.rules
        self.blocks = self.table(self.rules.get("blocks", {}), ("blocks",))
        self.kind = "edifact"
        self.entered = 0  # entries of tables walked through, a block as often as it is used
        self.vocabulary(self.rules, (), _TOP)

    def at(self, path: Path) -> str:
        """Return file:line of the value at path (of the nearest enclosing one that has a mark)."""
        for end in range(len(path), -1, -1):
            if mark := self.layer.marks.get(path[:end]):
                return f"{self.layer.path}:{mark[0]}"
        return self.layer.path

    def vocabulary(self, table: Mapping[str, Plain], path: Path, known: Sequence[str]) -> None:
        for word in table:
            if word not in known:
                refuse("mapping.unknown-word", self.at((*path, word)), word, known)

    def table(self, value: Plain, path: Path) -> dict[str, Plain]:
        if not isinstance(value, dict):
            refuse("mapping.bad-shape", self.at(path), str(path[-1]) if path else "")
        return value

    def text(self, word: str) -> str:
        value = self.rules.get(word, "")
        if not isinstance(value, str):
            refuse("mapping.bad-shape", self.at((word,)), word)
        return value

    def words(self, word: str) -> list[str]:
        value = self.rules.get(word, [])
        return [] if value == "" else _texts(value, self.at((word,)))

    def reasons(self) -> dict[str, str]:
        """Return what the format cannot carry, with the reason."""
        table = self.table(self.rules.get("cannot", {}), ("cannot",))
        for key, why in table.items():
            if not isinstance(why, str) or not why:
                refuse("mapping.bad-shape", self.at(("cannot", key)), key)
        return {key: str(why) for key, why in table.items()}

    def syntax(self) -> Syntax | None:
        if "syntax" not in self.rules:
            return None
        table = self.table(self.rules["syntax"], ("syntax",))
        kind = str(table.get("kind", ""))
        if kind not in _SYNTAX:
            refuse("mapping.unknown-word", self.at(("syntax", "kind")), kind, list(_SYNTAX))
        self.vocabulary(table, ("syntax",), _SYNTAX[kind])
        if kind == "edifact":
            return Syntax(
                kind="edifact",
                directory=str(table.get("directory", "")).lower().replace(".", ""),
                message=str(table.get("message", "")),
                association=str(table.get("association", "")),
            )
        if kind == "json":
            return Syntax(kind="json")
        if kind == "csv":
            return self.csv(table)
        spaces = self.table(table.get("namespaces", {}), ("syntax", "namespaces"))
        names = {prefix: str(space) for prefix, space in spaces.items()}
        at = self.at(("syntax",))
        if table.get("header", "") not in ("", "sbdh"):
            refuse("mapping.unknown-word", self.at(("syntax", "header")), str(table["header"]), ["sbdh"])
        inside = str(table.get("contains", ""))
        return Syntax(
            kind="xml",
            root=qualified(str(table.get("root", "")), names, at),
            namespaces=names,
            schema=str(table.get("schema", "")),
            customization=str(table.get("customization", "")),
            contains=tuple(qualified(each, names, at) for each in inside.split("/") if each),
            each=qualified(str(table.get("each", "")), names, at),
            header=str(table.get("header", "")),
            attributes=self.attributes(table),
            merge={
                qualified(tag, names, at): qualified(str(key), names, at)
                for tag, key in self.table(table.get("merge", {}), ("syntax", "merge")).items()
            },
        )

    def attributes(self, table: dict[str, Plain]) -> dict[str, str]:
        found = self.table(table.get("attributes", {}), ("syntax", "attributes"))
        self.vocabulary(found, ("syntax", "attributes"), ("unit", "currency", "scheme"))
        return {word: str(name) for word, name in found.items()}

    def csv(self, table: dict[str, Plain]) -> Syntax:
        def wrong(word: str, value: str) -> NoReturn:
            refuse("mapping.bad-csv", self.at(("syntax", word)), f"{word}: {value}")

        return Syntax(
            kind="csv", root=ROOT, table=csv_syntax.csv_form(table, wrong), file=str(table.get("file", ""))
        )  # fmt: skip

    def entries(self, kind: str) -> dict[str, Entry]:
        self.kind = kind
        found: dict[str, Entry] = {}
        table = self.table(self.rules.get("fields", {}), ("fields",))
        for key, entry in self.expand(table, ("fields",), "", "", (), 0):
            found[key] = entry
        return found

    def expand(
        self, table: Mapping[str, Plain], path: Path, prefix: str, inside: str, where: Conditions, depth: int
    ) -> Iterator[tuple[str, Entry]]:
        """Yield the flat entries of a nested table. inside: source path that the table's own paths start from."""
        if depth > DEPTH_LIMIT:
            refuse("mapping.too-deep", self.at(path), str(depth))
        self.entered += len(table)
        if self.entered > RULE_LIMIT or len(where) > CONDITION_LIMIT:  # blocks that use blocks multiply
            refuse("mapping.too-many-rules", self.at(path), str(max(self.entered, len(where))))
        for name, value in table.items():
            here: Path = (*path, name)
            key = prefix + name
            if len(key) > KEY_LIMIT:
                refuse("mapping.too-deep", self.at(here), f"{key[:40]}...")
            if isinstance(value, dict) and "each" in value and ("fields" in value or "use" in value):
                yield from self.expand_list(value, here, key, inside, where, depth)
            elif isinstance(value, dict) and ("in" in value or "fields" in value or "use" in value):
                self.vocabulary(value, here, _BLOCK)
                inner = _joined(inside, str(value.get("in", "")))
                conditions = (*where, *self.conditions(value.get("where", {}), here, inner, block=True))
                fields, origin = self.block(value, here)
                yield from self.expand(fields, origin, f"{key}.", inner, conditions, depth + 1)
                if "otherwise" in value:
                    other = prefix + str(value["otherwise"])
                    yield f"{key}.otherwise", Fallback(key=key, at=self.at((*here, "otherwise")), other=other)
            else:
                options = value if isinstance(value, list) else [value]
                self.entered += len(options) - 1
                if self.entered > RULE_LIMIT:
                    refuse("mapping.too-many-rules", self.at(here), str(self.entered))
                paths = [(*here, number) for number in range(len(options))] if isinstance(value, list) else [here]
                yield (
                    key,
                    tuple(
                        self.rule(key, option, each, inside, where) for option, each in zip(options, paths, strict=True)
                    ),
                )

    def expand_list(
        self, value: dict[str, Plain], here: Path, key: str, inside: str, where: Conditions, depth: int
    ) -> Iterator[tuple[str, Entry]]:
        self.vocabulary(value, here, _LIST)
        key = key if key.endswith("]") else f"{key}[]"
        each = _joined(inside, str(value["each"]))
        own = self.conditions(value.get("where", {}), here, each, block=True)
        tree = {word: str(text) for word, text in self.table(value.get("tree", {}), (*here, "tree")).items()}
        alone = {word: str(text) for word, text in self.table(value.get("alone", {}), (*here, "alone")).items()}
        group_by = _texts(value.get("group_by", []), self.at(here))
        head = ListHead(
            key=key, at=self.at(here), each=each, where=(*where, *own), tree=tree, alone=alone,
            group_by=tuple(group_by), fn=str(value.get("fn", "")), direction=self.direction(value, here),
        )  # fmt: skip
        yield key, head
        fields, origin = self.block(value, here)
        segment = segment_of(each) if self.kind == "edifact" else ""
        yield from self.expand(fields, origin, f"{key}.", segment, (), depth + 1)

    def block(self, value: Mapping[str, Plain], here: Path) -> tuple[dict[str, Plain], Path]:
        """Return the fields of a block, its own or those of `use`, and the path where they stand."""
        if "use" not in value:
            return self.table(value.get("fields", {}), (*here, "fields")), (*here, "fields")
        name = str(value["use"])
        if name not in self.blocks:
            refuse("mapping.unknown-block", self.at((*here, "use")), name, list(self.blocks))
        return self.table(self.blocks[name], ("blocks", name)), ("blocks", name)

    def rule(self, key: str, value: Plain, here: Path, inside: str, where: Conditions) -> Rule:
        if isinstance(value, str):
            return Rule(key=key, at=self.at(here), path=_joined(inside, value), where=where)
        table = self.table(value, here)
        self.vocabulary(table, here, _RULE)
        for word in table:
            if word not in _TABLES and not isinstance(table[word], str):
                refuse("mapping.bad-shape", self.at((*here, word)), word)
        words = {word: str(text) for word, text in table.items() if word not in _TABLES}
        each = words.get("each", "")
        if "path" not in words and not each:
            if "default" not in words:
                refuse("mapping.no-path", self.at(here), key)
            self.vocabulary(table, here, ("default", "as", "note"))
            return self.given(key, words, here)
        start = _joined(inside, each)
        return Rule(
            key=key,
            at=self.at(here),
            path=_joined(start, words.get("path", "")),
            where=(*where, *self.conditions(table.get("where", {}), here, start)),
            converter=words.get("as", ""),
            code=words.get("code", ""),
            choose=self.choices(table, here),
            when=self.when(table["when"], (*here, "when"), 0) if "when" in table else None,
            const=words.get("const"),
            default=words.get("default"),
            required=words.get("required") == "true",
            each=start if each else "",
            direction=self.direction(table, here),
            lookup=words.get("lookup", ""),
            column=words.get("column", ""),
            join=words.get("join"),
            check=words.get("check", ""),
            time=_joined(inside, words["time"]) if "time" in words else "",
            twice=self.severity(words, here),
            split=words.get("twice") == SPLIT,
            unknown=self.unknown(words, table, here),
        )

    def given(self, key: str, words: Mapping[str, str], here: Path) -> Rule:
        """Return the rule for a value that the format never says: read as the default, not written."""
        self.vocabulary(words, here, ("default", "as", "note"))
        return Rule(
            key=key, at=self.at(here), path="", converter=words.get("as", ""), default=words["default"], direction="in"
        )  # fmt: skip

    def choices(self, table: Mapping[str, Plain], here: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
        if "choose" in table and "code" in table:
            refuse("mapping.bad-shape", self.at((*here, "choose")), "choose")
        rows = self.table(table.get("choose", {}), (*here, "choose"))
        return tuple((value, tuple(_texts(codes, self.at((*here, "choose", value))))) for value, codes in rows.items())

    def when(self, value: Plain, here: Path, depth: int) -> When:
        if depth >= WHEN_DEPTH_LIMIT:
            refuse("mapping.too-deep", self.at(here), "when")
        fields: list[tuple[str, tuple[str, ...]]] = []
        negated: When | None = None
        options: tuple[When, ...] = ()
        for name, wanted in self.table(value, here).items():
            at = (*here, name)
            if name == "not":
                negated = self.when(wanted, at, depth + 1)
            elif name == "any":
                if not isinstance(wanted, list):
                    refuse("mapping.bad-shape", self.at(at), name)
                options = tuple(self.when(each, (*at, n), depth + 1) for n, each in enumerate(wanted))
            else:
                fields.append((name, tuple(_texts(wanted, self.at(at)))))
        return When(fields=tuple(fields), negated=negated, options=options)

    def severity(self, words: Mapping[str, str], here: Path) -> Severity | None:
        value = words.get("twice")
        if value not in (None, "error", "warning", "info", SPLIT):
            refuse("mapping.unknown-word", self.at((*here, "twice")), value, ("error", "warning", "info", SPLIT))
        if value == SPLIT:
            return None
        return value  # type: ignore[return-value]  # narrowed above, which mypy cannot see for a union

    def unknown(self, words: Mapping[str, str], table: Mapping[str, Plain], here: Path) -> str:
        if "unknown" in words and "code" not in words and "choose" not in table:
            refuse("mapping.bad-shape", self.at((*here, "unknown")), "unknown")
        return words.get("unknown", "")

    def direction(self, table: Mapping[str, Plain], here: Path) -> Direction:
        value = table.get("direction", "both")
        if value not in ("both", "in", "out"):
            refuse("mapping.unknown-word", self.at((*here, "direction")), str(value), ("both", "in", "out"))
        return value  # type: ignore[return-value]  # narrowed above, which mypy cannot see for a union

    def conditions(self, value: Plain, here: Path, inside: str, *, block: bool = False) -> Conditions:
        """Return the conditions with complete names: of the same place, or from the enclosing list element."""
        found = []
        for name, wanted in self.table(value, (*here, "where")).items():
            own = "/" not in name if self.kind == "edifact" else name.startswith("@")
            full = name if own and not block else _joined(inside, name)
            found.append((full, tuple(_texts(wanted, self.at((*here, "where", name))))))
        return tuple(found)


def segment_of(each: str) -> str:
    """Return the tag when a list repeats a segment (QVR, SG22/QVR), "" when it repeats a group."""
    last = each.rpartition("/")[2]
    return last if len(last) == 3 and last.isalpha() and last.isupper() else ""


def _texts(value: Plain, at: str) -> list[str]:
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        refuse("mapping.bad-shape", at, str(value)[:40])
    return [str(each) for each in found]


def _joined(outer: str, inner: str) -> str:
    return f"{outer}/{inner}" if outer and inner else outer or inner


def qualified(name: str, namespaces: Mapping[str, str], at: str) -> str:
    """Return prefix:Name as {namespace}Name; a name without prefix has none, {namespace}Name stays."""
    prefix, colon, local = name.partition(":")
    if name.startswith("{") or not colon:
        return name
    if prefix not in namespaces:
        refuse("mapping.unknown-prefix", at, prefix, list(namespaces))
    return f"{{{namespaces[prefix]}}}{local}"
