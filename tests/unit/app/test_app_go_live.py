"""Partners go live when their time has come, whatever has become of others that were to."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
sys.path += [str(HERE / "console"), str(HERE / "config")]

from partner_instance import House, houses  # noqa: E402

from gateway.app.go_live import switch_due  # noqa: E402
from gateway.model.faults import OurFault  # noqa: E402
from gateway.store.partner_rows import PartnerRows  # noqa: E402
from gateway.store.view_partners import Approval, PartnerViews  # noqa: E402


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from houses(tmp_path)


def test_an_approval_of_a_partner_that_is_gone_keeps_no_other_from_going_live(house: House) -> None:
    instance = house.instance
    views, rows, now = PartnerViews(instance.journal.reader), PartnerRows(instance.journal), instance.clock.now()
    for partner, minutes in (("aaa-removed", 20), ("beta", 10)):
        at = now - timedelta(minutes=minutes)
        rows.approve(
            Approval(partner=partner, approver="ann", approved_at=at, reason="r", switch_at=at, switched_at=None)
        )
    assert instance.book.partners["beta"].mode == "test"
    with pytest.raises(OurFault, match=r"partner\.unknown"):
        switch_due(instance, views, rows)
    instance.refresh()
    assert instance.book.partners["beta"].mode == "live"
