from datetime import date

import pytest

from gateway.codecs import canonical
from gateway.model import json_form
from gateway.model.faults import PartnerFault
from gateway.model.replenishment import PlanningRequest

REQUEST = PlanningRequest(id="1", issued_at=date(2026, 3, 2))


def test_what_is_encoded_is_decoded() -> None:
    assert json_form.from_plain(canonical.decode(canonical.encode(REQUEST))) == REQUEST


def test_chunks_are_joined() -> None:
    data = canonical.encode(REQUEST)
    assert canonical.decode(data[at : at + 1] for at in range(len(data))) == canonical.decode(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "json.syntax"),
        (b"\xff", "json.syntax"),
        (b'{"a":1,"a":2}', "json.syntax"),
        (b"[" * 100_000, "json.syntax"),
        (b"[]", "json.not-a-document"),
    ],
)
def test_what_is_no_object_is_a_fault_of_the_partner(data: bytes, code: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        canonical.decode(data)
    assert caught.value.code == code


def test_the_size_is_limited() -> None:
    with pytest.raises(PartnerFault) as caught:
        canonical.decode([b" " * 10] * 10, size_limit_bytes=50)
    assert caught.value.code == "json.too-large"
