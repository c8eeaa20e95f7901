"""What a file is that is no EDIFACT, told by its first bytes: the sender hears what was wrong, not only that it was."""

_MARKS = (  # first bytes: what they are called; the first that fits counts
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"U\x00N\x00", "UTF-16"),
    (b"\x00U\x00N", "UTF-16"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "ZIP"),
    (b"%PDF", "PDF"),
    (b"ISA", "ANSI X12"),
    (b"STX=", "TRADACOMS"),
    (b"-----BEGIN", "PEM"),
    (b"<", "XML"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"VU5", "Base64"),  # "UNA", "UNB"
    ("UNB".encode("cp500"), "EBCDIC"),
    ("UNA".encode("cp500"), "EBCDIC"),
)
_DER = b"\x30\x80", b"\x30\x82", b"\x30\x83"


def other_format(head: bytes) -> str | None:
    """Return the name of the format that head begins like, None when it is like none."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for marks, name in _MARKS:
        if start.startswith(marks):
            return name
    return "PKCS #7 (S/MIME)" if start.startswith(_DER) else None
