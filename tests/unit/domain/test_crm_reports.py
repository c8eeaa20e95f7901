"""Reports: what a campaign did, why goods went as they went, what may be asked for."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from gateway.codecs.xlsx import workbook
from gateway.domain.crm.campaigns import Sold, effect
from gateway.domain.crm.reports import Going, wanted, why
from gateway.model.faults import OurFault

D = Decimal
TODAY = date(2026, 6, 30)


def test_a_campaign_is_measured_against_the_days_before_and_the_accounts_without_it():
    found = effect(
        before=Sold(units=D(100), days=10),
        during=Sold(units=D(200), days=10),
        after=Sold(units=D(70), days=10),
        others_before=Sold(units=D(50), days=10),
        others_during=Sold(units=D(60), days=10),
    )
    assert (found.before, found.during, found.after) == (10, 20, 7)
    assert (found.uplift, found.net, found.extra, found.dip) == (1, D("0.8"), 100, D("-0.3"))


def test_a_campaign_that_has_not_begun_or_has_no_days_before_says_nothing():
    none = Sold()
    found = effect(none, Sold(units=D(5), days=1), none, none, none)
    assert (found.uplift, found.net, found.extra, found.dip, found.after) == (None, None, None, None, None)


@pytest.mark.parametrize(
    ("sold", "before", "shops", "shops_before", "promo", "prices", "reasons"),
    [
        (10, 0, 1, 0, 0, (), ("new",)),
        (0, 0, 0, 0, 0, (), ("steady",)),
        (20, 10, 2, 1, 5, (), ("promoted", "wider")),
        (20, 10, 1, 1, 0, (), ("faster",)),
        (20, 10, 1, 1, 0, ("0.9", "1"), ("cheaper",)),
        (5, 10, 2, 1, 5, (), ("slower",)),
        (10, 10, 1, 1, 0, (), ("steady",)),
    ],
)
def test_the_reasons_are_what_the_figures_give(sold, before, shops, shops_before, promo, prices, reasons):
    price, price_before = (D(prices[0]), D(prices[1])) if prices else (None, None)
    going = Going(
        sold=D(sold), before=D(before), shops=shops, shops_before=shops_before, promo=D(promo), price=price,
        price_before=price_before,
    )  # fmt: skip
    assert why(going) == reasons


def test_the_last_quarter_is_asked_for_unless_days_are_said():
    asked = wanted("goods", TODAY)
    assert (asked.since, asked.until, asked.group, asked.days) == (date(2026, 4, 1), TODAY, "item", 91)
    asked = wanted("returned", TODAY, since="2026-01-01", until="2026-01-31", group="cohort")
    assert (asked.days, asked.columns) == (31, ("key", "accounts", "repeat", "active"))


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("weather", {}, "report.unknown"),
        ("goods", {"group": "moon"}, "api.bad-value"),
        ("goods", {"since": "soon"}, "api.bad-value"),
        ("goods", {"since": "2026-07-01"}, "api.bad-value"),
        ("goods", {"since": "1900-01-01"}, "api.bad-value"),
    ],
)
def test_what_makes_no_report_is_refused(name, values, code):
    with pytest.raises(OurFault, match=code.replace(".", r"\.")):
        wanted(name, TODAY, **values)


def test_a_workbook_holds_numbers_as_numbers_and_no_text_is_a_formula():
    data = workbook("a/b:c" * 10, ["Name", "Units"], [["=1+1", D("2.5")], ["a\x01b", None]])
    sheet = load_workbook(BytesIO(data)).active
    rows = [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()]
    assert rows[1] == [("=1+1", "s"), (2.5, "n")]
    assert rows[2][0] == ("ab", "s")
    assert len(sheet.title) == 31
