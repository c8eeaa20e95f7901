"""What syntax a file is written in, told by its first bytes."""

import codecs
import re

LOOKED_AT_BYTES = 512  # a short letter may stand before an interchange
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}
_EDIFACT = re.compile(rb"UN[AB][^\w\s]|UNA\w\w[.,]|\A(?:UIB|UNH)")  # no word such as UNBEKANNT in a table


def syntax_of(head: bytes, looked_at_bytes: int = LOOKED_AT_BYTES) -> str:
    """Return edifact, xml, json, or "" when it begins like none of them. UTF-16 is looked through: a reader that does
    not take it says so by that name."""
    start = head[:looked_at_bytes].removeprefix(codecs.BOM_UTF8)
    wide = _MARKS.get(start[:2])
    if wide is not None:
        start = start[: len(start) // 2 * 2].decode(wide, "replace").removeprefix("\ufeff").encode("utf-8", "replace")
    start = start.lstrip()
    if start[:1] == b"<":
        return "xml"
    if start[:1] in (b"{", b"["):
        return "json"
    return "edifact" if _EDIFACT.search(start) else ""
