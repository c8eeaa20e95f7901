"""What a partner's own people see of their trade with us beyond single documents: the scorecard and the sell-through.
The caller gives an engine that is narrowed to the partner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, Engine, case, func, select

from gateway.domain.measures.scorecard import Figure
from gateway.store import tables as t
from gateway.store.forms import micros, units
from gateway.store.view_measures import MeasureViews

MET, MISSED = ("met",), ("late", "overdue")
SOLD_WEEKS = 4
MOST_ORDERS = 500
# What a partner sees of the measures: how orders between us are fulfilled, what its own reports say. What we make of
# it in our planning (hands in proposals, worth of a forecast, means of stock) is our house's.
SHARED = (
    "fill-rate", "otif-requested", "otif-confirmed", "on-time", "confirmed-kept", "cycle-days", "asn-accuracy",
    "asn-in-time", "in-stock", "stockout-days", "stock-days", "forecast-error", "report-age", "days-missing",
)  # fmt: skip
_DELIVERED = ("acked", "accepted", "sent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promptness:
    """Documents of one type that were owed in the time. rate: of 1, None when nothing was owed."""

    document: str
    in_time: int
    late: int

    @property
    def rate(self) -> Decimal | None:
        owed = self.in_time + self.late
        return Decimal(self.in_time) / owed if owed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """received: live documents of the partner; wrong: those of them that still wait because of what stands in them.
    sent: ours to the partner; delivered: those of them that arrived. lines_*: of our orders to the partner that have
    been received: despatched as received, and received as ordered. delivery_s: mean time until a document of ours was
    there, None when none was sent."""

    since: datetime
    received: int
    wrong: int
    sent: int
    delivered: int
    delivery_s: Decimal | None
    promptness: tuple[Promptness, ...]
    lines_received: int
    lines_as_announced: int
    lines_in_full: int

    @property
    def right_rate(self) -> Decimal | None:
        return Decimal(self.received - self.wrong) / self.received if self.received else None

    @property
    def announced_rate(self) -> Decimal | None:
        return Decimal(self.lines_as_announced) / self.lines_received if self.lines_received else None

    @property
    def full_rate(self) -> Decimal | None:
        return Decimal(self.lines_in_full) / self.lines_received if self.lines_received else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SellThrough:
    """One item as the partner has reported it. weeks: units sold, the oldest week first, of seven days up to today.
    stock: the latest reported, None when none was. rate: sold of sold and left, of 1."""

    gtin: str
    weeks: tuple[Decimal, ...]
    stock: Decimal | None

    @property
    def sold(self) -> Decimal:
        return sum(self.weeks, Decimal(0))

    @property
    def rate(self) -> Decimal | None:
        whole = self.sold + (self.stock or 0)
        return self.sold / whole if self.stock is not None and whole > 0 else None


class PortalMeasures(MeasureViews):
    """The figures that both sides look at. engine: narrowed to the partner."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def figures(self, partner: str, first: date, last: date, today: date) -> tuple[Figure, ...]:
        """Return those of SHARED that have a value, with the value of the equal period before."""
        found = {each.name: each for each in self.scorecard(partner, first, last, today).figures}
        return tuple(found[name] for name in SHARED if found[name].value is not None)


class PortalViews:
    """What a partner sees of its own documents on the portal."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def scorecard(self, since: datetime) -> Scorecard:
        """Return the figures of documents since then; lines of orders that were changed since then."""
        with self._engine.connect() as connection:
            received, wrong = _received(connection, since)
            sent, delivered, delivery = _sent(connection, since)
            lines, announced, full = _lines(connection, since)
            return Scorecard(
                since=since,
                received=received,
                wrong=wrong,
                sent=sent,
                delivered=delivered,
                delivery_s=delivery,
                promptness=_promptness(connection, since),
                lines_received=lines,
                lines_as_announced=announced,
                lines_in_full=full,
            )

    def answered(self, orders: Sequence[str]) -> frozenset[str]:
        """Return which of our orders the partner has answered."""
        columns = t.link.c
        query = select(columns.source).where(
            columns.side == "purchase",
            columns.source_type == "Order",
            columns.to_type == "OrderResponse",
            columns.source.in_(orders[:MOST_ORDERS]),
        )
        with self._engine.connect() as connection:
            return frozenset(connection.execute(query).scalars())

    def sell_through(self, today: date, limit: int = 500) -> tuple[SellThrough, ...]:
        """Return the items that the partner has sold in the last weeks or has in stock, the most sold first."""
        first = today - timedelta(days=7 * SOLD_WEEKS - 1)
        weeks: dict[str, list[Decimal]] = {}
        sales, kept = t.sales.c, t.reported_stock.c
        sold = select(sales.gtin, sales.day, func.sum(sales.sold - sales.returned).label("sold")).where(
            sales.day >= first.isoformat(), sales.day <= today.isoformat()
        )
        stock = select(kept.gtin, func.sum(kept.quantity).label("stock")).where(kept.type == "onHand")
        with self._engine.connect() as connection:
            for row in connection.execute(sold.group_by(sales.gtin, sales.day)):
                week = (date.fromisoformat(row.day) - first).days // 7
                weeks.setdefault(row.gtin, [Decimal(0)] * SOLD_WEEKS)[week] += units(int(row.sold))
            left = {row.gtin: units(int(row.stock)) for row in connection.execute(stock.group_by(kept.gtin))}
        found = [
            SellThrough(gtin=gtin, weeks=tuple(weeks.get(gtin, [Decimal(0)] * SOLD_WEEKS)), stock=left.get(gtin))
            for gtin in {*weeks, *left}
        ]
        return tuple(sorted(found, key=lambda each: (-each.sold, each.gtin))[:limit])


def _received(connection: Connection, since: datetime) -> tuple[int, int]:
    columns = t.message.c
    bad = (columns.state.in_(("parked", "quarantined"))) & (columns.owner == "partner")
    query = select(func.count(), func.sum(case((bad, 1), else_=0))).where(
        columns.received_at >= micros(since), ~columns.test
    )
    count, wrong = connection.execute(query).one()
    return int(count), int(wrong or 0)


def _sent(connection: Connection, since: datetime) -> tuple[int, int, Decimal | None]:
    columns = t.parcel.c
    there = columns.state.in_(_DELIVERED)
    took = case((there, columns.updated_at - columns.created_at), else_=0)
    query = select(func.count(), func.sum(case((there, 1), else_=0)), func.sum(took)).where(
        columns.created_at >= micros(since), ~columns.test
    )
    count, delivered, total = connection.execute(query).one()
    mean = Decimal(int(total)) / int(delivered) / 1_000_000 if delivered else None
    return int(count), int(delivered or 0), mean


def _promptness(connection: Connection, since: datetime) -> tuple[Promptness, ...]:
    columns = t.expectation.c
    query = (
        select(columns.document_type, columns.state, func.count().label("count"))
        .where(columns.due >= micros(since), columns.state.in_((*MET, *MISSED)))
        .group_by(columns.document_type, columns.state)
    )
    counts: dict[str, list[int]] = {}
    for row in connection.execute(query):
        counts.setdefault(row.document_type, [0, 0])[row.state not in MET] += int(row._mapping["count"])
    return tuple(Promptness(document=kind, in_time=good, late=bad) for kind, (good, bad) in sorted(counts.items()))


def _lines(connection: Connection, since: datetime) -> tuple[int, int, int]:
    line, order = t.order_line.c, t.business_order.c
    joined = (
        (order.side == line.side) & (order.partner == line.partner) & (order.number == line.order_number)
    )  # fmt: skip
    query = (
        select(
            func.count(),
            func.sum(case((line.received == line.despatched, 1), else_=0)),
            func.sum(case((line.received >= line.ordered, 1), else_=0)),
        )
        .select_from(t.order_line.join(t.business_order, joined))
        .where(line.side == "purchase", line.received > 0, order.updated_at >= micros(since))
    )
    count, announced, full = connection.execute(query).one()
    return int(count), int(announced or 0), int(full or 0)
