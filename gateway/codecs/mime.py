"""MIME entities as byte streams: headers with limits, parameters, multiparts by boundary, transfer encodings.

Nothing is normalised: what was signed is the bytes as they came. Lines we write end in CRLF.
Source: RFC 2045, 2046 section 5.1, 2047, 2183, 2231; RFC 1847 (multipart/signed).
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from urllib.parse import unquote_to_bytes

from gateway.model.faults import PartnerFault

MAX_HEADER_BYTES = 32_768
MAX_HEADERS = 200
_FIELD = re.compile(r"([!-9;-~]{1,200})[ \t]*:[ \t]*(.*)", re.DOTALL)
_BLANKS = " \t\r\n\v\f"
_ESCAPED = re.compile(r"\\(.)")
_TO_ESCAPE = re.compile(r'([\\"])')
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SEPARATOR = re.compile(r"[/\\]")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"|[^;"]*)')
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f"*:<>?|\u200e\u200f\u2028-\u202e\u2066-\u2069]+')  # nor what turns text round
_ENCODED_WORD = re.compile(r"=\?([A-Za-z0-9-]{1,20})\?([bBqQ])\?([!->@-~]{0,300})\?=")
_CHARSETS = ("utf-8", "us-ascii", "iso-8859-1", "gb18030", "gbk", "gb2312", "big5")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_BOUNDARY_TAIL = re.compile(rb"(--)?[ \t]{0,70}(?:\r?\n|\Z)")
Tap = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in their order; names are compared without case.

    content_type: type and subtype in lower case, without parameters; octet-stream when absent."""

    fields: tuple[tuple[str, str], ...]
    content_type: str = field(init=False, repr=False, compare=False)
    _found: dict[str, list[str]] = field(init=False, repr=False, compare=False)  # values by lower-case name

    def __post_init__(self) -> None:
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            found.setdefault(name.lower(), []).append(value)
        named = found["content-type"][0].partition(";")[0].strip().lower() if "content-type" in found else ""
        object.__setattr__(self, "_found", found)
        object.__setattr__(self, "content_type", named or "application/octet-stream")

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a field."""
        found = self._found.get(name.lower())
        return found[0] if found else default

    def get_all(self, name: str) -> list[str]:
        return list(self._found.get(name.lower(), ()))

    @property
    def encoding(self) -> str:
        """Content-Transfer-Encoding in lower case; binary when absent, as HTTP means it (RFC 4130 section 4.2)."""
        return self.get("content-transfer-encoding").partition(";")[0].strip().lower() or "binary"


def parameters(value: str) -> dict[str, str]:
    """Return the parameters of a structured field by lower-case name, RFC 2231 forms decoded."""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for match in _PARAMETER.finditer(value):
        name, raw = match.group(1).lower(), match.group(2)
        text = _ESCAPED.sub(r"\1", raw[1:-1]) if raw.startswith('"') else raw.strip()
        base, star, rest = name.partition("*")
        if not star:
            plain.setdefault(name, text)
            continue
        number = rest.rstrip("*")
        index = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
        pieces.setdefault(base, {})[index] = (name.endswith("*"), text)
    for base, parts in pieces.items():
        plain[base] = _decode_2231(parts)
    return plain


def _decode_2231(parts: dict[int, tuple[bool, str]]) -> str:
    charset = "utf-8"
    out = b""
    for index in sorted(parts):
        encoded, text = parts[index]
        if encoded and index == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        out += unquote_to_bytes(text) if encoded else text.encode("utf-8", "surrogateescape")
    if charset.lower() not in _CHARSETS:
        charset = "utf-8"
    return out.decode(charset, "replace")


def _decode_words(value: str) -> str:
    """Undo RFC 2047 encoded words, which several products put into parameters although RFC 2231 is meant for that."""

    def word(match: re.Match[str]) -> str:
        charset, form, text = match.groups()
        try:
            raw = binascii.a2b_base64(text) if form in "bB" else binascii.a2b_qp(text, header=True)
        except (binascii.Error, ValueError):
            return match.group()
        return raw.decode(charset if charset.lower() in _CHARSETS else "utf-8", "replace")

    return _ENCODED_WORD.sub(word, value) if "=?" in value else value


def safe_filename(value: str | None) -> str | None:
    """Return the last path component of a partner's file name without anything that could steer a file system;
    None when nothing is left. The name is for showing only, files are never stored under it."""
    last = _SEPARATOR.split(_decode_words((value or "").strip().strip('"')))[-1]
    name = _UNSAFE.sub("_", last).strip(" .")[:120]
    if not name or _RESERVED.fullmatch(name):
        return None
    return name


def read_header_block(block: bytes) -> Headers:
    """Parse header lines, folded ones joined. Raises PartnerFault as2.bad-mime."""
    if b"\0" in block:  # no field may hold it, and not every database can
        raise PartnerFault("as2.bad-mime", detail="NUL in the header")
    text = block.decode("utf-8", "replace").removesuffix("\r").replace("\r\n", "\n")
    lines = text.split("\n")
    if "\n " in text or "\n\t" in text:
        lines = _unfolded(lines)
    fields = []
    for line in lines:
        if line:
            match = _FIELD.fullmatch(line)
            if match is None:
                raise PartnerFault("as2.bad-mime", detail="header line without a name")
            name, value = match.groups()
            fields.append((name, value.strip(_BLANKS)))
    if len(fields) > MAX_HEADERS:
        raise PartnerFault("as2.bad-mime", detail="too many header fields")
    return Headers(tuple(fields))


def _unfolded(lines: list[str]) -> list[str]:
    found: list[list[str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and found:
            found[-1].append(line.strip(_BLANKS))
        elif line:
            found.append([line])
    return [" ".join(parts) for parts in found]


def split_entity(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return (header block with its empty line, the body's chunks). Raises PartnerFault as2.bad-mime."""
    source = iter(chunks)
    buffer = b""
    for chunk in source:
        buffer += chunk
        end = _head_end(buffer)
        if end:
            break
        if len(buffer) > MAX_HEADER_BYTES:
            raise PartnerFault("as2.bad-mime", detail="header too long")
    else:
        raise PartnerFault("as2.bad-mime", detail="no end of the header")
    if end > MAX_HEADER_BYTES:
        raise PartnerFault("as2.bad-mime", detail="header too long")
    rest = buffer[end:]
    return buffer[:end], chain((rest,), source) if rest else source


def _head_end(buffer: bytes) -> int:
    """Return where the first empty line ends, 0 when there is none yet."""
    if buffer[:1] == b"\n":
        return 1
    if buffer[:2] == b"\r\n":
        return 2
    wide = buffer.find(b"\n\r\n")
    narrow = buffer.find(b"\n\n", 0, wide + 1 if wide >= 0 else len(buffer))
    if narrow >= 0:
        return narrow + 2
    return wide + 3 if wide >= 0 else 0


def tapped(chunks: Iterable[bytes], *taps: Tap) -> Iterator[bytes]:
    """Yield chunks, showing each to the taps first (digests)."""
    for chunk in chunks:
        for tap in taps:
            tap(chunk)
        yield chunk


def decoded(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield chunks with the transfer encoding undone. Raises PartnerFault as2.bad-mime."""
    if encoding in ("binary", "8bit", "7bit"):
        return iter(chunks)
    if encoding == "base64":
        return _from_base64(chunks)
    if encoding == "quoted-printable":
        return _from_quoted(chunks)
    raise PartnerFault("as2.bad-mime", detail="unknown transfer encoding", value=encoding)


def _from_base64(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    try:
        for chunk in chunks:
            held += chunk.translate(None, b" \t\r\n")
            whole = len(held) // 4 * 4
            if whole:
                yield base64.b64decode(held[:whole], validate=True)
                held = held[whole:]
    except binascii.Error as error:
        raise PartnerFault("as2.bad-mime", detail="base64") from error
    if held:
        raise PartnerFault("as2.bad-mime", detail="base64 ends too early")


def _from_quoted(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for chunk in chunks:
        held += chunk
        end = held.rfind(b"\n") + 1
        if not end and len(held) > MAX_HEADER_BYTES:
            raise PartnerFault("as2.bad-mime", detail="quoted-printable line too long")
        if end:
            yield binascii.a2b_qp(held[:end])
            held = held[end:]
    yield binascii.a2b_qp(held)


class PartScanner:
    """Cuts a multipart body at its boundary lines while it streams by.

    Take the parts in order: next_part() and read it to its end, until None. Preamble and epilogue are dropped.
    """

    def __init__(self, chunks: Iterable[bytes], boundary: str) -> None:
        """Raises PartnerFault as2.bad-mime when there is no usable boundary."""
        if not 1 <= len(boundary) <= 200 or not boundary.isascii():
            raise PartnerFault("as2.bad-mime", detail="boundary")
        self._mark = b"\n--" + boundary.encode("ascii")
        self._keep = len(self._mark) + 80  # bytes that may be the beginning of a boundary line
        self._source = iter(chunks)
        self._buffer = b"\r\n"  # so that a boundary in the first line is one like the others
        self._ended = self._closed = False
        for _ in self._until_boundary():
            pass

    def next_part(self) -> Iterator[bytes] | None:
        """Return the next part, headers and body, as it was written; None after the last."""
        return None if self._closed else self._until_boundary()

    def _fill(self) -> bool:
        chunk = next(self._source, None)
        if chunk is None:
            self._ended = True
            return False
        self._buffer += chunk
        return True

    def _boundary(self) -> tuple[int, re.Match[bytes]] | None:
        """Return (where the boundary line's own line break begins, the match of what follows the boundary)."""
        at = self._buffer.find(self._mark)
        while at >= 0:
            tail = _BOUNDARY_TAIL.match(self._buffer, at + len(self._mark))
            if tail is not None:
                return at - (self._buffer[at - 1 : at] == b"\r"), tail
            at = self._buffer.find(self._mark, at + 1)
        return None

    def _until_boundary(self) -> Iterator[bytes]:
        while True:
            found = self._boundary()
            if found is not None and (self._ended or found[1].group().endswith(b"\n")):
                start, tail = found
                before, self._buffer = self._buffer[:start], self._buffer[tail.end() :]
                self._closed = tail.group(1) is not None
                if before:
                    yield before
                return
            if self._ended:
                raise PartnerFault("as2.bad-mime", detail="closing boundary missing")
            if found is None and len(self._buffer) > self._keep:
                yield self._buffer[: -self._keep]
                self._buffer = self._buffer[-self._keep :]
            self._fill()

    def drain(self) -> None:
        """Read the rest of the source."""
        for _ in self._source:
            pass


def read_parts(body: bytes, boundary: str, limit: int = 10) -> list[tuple[Headers, bytes, bytes]]:
    """Return (headers, decoded body, raw part) for each part of a small multipart held in memory."""
    scanner = PartScanner([body], boundary)
    found: list[tuple[Headers, bytes, bytes]] = []
    while (part := scanner.next_part()) is not None:
        if len(found) == limit:
            raise PartnerFault("as2.bad-mime", detail="too many parts")
        raw = b"".join(part)
        head, rest = split_entity([raw])
        headers = read_header_block(head)
        found.append((headers, b"".join(decoded(rest, headers.encoding)), raw))
    return found


def header_block(fields: Iterable[tuple[str, str]]) -> bytes:
    """Return header lines with the empty line that ends them."""
    return "".join([f"{name}: {value}\r\n" for name, value in fields]).encode() + b"\r\n"


def quoted(value: str) -> str:
    """Return value as a quoted string, control characters dropped."""
    return '"' + _TO_ESCAPE.sub(r"\\\1", _CONTROL.sub("", value)) + '"'


def disposition(filename: str) -> str:
    """Return a Content-Disposition for an attachment; other than ASCII goes into RFC 2231's form."""
    if filename.isascii():
        return f"attachment; filename={quoted(filename)}"
    encoded = "".join(
        chr(byte) if chr(byte).isascii() and (chr(byte).isalnum() or byte in b"-._") else f"%{byte:02X}"
        for byte in filename.encode("utf-8")
    )
    return f"attachment; filename*=UTF-8''{encoded}"


def base64_lines(data: bytes) -> bytes:
    """Return data in base64, lines of 76 characters ended by CRLF."""
    text = binascii.b2a_base64(data, newline=False)
    return b"".join([text[start : start + 76] + b"\r\n" for start in range(0, len(text), 76)])
