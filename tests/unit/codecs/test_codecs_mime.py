"""MIME as it comes from real partners: boundaries cut anywhere, odd headers, hostile file names."""

import base64
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.mime import (
    Headers,
    PartScanner,
    decoded,
    disposition,
    parameters,
    read_header_block,
    safe_filename,
    split_entity,
)
from gateway.model.faults import PartnerFault


def pieces(data: bytes, step: int) -> Iterator[bytes]:
    return (data[at : at + step] for at in range(0, len(data), step))


def parts_of(data: bytes, boundary: str, step: int) -> list[bytes]:
    scanner = PartScanner(pieces(data, step), boundary)
    found = []
    while (part := scanner.next_part()) is not None:
        found.append(b"".join(part))
    return found


near_boundary = st.lists(
    st.sampled_from([b"\r\n--b", b"--b", b"\r", b"\n", b"-", b"--", b"\r\n--bx", b"\n--b-x", b" ", b"text", b"\r\n"]),
    max_size=12,
).map(b"".join)


@given(near_boundary, near_boundary, st.integers(1, 30))
def test_parts_are_cut_at_boundary_lines_only(first: bytes, second: bytes, step: int) -> None:
    bodies = [each + b"!" for each in (first, second)]
    whole = b"preamble\r\n--b\r\n" + bodies[0] + b"\r\n--b  \r\n" + bodies[1] + b"\r\n--b--\r\nepilogue\r\n--b\r\n"
    if any(line.rstrip(b" \t\r") in (b"--b", b"--b--") for each in bodies for line in each.split(b"\n")):
        return  # the part itself holds a boundary line: nobody could tell
    assert parts_of(whole, "b", step) == bodies


def test_a_multipart_with_bare_line_feeds_and_no_last_line_end_is_read() -> None:
    assert parts_of(b"--b\na\n--b\nc\n--b--", "b", 3) == [b"a", b"c"]


@pytest.mark.parametrize("data", [b"", b"--b\r\nx", b"nothing here", b"--b\r\nx\r\n--bb--"])
def test_a_multipart_without_its_end_is_refused(data: bytes) -> None:
    with pytest.raises(PartnerFault, match=r"as2\.bad-mime"):
        parts_of(data, "b", 5)


def test_a_boundary_line_padded_without_end_costs_no_time() -> None:
    data = b"--b\r\nx\r\n--b" + b" " * 5_000_000
    with pytest.raises(PartnerFault, match=r"as2\.bad-mime"):
        parts_of(data, "b", 65_536)


def test_headers_are_read_folded_in_any_case_and_with_odd_blanks() -> None:
    head, body = split_entity([b"Content-", b"Type : text/plain;\r\n\tcharset=x\r\nX:\r", b"\n\r\nbo", b"dy"])
    headers = read_header_block(head)
    assert headers.get("CONTENT-type") == "text/plain; charset=x"
    assert headers.content_type == "text/plain"
    assert headers.get("x") == ""
    assert headers.encoding == "binary"
    assert b"".join(body) == b"body"


def test_an_entity_without_headers_is_read() -> None:
    head, body = split_entity([b"\r\n", b"body"])
    assert (read_header_block(head).fields, b"".join(body)) == ((), b"body")


@pytest.mark.parametrize(
    "data", [b"no colon\r\n\r\n", b"a: b\r\n", b"a: " + b"x" * 40_000 + b"\r\n\r\n", b"a: b\r\n" * 300 + b"\r\n"]
)
def test_headers_beyond_the_limits_are_refused(data: bytes) -> None:
    with pytest.raises(PartnerFault, match=r"as2\.bad-mime"):
        read_header_block(split_entity([data])[0])


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ('attachment; filename="a b.edi"', "a b.edi"),
        ("attachment; filename=a.edi", "a.edi"),
        (r'attachment; filename="a\"b.edi"', 'a"b.edi'),
        ("attachment; filename*=UTF-8''%E8%AE%A2%E5%8D%95.edi", "订单.edi"),
        ("attachment; filename*=iso-8859-1'de'%E4.edi", "ä.edi"),
        ('attachment; filename*0="long"; filename*1="er.edi"', "longer.edi"),
        ("attachment; filename*0*=UTF-8''%E8%AE%A2; filename*1=x.edi", "订x.edi"),
    ],
)
def test_file_names_are_decoded(value: str, name: str) -> None:
    assert parameters(value)["filename"] == name


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_a_file_name_survives_our_own_header(name: str) -> None:
    assert parameters(disposition(name))["filename"] == name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\x00b.edi", "a_b.edi"),
        ("..", None),
        ("", None),
        (None, None),
        ("CON.txt", None),
        (".hidden", "hidden"),
        ("x" * 500, "x" * 120),
        ('"quoted twice.edi"', "quoted twice.edi"),
        ("订单.edi", "订单.edi"),
        ("order\u202egnp.exe", "order_gnp.exe"),
    ],
)
def test_a_file_name_cannot_steer_a_file_system(name: str | None, safe: str | None) -> None:
    assert safe_filename(name) == safe


@given(st.binary(max_size=500), st.integers(1, 90))
def test_base64_is_decoded_however_it_is_cut(data: bytes, step: int) -> None:
    text = base64.encodebytes(data).replace(b"\n", b"\r\n")
    assert b"".join(decoded(pieces(text, step), "base64")) == data


@pytest.mark.parametrize(("text", "encoding"), [(b"ab*=", "base64"), (b"abc", "base64"), (b"x", "x-uuencode")])
def test_a_broken_transfer_encoding_is_refused(text: bytes, encoding: str) -> None:
    with pytest.raises(PartnerFault, match=r"as2\.bad-mime"):
        list(decoded([text], encoding))


def test_quoted_printable_is_decoded_over_chunk_borders() -> None:
    assert b"".join(decoded([b"a=3", b"Db=\r", b"\nc\r\nd"], "quoted-printable")) == b"a=bc\r\nd"


def test_repeated_headers_are_all_seen() -> None:
    assert Headers((("A", "1"), ("a", "2"))).get_all("A") == ["1", "2"]
