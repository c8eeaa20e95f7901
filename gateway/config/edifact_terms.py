"""The table `edifact` of partner.yaml: how their interchanges are read and ours to them are written."""

import re
from typing import Literal

from gateway.codecs.edifact_charset import CODECS
from gateway.config.fields import Fields
from gateway.model.edifact_terms import MAX_REFERENCE, EdifactTerms, Incoming, Outgoing

# As people write them; the Python codec beside it. UTF-16 and the like are none of EDIFACT's.
CHARSETS = {
    "ascii": "ascii",
    "utf-8": "utf-8",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "windows-1253": "cp1253",
    "windows-1254": "cp1254",
    "ibm-437": "cp437",
    "ibm-850": "cp850",
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
}
_PARK_OR_REFUSE: tuple[Literal["park", "refuse"], ...] = ("park", "refuse")
_PASSWORD = 14  # characters of 0022


def read_terms(fields: Fields) -> EdifactTerms:
    """Return the terms; what is wrong is added to the file's problems."""
    terms = EdifactTerms(read=_incoming(fields.fields("read")), write=_outgoing(fields.fields("write")))
    fields.close()
    return terms


def _incoming(fields: Fields) -> Incoming:
    charset = fields.choice("charset", tuple(CHARSETS), "") or None
    days = fields.whole("max_age_days", 0, least=1, most=3650) or None
    found = Incoming(
        charset=CHARSETS[charset] if charset else None,
        guide=fields.optional("guide"),
        password=_password(fields),
        tests=fields.choice("tests", ("take", "refuse"), "take"),
        max_age_days=days,
        unagreed=fields.choice("unagreed", _PARK_OR_REFUSE, "park"),
        contrl=fields.choice("contrl", ("always", "on-request"), "always"),
        read_as=_read_as(fields.fields("read_as")),
    )
    fields.close()
    return found


def _read_as(fields: Fields) -> tuple[tuple[str, str], ...]:
    """Read {d99b: d01b}: names of directories, lower case, without a point."""
    found: list[tuple[str, str]] = []
    for name in list(fields.names()):
        other = fields.required(name.value)
        if not all(re.fullmatch(r"[a-z0-9]{2,6}", each) for each in (name.value, other)):
            fields.problems.add("config.bad-value", name, name.value, key="read_as", expected="d99b: d01b")
        found.append((name.value, other))
    return tuple(found)


def _outgoing(fields: Fields) -> Outgoing:
    references, batch = fields.fields("references"), fields.fields("batch")
    first = references.whole("first", 1, least=1, most=MAX_REFERENCE)
    last = references.whole("last", MAX_REFERENCE, least=1, most=MAX_REFERENCE)
    if last - first < 9:
        expected = f"{first + 9}..{MAX_REFERENCE}"
        references.problems.add(
            "config.bad-value", references.place("last"), str(last), key="references.last", expected=expected
        )
    found = Outgoing(
        level=fields.choice("level", tuple(CODECS), "UNOC"),
        version=fields.choice("version", ("1", "2", "3", "4"), "3"),
        transliterate=fields.flag("transliterate", False),
        line_ends=fields.flag("line_ends", False),
        decimal=fields.choice("decimal", (".", ","), "."),
        una=fields.flag("una", False),
        password=_password(fields),
        ask_contrl=fields.flag("ask_contrl", False),
        first=first,
        last=last,
        batch_count=batch.whole("count", 1, least=1, most=1000),
        batch_wait_s=batch.whole("wait_s", 300, least=1, most=86_400),
    )
    for each in (references, batch, fields):
        each.close()
    return found


def _password(fields: Fields) -> str | None:
    found = fields.optional("password")
    if found is not None and (len(found) > _PASSWORD or not found.isprintable()):
        fields.problems.add("config.bad-value", fields.place("password"), "*", key="password", expected="1..14")
        return None
    return found
