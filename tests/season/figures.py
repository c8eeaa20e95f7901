"""Computes the key figures of every partner anew from its files, and compares them with scorecard and customer record."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.journeys.month_auditor import ZERO, plain
from tests.season.cast import CUSTOMERS, SUPPLIERS, Player
from tests.season.ledgers import Books, Line, books_of

Share = tuple[Decimal, Decimal]  # top, bottom
ONE = Decimal(1)
NOTHING = (ZERO, ZERO)
EARLY = timedelta(days=1)  # so much too early is still in time
ROUNDING = Decimal("1e-9")
A_MORNING = Decimal(900) / 86_400  # in days: what a report may take from its sender to our records
# Nobody counts shelves, and nobody's shelves are planned by us: these have nothing to say.
SILENT = (
    "in-stock", "stock-days", "turns", "mean-stock", "forecast-error", "forecast-bias", "forecast-value-added",
    "touch-rate", "untouched", "reaction-days",
)  # fmt: skip


def figures(mailboxes: Path, instance: Any, first: date, last: date, miscounted: Callable[[str], bool]) -> list[str]:
    """Return where the gateway says something else than the files."""
    found = []
    instance.ask("/api/v1/crm/measures", {})
    for player in (*CUSTOMERS, *SUPPLIERS):
        books = books_of(mailboxes, player, miscounted)
        found += [f"{player.id} {each}" for each in books.strange]
        card = instance.ask(f"/api/v1/scorecard?partner={player.id}&from={first}&until={last}")
        told = {each["name"]: (Decimal(each["top"]), Decimal(each["bottom"])) for each in card["figures"]}
        expected = scorecard(books, first, last)
        found += compared(player, told, expected)
        record = instance.ask(f"/api/v1/records/{player.id}")["measures"]
        wanted = customer_record(books, last) if player in CUSTOMERS else supplier_record(books)
        found += recorded(player, record, wanted)
    return found


def compared(player: Player, told: dict[str, Share], expected: dict[str, Share]) -> list[str]:
    found = []
    for name in sorted(told.keys() | expected.keys()):
        if name not in expected or name not in told:
            found.append(f"{player.id} {name}: only {'told' if name in told else 'in the files'}")
            continue
        (top, bottom), (wanted, base) = told[name], expected[name]
        apart = A_MORNING * base if name == "report-age" else ROUNDING
        if abs(bottom - base) > ROUNDING or abs(top - wanted) > apart:
            found.append(f"{player.id} {name}: files {plain(wanted)} of {plain(base)}, gateway {top} of {bottom}")
    return found


# --- the scorecard ----------------------------------------------------------------------------------------------------


def scorecard(books: Books, first: date, last: date) -> dict[str, Share]:
    def over(day: date) -> bool:
        return first <= day <= last

    lines = list(books.lines.values())
    due = [each for each in lines if over(_due(each))]
    found: dict[str, Share] = dict.fromkeys(SILENT, NOTHING)
    found["fill-rate"] = _sum((min(_first_delivery(each), each.ordered), each.ordered) for each in due)
    found["otif-requested"] = _shares(
        _came_in_time(each, each.requested) >= each.ordered for each in lines if each.requested and over(each.requested)
    )
    promised = [(each, _promised(each)) for each in lines if each.confirmed != 0]
    found["otif-confirmed"] = _shares(
        _came_in_time(each, day) >= (each.confirmed or each.ordered) for each, day in promised if day and over(day)
    )
    dated = [(each.requested or _promised(each), on) for each in lines for on, _ in each.deliveries if over(on)]
    found["on-time"] = _shares(day - EARLY <= on <= day for day, on in dated if day)
    found["confirmed-kept"] = _shares(each.despatched == each.confirmed for each in due if each.confirmed is not None)
    arrived = [(min(on for on, _ in each.deliveries), each.ordered_on) for each in lines if each.deliveries]
    found["cycle-days"] = _sum((Decimal((on - ordered).days), ONE) for on, ordered in arrived if over(on))
    received = [each for each in books.shipments.values() if each.received_on and over(each.received_on)]
    found["asn-accuracy"] = _shares(
        each.came.get(gtin, ZERO) == each.sent.get(gtin, ZERO)
        for each in received
        for gtin in each.sent.keys() | each.came.keys()
    )
    found["asn-in-time"] = _shares(each.known_on <= each.received_on for each in received if each.received_on)
    return found | _shelves(books, over) | _waves(books, first, last) | _reports(books, first, last)


def _sum(shares: Iterable[Share]) -> Share:
    listed = list(shares)
    return sum((top for top, _ in listed), ZERO), sum((bottom for _, bottom in listed), ZERO)


def _shares(good: Iterable[bool]) -> Share:
    return _sum((Decimal(each), ONE) for each in good)


def _promised(line: Line) -> date | None:
    """Who confirms without a day confirms the day that was asked for."""
    return line.promised or line.requested


def _due(line: Line) -> date:
    return line.requested or line.promised or line.ordered_on


def _first_delivery(line: Line) -> Decimal:
    on = min((on for on, _ in line.deliveries), default=None)
    return sum((units for each, units in line.deliveries if each == on), ZERO)


def _came_in_time(line: Line, day: date) -> Decimal:
    return sum((units for on, units in line.deliveries if day - EARLY <= on <= day), ZERO)


def _shelves(books: Books, over: Callable[[date], bool]) -> dict[str, Share]:
    """A day that was reported without an item is one on which it sold nothing, from its first day known on."""
    sold = [units for days in _known(books).values() for day, units in days.items() if over(day)]
    total = sum(sold, ZERO)
    return {"stockout-days": (ZERO, Decimal(len(sold))), "shelf-fill": (total, total), "lost-sales": (ZERO, total)}


def _known(books: Books) -> dict[tuple[str, str], dict[date, Decimal]]:
    return {
        (place, gtin): {
            day: days.get(day, ZERO) for (where, day) in books.reports if where == place and day >= min(days)
        }
        for (place, gtin), days in books.sold.items()
    }


def _waves(books: Books, first: date, last: date) -> dict[str, Share]:
    """Variance of weekly orders over that of weekly sales, of whole weeks all of whose days are known."""
    mondays = [first + timedelta(days=-first.weekday() % 7 + 7 * n) for n in range(60)]
    weeks = [[monday + timedelta(days=n) for n in range(7)] for monday in mondays]
    weeks = [each for each in weeks if each[-1] <= last]
    known = _known(books)
    ordered: dict[tuple[str, str], list[Decimal]] = {}
    for line in books.lines.values():
        counts = ordered.setdefault((line.place, line.gtin), [ZERO] * len(weeks))
        for n, week in enumerate(weeks):
            counts[n] += line.ordered if line.ordered_on in week else ZERO
    pairs = [
        pair
        for pair, counts in ordered.items()
        if any(counts) and len(weeks) >= 4 and all(day in known.get(pair, {}) for week in weeks for day in week)
    ]
    sold = {pair: [sum((known[pair][day] for day in week), ZERO) for week in weeks] for pair in pairs}
    alone = _sum((_variance(ordered[pair]), _variance(sold[pair])) for pair in pairs)
    if not pairs:
        return {"bullwhip": NOTHING, "bullwhip-together": NOTHING}
    together = tuple(
        _variance([sum((each[pair][n] for pair in pairs), ZERO) for n in range(len(weeks))]) for each in (ordered, sold)
    )
    return {"bullwhip": alone, "bullwhip-together": (together[0], together[1])}


def _variance(values: list[Decimal]) -> Decimal:
    mean = sum(values, ZERO) / len(values)
    return sum(((each - mean) ** 2 for each in values), ZERO) / (len(values) - 1)


def _reports(books: Books, first: date, last: date) -> dict[str, Share]:
    ages, missing = [], []
    for (_, day), came in books.reports.items():
        over = datetime.combine(day + timedelta(days=1), datetime.min.time(), came.tzinfo)
        ages.append((Decimal(max(0.0, (came - over).total_seconds())) / 86_400, ONE))
    for place in {place for place, _ in books.reports}:
        days = {day for where, day in books.reports if where == place}
        start = max(first, min(days))
        missing += [start + timedelta(days=n) not in days for n in range((last - start).days + 1)]
    return {"report-age": _sum(ages), "days-missing": _shares(missing)}


# --- the customer record ----------------------------------------------------------------------------------------------


def customer_record(books: Books, last: date) -> dict[str, dict[str, Any]]:
    """Return the measures with the parts that the files tell."""
    lines, shipments = books.lines.values(), books.shipments.values()
    orders = len({each.order for each in lines})
    ordered = sum((each.ordered for each in lines), ZERO)
    confirmed = sum((each.confirmed or ZERO for each in lines), ZERO)
    shipped = sum((each.despatched for each in lines), ZERO)
    billed, credited = sum(books.bills, ZERO), sum(books.credits, ZERO)
    latest = max(each.ordered_on for each in lines)
    stores = {place for place, _ in books.sold}
    return {
        "frequency": {"value": orders},
        "recency": {"value": (last + timedelta(days=1) - latest).days},
        "monetary": {"value": billed - credited},
        "confirmed-rate": {"units_confirmed": confirmed, "units_ordered": ordered},
        "shipped-rate": {"units_shipped": shipped, "units_ordered": ordered},
        "late-rate": {"shipments": len(shipments), "shipments_late": _late(books)},
        "return-rate": {"units_shipped": shipped, "units_taken_back": books.back},
        "credit-rate": {"credit_value": credited, "invoice_value": billed},
        "invoice-right-rate": {"invoices": len(books.bills), "wrong": 0},
        "response-hours": {"answers": orders},
        "first-time-right": {"messages": books.sent, "faulty": books.refused},
        "penetration": {"stores": len(stores), "pairs": len(books.sold)},
    }


def supplier_record(books: Books) -> dict[str, dict[str, Any]]:
    lines, shipments = books.lines.values(), books.shipments.values()
    come = sum((units for each in shipments for units in each.came.values()), ZERO)
    come += sum((units for _, _, units, _ in books.unadvised), ZERO)
    short = sum(
        (
            max(ZERO, units - each.came.get(gtin, ZERO))
            for each in shipments
            for gtin, units in each.sent.items()
            if each.received_on
        ),
        ZERO,
    )
    found: dict[str, dict[str, Any]] = {
        "supplier-fill-rate": {
            "units_purchased": sum((each.ordered for each in lines), ZERO),
            "units_supplier_received": come,
        },
        "invoice-right-rate": {"invoices": len(books.bills), "wrong": 0},
        "response-hours": {"answers": books.responses},
        "first-time-right": {"messages": books.sent, "faulty": books.refused},
    }
    if shipments:
        sent = sum((units for each in shipments for units in each.sent.values()), ZERO)
        found["supplier-short-rate"] = {"units_supplier_shipped": sent, "units_supplier_short": short}
        found["supplier-late-rate"] = {"supplier_shipments": len(shipments), "supplier_shipments_late": _late(books)}
    return found


def _late(books: Books) -> int:
    """Count despatches that left after the day that was promised for any of their lines."""
    late = 0
    for each in books.shipments.values():
        days = [
            _promised(books.lines[key]) for order, line, _, _ in each.lines if (key := (order, line)) in books.lines
        ]
        late += any(day is not None and each.on > day for day in days)
    return late


def recorded(player: Player, told: dict[str, Any], wanted: dict[str, dict[str, Any]]) -> list[str]:
    found = []
    for name, parts in wanted.items():
        measure = told.get(name)
        if measure is None:
            found.append(f"{player.id} record {name}: not told")
            continue
        for part, expected in parts.items():
            said = measure.get("value") if part == "value" else measure["parts"].get(part)
            if said is None or Decimal(str(said)) != Decimal(expected):
                found.append(f"{player.id} record {name} {part}: files {expected}, gateway {said}")
    return found
