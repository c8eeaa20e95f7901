"""The shops behind a cross-docking order: what each of them gets of a line, also when there is too little for all.

Source: EANCOM 1997 and 2002, ORDERS, BGM 1001 = 402 (cross docking services order), LOC+7 with QTY+11: the splits add
up to the quantity of the line (QTY+21).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from gateway.domain.stock import ZERO
from gateway.model.order import Order, OrderLine, Split

CROSS_DOCK = "402"


def is_split(line: OrderLine) -> bool:
    """Tell whether a line is for several shops: each split names a place and a quantity."""
    return bool(line.splits) and all(each.location and each.quantity is not None for each in line.splits)


def adds_up(line: OrderLine) -> bool:
    """Tell whether the splits of a line are its whole quantity."""
    return asked(line.splits) == line.quantity.value


def divided(total: Decimal, needs: Sequence[Decimal], order: Sequence[int]) -> list[Decimal]:
    """Return whole units for each need that sum to total. order: the needs' indices, who lasts shortest first.

    What rounding to the supplier's pack has added goes round from the first on; what is missing is taken from the last.
    Raises ValueError when total is not whole or negative, or nobody needs anything.
    """
    if total < 0 or total != total.to_integral_value() or not needs:
        raise ValueError("a cross-docking line has whole units, for somebody")
    units = [each.to_integral_value(ROUND_FLOOR) for each in needs]
    left = total - sum(units, ZERO)
    if left >= 0:
        each, rest = divmod(left, len(units))
        for turn, at in enumerate(order):
            units[at] += each + (1 if turn < rest else 0)
        return units
    for at in reversed(order):
        taken = min(units[at], -left)
        units[at] -= taken
        left += taken
    return units


def resplit(splits: tuple[Split, ...], total: Decimal) -> tuple[Split, ...]:
    """Return the splits of a line that gets another quantity; they stand in the order in which the shops run out."""
    parts = [(each, each.quantity) for each in splits if each.quantity is not None]
    if not parts or total != total.to_integral_value() or asked(splits) == total:
        return splits
    given = divided(total, [quantity.value for _, quantity in parts], range(len(parts)))
    return tuple(
        replace(each, quantity=replace(quantity, value=units))
        for (each, quantity), units in zip(parts, given, strict=True)
        if units > 0
    )


def unclear(order: Order) -> Iterable[tuple[int, str]]:
    """Return (index, code) of the lines of a cross-docking order that do not say which shop gets what; of other orders
    none."""
    if order.type_code == CROSS_DOCK:
        for index, line in enumerate(order.lines):
            if not is_split(line):
                yield index, "order.splits-missing"
            elif not adds_up(line):
                yield index, "order.splits-unequal"


def asked(splits: Iterable[Split]) -> Decimal:
    """Return what the splits ask for together."""
    return sum((each.quantity.value for each in splits if each.quantity is not None), ZERO)


def shared(splits: tuple[Split, ...], units: Decimal) -> tuple[Split, ...]:
    """Return the splits as they are when there are units of the line: all of them, or shares in proportion, in whole
    units, by largest remainder, that add up to units. Splits about a date alone stay as they are."""
    total = asked(splits)
    if units >= total or total <= 0 or any(not each.location or each.quantity is None for each in splits):
        return splits
    exact = [units * each.quantity.value / total for each in splits if each.quantity is not None]
    given = [each.to_integral_value(ROUND_FLOOR) for each in exact]
    order = sorted(range(len(exact)), key=lambda at: (given[at] - exact[at], at))
    rest = units - sum(given, ZERO)
    for at in order:
        more = min(rest, Decimal(1))
        given[at] += more
        rest -= more
    return tuple(
        replace(each, quantity=replace(each.quantity, value=share))
        for each, share in zip(splits, given, strict=True)
        if each.quantity is not None
    )
