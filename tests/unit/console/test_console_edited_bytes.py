"""A file that a person edits in the console keeps the bytes that he has not touched, whatever its sender calls them."""

import pytest

from gateway.console.messages import _charset, encoded_like
from gateway.model.faults import OurFault

BODY = "'UNH+1+ORDERS:D:96A:UN'BGM+220+{}+9'FTX+AAI+++{}'UNT+4+1'UNZ+1+1'"


def file_of(declared: str, note: bytes, number: str = "4711") -> bytes:
    before, after = BODY.format(number, "|").split("|")
    return f"UNB+{declared}:3+A+B+260302:0900+1".encode() + before.encode() + note + after.encode()


@pytest.mark.parametrize("declared", ["UNOC", "UNOA"], ids=["latin-1", "ascii"])
def test_windows_bytes_in_a_file_that_declares_another_set_stay_as_they_are(declared: str) -> None:
    odd = b"\x93M\xfcller\x94 \x80 5"  # windows-1252: quotes and a euro sign, where ISO 8859-1 has controls
    data = file_of(declared, odd)
    shown = data.decode(_charset(data), "replace")
    assert encoded_like(shown, data) == data
    assert encoded_like(shown.replace("4711", "4712"), data) == file_of(declared, odd, "4712")


def test_the_declared_set_is_kept_where_the_bytes_are_in_it() -> None:
    cyrillic = "Мука".encode("iso8859-5")
    data = file_of("UNOE", cyrillic)
    shown = data.decode(_charset(data))
    assert "Мука" in shown
    assert encoded_like(shown.replace("4711", "4712"), data) == file_of("UNOE", cyrillic, "4712")


def test_a_letter_that_the_file_cannot_hold_is_refused_by_name() -> None:
    data = file_of("UNOC", b"Mueller")
    with pytest.raises(OurFault) as caught:
        encoded_like(data.decode().replace("Mueller", "Мука"), data)
    assert (caught.value.code, caught.value.value) == ("console.not-in-charset", "Мука")
