"""From what the warehouse shipped to units with SSCCs: packs, shops behind a cross dock, several orders, labels."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from domain_scene import (
    HOUSE,
    NOW,
    OTHER,
    OTHER_GLN,
    OWN,
    RICE,
    SHOP_GLN,
    TEA,
    Records,
    answered,
    codes,
    despatch,
    level,
    only,
    order,
    units,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.decision import Decision
from gateway.domain.labels import labels_of
from gateway.domain.packing import contents, sscc
from gateway.model.despatch_advice import DespatchAdvice, LogisticUnit
from gateway.model.effects import CaseOpened, DocumentLinked, NumbersTaken, PackSaved, PlaceSaved, UnitShipped
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.order import Order, Split
from gateway.model.partner import SsccRange
from gateway.model.values import Address, check_digit, has_valid_check_digit, party

RANGE = SsccRange(prefix="4099900", extension="0")
NUMBERING = replace(OWN, sscc=RANGE)
CASE, LAYER, PALLET = "14099900000107", "24099900000104", "34099900000101"
PACKS = (
    PackSaved(key="p1", gtin=CASE, inner=TEA, contents=Decimal(12), level="case"),
    PackSaved(key="p2", gtin=LAYER, inner=CASE, contents=Decimal(8), level="layer"),
    PackSaved(key="p3", gtin=PALLET, inner=LAYER, contents=Decimal(5), level="pallet"),
)
A, B, C = "4099910000022", "4099910000039", "4099910000046"


def stocked(*orders: Order, packs: tuple[PackSaved, ...] = PACKS) -> Records:
    records = Records()
    records.stock = {TEA: level(10_000), RICE: level(10_000)}
    records.packs = packs
    for each in orders:
        records.take(each)
    return records


def shipped(records: Records, advice: DespatchAdvice) -> Decision:
    return records.take(advice, HOUSE, own=NUMBERING)


def sent(made: Decision) -> DespatchAdvice:
    (advice,) = answered(made, "shop")
    return advice


def tree(advice: DespatchAdvice) -> list[tuple[str, str | None, str | None, int | None, bool]]:
    return [(each.id, each.parent, each.package_type, each.quantity, bool(each.sscc)) for each in advice.units]


def goods(advice: DespatchAdvice) -> list[tuple[str | None, Decimal]]:
    return [(line.unit, line.despatched_quantity.value) for line in advice.lines]


def test_without_units_full_pallets_cases_and_the_rest_are_built_from_the_packs() -> None:
    records = stocked(order(("1", TEA, 999), ("2", RICE, 7)))
    advice = sent(shipped(records, despatch(("1", TEA, 999), ("2", RICE, 7))))
    assert contents(PACKS, TEA) == [("case", 12), ("layer", 96), ("pallet", 480)]
    assert tree(advice) == [
        ("2", None, "201", 1, True),
        ("3", "2", "CT", 40, False),
        ("4", None, "201", 1, True),
        ("5", "4", "CT", 40, False),
        ("6", None, "201", 1, True),
        ("7", "6", "CT", 3, False),
    ]
    assert goods(advice) == [("3", 480), ("5", 480), ("7", 36), ("6", 3), ("6", 7)]
    assert [line.number for line in advice.lines] == ["1", "2", "3", "4", "5"]
    assert [line.order.line for line in advice.lines if line.order] == ["1", "1", "1", "1", "2"]
    assert [line.ordered_quantity is not None for line in advice.lines] == [True, False, False, False, True]
    assert advice.totals is not None
    assert advice.totals.packages == 3


def test_what_fills_one_case_is_a_case_and_without_packs_all_is_one_unit() -> None:
    records = stocked(order(("1", TEA, 12), ("2", RICE, 3)))
    assert tree(sent(shipped(records, despatch(("1", TEA, 12))))) == [("2", None, "CT", 1, True)]
    records = stocked(order(("1", TEA, 999), ("2", RICE, 7)), packs=())
    advice = sent(shipped(records, despatch(("1", TEA, 999), ("2", RICE, 7))))
    assert tree(advice) == [("2", None, "201", 1, True)]
    assert goods(advice) == [("2", 999), ("2", 7)]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(1, 3000), min_size=1, max_size=3),
    st.lists(st.sampled_from([2, 5, 12, 48]), min_size=3, max_size=3),
)
def test_packing_loses_nothing_and_every_line_stands_in_a_unit(amounts: list[int], sizes: list[int]) -> None:
    packs = tuple(replace(each, contents=Decimal(size)) for each, size in zip(PACKS, sizes, strict=True))
    asked = [(str(n), TEA if n % 2 else RICE, amount) for n, amount in enumerate(amounts, 1)]
    records = stocked(order(*asked), packs=packs)
    advice = sent(shipped(records, despatch(*asked)))
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in advice.lines:
        assert line.order is not None
        sums[line.order.line or ""] += line.despatched_quantity.value
    assert sums == {number: amount for number, _, amount in asked}
    ids = [each.id for each in advice.units]
    assert len(set(ids)) == len(ids)
    assert {line.unit for line in advice.lines} <= set(ids)
    outer = [each for each in advice.units if each.parent is None]
    assert len({each.sscc for each in outer}) == len(outer) == records.ranges[RANGE.name]
    assert all(has_valid_check_digit(each.sscc or "") for each in outer)


def test_numbers_go_on_where_the_last_despatch_ended_and_a_repeat_takes_none() -> None:
    records = stocked(order(("1", TEA, 960), ("2", TEA, 5)))
    first = shipped(records, despatch(("1", TEA, 960)))
    assert only(NumbersTaken, first) == [NumbersTaken(key="sscc", range=RANGE.name, start=0, last=2)]
    again = shipped(records, despatch(("1", TEA, 960)))
    assert (again.effects, codes(again)) == ((), ["despatch.repeat"])
    second = shipped(records, despatch(("2", TEA, 5), number="D2"))
    assert [each.sscc for each in only(UnitShipped, second)] == [sscc(RANGE, 3)]
    assert sscc(RANGE, 3) == "04099900000000003" + check_digit("04099900000000003")


def test_a_range_that_is_used_up_says_so() -> None:
    tiny = SsccRange(prefix="409990012345", extension="1")
    assert sscc(tiny, 9999)[:-1] == "14099900123459999"
    with pytest.raises(OurFault, match=r"sscc\.range-exhausted"):
        sscc(tiny, 10_000)


def test_without_a_range_units_have_no_number_and_no_label_is_printed() -> None:
    records = stocked(order(("1", TEA, 12)))
    advice = sent(records.take(despatch(("1", TEA, 12)), HOUSE))
    assert tree(advice) == [("2", None, "CT", 1, False)]
    with pytest.raises(PartnerFault, match=r"labels\.no-sscc"):
        labels_of(advice, {})


# --- as the house packed it -------------------------------------------------------------------------------------------


def packed(*given_units: LogisticUnit, lines: tuple[tuple[str, Any, str | None], ...]) -> DespatchAdvice:
    """lines: (order line, quantity, unit)."""
    said = despatch(*((number, TEA, amount) for number, amount, _ in lines))
    placed = zip(said.lines, lines, strict=True)
    return replace(said, units=given_units, lines=tuple(replace(each, unit=unit) for each, (_, _, unit) in placed))


def unit(number: str, **facts: Any) -> LogisticUnit:
    return LogisticUnit(id=number, **({"package_type": "201"} | facts))


def test_the_houses_units_stay_and_only_the_outermost_without_a_number_get_one() -> None:
    records = stocked(order(("1", TEA, 100)))
    own = "340999000000000019"
    said = packed(
        LogisticUnit(id="1"),
        unit("2", parent="1", sscc=own),
        unit("3", parent="2", package_type="CT", quantity=4),
        unit("4", parent="1"),
        unit("5", parent="4", package_type="CT"),
        lines=(("1", 48, "3"), ("1", 12, "5")),
    )
    advice = sent(shipped(records, said))
    assert [each.sscc for each in advice.units] == [None, own, None, sscc(RANGE, 1), None]
    assert set(records.units) == {own, sscc(RANGE, 1)}


def test_a_line_without_a_unit_is_in_the_only_one_there_is() -> None:
    records = stocked(order(("1", TEA, 100)))
    assert goods(sent(shipped(records, packed(unit("7"), lines=(("1", 5, None),))))) == [("7", 5)]


@pytest.mark.parametrize(
    ("given_units", "at", "code", "path"),
    [
        ((unit("2"), unit("2")), "2", "despatch.units-unclear", "units[1]"),
        ((unit("2", parent="9"),), "2", "despatch.units-unclear", "units[0]"),
        ((unit("2", parent="3"), unit("3", parent="2")), "2", "despatch.units-unclear", "units[0]"),
        ((unit("2"), unit("3")), "4", "despatch.units-unclear", "lines[0].unit"),
        ((unit("2", sscc="340999000000000018"),), "2", "despatch.sscc-wrong", "units[0].sscc"),
        ((unit("2", sscc="1234"),), "2", "despatch.sscc-wrong", "units[0].sscc"),
        (
            (unit("2", sscc="340999000000000019"), unit("3", sscc="340999000000000019")),
            "2",
            "despatch.sscc-wrong",
            "units[1].sscc",
        ),
        ((unit("2", sscc=sscc(RANGE, 1)),), "2", "despatch.sscc-of-our-range", "units[0].sscc"),
    ],
)
def test_units_that_make_no_sense_park(given_units: Any, at: str, code: str, path: str) -> None:
    records = stocked(order(("1", TEA, 100)))
    with pytest.raises(PartnerFault) as caught:
        shipped(records, packed(*given_units, lines=(("1", 5, at),)))
    assert (caught.value.code, caught.value.where.path) == (code, path)


def test_units_in_units_without_end_park_and_do_not_exhaust_us() -> None:
    deep = [unit(str(n), parent=str(n - 1) if n > 2 else None) for n in range(2, 5000)]
    records = stocked(order(("1", TEA, 100)))
    with pytest.raises(PartnerFault, match=r"despatch\.units-unclear"):
        shipped(records, packed(*deep, lines=(("1", 5, "4999"),)))


def test_a_number_used_within_a_year_opens_a_case_and_a_year_later_none() -> None:
    own = "340999000000000019"
    records = stocked(order(("1", TEA, 100)))
    said = packed(unit("2", sscc=own), lines=(("1", 5, "2"),))
    assert only(CaseOpened, shipped(records, said)) == []
    made = shipped(records, replace(said, id="D2"))
    (case,) = only(CaseOpened, made)
    assert (case.account, case.code, case.subject) == ("warehouse", "despatch.sscc-reused", own)
    assert codes(made) == ["despatch.sscc-reused"]
    before, _ = records.units[own]
    records.units[own] = (before, NOW - timedelta(days=365))
    assert only(CaseOpened, shipped(records, replace(said, id="D3"))) == []


def test_a_pallet_of_single_pieces_is_not_a_million_pallets() -> None:
    wrong = (PackSaved(key="p", gtin=PALLET, inner=TEA, contents=Decimal("0.001"), level="pallet"),)
    records = stocked(order(("1", TEA, 9000)), packs=wrong)
    with pytest.raises(PartnerFault, match=r"despatch\.too-many-units"):
        shipped(records, despatch(("1", TEA, 9000)))


# --- shops behind a cross dock ----------------------------------------------------------------------------------------


def for_shops(*splits: tuple[str, object], number: str = "A1") -> Order:
    total = sum(Decimal(str(amount)) for _, amount in splits)
    asked = order(("1", TEA, total), number=number)
    parts = tuple(Split(location=shop, quantity=units(amount)) for shop, amount in splits)
    return replace(asked, lines=(replace(asked.lines[0], splits=parts),))


def per_shop(advice: DespatchAdvice) -> dict[str | None, Decimal]:
    sums: dict[str | None, Decimal] = defaultdict(Decimal)
    for line in advice.lines:
        sums[line.final_location] += line.despatched_quantity.value
    return dict(sums)


def test_each_shop_gets_its_part_on_a_unit_of_its_own() -> None:
    records = stocked(for_shops((A, 30), (B, 20), (C, 12)))
    advice = sent(shipped(records, despatch(("1", TEA, 62))))
    assert per_shop(advice) == {A: 30, B: 20, C: 12}
    parents = {each.id: each.parent or each.id for each in advice.units}
    shops = defaultdict(set)
    for line in advice.lines:
        shops[parents[line.unit or ""]].add(line.final_location)
    assert sorted(map(len, shops.values())) == [1, 1, 1]
    assert sum(1 for each in advice.units if each.sscc) == 3


def test_partial_deliveries_go_on_where_the_earlier_ones_ended() -> None:
    records = stocked(for_shops((A, 30), (B, 20), (C, 12)))
    assert per_shop(sent(shipped(records, despatch(("1", TEA, 40))))) == {A: 30, B: 10}
    assert per_shop(sent(shipped(records, despatch(("1", TEA, 15), number="D2")))) == {B: 10, C: 5}
    assert per_shop(sent(shipped(records, despatch(("1", TEA, 7), number="D3")))) == {C: 7}


def test_what_the_house_says_of_shops_counts_and_is_checked() -> None:
    records = stocked(for_shops((A, 30), (B, 20)))

    def to(shop: str, amount: object, number: str) -> DespatchAdvice:
        said = despatch(("1", TEA, amount), number=number)
        return replace(said, lines=(replace(said.lines[0], final_location=shop),))

    assert per_shop(sent(shipped(records, to(B, 15, "D1")))) == {B: 15}
    with pytest.raises(PartnerFault) as caught:
        shipped(records, to(B, 6, "D2"))
    assert (caught.value.code, caught.value.params["allowed"]) == ("despatch.more-than-split", "5")
    with pytest.raises(PartnerFault, match=r"despatch\.store-unexpected"):
        shipped(records, to(C, 1, "D2"))
    assert per_shop(sent(shipped(records, despatch(("1", TEA, 35), number="D2")))) == {A: 30, B: 5}


def test_a_unit_of_the_house_for_two_shops_is_told() -> None:
    records = stocked(for_shops((A, 30), (B, 20)))
    made = shipped(records, packed(unit("2"), lines=(("1", 50, "2"),)))
    assert per_shop(sent(made)) == {A: 30, B: 20}
    assert codes(made) == ["despatch.unit-for-several-stores"]


# --- several orders ---------------------------------------------------------------------------------------------------


def test_several_orders_of_one_customer_leave_together_and_each_is_linked() -> None:
    records = stocked(order(("1", TEA, 12)), order(("1", RICE, 5), number="A2"))
    one, two = despatch(("1", TEA, 12)), despatch(("1", RICE, 5), to="A2")
    made = shipped(records, replace(one, lines=(*one.lines, *two.lines)))
    advice = sent(made)
    assert advice.refs is not None
    assert advice.refs.order is None, "the lines name theirs"
    assert [line.order.id for line in advice.lines if line.order] == ["A1", "A2"]
    links = [(each.source, each.to_type, each.to) for each in only(DocumentLinked, made)]
    assert links == [("A1", "DespatchAdvice", "D1"), ("A2", "DespatchAdvice", "D1")]
    assert {records.orders["sale", "shop", number].status for number in ("A1", "A2")} == {"shipped"}


def test_orders_for_two_places_or_two_customers_do_not_leave_in_one_despatch() -> None:
    there = order(("1", RICE, 5), number="A2", ship_to=party(A))
    records = stocked(order(("1", TEA, 12)), there)
    records.take(order(("1", RICE, 5), number="A3", buyer=party(OTHER_GLN)), OTHER)
    one = despatch(("1", TEA, 12))
    for number, code in (("A2", "despatch.several-places"), ("A3", "despatch.several-customers")):
        two = despatch(("1", RICE, 5), to=number)
        with pytest.raises(PartnerFault) as caught:
            shipped(records, replace(one, lines=(*one.lines, *two.lines)))
        assert caught.value.code == code


# --- labels -----------------------------------------------------------------------------------------------------------


def test_a_label_says_what_is_in_the_unit_and_where_it_goes() -> None:
    records = stocked(for_shops((A, 480), (B, 7)))
    said = despatch(("1", TEA, 487))
    said = replace(said, lines=(replace(said.lines[0], batch="L1", best_before=date(2026, 6, 1)),))
    advice = sent(shipped(records, said))
    shop = PlaceSaved(key="p", gln=A, name="Shop Harbour", kind="store")
    street = {"street": "Am Markt 5", "postalCode": "20095", "country": "DE", "city": "Hamburg"}
    head = PlaceSaved(key="q", gln=SHOP_GLN, name="Shop", kind="dc", data=street)
    first, second = labels_of(advice, {A: shop, SHOP_GLN: head})
    assert first.sscc == sscc(RANGE, 1)
    assert [tuple(each.text for each in group) for group in first.groups] == [
        (f"(02){TEA}", "(37)480"),
        ("(15)260601", "(10)L1"),
        (f"(410){SHOP_GLN}", f"(413){A}", "(421)27620095"),
        ("(400)A1",),
    ]
    assert first.receiver == ("Shop Harbour", "Shop", "Am Markt 5")
    assert dict(first.facts)["SHIP FOR LOC"] == A
    assert dict(second.facts)["COUNT"] == "7"
    chinese = labels_of(advice, {}, "zh-CN")[0]
    assert dict(chinese.facts)["COUNT 数量"] == "480"


def test_a_unit_that_is_a_trade_item_itself_says_its_own_gtin_instead_of_its_contents() -> None:
    records = stocked(order(("1", TEA, 480), ("2", RICE, 3)))
    advice = sent(shipped(records, despatch(("1", TEA, 480), ("2", RICE, 3))))
    pallet = PackSaved(key="p", gtin="24099900000104", inner=TEA, contents=Decimal(480), level="pallet")
    case = replace(pallet, gtin="14099900000107", level="case", contents=Decimal(12))
    whole, _ = labels_of(advice, {}, packs=(case, pallet))
    assert [each.text for each in whole.groups[0]] == ["(01)24099900000104"]
    assert dict(whole.facts)["GTIN"] == "24099900000104"
    other = replace(pallet, gtin="34099900000101")
    for packs in ((case,), (pallet, other), (replace(pallet, contents=Decimal(481)),)):
        assert [each.ai for each in labels_of(advice, {}, packs=packs)[0].groups[0]] == ["02", "37"]


def test_a_mixed_unit_and_a_weight_say_less_in_bars() -> None:
    records = stocked(order(("1", TEA, 5), ("2", RICE, 3)))
    (mixed,) = labels_of(sent(shipped(records, despatch(("1", TEA, 5), ("2", RICE, 3)))), {})
    assert dict(mixed.facts)["ITEMS"] == "2"
    assert [each.ai for group in mixed.groups for each in group] == ["410", "400"]
    weighed = replace(NUMBERING, items={**NUMBERING.items, RICE: replace(NUMBERING.items[RICE], unit="KGM")})
    records = stocked()
    records.take(order(("1", RICE, "2.5")), own=weighed)
    (weight,) = labels_of(sent(records.take(despatch(("1", RICE, "2.5")), HOUSE, own=weighed)), {})
    assert dict(weight.facts)["COUNT"] == "2.5"
    assert [each.ai for group in weight.groups for each in group] == ["410", "400"]


def test_an_address_of_the_order_wins_and_an_unknown_country_leaves_the_postal_code() -> None:
    there = replace(party(A, "Depot"), address=Address(postal_code="AB 12", country="XX"))
    records = stocked(order(("1", TEA, 5), ship_to=there))
    (found,) = labels_of(sent(shipped(records, despatch(("1", TEA, 5)))), {})
    assert [each.text for each in found.groups[1]] == [f"(410){A}", "(420)AB12"]
