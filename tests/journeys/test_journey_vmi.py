"""We fill a retailer's shop over real AS2, whatever becomes of its reports: no unit is lost or counted twice."""

from pathlib import Path

import pytest

from tests.journeys import vmi_play
from tests.journeys.stage import staged
from tests.journeys.vmi_play import OATS, OPENING, OURS_OPENING, SHOP, Loop


async def played(folder: Path, days: int, seed: int) -> Loop:
    async with staged(folder, vmi_play.definitions(), without=("guest", "stadtkette")) as stage:
        loop = Loop(stage, seed)
        await loop.play(days)
        check(loop)
    return loop


def check(loop: Loop) -> None:
    """The books of both sides, from the mailboxes and from the journal's tables as an outsider reads them."""
    shop, stage = loop.shop, loop.stage
    on_the_way = sum(units for _, _, units in shop.coming)
    assert loop.ordered() == shop.received + on_the_way, "what was ordered was shipped, and came, once"
    assert shop.stock == OPENING + shop.received - sum(shop.sold.values())
    ((ours, allocated),) = stage.rows("SELECT on_hand, allocated FROM stock WHERE gtin = ?", f"0{OATS}")
    assert (ours, allocated) == ((OURS_OPENING - shop.received - on_the_way) * 1000, 0), (
        "our books: nothing is left over"
    )
    rows = stage.rows("SELECT day, sold FROM sales WHERE gtin = ? AND location = ?", f"0{OATS}", SHOP)
    told = {day: units // 1000 for day, units in rows}
    assert told == {day.isoformat(): shop.sold[day] for day in loop.told if shop.sold[day] or day.isoformat() in told}
    assert [(day, known) for day, known, _ in loop.compared] == [(day, real) for day, _, real in loop.compared]
    assert stage.rows("SELECT type, fault FROM message WHERE state IN ('parked', 'quarantined')") == []


async def test_days_of_vendor_managed_inventory_over_as2(tmp_path: Path) -> None:
    loop = await played(tmp_path / "instance", 3, seed=3)
    assert loop.ordered() > 0
    assert loop.compared


@pytest.mark.soak
async def test_sixty_days_of_vendor_managed_inventory_over_as2(tmp_path: Path) -> None:
    loop = await played(tmp_path / "instance", 60, seed=1)
    assert loop.ordered() > 300
    assert len(loop.compared) > 8
