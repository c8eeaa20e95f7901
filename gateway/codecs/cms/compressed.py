"""CompressedData: deflate out, bounded streaming inflate in.

Source: RFC 3274 section 1.1, RFC 5402.
"""

import zlib
from collections.abc import Iterable, Iterator

from gateway.codecs.cms.algorithms import COMPRESSED_DATA, DATA, ZLIB, bare, identifier
from gateway.codecs.cms.ber import OCTET_STRING, SEQUENCE, BerReader, context, integer, tlv
from gateway.model.faults import PartnerFault

MAX_RATIO = 200  # EDI text reaches about 30
_FREE = 1_000_000  # bytes that may come out whatever the ratio
_PIECE = 65_536


def compress(chunks: Iterable[bytes], *, whole: bool) -> Iterator[bytes]:
    """Yield a CompressedData around chunks. whole: gather it and write definite lengths, which every product reads."""
    pieces = _deflated(chunks)
    front = integer(0) + bare(ZLIB)
    if whole:
        inner = tlv(SEQUENCE, DATA, tlv(context(0), tlv(OCTET_STRING, b"".join(pieces))))
        yield tlv(SEQUENCE, COMPRESSED_DATA, tlv(context(0), tlv(SEQUENCE, front, inner)))
        return
    yield b"\x30\x80" + COMPRESSED_DATA + b"\xa0\x80\x30\x80" + front
    yield b"\x30\x80" + DATA + b"\xa0\x80\x24\x80"
    for piece in pieces:
        yield tlv(OCTET_STRING, piece)
    yield b"\0\0" * 6


def _deflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield zlib output in pieces that are worth an element each."""
    deflater = zlib.compressobj()
    held = bytearray()
    for chunk in chunks:
        held += deflater.compress(chunk)
        while len(held) >= _PIECE:
            yield bytes(held[:_PIECE])
            del held[:_PIECE]
    yield bytes(held + deflater.flush())


def decompress(source: Iterable[bytes], limit_bytes: int) -> Iterator[bytes]:
    """Yield the content of a CompressedData.

    Raises PartnerFault as2.decompression-failed, as2.too-large (over limit_bytes, or a ratio no document has)."""
    reader = BerReader(source)
    reader.enter(SEQUENCE)
    if reader.element() != COMPRESSED_DATA:
        raise PartnerFault("as2.cms-malformed", detail="not CompressedData")
    reader.enter(context(0))
    reader.enter(SEQUENCE)
    reader.skip()  # version
    if identifier(reader.element())[0] != ZLIB:
        raise PartnerFault("as2.algorithm-refused", kind="compression", value="not zlib")
    reader.enter(SEQUENCE)
    reader.skip()  # content type
    reader.enter(context(0))
    inflater = zlib.decompressobj()
    taken = given = 0
    try:
        for piece in reader.octets():
            taken += len(piece)
            rest, more = piece, True
            while more and not inflater.eof:
                out = inflater.decompress(rest, _PIECE)
                given += len(out)
                if given > limit_bytes or given > _FREE + MAX_RATIO * taken:
                    raise PartnerFault("as2.too-large", limit=str(limit_bytes))
                yield out
                rest = inflater.unconsumed_tail
                more = bool(rest) or len(out) == _PIECE  # a full piece: more may wait inside
    except zlib.error as error:
        raise PartnerFault("as2.decompression-failed") from error
    if not inflater.eof:
        raise PartnerFault("as2.decompression-failed")
