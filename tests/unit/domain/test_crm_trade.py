"""Measures of trade, against figures worked out by hand; what is not known says so."""

from decimal import Decimal

import pytest

from gateway.domain.crm.matrices import Scheme
from gateway.domain.crm.surveys import Score, heard
from gateway.domain.crm.trade import Spread, TradeFacts, response_in_time, trade_measures

D = Decimal


def measured(**facts):
    return {each.name: each for each in trade_measures(TradeFacts(**facts), Scheme())}


def test_nothing_known_measures_nothing():
    assert measured() == {}


def test_orders_that_a_person_decided_are_not_touchless_and_answers_at_once_took_no_time():
    found = measured(orders=10, by_hand=2, answered=[D(4), D(6)])
    assert found["touchless-rate"].value == D("0.8")
    assert found["response-hours"].value == 1
    assert found["response-hours"].parts == {"answers": 10, "atOnce": 8}


def test_a_suppliers_answers_are_counted_alone():
    found = measured(customer=False, orders=0, answered=[D(4), D(6)])
    assert found["response-hours"].value == 5
    assert "touchless-rate" not in found


def test_documents_in_time_are_a_share_of_those_that_had_to_come():
    facts = TradeFacts(expected=4, in_time=3)
    assert response_in_time(facts) == D("0.75")
    assert response_in_time(TradeFacts()) is None


@pytest.mark.parametrize(
    ("opening", "received", "through"), [(D(60), D(40), D("0.8")), (None, D(40), None), (D(0), D(0), None)]
)
def test_sell_through_is_of_what_there_was_to_sell(opening, received, through):
    assert measured(sold=D(80), opening=opening, received=received)["sell-through"].value == through


def test_penetration_counts_pairs_of_shop_and_item():
    assert measured(spread=Spread(stores=4, items=3, pairs=9))["penetration"].value == D("0.75")


def test_the_price_index_compares_with_what_was_agreed():
    found = measured(invoiced=D(95), agreed=D(100), invoices=4, invoices_wrong=1)
    assert found["price-index"].value == D("0.95")
    assert found["invoice-right-rate"].value == D("0.75")


def test_price_value_is_against_the_year_before():
    now = {
        "units_ordered": D(100),
        "units_shipped": D(90),
        "units_taken_back": D(9),
        "shipments": D(10),
        "order_value": D(200),
    }
    then = {**now, "units_shipped": D(100), "units_taken_back": D(0), "order_value": D(100)}
    found = measured(sums=now, before=then, lead=[2, 4], lead_before=[6])["price-value"]
    assert found.value == (D("0.9") / 1) * (D("0.9") / 1) / (D(2) * (D(3) / 6))
    assert measured(sums=now)["price-value"].value is None  # no year before, nothing to compare with


def test_loyalty_is_our_share_of_the_purse_or_the_months_with_an_order():
    assert measured(purse=D(400), money=D(100))["loyalty"].value == D("0.25")
    assert measured(months=12, months_ordered=9)["loyalty"].value == D("0.75")
    assert measured(months=1, months_ordered=1)["loyalty"].value is None  # the first month says nothing


@pytest.mark.parametrize(
    ("score", "months", "kind"),
    [(5, 10, "apostle"), (5, 2, "mercenary"), (2, 10, "hostage"), (2, 2, "defector"), (None, 10, None)],
)
def test_satisfaction_meets_loyalty(score, months, kind):
    told = [Score(form="csat", account="a", question="csat", score=score)] if score is not None else []
    found = measured(months=12, months_ordered=months, heard=heard(told))
    assert found["loyalty-type"].value == kind


def test_answers_come_with_their_number_and_a_balance_needs_three():
    told = [Score(form="nps", account="a", question="nps", score=each) for each in (10, 9)]
    found = measured(heard=heard(told, {"nps": 4}))
    assert found["recommendation"].value is None
    assert found["recommendation"].parts == {"answers": 2, "responseRate": D("0.5")}
    more = [*told, Score(form="nps", account="a", question="nps", score=3)]
    assert measured(heard=heard(more))["recommendation"].value == D(100) / 3


def test_perceived_value_needs_all_four_halves():
    told = [
        Score(form="value", account="a", question=question, score=score)
        for question, score in (("result", 4), ("process", 5), ("money", 2), ("effort", 1))
    ]
    assert measured(heard=heard(told))["perceived-value"].value == 3
    assert measured(heard=heard(told[:3]))["perceived-value"].value is None
