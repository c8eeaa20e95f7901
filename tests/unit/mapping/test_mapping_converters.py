from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mapping.converters import EDIFACT, XML, DoubtError, read_decimal, read_gtin, write_gtin
from gateway.mapping.moments import (
    at_time,
    read_edi_moment,
    read_edi_period,
    read_iso_moment,
    write_edi_moment,
    write_edi_period,
)
from gateway.mapping.writing import wrapped
from gateway.model.values import GLN_SCHEME, PartyIdentifier, Period, Quantity, check_digit


@pytest.mark.parametrize(
    ("text", "code", "value"),
    [
        ("20260302", "102", date(2026, 3, 2)),
        ("260302", "101", date(2026, 3, 2)),
        ("202603021430", "203", datetime(2026, 3, 2, 14, 30)),
        ("20260302143005", "204", datetime(2026, 3, 2, 14, 30, 5)),
        ("2603021430", "201", datetime(2026, 3, 2, 14, 30)),
        ("20260302", "", date(2026, 3, 2)),
        ("202603021430", "", datetime(2026, 3, 2, 14, 30)),
    ],
)
def test_dates_are_read_by_their_format_code(text: str, code: str, value: date) -> None:
    assert read_edi_moment(text, code) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("20260230", "102"),
        ("2026-3-2", "102"),
        ("260302", "102"),
        ("20260302", "609"),
        ("", "102"),
        ("²0260302", "102"),
    ],
)
def test_what_is_no_date_is_refused(text: str, code: str) -> None:
    with pytest.raises(ValueError):
        read_edi_moment(text, code)


def test_periods_have_both_ends_and_the_right_order() -> None:
    assert read_edi_period("2026030120260307", "718") == Period(start=date(2026, 3, 1), end=date(2026, 3, 7))
    assert read_edi_period("20260301", "102") == Period(start=date(2026, 3, 1), end=date(2026, 3, 1))
    with pytest.raises(ValueError):
        read_edi_period("2026030720260301", "718")


@given(st.dates(min_value=date(1900, 1, 1)))
def test_a_date_is_written_as_it_is_read(value: date) -> None:
    assert read_edi_moment(*write_edi_moment(value)) == value
    assert read_edi_period(*write_edi_period(Period(start=value, end=value))).end == value


@given(st.datetimes(min_value=datetime(1900, 1, 1)).map(lambda moment: moment.replace(microsecond=0)))
def test_a_time_is_written_as_it_is_read(value: datetime) -> None:
    assert read_edi_moment(*write_edi_moment(value)) == value


def test_a_date_of_xml_drops_its_zone_and_a_time_keeps_it() -> None:
    assert read_iso_moment("2026-03-01+01:00") == date(2026, 3, 1)
    assert read_iso_moment("2026-03-01T10:00:00Z").isoformat() == "2026-03-01T10:00:00+00:00"
    assert at_time(date(2026, 3, 1), time(10, 30)) == datetime(2026, 3, 1, 10, 30)


@pytest.mark.parametrize(
    ("text", "value"), [("1", "1"), ("1,5", "1.5"), ("-1.50", "-1.50"), (".5", "0.5"), ("007", "7")]
)
def test_numbers_take_point_and_comma(text: str, value: str) -> None:
    assert read_decimal(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "1.2.3", "1e9", "NaN", "Infinity", "1 000", "٣", "0x10", "-", "9" * 31])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_decimal(text)


@given(st.sampled_from([7, 11, 12, 13]).flatmap(lambda size: st.text("0123456789", min_size=size, max_size=size)))
def test_a_gtin_has_one_key_whatever_its_length(body: str) -> None:
    sent = body + check_digit(body)
    stored = read_gtin(sent)
    assert len(stored) == 14
    assert read_gtin(write_gtin(stored)) == stored


def test_a_wrong_check_digit_is_a_doubt_that_keeps_the_value() -> None:
    with pytest.raises(DoubtError) as caught:
        read_gtin("4099990100019")
    assert caught.value.value == "04099990100019"
    assert caught.value.code == "mapping.check-digit"


@pytest.mark.parametrize("text", ["ABC", "123", "12345678901234567", "409999010001٣"])
def test_what_has_not_the_digits_of_a_gtin_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_gtin(text)


@pytest.mark.parametrize(
    ("text", "agency", "scheme"),
    [
        ("4099990000011", "9", GLN_SCHEME),
        ("4099990000011", "", GLN_SCHEME),
        ("X1", "92", "buyer"),
        ("X1", "91", "seller"),
    ],
)
def test_an_edifact_party_has_the_scheme_of_its_agency(text: str, agency: str, scheme: str) -> None:
    assert EDIFACT["party-id"].read(text, (agency,)) == PartyIdentifier(scheme=scheme, value=text)


def test_a_name_in_the_place_of_a_gln_is_kept_with_a_warning() -> None:
    with pytest.raises(DoubtError) as caught:
        EDIFACT["party-id"].read("PARTNER", ("9",))
    assert caught.value.code == "mapping.not-a-gln"
    assert caught.value.value == PartyIdentifier(scheme="other", value="PARTNER")


def test_an_xml_party_names_its_scheme() -> None:
    read = XML["party-id"].read
    assert read("4099990000011", ("GLN",)).scheme == GLN_SCHEME
    assert read("123456789", ("0060",)).scheme == "0060"
    assert read("123", ("house number",)).scheme == "other"


def test_no_unit_means_trade_units_of_the_item() -> None:
    assert EDIFACT["quantity"].read("5", ("",)) == Quantity(value=Decimal(5), per="gtin")
    assert EDIFACT["quantity"].write(Quantity(value=Decimal(5), per="gtin")) == ("5", None)


def test_an_sscc_may_carry_its_application_identifier() -> None:
    assert EDIFACT["sscc"].read("00340999900000000012", ()) == "340999900000000012"


@given(st.lists(st.text("abcdefghij", min_size=1, max_size=12), max_size=12))
def test_a_split_text_is_joined_to_itself(words: list[str]) -> None:
    text = " ".join(words)
    parts = wrapped(text, 12, 99)
    assert all(len(part) <= 12 for part in parts)
    assert " ".join(parts) == text
