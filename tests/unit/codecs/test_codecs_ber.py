"""BER in pieces of any size, and what broken BER must end in."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.cms.ber import (
    OCTET_STRING,
    SEQUENCE,
    BerReader,
    children,
    content,
    context,
    dotted,
    integer,
    oid,
    set_of,
    tlv,
)
from gateway.model.faults import Fault, PartnerFault


def pieces(data: bytes, step: int) -> Iterator[bytes]:
    return (data[at : at + step] for at in range(0, len(data), step))


def indefinite(tag: int, *parts: bytes) -> bytes:
    return bytes([tag, 0x80]) + b"".join(parts) + b"\0\0"


@given(st.lists(st.binary(max_size=300), max_size=8), st.integers(1, 400), st.booleans())
def test_an_octet_string_reads_the_same_however_it_is_cut(parts: list[bytes], step: int, nested: bool) -> None:
    inner = [tlv(OCTET_STRING, each) for each in parts]
    if nested:
        inner = [indefinite(OCTET_STRING | 0x20, *inner)]
    data = indefinite(SEQUENCE, integer(7), indefinite(context(0), *inner), integer(8))
    reader = BerReader(pieces(data, step))
    reader.enter(SEQUENCE)
    assert content(reader.element()) == b"\x07"
    assert b"".join(reader.octets(context(0, constructed=False))) == b"".join(parts)
    assert content(reader.element()) == b"\x08"
    reader.leave()
    assert reader.peek() is None


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_end_in_a_fault_or_are_read(data: bytes, step: int) -> None:
    reader = BerReader(pieces(data, step))
    try:
        while reader.peek() is not None:
            children(reader.element())
    except PartnerFault as fault:
        assert fault.code == "as2.cms-malformed"  # noqa: PT017 - both ends are allowed


@pytest.mark.parametrize(
    "data",
    [
        b"\x30\x05\x02\x01",  # ends too early
        b"\x30\x03\x02\x05\x00",  # longer than what holds it
        b"\x04\x80\x00\x00",  # primitive of indefinite length
        b"\x30\x89\x01\x01\x01\x01\x01\x01\x01\x01\x01",  # a length of nine bytes
        b"\x30\x80\x02\x01\x01",  # no end of contents
        b"\x3f\x01\x00",  # a high tag number
        b"\x30\x80" * 40 + b"\0\0" * 40,  # too deep
    ],
)
def test_broken_structures_are_refused(data: bytes) -> None:
    with pytest.raises(Fault, match=r"as2\.cms-malformed"):
        children(BerReader([data]).element())


def test_a_string_of_tiny_pieces_is_refused() -> None:
    reader = BerReader([indefinite(0xA0, tlv(OCTET_STRING, b"x") * 20_000)])
    with pytest.raises(PartnerFault, match=r"as2\.cms-malformed"):
        list(reader.octets(context(0, constructed=False)))


def test_writers_give_der() -> None:
    assert oid("1.2.840.113549.1.7.2").hex() == "06092a864886f70d010702"
    assert integer(128).hex() == "02020080"
    assert integer(-1).hex() == "0201ff"
    assert tlv(OCTET_STRING, bytes(200))[:3].hex() == "0481c8"
    assert set_of(b"\x02\x01\x09", b"\x02\x01\x01").hex() == "3106020101020109"


@pytest.mark.parametrize("text", ["1.2.840.113549.2.5", "2.999.3", "0.9.2342", "1.3.14.3.2.26"])
def test_an_identifier_is_written_as_it_was_read(text: str) -> None:
    assert dotted(oid(text)) == text


@pytest.mark.parametrize("element", [b"", b"\x06\x00", b"\x06\x01\x80", b"\x04\x01\x2a", oid("1.2.3") + b"\x80" * 60])
def test_what_is_no_identifier_has_no_numbers(element: bytes) -> None:
    assert dotted(element) == ""
