"""Agreements that hold from a day to a day: what is received is judged by the day it came in, what is sent by today."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from pipeline_scene import NOW, OATS, Line, book, envelope, orders, read, with_agreements, with_partner

from gateway.model.partner import Agreement
from gateway.pipeline.book import Book

TODAY = NOW.date()
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "last", "state"),
    [
        (None, None, "parsed"),
        (TODAY, TODAY, "parsed"),
        (TODAY - DAY, None, "parsed"),
        (None, TODAY, "parsed"),
        (TODAY + DAY, None, "parked"),
        (None, TODAY - DAY, "parked"),
    ],
)
def test_an_order_is_read_on_the_days_of_its_agreement_alone(first: date | None, last: date | None, state: str) -> None:
    use = with_agreements("nordmarkt", valid_from=first, valid_to=last)
    (found,) = read(envelope(orders("PO-1")), use=use).messages
    assert found.state == state
    assert (found.fault and found.fault.code) == (None if state == "parsed" else "agreement.missing")


def test_what_came_in_before_the_last_day_is_read_by_it_for_ever() -> None:
    use = with_agreements("nordmarkt", valid_to=TODAY - DAY)
    (found,) = read(envelope(orders("PO-1")), use=use, received_at=NOW - DAY).messages
    assert found.state == "parsed"


def switched(day: date) -> Book:
    """Order responses go over AS2 until the day before, from that day on over another connection."""
    partner = book().partners["nordmarkt"]
    others = tuple(each for each in partner.agreements if each.mapping != "eancom-1997/ORDRSP")
    before = Agreement(direction="send", mapping="eancom-1997/ORDRSP", over="as2", valid_to=day - DAY)
    after = replace(before, over="spare", valid_from=day, valid_to=None)
    channels = {**partner.channels, "spare": partner.channels["as2"]}
    return with_partner("nordmarkt", agreements=(*others, before, after), channels=channels)


@pytest.mark.parametrize(("day", "over"), [(TODAY, "spare"), (TODAY + DAY, "as2")])
def test_an_answer_leaves_by_the_agreement_of_the_day(line: Line, day: date, over: str) -> None:
    line.book = switched(day)
    line.count_stock(OATS)
    (applied,) = line.take(envelope(orders("PO-1", (OATS, "5"))))
    assert applied.fault is None
    (sent,) = line.rows("parcel", mapping="eancom-1997/ORDRSP")
    assert sent["channel"] == over


def test_an_order_that_came_in_on_the_last_day_is_taken_by_its_words_a_day_later(line: Line) -> None:
    line.book = with_agreements("nordmarkt", unknown_item="refuse", valid_to=TODAY)
    line.accept(envelope(orders("PO-1", ("9521001999990", "5"))))
    line.prepare("nordmarkt")
    receiving = [each for each in line.book.partners["nordmarkt"].agreements if each.direction == "receive"]
    ended = [replace(each, valid_to=TODAY - DAY) for each in receiving]
    kept = tuple(each for each in line.book.partners["nordmarkt"].agreements if each.direction == "send")
    open_ended = tuple(replace(each, valid_to=None) for each in kept)
    line.book = with_partner("nordmarkt", agreements=(*ended, *open_ended))
    (applied,) = line.apply("nordmarkt")
    assert applied.fault is None  # the line is refused as agreed, the message is not parked
