"""What we send has right check digits; a partner's settings may make less of a wrong one."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from gateway.mapping.check_digits import wrong_check_digits
from gateway.model.despatch_advice import DespatchAdvice, DespatchLine, LogisticUnit
from gateway.model.faults import OurFault
from gateway.model.partner import Partner
from gateway.model.values import Item, PartnerId, Quantity, party
from gateway.pipeline.verdict import check_numbers

GOOD = DespatchAdvice(
    id="L-1",
    issued_at=date(2026, 3, 4),
    seller=party("4099990000028"),
    buyer=party("4099990000011"),
    units=(LogisticUnit(id="2", sscc="340999900000000012"),),
    lines=(DespatchLine(number="1", item=Item(gtin="04099990100018"), despatched_quantity=Quantity(value=Decimal(1))),),
)


def test_right_numbers_are_passed() -> None:
    assert list(wrong_check_digits(GOOD)) == []


@pytest.mark.parametrize(
    ("path", "value", "wrong"),
    [
        ("seller.ids[0]", "4099990000027", replace(GOOD, seller=party("4099990000027"))),
        ("units[0].sscc", "340999900000000011", replace(GOOD, units=(LogisticUnit(id="2", sscc="340999900000000011"),))),  # noqa: E501
        ("lines[0].item.gtin", "04099990100017", replace(GOOD, lines=(replace(GOOD.lines[0], item=Item(gtin="04099990100017")),))),  # noqa: E501
        ("lines[0].finalLocation", "4099990000317", replace(GOOD, lines=(replace(GOOD.lines[0], final_location="4099990000317"),))),  # noqa: E501  # noqa: E501
    ],
    ids=["gln", "sscc", "gtin", "place"],
)  # fmt: skip
def test_a_wrong_number_is_found_where_it_stands(path: str, value: str, wrong: DespatchAdvice) -> None:
    assert list(wrong_check_digits(wrong)) == [(path, value)]


def test_a_number_that_is_none_of_gs1_is_not_judged() -> None:
    assert list(wrong_check_digits(replace(GOOD, lines=(replace(GOOD.lines[0], final_location="SHOP 7"),)))) == []


def partner(severity: str = "") -> Partner:
    severities = {"mapping.check-digit-written": severity} if severity else {}
    return Partner(id=PartnerId("shop"), name="Shop", severities=severities)  # type: ignore[arg-type]


def test_by_default_a_wrong_number_is_not_sent() -> None:
    wrong = replace(GOOD, seller=party("4099990000027"))
    with pytest.raises(OurFault) as caught:
        check_numbers(wrong, partner())
    assert caught.value.code == "mapping.check-digit-written"
    assert caught.value.params["field"] == "seller.ids[0]"


@pytest.mark.parametrize("severity", ["warning", "off"])
def test_a_partner_that_takes_wrong_numbers_gets_them(severity: str) -> None:
    check_numbers(replace(GOOD, seller=party("4099990000027")), partner(severity))
