"""Shops behind a cross dock: who gets what when there is too little, in the answer, at the warehouse, on the road."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

import pytest
from domain_scene import HOUSE, TEA, Records, answered, codes, despatch, level, only, order, units
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.splits import asked, shared
from gateway.model.effects import CaseOpened
from gateway.model.order import Order, Split

A, B, C = "4099910000022", "4099910000039", "4099910000046"


def for_shops(*splits: tuple[str, int], total: int | None = None, number: str = "A1", kind: str = "402") -> Order:
    said = order(("1", TEA, sum(units for _, units in splits) if total is None else total), number=number)
    parts = tuple(Split(location=shop, quantity=units(amount)) for shop, amount in splits)
    return replace(said, type_code=kind, lines=(replace(said.lines[0], splits=parts),))


def stocked(on_hand: int) -> Records:
    records = Records()
    records.stock[TEA] = level(on_hand)
    return records


def per_shop(splits: tuple[Split, ...]) -> dict[str | None, Decimal]:
    return {each.location: each.quantity.value for each in splits if each.quantity}


def test_the_shops_share_what_there_is_in_answer_and_warehouse_and_on_the_way() -> None:
    records = stocked(31)
    made = records.take(for_shops((A, 30), (B, 20), (C, 12)), backorder=False)
    (response,) = answered(made, "shop")
    (told,) = answered(made, "warehouse")
    expected = {A: 15, B: 10, C: 6}
    assert per_shop(response.lines[0].splits) == expected
    assert per_shop(told.lines[0].splits) == expected
    advice = answered(records.take(despatch(("1", TEA, 31)), HOUSE), "shop")[0]
    sums: dict[str | None, Decimal] = defaultdict(Decimal)
    for line in advice.lines:
        sums[line.final_location] += line.despatched_quantity.value
    assert sums == expected
    assert all(each.sscc is None or each.id for each in advice.units)


@pytest.mark.parametrize(
    ("said", "code"),
    [(for_shops((A, 30), (B, 20), total=60), "order.splits-unequal"), (for_shops(total=5), "order.splits-missing")],
    ids=["unequal", "missing"],
)
def test_a_cross_docking_order_that_does_not_say_who_gets_what_waits(said: Order, code: str) -> None:
    records = stocked(900)
    made = records.take(said)
    (case,) = only(CaseOpened, made)
    assert (case.code, case.params["reasons"]) == ("order.waits", code)
    assert answered(made, "warehouse") == []
    assert records.stock[TEA].allocated == 0


def test_other_orders_with_an_unequal_split_are_only_warned_of() -> None:
    made = stocked(900).take(for_shops((A, 30), (B, 20), total=60, kind="220"))
    assert codes(made) == ["order.splits-unequal"]
    assert answered(made, "warehouse")


@given(st.lists(st.integers(0, 500), min_size=1, max_size=40), st.integers(0, 9000))
def test_shares_are_whole_add_up_and_never_exceed_what_was_asked(quantities: list[int], there: int) -> None:
    splits = tuple(Split(location=f"{n:013d}", quantity=units(each)) for n, each in enumerate(quantities))
    got = shared(splits, Decimal(there))
    assert asked(got) == min(Decimal(there), asked(splits)) or asked(splits) == 0
    for before, after in zip(splits, got, strict=True):
        assert before.quantity
        assert after.quantity
        assert 0 <= after.quantity.value <= before.quantity.value
        assert after.quantity.value % 1 == 0
        if asked(splits):
            fair = Decimal(min(there, sum(quantities))) * before.quantity.value / asked(splits)
            assert abs(after.quantity.value - fair) < 1
