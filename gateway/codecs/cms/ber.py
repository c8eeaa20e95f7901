"""BER in, DER and BER out, element by element.

The reader pulls from an iterator of chunks and never builds a tree of the content: definite and indefinite lengths,
primitive and constructed octet strings. Everything is limited.
Source: ITU-T X.690 clauses 8.1 (BER), 8.7 (octet string), 10 and 11 (DER).
"""

from collections.abc import Iterable, Iterator

from gateway.model.faults import PartnerFault
from gateway.model.findings import Where

INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x02, 0x03, 0x04, 0x05, 0x06
SEQUENCE, SET = 0x30, 0x31
CONSTRUCTED = 0x20
MAX_DEPTH = 16
_PIECE = 65_536


def context(number: int, *, constructed: bool = True) -> int:
    """Return the context-specific tag [number]."""
    return 0x80 | number | (CONSTRUCTED if constructed else 0)


def malformed(what: str, offset: int) -> PartnerFault:
    """Return the fault of a structure that BER (X.690) does not allow. offset: in the bytes, from 0."""
    return PartnerFault("as2.cms-malformed", Where(offset=offset), detail=what)


class BerReader:
    """A cursor over BER. peek, then enter/leave a container or take a primitive; offsets count from the first byte.

    Raises PartnerFault as2.cms-malformed from every method.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._buffer = b""
        self._at = 0  # in the buffer
        self._base = 0  # offset of the buffer's first byte
        self._count = 0  # of elements read
        self._ends: list[int | None] = []  # of the open containers; None: indefinite
        self._bounds: list[int | None] = [None]  # the innermost definite end, at each depth

    @property
    def offset(self) -> int:
        return self._base + self._at

    def _fill(self, count: int) -> bool:
        """Have at least count bytes ahead; False when the source ends before."""
        while len(self._buffer) - self._at < count:
            chunk = next(self._chunks, None)
            if chunk is None:
                return False
            self._base += self._at
            self._buffer = self._buffer[self._at :] + chunk
            self._at = 0
        return True

    def _take(self, count: int) -> bytes:
        start = self._at
        end = start + count
        if end > len(self._buffer):
            if not self._fill(count):
                raise malformed("ends too early", self.offset)
            start, end = self._at, self._at + count
        self._at = end
        return self._buffer[start:end]

    def _open(self, end: int | None) -> None:
        if len(self._ends) >= MAX_DEPTH:
            raise malformed("nested too deep", self.offset)
        self._ends.append(end)
        self._bounds.append(self._bounds[-1] if end is None else end)

    def _stream(self, count: int) -> Iterator[bytes]:
        while count:
            if not self._fill(1):
                raise malformed("ends too early", self.offset)
            piece = self._buffer[self._at : self._at + min(count, _PIECE)]
            self._at += len(piece)
            count -= len(piece)
            yield piece

    def _header(self) -> tuple[int, int | None]:
        """Return (tag, length), None for an indefinite one."""
        start = self._base + self._at
        self._count += 1
        if self._count > 10_000 and self._count * 64 > start:
            raise malformed("pieces too small", start)  # each costs time, however little it brings
        if self._at + 2 > len(self._buffer) and not self._fill(2):
            raise malformed("ends too early", start)
        tag, length = self._buffer[self._at], self._buffer[self._at + 1]
        if tag & 0x1F == 0x1F:
            raise malformed("tag number too high", start)
        self._at += 2
        if length == 0x80:
            if not tag & CONSTRUCTED:
                raise malformed("primitive of indefinite length", start)
            return tag, None
        if length > 0x80:
            if length > 0x86:
                raise malformed("length too long", start)
            length = int.from_bytes(self._take(length & 0x7F), "big")
        bound = self._bounds[-1]
        if bound is not None and self._base + self._at + length > bound:
            raise malformed("longer than what holds it", start)
        return tag, length

    def peek(self) -> int | None:
        """Return the tag of the next element in the open container, None at its end."""
        end = self._ends[-1] if self._ends else None
        if end is not None:
            here = self._base + self._at
            if here == end:
                return None
            if here > end:
                raise malformed("longer than what holds it", here)
        if self._at + 2 > len(self._buffer) and not self._fill(2):
            if self._ends:
                raise malformed("ends too early", self.offset)
            return None
        tag = self._buffer[self._at]
        if tag == 0 and end is None and self._ends and self._buffer[self._at + 1] == 0:
            return None
        return tag

    def expect(self, tag: int) -> None:
        """Raise PartnerFault as2.cms-malformed unless the next tag is this one; nothing is read."""
        found = self.peek()
        if found != tag:
            raise malformed(
                f"{tag:#04x} expected, not {'end' if found is None else format(found, '#04x')}", self.offset
            )

    def enter(self, tag: int) -> None:
        """Open the next element, which must be a container with that tag."""
        self.expect(tag)
        _, length = self._header()
        self._open(None if length is None else self._base + self._at + length)

    def leave(self) -> None:
        """Close the container, skipping what is left in it."""
        end = self._ends[-1]
        if end is not None and self._base + len(self._buffer) >= end >= self._base + self._at:
            self._at = end - self._base  # all that is left is here, and nothing looks at it
        while self.peek() is not None:
            self.skip()
        self._bounds.pop()
        if self._ends.pop() is None:
            self._take(2)

    def skip(self) -> None:
        """Read over one value, of definite or indefinite length. Raises PartnerFault as2.cms-malformed."""
        tag = self.peek()
        if tag is None:
            raise malformed("nothing to skip", self.offset)
        _, length = self._header()
        if length is not None:
            if self._at + length <= len(self._buffer):
                self._at += length
                return
            for _ in self._stream(length):
                pass
            return
        self._open(None)
        self.leave()

    def primitive(self, tag: int, limit_bytes: int = 8_192) -> bytes:
        """Return the value of the next element, which must have that tag and a definite length."""
        self.expect(tag)
        _, length = self._header()
        if length is None or length > limit_bytes:
            raise malformed("value too long", self.offset)
        return self._take(length)

    def element(self, limit_bytes: int = 65_536) -> bytes:
        """Return the whole next element, indefinite lengths made definite."""
        tag = self.peek()
        if tag is None:
            raise malformed("element missing", self.offset)
        _, length = self._header()
        if length is not None:
            if length > limit_bytes:
                raise malformed("element too long", self.offset)
            return tlv(tag, self._take(length))
        self._open(None)
        parts: list[bytes] = []
        while self.peek() is not None:
            parts.append(self.element(limit_bytes))
            limit_bytes -= len(parts[-1])
            if limit_bytes < 0:
                raise malformed("element too long", self.offset)
        self.leave()
        return tlv(tag, *parts)

    def octets(self, tag: int = OCTET_STRING) -> Iterator[bytes]:
        """Yield the content of an octet string in pieces, be it primitive or constructed."""
        if self.peek() == tag:
            _, length = self._header()
            yield from self._stream(length or 0)
            return
        self.enter(tag | CONSTRUCTED)
        while self.peek() is not None:
            yield from self.octets()
        self.leave()


def _header_at(data: bytes, at: int) -> tuple[int, int] | None:
    """Return (start, end) of the value of the element at `at` when its length is definite and sane, else None: the
    reader then tells what is wrong, or reads the indefinite form."""
    if at + 2 > len(data) or data[at] & 0x1F == 0x1F:
        return None
    first = data[at + 1]
    start = at + 2
    if first >= 0x80:
        count = first & 0x7F
        if not 1 <= count <= 6 or start + count > len(data):
            return None
        start += count
        first = int.from_bytes(data[start - count : start], "big")
    return (start, start + first) if start + first <= len(data) else None


def _definite_children(element: bytes, limit: int) -> list[bytes] | None:
    """Return the elements inside a container, None when the reader has to look at it."""
    place = _header_at(element, 0)
    size = len(element)
    if place is None or place[1] != size or not element[0] & CONSTRUCTED:
        return None
    found: list[bytes] = []
    at = place[0]
    while at + 2 <= size:
        length = element[at + 1]
        if length < 0x80 and element[at] & 0x1F != 0x1F:
            end = at + 2 + length
        elif (inner := _header_at(element, at)) is not None:
            end = inner[1]
        else:
            return None
        if end > size or len(found) == limit:
            return None
        found.append(element[at:end])
        at = end
    return found if at == size else None


def children(element: bytes, limit: int = 64) -> list[bytes]:
    """Return the elements inside one container element that is held in memory, at most limit of them."""
    quick = _definite_children(element, limit)
    if quick is not None:
        return quick
    reader = BerReader([element])
    tag = reader.peek()
    reader.enter(tag if tag is not None and tag & CONSTRUCTED else SEQUENCE)
    found: list[bytes] = []
    while reader.peek() is not None:
        if len(found) == limit:
            raise malformed("too many elements", reader.offset)
        found.append(reader.element(len(element)))
    return found


def content(element: bytes) -> bytes:
    """Return the value of one element that is held in memory."""
    place = _header_at(element, 0)
    if place is not None and not element[0] & CONSTRUCTED:
        return element[place[0] : place[1]]
    reader = BerReader([element])
    tag = reader.peek()
    if tag is None:
        raise malformed("element missing", 0)
    if tag & CONSTRUCTED:
        return b"".join(children(element, limit=4_096))
    return reader.primitive(tag, len(element))


def header(tag: int, size: int) -> bytes:
    """Return tag and definite length of an element whose value of size bytes follows."""
    if size < 0x80:
        return bytes((tag, size))
    count = (size.bit_length() + 7) // 8
    return bytes((tag, 0x80 | count)) + size.to_bytes(count, "big")


def tlv(tag: int, *parts: bytes) -> bytes:
    """Return one DER element."""
    value = parts[0] if len(parts) == 1 else b"".join(parts)
    return header(tag, len(value)) + value


def integer(value: int) -> bytes:
    """Return an INTEGER in DER, in as few octets as two's complement takes. Source: X.690, 8.3."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def set_of(*elements: bytes) -> bytes:
    """Return a DER SET OF: sorted (X.690 clause 11.6)."""
    return tlv(SET, *sorted(elements))


def oid(dotted: str) -> bytes:
    """Return the DER of an object identifier."""
    first, second, *rest = map(int, dotted.split("."))
    out = bytearray()
    for arc in (first * 40 + second, *rest):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(0x80 | arc & 0x7F)
        out += bytes(reversed(septets))
    return tlv(OID, bytes(out))


def dotted(element: bytes) -> str:
    """Return an object identifier as people write it; "" for what is none, or has an end missing."""
    if element[:1] != bytes([OID]) or not 2 < len(element) <= 40 or element[-1] & 0x80:
        return ""
    arcs, arc = [], 0
    for octet in element[2:]:
        arc = arc << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - first * 40, *arcs[1:])))
