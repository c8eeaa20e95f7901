"""A change of certificates on both sides: nobody has to do anything at the same moment, and nothing stops."""

import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from as2_world import NOW, Company, as2_partner, company, key_pair, parcel, two_companies

from gateway.app.certificates import ALARM_DAYS, expiring
from gateway.channels.as2_line import as2_settings, load_line
from gateway.model.faults import OurFault
from gateway.model.key_window import current, read_windows

DAY = timedelta(days=1)
OLD = NOW - timedelta(days=5 * 365) + timedelta(days=40)  # made so that it ends 40 days from now


def set_up(each: Company, name: str, other: str, own_switch: datetime, other_switch: datetime) -> None:
    """Give a company an old and a new key, and the other's certificates; each with its own day of change."""
    each.keys.pairs = {"old": key_pair(name, OLD), "new": key_pair(f"{name}", NOW)}
    each.keys.certificates = {
        "their-old": key_pair(other, OLD).certificate_pem,
        "their-new": key_pair(other, NOW).certificate_pem,
    }
    each.book.own = SimpleNamespace(  # type: ignore[assignment]
        partner=as2_partner("self", id=name, key=f"old, new from {own_switch.isoformat()}")
    )
    each.other(certificate=f"their-old, their-new from {other_switch.isoformat()}")


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_stops_while_both_sides_change_at_random_days(seed: int) -> None:
    dice = random.Random(seed)
    switches = [NOW + dice.randrange(1, 39) * DAY for _ in range(4)]
    signers = set()
    async with two_companies() as (alpha, beta):
        set_up(alpha, "alpha", "beta", switches[0], switches[1])
        set_up(beta, "beta", "alpha", switches[2], switches[3])
        for day in range(0, 80, 4):
            now = NOW + day * DAY
            for number, (sender, receiver) in enumerate(((alpha, beta), (beta, alpha))):
                sender.channel._now = receiver.channel._now = lambda now=now: now
                partner = sender.book.partners[0]
                wrapped = sender.channel.wrap(parcel(number=1_000 * seed + 10 * day + number), partner, "as2")
                proof = await sender.channel.send(wrapped, partner, "as2")
                assert proof.state == "acked"
                signers.add(proof.evidence["signer"])
        assert len(beta.inbox.arrivals) == len(alpha.inbox.arrivals) == 20
    assert {each.fault_code for each in (*alpha.inbox.arrivals, *beta.inbox.arrivals)} == {None}
    assert len(signers) == 4  # old and new of both


async def test_an_expired_certificate_is_not_believed_and_not_used() -> None:
    us = company("alpha", "beta")
    us.keys.certificates["beta"] = key_pair("beta", OLD).certificate_pem
    own, partner = us.book.own.partner, us.book.partners[0]
    before = load_line(own, partner, as2_settings(partner), us.keys, NOW + 39 * DAY)
    after = load_line(own, partner, as2_settings(partner), us.keys, NOW + 41 * DAY)
    assert (len(before.pinned), before.recipient is None) == (1, False)
    assert (after.pinned, after.recipient) == ((), None)
    us.channel._now = lambda: NOW + 41 * DAY
    with pytest.raises(OurFault, match=r"keys\.none-valid"):
        us.channel.wrap(parcel(), partner, "as2")
    await us.outbound.close()


async def test_without_a_valid_key_of_ours_nothing_is_signed() -> None:
    us = company("alpha", "beta")
    own, partner = us.book.own.partner, us.book.partners[0]
    with pytest.raises(OurFault, match=r"keys\.none-valid"):
        load_line(own, partner, as2_settings(partner), us.keys, NOW + 10_000 * DAY)
    await us.outbound.close()


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("old, new", 0, "old"),
        ("old, new from 2026-12-01", 0, "old"),
        ("old, new from 2026-12-01", 10, "new"),
        ("old until 2026-11-25, new", 5, "new"),
        ("old until 2026-11-25, new from 2026-11-24T12:00+01:00", 3, "new"),
        ("old until 2026-11-20", 0, None),
        ("new from 2026-12-01", 0, None),
    ],
)
def test_the_window_that_opened_last_is_used(text: str, day: int, expected: str | None) -> None:
    candidates = [(window, window.name) for window in read_windows(text)]
    assert current(candidates, NOW + day * DAY, lambda _: True) == expected


@pytest.mark.parametrize("text", ["", "old,", "../etc", "old from tomorrow", "old until", "a b", "x" * 65])
def test_a_list_of_keys_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_windows(text)


def alarms(now: datetime, key: str = "old", **settings: str) -> list[tuple[str, str, int]]:
    us = company_without_network(key)
    partner = as2_partner("beta", id="beta", certificate=settings.get("certificate", "their-old"))
    book: Any = SimpleNamespace(own=us["own"], partners={"self": us["own"].partner, "beta": partner})
    return [(each.partner, each.name, each.threshold) for each in expiring(book, us["keys"], now)]


def company_without_network(key: str) -> dict[str, Any]:
    keys = SimpleNamespace(
        own=lambda name: {"old": key_pair("alpha", OLD), "new": key_pair("alpha", NOW)}[name],
        certificate=lambda name: {
            "their-old": key_pair("beta", OLD).certificate_pem,
            "their-new": key_pair("beta", NOW).certificate_pem,
        }[name],
    )
    return {"keys": keys, "own": SimpleNamespace(partner=as2_partner("self", id="alpha", key=key))}


@pytest.mark.parametrize(("day", "threshold"), [(-25, None), (-15, 60), (9, 60), (11, 30), (34, 7), (45, 7)])
def test_an_alarm_is_due_60_30_and_7_days_before_the_end(day: int, threshold: int | None) -> None:
    assert threshold in (None, *ALARM_DAYS)
    expected = [("self", "old", threshold), ("beta", "their-old", threshold)] if threshold else []
    assert alarms(NOW + day * DAY) == expected


def test_no_alarm_once_a_new_certificate_has_taken_over() -> None:
    settings = {"certificate": "their-old, their-new from 2026-11-30"}
    assert alarms(NOW + 5 * DAY, "old, new from 2026-11-30", **settings) == [
        ("self", "old", 60),
        ("beta", "their-old", 60),
    ]
    assert alarms(datetime(2026, 12, 1, tzinfo=UTC), "old, new from 2026-11-30", **settings) == []
