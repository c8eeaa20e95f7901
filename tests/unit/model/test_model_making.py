"""Values made quickly are the values that the class itself makes."""

from dataclasses import FrozenInstanceError, dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from gateway.model.making import maker
from gateway.model.order import OrderLine
from gateway.model.values import Amount, Item, Quantity

FIELDS: dict[str, Any] = {
    "number": "1",
    "item": Item(gtin="04099990100018"),
    "quantity": Quantity(value=Decimal(5), per="gtin"),
}


def test_what_is_made_is_equal_hashes_alike_and_cannot_be_changed() -> None:
    quick, plain = maker(OrderLine)(dict(FIELDS)), OrderLine(**FIELDS)
    assert quick == plain
    assert hash(quick) == hash(plain)
    assert repr(quick) == repr(plain)
    assert type(quick) is OrderLine
    with pytest.raises(FrozenInstanceError):
        quick.number = "2"  # type: ignore[misc]  # that is the point


def test_a_missing_or_unknown_field_is_told() -> None:
    with pytest.raises(TypeError):
        maker(Amount)({})
    with pytest.raises(TypeError):
        maker(Amount)({"value": Decimal(1), "valeu": Decimal(1)})


def test_a_default_factory_gives_each_value_its_own() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Kept:
        seen: list[int] = field(default_factory=list)

    make = maker(Kept)
    assert make({}).seen is not make({}).seen


def test_a_class_that_does_something_when_made_still_does_it() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Checked:
        value: int

        def __post_init__(self) -> None:
            if self.value < 0:
                raise ValueError(self.value)

    assert maker(Checked)({"value": 1}) == Checked(value=1)
    with pytest.raises(ValueError, match="-1"):
        maker(Checked)({"value": -1})
