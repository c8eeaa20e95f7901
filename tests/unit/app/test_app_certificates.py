"""Alarms of certificates: one for each threshold, however long the names are."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from gateway.app.certificates import ALARM_DAYS, Expiry, open_cases
from gateway.app.customer_record import CustomerRecord
from gateway.store.journal import SqlJournal

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize("length", [5, 40, 60])
def test_each_threshold_alarms_once(length: int) -> None:
    journal = SqlJournal.in_memory()
    opened = []
    for days in (*sorted(ALARM_DAYS, reverse=True), min(ALARM_DAYS)):
        found = Expiry(partner="p" * length, name="k" * length, on=NOW + timedelta(days=60), days=days, threshold=days)
        opened.append(journal.write(lambda tx, found=found: open_cases(tx, [found], NOW)))
    journal.close()
    assert opened == [1, 1, 1, 0]


def test_the_first_certificate_to_end_counts_though_it_ends_today(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = [Expiry(partner="shop", name="k", on=NOW, days=days, threshold=60) for days in (0, 45)]
    monkeypatch.setattr("gateway.app.customer_record.expiring", lambda *_: ends)
    instance = SimpleNamespace(book=SimpleNamespace(partners={}), keys=None)
    assert CustomerRecord(instance=instance)._certificate_days(NOW) == {"shop": 0}  # type: ignore[arg-type]
