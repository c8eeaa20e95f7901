"""A basket is ordered once, and as it was seen, however many ask at the same moment."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from house_scene import FARM, FLOUR, OATS, catalogue, opened, send

from gateway.app import house_actions
from gateway.app.house_actions import HouseJournalActions
from gateway.model.faults import OurFault


@pytest.fixture
def house(root: Path) -> Iterator[HouseJournalActions]:
    send(root, "farm", catalogue(FARM, "C1", (OATS, "1.20"), (FLOUR, "0.60")))
    with opened(root) as instance:
        made = HouseJournalActions(instance=instance, wake=lambda lane: None)
        made.put_in_basket("ana", "farm", OATS, Decimal(10))
        yield made


def between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something once, after the basket was read and before it is ordered."""
    checked, acts = house_actions.check, [act]  # type: ignore[attr-defined]

    def check(*lines: object) -> None:
        checked(*lines)  # type: ignore[arg-type]
        if acts:
            acts.pop()()

    monkeypatch.setattr(house_actions, "check", check)


def test_two_clicks_order_once(house: HouseJournalActions, monkeypatch: pytest.MonkeyPatch) -> None:
    between(monkeypatch, lambda: house.order_basket("ana"))
    with pytest.raises(OurFault, match=r"basket\.empty"):
        house.order_basket("ana")


def test_what_changed_since_it_was_seen_is_not_ordered(
    house: HouseJournalActions, monkeypatch: pytest.MonkeyPatch
) -> None:
    between(monkeypatch, lambda: house.put_in_basket("ana", "farm", FLOUR, Decimal(5)))
    with pytest.raises(OurFault, match=r"basket\.changed"):
        house.order_basket("ana")
    assert len(house.basket("ana").lines) == 2
    assert house.order_basket("ana")
    assert house.basket("ana").lines == ()
