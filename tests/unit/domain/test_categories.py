"""The tree of categories with sell-through: branches add up, items without a category are not lost."""

from datetime import date, timedelta
from decimal import Decimal

from gateway.domain.measures.facts import Facts, ShelfDay
from gateway.domain.replenishment.categories import path_of, tree

FIRST = date(2026, 3, 2)
SHOP, OTHER = "4099910000022", "4099920000029"
OATS, RICE, SOAP, ODD = (f"0409990000010{n}" for n in range(4))
NAMES = {OATS: "Food / Cereals", RICE: "Food>Grain", SOAP: "Care"}


def shelf(sold: int, stock: int | None, lost: int = 0) -> dict[date, ShelfDay]:
    return {
        FIRST - timedelta(days=1): ShelfDay(sold=Decimal(99), stock=Decimal(99)),  # before the period
        FIRST: ShelfDay(sold=Decimal(sold - 1), stock=Decimal(50), lost=Decimal(lost))
        if stock is not None
        else ShelfDay(sold=Decimal(sold - 1), lost=Decimal(lost)),
        FIRST + timedelta(days=1): ShelfDay(sold=Decimal(1), stock=None if stock is None else Decimal(stock)),
    }


def test_each_branch_is_the_sum_of_what_is_below_it() -> None:
    facts = Facts(
        first=FIRST,
        last=FIRST + timedelta(days=6),
        until=FIRST + timedelta(days=6),
        shelf={
            (SHOP, OATS): shelf(30, 10),
            (OTHER, OATS): shelf(10, 30, lost=2),
            (SHOP, RICE): shelf(20, None),
            (SHOP, SOAP): shelf(5, -5),
            (SHOP, ODD): shelf(4, 4),
        },
    )
    found = {each.path: each for each in tree(facts, NAMES)}
    assert list(found) == [("",), ("Care",), ("Food",), ("Food", "Cereals"), ("Food", "Grain")]
    cereals, food = found["Food", "Cereals"], found["Food",]
    assert (cereals.items, cereals.places, cereals.sold, cereals.stock, cereals.lost) == (1, 2, 40, 40, 2)
    assert cereals.sell_through == Decimal("0.5")
    assert (food.items, food.sold, food.stock) == (2, 60, 40)
    assert food.sell_through == Decimal("0.5"), "what nobody has counted says nothing of what is left"
    assert found["Food", "Grain"].sell_through is None
    assert found["Care",].sell_through == 1, "less than nothing is nothing"
    assert found["",].sell_through == Decimal("0.5")


def test_names_are_parted_by_either_sign() -> None:
    assert path_of(" Food / Cereals > Oats ") == ("Food", "Cereals", "Oats")
    assert path_of(None) == path_of("") == path_of(" / ") == ("",)
