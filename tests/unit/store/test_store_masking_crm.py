"""What the customer record holds of money is not shown to whoever may see no prices."""

from datetime import UTC, datetime

from gateway.store.crm_entries import Entry
from gateway.store.masking import DOTS, masked
from gateway.store.view_crm_rows import AccountRecord, MetricView
from gateway.store.view_crm_selling import EntryChange

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HIDDEN = frozenset(("prices",))
DATA = {"title": "Oats", "expectedRevenue": "5000", "budget": "7", "yearlyValue": "8", "probability": "0.5"}


def measure(name: str) -> MetricView:
    return MetricView(
        name=name, value="907.2", rows=8, since="2025-06-01", until="2026-06-01", parts={"history": "907.2"}, at=NOW
    )


def test_money_that_was_entered_is_hidden_in_an_entry_and_its_history() -> None:
    entry = Entry(
        register="opportunity", id="o", account="nord", state="lead", state_at=NOW, data=DATA, origin="person",
        version=1, actor="mei", created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    assert masked(entry, HIDDEN).data == {"title": "Oats", "probability": "0.5"}
    assert masked(entry, frozenset()).data == DATA
    whole = '{"state": "lead", "expectedRevenue": "5000", "title": "Oats"}'
    change = EntryChange(at=NOW, user="mei", action="saved", before=None, after=whole)
    assert masked(change, HIDDEN).after == '{"state": "lead", "title": "Oats"}'
    cut = EntryChange(at=NOW, user="mei", action="saved", before=whole[:-9], after='{"state": "lead"}')
    assert (masked(cut, HIDDEN).before, masked(cut, HIDDEN).after) == (DOTS, '{"state": "lead"}')


def test_measures_of_money_have_no_value_and_no_parts_and_others_stay() -> None:
    names = ("monetary", "lifetime-value", "customer-value", "receivable", "portfolio", "recency")
    record = AccountRecord(id="nord", measures={name: measure(name) for name in names})
    shown = masked(record, HIDDEN).measures
    assert [name for name in names if shown[name].value is not None] == ["recency"]
    assert shown["monetary"].parts == {}
    assert shown["recency"].parts
