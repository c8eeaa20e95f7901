"""The text in the search box of the message log: words of a number, and terms such as `state:parked -type:CONTRL`.

    4500018831                 beginning of a number, reference, GLN, GTIN, file name or partner's name
    state:parked,refused       a state, or a group: attention (failed), open, finished
    partner:nordmarkt          partner id          type:ORDERS     as on the wire, or canonical
    dir:in  test:yes           direction, traffic  err:item.unknown beginning of a fault's code
    at:<2h  at:>2h             younger, older (m, h, d, w); at:2026-11-20 a day; at:2026-11-01..2026-11-20 days
    -type:CONTRL               not that one        ref:450*        the same as the word alone
    own:yes                    our own documents alone (planning runs, a person's words); no, all. Unsaid they are left
                               out, unless a word, partner, type or error is looked for or they wait for a person

What the drop-downs say is the same as terms: both read and write Terms, and the address holds the text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import cast

from gateway.api.given import YEARS
from gateway.store.view_rows import Direction, MessageFilter, own_wanted

LONGEST = 300
MOST_TERMS = 20
FIELDS = ("state", "partner", "type", "dir", "test", "err", "at", "own")
_NAMES = {
    **{name: name for name in FIELDS},
    "status": "state",
    "direction": "dir",
    "error": "err",
    "ref": "ref",
    "time": "at",
    "状态": "state",
    "伙伴": "partner",
    "类型": "type",
    "方向": "dir",
    "测试": "test",
    "错误": "err",
    "时间": "at",
    "编号": "ref",
    "本公司": "own",
}
_VALUES = {"state": {"failed": "attention"}}
_NEGATED = ("state", "partner", "type", "err")
_TERM = re.compile(r'(-?)([^\s:"]+)[:：]("[^"]*"|\S+)|("[^"]*"|\S+)')
_AGE = re.compile(r"([<>])(\d{1,4})([mhdw])")
_STEP = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """words: looked up as one beginning. wanted, unwanted: field -> its value as written. unknown: terms of a known
    field with a value that makes no sense; they are told and left out."""

    words: str = ""
    wanted: Mapping[str, str] = field(default_factory=dict)
    unwanted: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The terms as a person would write them."""
        parts = [f"{name}:{_quoted(self.wanted[name])}" for name in FIELDS if name in self.wanted]
        parts += [f"-{name}:{_quoted(self.unwanted[name])}" for name in FIELDS if name in self.unwanted]
        return " ".join([*parts, *([_written(self.words)] if self.words else [])])

    def having(self, **fields: str) -> "Terms":
        """Return the terms with those fields set; "" takes one away."""
        kept = {name: value for name, value in {**self.wanted, **fields}.items() if value}
        return replace(self, wanted=kept)

    def filter(self, now: datetime, zone: tzinfo = UTC) -> MessageFilter:
        """Return what to ask the journal for. zone: whose days are meant."""
        since, until = _span(self.wanted.get("at", ""), now, zone) or (None, None)
        test = self.wanted.get("test")
        named = bool(self.words) or any(name in self.wanted for name in ("partner", "type", "err"))
        return MessageFilter(
            text=self.words or None,
            state=self.wanted.get("state"),
            partner=self.wanted.get("partner"),
            type=self.wanted.get("type"),
            direction=cast("Direction | None", self.wanted.get("dir")),
            test=None if test is None else test == "yes",
            fault=self.wanted.get("err"),
            since=since,
            until=until,
            unwanted=tuple(sorted(self.unwanted.items())),
            own=own_wanted(self.wanted.get("own"), named=named),
        )


def parse(text: str) -> Terms:
    """Read the text of the search box; there is no text that it refuses."""
    wanted: dict[str, str] = {}
    unwanted: dict[str, str] = {}
    words, unknown = [], []
    for minus, name, value, whole in _terms(text[:LONGEST]):
        if not name:
            words.append(value)
        elif name == "ref" and not minus:
            words.append(value.rstrip("*"))
        elif not _fits(name, value, minus):
            unknown.append(whole)
        else:
            into = unwanted if minus else wanted
            into[name] = f"{into[name]},{value}" if minus and name in into else value
    return Terms(words=" ".join(" ".join(words).split()), wanted=wanted, unwanted=unwanted, unknown=tuple(unknown))


def _terms(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield (minus or "", field or "", value, as written)."""
    for number, found in enumerate(_TERM.finditer(text)):
        if number >= MOST_TERMS:
            return
        minus, written, value, word = found.groups()
        name = _NAMES.get((written or "").lower())
        if name is None:
            yield "", "", (word or found[0]).replace('"', ""), found[0]
        else:
            plain = value.replace('"', "")
            yield minus, name, _VALUES.get(name, {}).get(plain, plain), found[0]


def _fits(name: str, value: str, minus: str) -> bool:
    if not value or (minus and name not in _NEGATED):
        return False
    if name == "dir":
        return value in ("in", "out")
    if name == "test":
        return value in ("yes", "no")
    if name == "own":
        return value in ("yes", "no", "all")
    return name != "at" or _span(value, datetime(2026, 1, 1, tzinfo=UTC), UTC) is not None


def _span(value: str, now: datetime, zone: tzinfo) -> tuple[datetime | None, datetime | None] | None:
    """Return (from, before) of a time term, None for one that is not understood."""
    age = _AGE.fullmatch(value)
    if age:
        then = now - int(age[2]) * _STEP[age[3]]
        return (then, None) if age[1] == "<" else (None, then)
    first, _, last = value.partition("..")
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        return None
    if start.year not in YEARS or end.year not in YEARS:
        return None
    end += timedelta(days=1)
    return tuple(datetime.combine(each, time(), zone).astimezone(UTC) for each in (start, end))  # type: ignore[return-value]


def _written(words: str) -> str:
    """Return words as they are read back: in quotes where a part of them looks like a term."""
    return f'"{words}"' if any(name for _, name, _, _ in _terms(words)) else words


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
