"""What people look for: numbers, references, GLNs and file names, in a narrow table of their own.

Keys are written in the transaction of what they name. A look-up is a range of one index, on both databases alike:
the text as given is the beginning of a key. Numbers are also found by their last part (00012 of PO-2026-00012).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.store.prepared import Driver, Prepared
from gateway.store.tables import search_key

KEY_LENGTH = 100
KEYS_PER_ROW = 40  # of one message: a hostile document has no say in the size of the table
TAIL_LEAST = 4  # a shorter last part finds too much
_TAIL = re.compile(r"[^0-9A-Za-z]([0-9A-Za-z]+)$")
_AFTER_ALL = "\U0010ffff"  # sorts after every character of a key

_ADD = Prepared(
    lambda insert: insert(search_key).on_conflict_do_nothing(), ("subject", "kind", "value", "of", "at")
)  # fmt: skip

# Where a document names another one: canonical key -> kind of search key.
_REFERENCES = {
    "order": "order",
    "orderNumber": "order",
    "despatchAdvice": "despatch",
    "invoice": "invoice",
    "salesOrder": "order",
    "shipment": "despatch",
    "contract": "contract",
}
_GLN_SCHEME = "0088"
_DEEP = 4  # levels of a document that are looked at: header and parties, not every line's every field


def normal(text: str) -> str:
    """Return text as keys are kept and looked up: trimmed, upper case, no control characters, at most KEY_LENGTH."""
    return "".join(each for each in text.strip().upper() if each.isprintable())[:KEY_LENGTH]


def span(text: str) -> tuple[str, str]:
    """Return the range of keys that begin with text: from the first, before the second."""
    start = normal(text)
    return start, start + _AFTER_ALL


def put(driver: Driver, of: str, at: int, keys: Iterable[tuple[str, str, str]]) -> None:
    """Write keys (subject, kind, text) when driver is flushed.

    of: arrival, message or parcel; at: the instant by which it is listed.
    """
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for subject, kind, text in keys:
        for value in _forms(text):
            rows[subject, kind, value] = {"subject": subject, "kind": kind, "value": value, "of": of, "at": at}
    driver.later(_ADD, rows.values())


def _forms(text: str) -> Iterator[str]:
    whole = normal(text)
    if not whole:
        return
    yield whole
    tail = _TAIL.search(whole)
    if tail and len(tail[1]) >= TAIL_LEAST:
        yield tail[1]


def arrival_keys(arrival_id: str, filename: str | None, transport_id: str | None) -> Iterator[tuple[str, str, str]]:
    """Yield the keys of what came in, before anybody has read it."""
    if filename:
        yield arrival_id, "file", filename
    if transport_id:
        yield arrival_id, "transport", transport_id


def message_keys(message: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the keys of a message's row: its number and reference, and what its document names."""
    message_id = message["id"]
    if message["business_number"]:
        yield message_id, "number", message["business_number"]
    if message["reference"]:
        yield message_id, "reference", message["reference"]
    if message["document"]:
        found = dict.fromkeys(_named(json.loads(message["document"]), _DEEP))
        for kind, text in list(found)[:KEYS_PER_ROW]:
            yield message_id, kind, text


def parcel_keys(parcel: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the keys of a parcel's row."""
    columns = {"number": "business_number", "reference": "control_reference", "file": "filename", "order": "about"}
    for kind, column in columns.items():
        if parcel[column]:
            yield parcel["id"], kind, parcel[column]


def _named(node: object, deep: int, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield (kind, text) of the documents and GLNs that a canonical document names."""
    if isinstance(node, dict):
        scheme, value = node.get("scheme"), node.get("value")
        if scheme == _GLN_SCHEME and isinstance(value, str):
            yield "gln", value
        kind = _REFERENCES.get(key)
        if kind and isinstance(node.get("id"), str):
            yield kind, node["id"]
        if deep:
            for name, each in node.items():
                if name != "lines":
                    yield from _named(each, deep - 1, name)
    elif isinstance(node, list):
        for each in node[:KEYS_PER_ROW]:
            yield from _named(each, deep, key)
    elif isinstance(node, str) and key in _REFERENCES:
        yield _REFERENCES[key], node
