"""Lists that a partner's people hand over are theirs alone, on every database."""

from datetime import UTC, datetime

import pytest

from gateway.model.faults import OurFault
from gateway.store.journal import SqlJournal
from gateway.store.staged_lists import StagedList, StagedLists

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIST = StagedList(id="a" * 32, kind="sales", file="销售.csv", header=("gtin", "数量"), user="mia")


def test_a_list_is_found_by_the_partner_who_handed_it_over_and_by_nobody_else(journal: SqlJournal) -> None:
    acme, bolt, ours = (StagedLists(journal.reader, journal, partner) for partner in ("acme", "bolt", ""))
    acme.keep(LIST, "gtin,数量\n1,2\n".encode(), NOW)
    assert acme.get(LIST.id) == LIST
    assert acme.data(LIST.id).decode() == "gtin,数量\n1,2\n"
    for stranger in (bolt, ours):
        stranger.drop(LIST.id)
        with pytest.raises(OurFault, match=r"import\.stage-gone"):
            stranger.data(LIST.id)
    acme.drop(LIST.id)
    with pytest.raises(OurFault, match=r"import\.stage-gone"):
        acme.get(LIST.id)
