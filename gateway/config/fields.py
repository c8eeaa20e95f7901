"""Typed reading of one YAML file: each value is asked for by name; what is wrong or left over becomes a finding.

All problems of a file are found in one pass, each as file:line:column, so that `gateway check` shows them at once.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import TypeVar

from gateway.config.yaml import Listing, Node, Table, Text
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
from gateway.texts.catalogue import entry

Place = Text | Listing | Table
Word = TypeVar("Word", bound=str)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word most like word, or all of them when none is near."""
    options = sorted(known)
    close = get_close_matches(word, options, n=1, cutoff=0.6)
    return close[0] if close else ", ".join(options) or "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a file is asked for by one name. values: what may stand there; default: what counts when nothing does."""

    values: str
    default: str = ""
    needed: bool = False


class Problems:
    """Findings of one file, gathered while it is read.

    asked: every value that was asked for by its full name (`listen.console.port`, `agreements[].over`), in that order:
    from it the reference of settings is made (config.known_settings).
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.asked: dict[str, Asked] = {}

    def add(self, code: str, at: Place, value: str | None = None, **params: str) -> None:
        """Report code at the place of a node."""
        self.add_at(code, at.line, at.column, value, **params)

    def add_at(self, code: str, line: int, column: int | None, value: str | None = None, **params: str) -> None:
        """Report code at a line and column, both from 1."""
        place = f"{self.file}:{line}:{column}" if column else f"{self.file}:{line}"
        self.findings.append(
            Finding(
                code=code,
                severity=entry(code).severity,
                where=Where(line=line, column=column),
                value=value[:200] if value is not None else None,
                params=tuple(sorted({"at": place, **params}.items())),
            )
        )

    def stop(self) -> None:
        """Raise OurFault with the first finding's code, carrying all of them; nothing when there are none."""
        if self.findings:
            raise as_fault(tuple(self.findings))


def as_fault(findings: tuple[Finding, ...]) -> OurFault:
    """Return a fault that says the first finding and carries all."""
    first = findings[0]
    return OurFault(first.code, first.where, value=first.value, findings=findings, **dict(first.params))


class Fields:
    """One table of a file. Absent keys give the default; close() reports keys nobody asked for."""

    def __init__(self, node: Node, problems: Problems, name: str = "") -> None:
        self.name = name
        self.problems = problems
        self.asked: set[str] = set()
        if not isinstance(node, Table):
            problems.add("config.wrong-kind", node, key=name or "-", expected="table")
            node = Table({}, {}, node.line, node.column)
        self.table = node

    def place(self, key: str) -> Place:
        """Return the value of key for error places; the whole table when it is absent."""
        return self.table.entries.get(key, self.table)

    def optional(self, key: str) -> str | None:
        """Return the text of key, or None when it is absent or empty."""
        self._ask(key, "text")
        node = self._get(key)
        if node is None:
            return None
        if not isinstance(node, Text):
            self.problems.add("config.wrong-kind", node, key=self._full(key), expected="text")
            return None
        return node.value.strip() or None

    def text(self, key: str, default: str) -> str:
        self._ask(key, "text", default)
        return self.optional(key) or default

    def required(self, key: str) -> str:
        """Return the text of key; an absent one is reported and read as ""."""
        self._ask(key, "text", needed=True)
        found = self.optional(key)
        if found is None:
            self.problems.add("config.missing", self.place(key), key=self._full(key))
        return found or ""

    def whole(self, key: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
        """Return a whole number from least to most."""
        self._ask(key, f"{least}..{most}" if most < 2**31 else f"{least}..", str(default))
        found = self.optional(key)
        if found is None:
            return default
        if found.isascii() and found.isdigit() and len(found) < 16 and least <= int(found) <= most:
            return int(found)
        self._bad(key, found, f"{least}..{most}")
        return default

    def decimal(self, key: str, default: Decimal) -> Decimal:
        """Return a decimal number, zero or more."""
        self._ask(key, "0.00", str(default))
        found = self.optional(key)
        number = default if found is None else decimal_of(found)
        if number is None or number < 0:
            self._bad(key, found or "", "0.00")
            return default
        return number

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        found = self.choice(key, ("true", "false"), "true" if default else "false")
        return found == "true"

    def choice(self, key: str, options: tuple[Word, ...], default: Word) -> Word:
        """Return one of options."""
        self._ask(key, " | ".join(options), default)
        found = self.optional(key)
        if found is None:
            return default
        for option in options:
            if option == found:
                return option
        self._bad(key, found, " | ".join(options))
        return default

    def texts(self, key: str) -> tuple[Text, ...]:
        """Return a list of texts with their places; a single text counts as a list of one."""
        self._ask(key, "list")
        node = self._get(key)
        if node is None or (isinstance(node, Text) and not node.value.strip()):
            return ()
        items = node.items if isinstance(node, Listing) else (node,)
        for each in items:
            if not isinstance(each, Text):
                self.problems.add("config.wrong-kind", each, key=self._full(key), expected="text")
        return tuple(each for each in items if isinstance(each, Text))

    def fields(self, key: str) -> "Fields":
        """Return the table at key; an absent one is empty."""
        node = self._get(key)
        if node is None or (isinstance(node, Text) and not node.value.strip()):
            node = Table({}, {}, self.table.line, self.table.column)
        return Fields(node, self.problems, self._full(key))

    def rows(self, key: str) -> "list[Fields]":
        """Return the list of tables at key."""
        node = self._get(key)
        if node is None or (isinstance(node, Text) and not node.value.strip()):
            return []
        if not isinstance(node, Listing):
            self.problems.add("config.wrong-kind", node, key=self._full(key), expected="list")
            return []
        return [Fields(each, self.problems, f"{self._full(key)}[{number}]") for number, each in enumerate(node.items)]

    def names(self) -> Iterator[Text]:
        """Yield every key with its place; all count as asked for."""
        self.asked.update(self.table.entries)
        yield from self.table.keys.values()

    def close(self) -> None:
        """Report each key that nobody asked for, with the nearest known one."""
        for key, place in self.table.keys.items():
            if key not in self.asked:
                self.problems.add("config.unknown-key", place, key=self._full(key), nearest=nearest(key, self.asked))

    def _get(self, key: str) -> Node | None:
        self.asked.add(key)
        return self.table.entries.get(key)

    def _ask(self, key: str, values: str, default: str = "", *, needed: bool = False) -> None:
        """Note what is asked for; what says more of it than "text" stays, whatever comes first."""
        name = re.sub(r"\[\d+\]", "[]", self._full(key))
        before = self.problems.asked.get(name)
        if before is None or (before.values == "text" and not before.default and not before.needed):
            self.problems.asked[name] = Asked(values=values, default=default, needed=needed)

    def _full(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def _bad(self, key: str, value: str, expected: str) -> None:
        self.problems.add("config.bad-value", self.place(key), value=value, key=self._full(key), expected=expected)


def decimal_of(text: str) -> Decimal | None:
    """Return a finite decimal in plain notation ("12.50"), or None."""
    if not text.isascii() or len(text) > 30 or not text.replace(".", "", 1).lstrip("-").isdigit():
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
