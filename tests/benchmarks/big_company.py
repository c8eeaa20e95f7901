"""A company as large as the console is asked to serve: 200 partners, a journal of a million messages, 500 causes.

The folder is that of an instance, so that what is measured stands on what `gateway run` stands on. It can be kept and
opened again: filling takes minutes.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, create_engine, insert, text

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1]), str(HERE.parent / "unit" / "console")]

import bench_journal_rows as rows  # noqa: E402 - found by the path above
from console_scene import edifact_order, order, sources  # noqa: E402
from partner_instance import pem  # noqa: E402

from gateway.app.instance import Instance, open_instance  # noqa: E402
from gateway.config.scaffold import scaffold  # noqa: E402
from gateway.model import json_form  # noqa: E402
from gateway.ports.retention import Retention  # noqa: E402
from gateway.store import partitions  # noqa: E402
from gateway.store import tables as t  # noqa: E402
from gateway.store.forms import micros, sources_text  # noqa: E402
from gateway.store.housekeeping import Keeper  # noqa: E402
from gateway.store.months import month_of  # noqa: E402

PARTNERS, CAUSES, REAL = 200, 500, 100
CODES = ("item.unknown", "order.price-off", "edifact.code-unknown", "place.unknown", "order.repeated")
NAME = "华东区域连锁超市生鲜日配与常温商品联合采购配送中心有限责任公司"
IMPORTS, ORDERS, OWED = 2_000, 50_000, 20_000
OWN = ("ORDRSP", "DESADV")  # every tenth partner has a mapping of its own


@dataclass(frozen=True, slots=True)
class Fixed:
    """Real time would leave the last day of the rows behind."""

    at: datetime = rows.NOW

    def now(self) -> datetime:
        return self.at


def name_zh(number: int) -> str:
    return (NAME * 2 + f"{number:03d}")[-60:]


def gln(number: int) -> str:
    body = f"952{number:09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def _partner(number: int) -> str:
    return f"""\
name: Partner {number} {"x" * 50}
name_zh: {name_zh(number)}
role: {"supplier" if number % 4 == 0 else "customer"}
gln: "{gln(number + 1000)}"
channels:
  as2: {{id: PARTNER-{number}, url: "http://127.0.0.1:9/as2", certificate: partner-{number}}}
agreements:
  - {{receive: eancom-1997/ORDERS, over: as2}}
  - {{send: eancom-1997/ORDRSP, over: as2}}
  - {{send: eancom-1997/DESADV, over: as2}}
expects:
  - {{document: SalesReport, days: [mon, tue, wed, thu, fri], by: "06:00", zone: Asia/Shanghai}}
"""


def furnish(folder: Path, url: str | None = None) -> None:
    """Write an instance with its partners into folder."""
    scaffold(folder, name="Lindwerder", gln="9521001000000")
    if url is not None:
        with (folder / "config.yaml").open("a") as config:
            config.write(f"database: {{url: '{url}'}}\n")
    for number in range(PARTNERS):
        path = folder / "partners" / f"partner-{number}" / "partner.yaml"
        path.parent.mkdir()
        path.write_text(_partner(number), encoding="utf-8")


@contextmanager
def opened(folder: Path) -> Iterator[Instance]:
    """The instance in folder, at the time of its newest rows."""
    instance = open_instance(folder, take_folders=True)
    instance.clock = Fixed()
    try:
        yield instance
    finally:
        instance.close()


def engine_of(folder: Path, url: str | None) -> Engine:
    if url is None:
        return create_engine(f"sqlite:///{folder / 'var' / 'journal.sqlite'}")
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


def fill(folder: Path, count: int, url: str | None = None) -> None:
    """Fill the journal of a furnished folder; once."""
    rows.PARTNERS = PARTNERS
    with opened(folder) as instance:
        for number in range(PARTNERS):
            instance.keys.add_certificate(f"partner-{number}", pem(f"Partner {number}", days=45 + number))
        if url is not None:
            _months(instance, folder)
    if url is None:
        rows.fill_sqlite(folder / "var" / "journal.sqlite", count)
    else:
        rows.fill_postgres(url, count)
    engine = engine_of(folder, url)
    trouble(engine, count)
    _house(engine)
    with engine.begin() as connection:  # PostgreSQL gathers statistics by itself, an SQLite journal has none
        connection.execute(text("ANALYZE" if url else "DELETE FROM sqlite_stat1"))
    engine.dispose()


def _months(instance: Instance, folder: Path) -> None:
    keeper = Keeper(instance.journal.reader, folder, lambda digest: None)
    keeper.round(Retention(), rows.NOW - timedelta(days=400))
    last = month_of(rows.NOW)
    for month in range(last - rows.MONTHS, last + 2):
        with keeper._engine.begin() as connection:
            partitions.add(connection, month)


def trouble(engine: Engine, count: int) -> None:
    """Park the messages of 500 causes and give some a real order; name the mapping that has read the newest."""
    chance, step = Random(7), max(1, count // (CAUSES * 6))
    lines = [(f"95210011{n:05d}", f"Item {n}", 12 + n) for n in range(24)]
    data = edifact_order("4500018831", "8831", lines)
    with engine.begin() as connection:
        month = micros(rows.NOW - timedelta(days=30))
        connection.execute(
            text("UPDATE message SET mapping = 'eancom-1997/ORDERS' WHERE received_at >= :month"), {"month": month}
        )
        chosen = connection.execute(
            text("SELECT id, seq FROM message ORDER BY seq DESC LIMIT :n OFFSET 300"), {"n": count}
        )
        parked = [row.id for number, row in enumerate(chosen) if number % step == 0][: CAUSES * 6]
        change = text(
            "UPDATE message SET state = 'parked', fault_code = :code, fault_place = :place, partner = :partner,"
            " fault = :fault WHERE id = :id"
        )
        for number, row_id in enumerate(parked):
            cause = number % CAUSES
            code, place = CODES[cause % len(CODES)], f"lines[].field{cause // PARTNERS}"
            fault = {"code": code, "severity": "error", "value": f"{chance.randrange(10**13):013d}", "where": {}}
            partner = f"partner-{cause % PARTNERS}"
            connection.execute(
                change, {"id": row_id, "code": code, "place": place, "partner": partner, "fault": json.dumps(fault)}
            )
        read = text(
            'UPDATE message SET document = :document, sources = :sources, start = 0, "end" = :end WHERE id = :id'
        )
        values = {
            "document": json_form.dumps(order("4500018831", "9521002000009", lines)),
            "sources": sources_text(sources(data, 24)),
            "end": len(data),
        }
        connection.execute(
            text("UPDATE payload SET data = :data, size_bytes = :size WHERE sha256 = :zero"),
            {"data": data, "size": len(data), "zero": "0" * 64},
        )
        for row_id in parked[:REAL]:
            connection.execute(read, {**values, "id": row_id})


def real_ids(engine: Engine) -> list[str]:
    """Return the messages that have an order of 24 lines and its bytes."""
    with engine.begin() as connection:
        found = connection.execute(
            text("SELECT id FROM message WHERE document LIKE '%4500018831%' AND state = 'parked'")
        )
        return [row.id for row in found]


def _house(engine: Engine) -> None:
    """Write what partners owe, imported lists and orders."""
    with engine.begin() as connection:
        for table, made in ((t.expectation, _owed()), (t.import_run, _imports()), (t.business_order, _orders())):
            every = list(made)
            for start in range(0, len(every), 1000):
                connection.execute(insert(table), every[start : start + 1000])


def _owed() -> Iterator[dict[str, Any]]:
    """Twenty partners have not sent a day's report; everything else has come or is to come."""
    for n in range(OWED):
        partner, day = n % PARTNERS, n // PARTNERS - OWED // PARTNERS + 10
        due = rows.NOW + timedelta(days=day)
        state = "waiting" if day > 0 else "overdue" if partner < 20 and day > -30 else "met"
        yield {
            "partner": f"partner-{partner}", "document_type": "SalesReport", "subject": f"{due:%Y-%m-%d}",
            "state": state, "due": micros(due), "message": None,
            "met_at": micros(due) if state == "met" else None, "met_by": None,
        }  # fmt: skip


def _imports() -> Iterator[dict[str, Any]]:
    for n in range(IMPORTS):
        at = micros(rows.NOW - timedelta(hours=n))
        yield {
            "id": f"import-{n:05d}", "kind": "prices", "file": f"{name_zh(n)}.csv", "sha256": f"{n:064d}",
            "user": "anna", "state": "done", "rows": 900, "changed": 30, "rejected": 1000, "at": at, "updated_at": at,
            "problems": json.dumps([{"code": "import.bad-value", "line": line} for line in range(1000)]),
        }  # fmt: skip


def _orders() -> Iterator[dict[str, Any]]:
    for n in range(ORDERS):
        at = rows.NOW - timedelta(minutes=n)
        yield {
            "side": "purchase" if n % 4 == 0 else "sale", "partner": f"partner-{n % PARTNERS}", "number": f"BO-{n:08d}",
            "status": "waiting" if n % 1000 == 1 else "open" if n < 2000 else "received",
            "ordered_on": f"{at:%Y-%m-%d}", "ship_to": None, "currency": "EUR", "digest": None, "document": None,
            "pending": None, "message": None, "effect_key": "", "updated_at": micros(at),
        }  # fmt: skip
