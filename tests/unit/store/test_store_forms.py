"""Values go into columns and come back the same."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
from gateway.ports.records import Receipt
from gateway.store.forms import (
    findings_of,
    findings_text,
    micros,
    milli,
    moment,
    receipt_bytes,
    receipt_of,
    sources_of,
    sources_text,
    units,
)

places = st.builds(
    Where,
    segment=st.none() | st.integers(1, 99),
    tag=st.none() | st.text(max_size=3),
    offset=st.none() | st.integers(0, 10**9),
    path=st.none() | st.text(max_size=20),
)
words = st.text(max_size=20)
findings = st.builds(
    Finding,
    code=words,
    severity=st.sampled_from(["error", "warning", "info"]),
    where=places,
    iso=st.none() | words,
    params=st.lists(st.tuples(words, words), max_size=3).map(tuple),
    value=st.none() | words,
)


@given(st.lists(findings, max_size=4).map(tuple))
def test_findings_come_back_the_same(found: tuple[Finding, ...]) -> None:
    assert findings_of(findings_text(found)) == found


@given(st.dictionaries(words, places, max_size=5))
def test_sources_come_back_the_same(sources: dict[str, Where]) -> None:
    assert sources_of(sources_text(sources)) == sources


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_thousandths_come_back_the_same(value: int) -> None:
    assert milli(units(value)) == value
    assert "E" not in str(units(value))


@pytest.mark.parametrize("value", ["0.0005", "1E+15", "-1E+15", "1E+999999", "1E-999999", "NaN", "sNaN", "Infinity"])
def test_what_thousandths_cannot_hold_is_a_fault(value: str) -> None:
    with pytest.raises(OurFault) as caught:
        milli(Decimal(value))
    assert caught.value.code == "journal.quantity-not-storable"


def test_long_numbers_are_not_rounded_into_thousandths() -> None:
    assert milli(Decimal("999999999999999.999")) == 999_999_999_999_999_999
    with pytest.raises(OurFault):
        milli(Decimal("1.0000000000000000000000000000000000001"))


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)))
def test_instants_come_back_the_same_in_utc(naive: datetime) -> None:
    instant = naive.replace(tzinfo=timezone(timedelta(hours=8)))
    assert moment(micros(instant)) == instant
    assert moment(micros(instant)).tzinfo is UTC


def test_an_instant_without_zone_is_an_error() -> None:
    with pytest.raises(TypeError):
        micros(datetime(2026, 1, 1))


@given(st.binary(max_size=50), st.lists(st.tuples(words, words), max_size=3).map(tuple))
def test_receipts_come_back_the_same(body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
    receipt = Receipt(status=200, headers=headers, body=body)
    assert receipt_of(receipt_bytes(receipt)) == receipt
