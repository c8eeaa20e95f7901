"""Every setting of config.yaml, partner.yaml and planning.yaml with what may stand there and what counts without it.

Nothing is listed here: a file with one of everything is read, and what the readers ask it for is the list.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateway.config import planning, settings
from gateway.config.fields import Asked, Problems
from gateway.config.partners import (
    CHANNEL_KEYS,
    CHOICES,
    COMMON_KEYS,
    OWN_CHANNEL_KEYS,
    SEVERITIES,
    read_own,
    read_partner,
)
from gateway.config.yaml import Listing, Node, Table, load

SettingsFile = Literal["config.yaml", "partner.yaml", "self/partner.yaml", "planning.yaml"]

# One of everything whose inner names are read only when it is there. A value is given to what has no default of its
# own and is read as a number: what the reader would take instead of it means nothing.
_CONFIG = """
listen: {portal: {}}
planning: {processes: 1}
retention: {rules: [{partner: x}]}
"""
_PARTNER = """
name: x
agreements: [{receive: a/B, over: x}]
edifact: {read: {max_age_days: 1}}
terms: [{minimum_value: 1, lead_time_days: 1, credit_limit: 1, auto_value: 1, auto_quantity: 1}]
expects: [{document: Order, after: Order}]
"""
_OWN = """
name: x
edifact: {read: {max_age_days: 1}}
sscc: {prefix: '4012345'}
"""
_PLANNING = """
agreements:
  - parameters: {lot: 1, minimum: 1, maximum: 1, capacity: 1, layer: 1, pallet: 1}
    id: x
    value_limit: 1
    loads: [{supplier: x}]
    schedules: [{supplier: x}]
    supplier_plans: [{supplier: x}]
"""
_CHANNEL_DEFAULTS: Mapping[str, str] = {
    "receipt": "signed-sync",
    "security": "signed+encrypted",
    "compression": "no",
    "digest": "sha-256",
    "cipher": "aes-256-cbc",
    "key_transport": "rsa",
    "signature": "rsa",
    "legacy": "no",
    "chunked": "no",
    "delivery": "push",
    "fetch_within_h": "72",
    "fallback_after": "3",
    "fallback_uncertain": "no",
}
# Names that are chosen by who writes the file.
_FREE: Mapping[str, Mapping[str, Asked]] = {
    "config.yaml": {},
    "partner.yaml": {
        "ids.SCHEME": Asked(values="list"),
        "severities.CODE": Asked(values=" | ".join(SEVERITIES)),
        "edifact.read.read_as.DIRECTORY": Asked(values="text"),
    },
    "planning.yaml": {
        "agreements[].item_service.CLASS": Asked(values="0.00"),
        "agreements[].customer_service.CLASS": Asked(values="0.00"),
        "agreements[].holidays.DAY": Asked(values="text"),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """key: full name; `[]` is each element of a list, a word in capitals a name of your own. values, default, needed:
    see config.fields.Asked."""

    key: str
    values: str
    default: str
    needed: bool


def known_settings(file: SettingsFile) -> tuple[Setting, ...]:
    """Return the settings of one kind of file: as they are read, those of one table together."""
    problems = Problems(file)
    probe, read = _READERS[file]
    read(probe, problems)
    asked = dict(problems.asked)
    if file in ("partner.yaml", "self/partner.yaml"):
        asked |= _channels(CHANNEL_KEYS if file == "partner.yaml" else OWN_CHANNEL_KEYS)
    asked |= _FREE["partner.yaml" if file == "self/partner.yaml" else file]
    given = set(_names(load(probe, file)))
    tables = ["", *dict.fromkeys(key.rpartition(".")[0] for key in asked)]
    return tuple(
        Setting(key=key, values=each.values, default="" if key in given else each.default, needed=each.needed)
        for key, each in sorted(asked.items(), key=lambda pair: tables.index(pair[0].rpartition(".")[0]))
    )


def _names(node: Node, name: str = "") -> Iterator[str]:
    """Yield the full name of each text in a tree."""
    if isinstance(node, Table):
        for key, value in node.entries.items():
            yield from _names(value, f"{name}.{key}" if name else key)
    elif isinstance(node, Listing):
        for value in node.items:
            yield from _names(value, f"{name}[]")
    else:
        yield name


def _channels(kinds: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]) -> dict[str, Asked]:
    every = {"NAME": ((), ("kind", *COMMON_KEYS))} if kinds is CHANNEL_KEYS else {}
    return {
        f"channels.{kind}.{key}": Asked(
            values=" | ".join(CHOICES.get(key, ("text",))), default=_CHANNEL_DEFAULTS.get(key, ""), needed=key in needed
        )
        for kind, (needed, others) in (every | dict(kinds)).items()
        if kind != "memory"  # of tests alone
        for key in (*needed, *others)
    }


_READERS: Mapping[SettingsFile, tuple[str, Callable[[str, Problems], object]]] = {
    "config.yaml": (_CONFIG, lambda text, problems: settings.read_settings(text, Path("/"), problems)),
    "partner.yaml": (_PARTNER, lambda text, problems: read_partner("x", text, problems)),
    "self/partner.yaml": (_OWN, lambda text, problems: read_own(text, {}, problems, [])),
    "planning.yaml": (_PLANNING, lambda text, problems: planning.read_planning(text, problems, "", ("x",))),
}
