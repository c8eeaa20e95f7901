"""The text of the search box: what it means, and that it is the same text again when it is written back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.message_query import LONGEST, parse
from gateway.store.view_rows import MessageFilter

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("4500018831", MessageFilter(text="4500018831")),
        ("AB 12", MessageFilter(text="AB 12")),
        ("ref:450*", MessageFilter(text="450")),
        ("status:failed partner:nordmarkt", MessageFilter(state="attention", partner="nordmarkt")),
        ("dir:in test:no", MessageFilter(direction="in", test=False, own=False)),
        ("-type:CONTRL -type:APERAK", MessageFilter(unwanted=(("type", "CONTRL,APERAK"),), own=False)),
        ("err:item.unknown", MessageFilter(fault="item.unknown")),
        ("at:<2h", MessageFilter(since=datetime(2026, 11, 20, 12, 30, tzinfo=UTC), own=False)),
        ("at:>1d", MessageFilter(until=datetime(2026, 11, 19, 14, 30, tzinfo=UTC), own=False)),
        ('partner:"two words"', MessageFilter(partner="two words")),
        ("状态：parked 伙伴:nordmarkt", MessageFilter(state="parked", partner="nordmarkt")),
        ("colour:red", MessageFilter(text="colour:red")),
        ("", MessageFilter(own=False)),
        ("own:yes", MessageFilter(own=True)),
        ("own:all", MessageFilter()),
        ("本公司：yes state:parked", MessageFilter(state="parked", own=True)),
        ("type:PlanningRequest", MessageFilter(type="PlanningRequest")),
    ],
)
def test_a_text_means(text: str, wanted: MessageFilter) -> None:
    assert parse(text).filter(NOW) == wanted


def test_a_day_is_a_day_where_the_reader_is() -> None:
    found = parse("at:2026-11-19..2026-11-20").filter(NOW, ZoneInfo("Asia/Shanghai"))
    assert found.since == datetime(2026, 11, 18, 16, tzinfo=UTC)
    assert found.until == datetime(2026, 11, 20, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["at:soon", "dir:sideways", "test:perhaps", "own:mine", "-at:<2h", "at:2026-13-01", "at:9999-12-31"]
)
def test_what_makes_no_sense_is_named_and_left_out(text: str) -> None:
    terms = parse(text)
    assert terms.unknown == (text,)
    assert terms.filter(NOW) == MessageFilter(own=False)


def test_a_drop_down_takes_the_place_of_its_term() -> None:
    assert parse("state:parked 4711").having(state="done", partner="").text == "state:done 4711"
    assert parse("state:parked 4711").having(state="").text == "4711"


@given(st.text(max_size=LONGEST))
def test_every_text_is_read_and_written_back_with_the_same_meaning(text: str) -> None:
    terms = parse(text)
    again = parse(terms.text)
    if len(terms.text) <= LONGEST:
        assert again.filter(NOW) == terms.filter(NOW)


WORDS = st.sampled_from(["state:parked", '"state:parked"', "-type:X", "at:<2h", "a", '"b c"', "ref:x*", "-", ":", '"'])


@given(st.lists(WORDS, max_size=6))
def test_terms_and_words_that_look_like_terms_keep_their_meaning(words: list[str]) -> None:
    terms = parse(" ".join(words))
    assert parse(terms.text).filter(NOW) == terms.filter(NOW)


def test_a_day_before_all_trade_is_no_term_in_any_zone() -> None:
    for text in ("at:0001-01-01", "at:9999-12-31", "at:2026-01-01..9999-12-31"):
        assert parse(text).wanted == {}
        assert parse(text).filter(NOW, ZoneInfo("Asia/Shanghai")) is not None
