"""Character sets of EDIFACT by syntax identifier (UNB S001 0001), and what partners really send under their names.

Source: ISO 9735-1 annex (levels A to K), ISO 9735:1998 amendment 1 (W, X, Y). Byte cutting is safe in all of them
but UNOX: service characters are single ASCII bytes that occur in no longer sequence.
"""

import re
import unicodedata
from functools import lru_cache

CODECS = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOL": "iso8859-15",
    "UNOW": "utf-8",
    "UNOY": "utf-8",
}
_LEVEL_A = r"A-Z0-9 .,\-()/='+:?!\"%&*;<>"
_FOREIGN = {  # characters outside the level's repertoire, line ends left aside
    "UNOA": re.compile(f"[^{_LEVEL_A}\r\n]"),
    "UNOB": re.compile(f"[^a-z{_LEVEL_A}\r\n\x1c\x1d\x1f]"),
}
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_C1 = re.compile(rb"[\x80-\x9f]")
_CONTROL_OUT = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def decode(raw: bytes, syntax_id: str, forced: str | None = None) -> tuple[str, str | None]:
    """Return raw as text, and the name of the character set it really is in when that is not the declared one.

    forced: Python codec name that a partner setting puts above the declaration. Never fails: what fits nowhere is
    read as windows-1252 with unreadable bytes replaced, and reported.
    """
    if raw.isascii():
        return raw.decode("ascii"), None
    declared = forced or CODECS.get(syntax_id, "utf-8")
    suspicious = declared in ("ascii", "iso8859-1") or (declared != "utf-8" and _C1.search(raw) is not None)
    if not suspicious or forced:
        try:
            return raw.decode(declared), None
        except UnicodeDecodeError:
            pass
    try:
        return raw.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    if declared == "iso8859-1" and not _C1.search(raw):
        return raw.decode("iso8859-1"), None
    if declared == "ascii" and not _C1.search(raw):
        return raw.decode("iso8859-1"), "ISO 8859-1"
    return raw.decode("cp1252", "replace"), "windows-1252"


def foreign_character(text: str, syntax_id: str, marks: str = "") -> str | None:
    """Return the first character that the level does not allow, None when all are allowed.

    marks: service characters, which are always allowed. Only levels A and B have a short list; in the others only
    control characters are foreign.
    """
    found = _FOREIGN.get(syntax_id, _CONTROL).finditer(text)
    return next((each[0] for each in found if each[0] not in marks), None)


@lru_cache(maxsize=32)
def level_bytes(syntax_id: str) -> bytes:
    """Return the ASCII bytes that foreign_character lets pass, line ends left out."""
    return bytes(each for each in range(128) if each not in b"\r\n" and not foreign_character(chr(each), syntax_id))


def writable(text: str, syntax_id: str, *, transliterate: bool = False) -> str | None:
    """Return text as the level can hold it, None when a character has no place in it.

    Control characters (line ends in a name or note) become one space. transliterate: take accents away, and for
    level A the lower case.
    """
    if _CONTROL_OUT.search(text):
        text = _CONTROL_OUT.sub(" ", text)
    if _fits(text, syntax_id):
        return text
    if not transliterate:
        return None
    plain = "".join(_plain(each, syntax_id) for each in text)
    if syntax_id == "UNOA":
        plain = plain.upper()
    return plain if _fits(plain, syntax_id) else None


def _fits(text: str, syntax_id: str) -> bool:
    try:
        text.encode(CODECS.get(syntax_id, "utf-8"))
    except UnicodeEncodeError:
        return False
    return foreign_character(text, syntax_id) is None


_SPECIAL = {"ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "€": "EUR", "–": "-", "’": "'"}


def _plain(character: str, syntax_id: str) -> str:
    if _fits(character, syntax_id):
        return character
    if character in _SPECIAL:
        return _SPECIAL[character]
    return "".join(each for each in unicodedata.normalize("NFKD", character) if not unicodedata.combining(each))
