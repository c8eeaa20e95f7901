"""Prices of our own lists by EDIFACT PRICAT: from the wire to the days that planning counts at another price."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

import pytest
from pipeline_scene import NOW, OATS, OURS, Line, envelope, message

from gateway.domain.replenishment.facts import PlanEvent, PlanScope
from gateway.mapping.compiler import DocumentMapping
from gateway.model.partner import Agreement
from gateway.store import planning_events
from gateway.store.sql_tx import SqlTx

WAREHOUSE, SHOP = "9521001000017", "9521002000016"
Standard = Callable[[str], DocumentMapping]

HEAD = "DTM+137:20261001:102'{named}NAD+SU+{ours}::9'NAD+BY+{house}::9'CUX+2:EUR:8'PGI+11'"
ITEM = "LIN+1+3+{oats}:EN'IMD+F++:::Oats'"
PRICES = "PRI+AAA:2.00'DTM+194:20260301:102'PRI+AAA:1.60'DTM+194:20261005:102'DTM+206:20261018:102'"


def price_list(number: str, named: str, prices: str, *, directory: str) -> bytes:
    body = f"BGM+9+{number}+9'" + HEAD.format(named=named, ours=OURS, house=WAREHOUSE)
    body += ITEM.format(oats=OATS) + prices
    kind_of = "D:96A:UN:EAN008" if directory == "d96a" else "D:01B:UN:EAN011"
    return envelope(message("PRICAT", body, kind_of=kind_of), sender=WAREHOUSE, reference=number)


def with_pricat(line: Line, standard: Standard, family: str) -> None:
    name = f"{family}/PRICAT"
    house = line.book.partners["warehouse"]
    agreements = (*house.agreements, Agreement(direction="receive", mapping=name, over="http", contrl=False))
    line.book = replace(
        line.book,
        partners={**line.book.partners, "warehouse": replace(house, agreements=agreements)},
        mappings={**line.book.mappings, ("warehouse", name): standard(name)},
    )


def events(line: Line, price_list: str) -> list[PlanEvent]:
    today = NOW.date()
    scope = PlanScope(since=today - timedelta(days=180), today=today, places=(SHOP,), price_lists={SHOP: price_list})
    of_pair = line.journal.read(lambda tx: planning_events.of_scope(cast("SqlTx", tx).connection, scope, WAREHOUSE))
    return list(of_pair(SHOP, "0" + OATS))


@pytest.mark.parametrize(("family", "directory"), [("eancom-1997", "d96a"), ("eancom-2002", "d01b")])
@pytest.mark.parametrize("named", ["RFF+PL:RETAIL'", ""], ids=["by reference", "by its number"])
def test_a_promotion_price_of_a_list_is_a_day_at_another_price(
    line: Line, standard: Standard, family: str, directory: str, named: str
) -> None:
    with_pricat(line, standard, family)
    number = "P-1" if named else "list?:RETAIL"
    (applied,) = line.take(price_list(number, named, PRICES, directory=directory), "warehouse")
    assert applied.fault is None
    (event,) = events(line, "RETAIL")
    assert (event.kind, event.price) == ("price", Decimal("0.8"))
    assert (event.first_day, event.last_day) == (date(2026, 10, 5), date(2026, 10, 18))
    assert events(line, "OTHER") == []


def test_a_price_that_is_told_anew_takes_the_place_of_the_one_before(line: Line, standard: Standard) -> None:
    with_pricat(line, standard, "eancom-1997")
    line.take(price_list("P-1", "RFF+PL:RETAIL'", PRICES, directory="d96a"), "warehouse")
    other = "PRI+AAA:2.00'DTM+194:20261005:102'DTM+206:20261018:102'"
    line.take(price_list("P-2", "RFF+PL:RETAIL'", other, directory="d96a"), "warehouse")
    assert events(line, "RETAIL") == []
