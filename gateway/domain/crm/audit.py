"""The service audit: for every element of our service how important it is, how well it is done, as asked and as
measured, and where that lies in the matrices. The same for what a supplier does for us.

Source: Lambert and Sharma, A Customer-Based Competitive Analysis for Logistics Decisions, 1990.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, cast

from gateway.domain.crm.matrices import (
    Position,
    Scheme,
    competitive_position,
    evaluation,
    importance_performance,
    loyalty_type,
    mean_score,
    measured_score,
)

Direction = Literal["customer", "supplier"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """measure: of the record by which it is measured, None: only asked. high_is_good: of that measure. At target the
    score is 7, one tolerance off it 4, two or more 1."""

    id: str
    title: str
    title_zh: str
    direction: Direction
    measure: str | None = None
    high_is_good: bool = True
    target: Decimal = Decimal(1)
    tolerance: Decimal = Decimal("0.1")

    def score(self, value: Decimal | None) -> Decimal | None:
        """Return the measure as a score from 1 to 7, None without one."""
        if value is None or self.measure is None:
            return None
        sign = 1 if self.high_is_good else -1
        return measured_score(sign * value, sign * self.target, self.tolerance)


def _element(
    name: str, en: str, zh: str, side: Direction, measure: str, target: str, tolerance: str, *, high: bool = True
) -> Element:
    return Element(
        id=name,
        title=en,
        title_zh=zh,
        direction=side,
        measure=measure,
        high_is_good=high,
        target=Decimal(target),
        tolerance=Decimal(tolerance),
    )


STANDARD: tuple[Element, ...] = (
    _element(
        "on-time",
        "Delivered on the promised day",
        "按承诺日期交货",
        "customer",
        "late-rate",
        "0.02",
        "0.06",
        high=False,
    ),
    _element("in-full", "Delivered in full", "足量交货", "customer", "shipped-rate", "0.98", "0.06"),
    _element("answer", "Orders answered quickly", "订单迅速答复", "customer", "response-hours", "1", "8", high=False),
    _element("invoice", "Invoices that are right", "发票准确", "customer", "invoice-right-rate", "0.99", "0.05"),
    _element("return", "Goods that stay", "货物无退回", "customer", "return-rate", "0.01", "0.03", high=False),
    _element(
        "documents", "Documents that read at once", "单据一次通过", "customer", "first-time-right", "0.99", "0.05"
    ),
    _element(
        "supplier-fill", "Delivered as ordered", "按订单足量到货", "supplier", "supplier-fill-rate", "0.98", "0.06"
    ),
    _element(
        "supplier-short",
        "Arrived as announced",
        "到货与通知相符",
        "supplier",
        "supplier-short-rate",
        "0.01",
        "0.03",
        high=False,
    ),
    _element(
        "supplier-on-time",
        "Delivered on the promised day",
        "按承诺日期到货",
        "supplier",
        "supplier-late-rate",
        "0.02",
        "0.06",
        high=False,
    ),
    _element(
        "supplier-answer",
        "Orders answered quickly",
        "订单迅速答复",
        "supplier",
        "response-hours",
        "8",
        "16",
        high=False,
    ),
    _element("supplier-time", "Documents in time", "单据按时到达", "supplier", "documents-in-time", "0.98", "0.06"),
    _element(
        "supplier-invoice", "Invoices that are right", "发票准确", "supplier", "invoice-right-rate", "0.99", "0.05"
    ),
    _element(
        "supplier-documents",
        "Documents that read at once",
        "单据一次通过",
        "supplier",
        "first-time-right",
        "0.99",
        "0.05",
    ),
)


def elements_in_force(entries: Mapping[str, tuple[str, Mapping[str, str]]]) -> tuple[Element, ...]:
    """Return the elements of the audit: the standard ones, with those that a house has changed, added or ended.

    entries: id -> (state, fields) of the register of elements.
    """
    found = {each.id: each for each in STANDARD}
    for name, (state, data) in entries.items():
        if state == "ended":
            found.pop(name, None)
            continue
        known = found.get(name)
        side = cast(Direction, data.get("direction", known.direction if known else "customer"))
        base = known or Element(id=name, title=name, title_zh=name, direction=side)
        title = data.get("title", base.title)
        found[name] = replace(
            base,
            title=title,
            title_zh=data.get("titleZh", title),
            direction=side,
            measure=data.get("measure", base.measure) or None,
            high_is_good=data.get("good", "high" if base.high_is_good else "low") == "high",
            target=Decimal(data["target"]) if "target" in data else base.target,
            tolerance=Decimal(data["tolerance"]) if "tolerance" in data else base.tolerance,
        )
    return tuple(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One element, or one account in one element, in the matrices. asked, measured: performance from 1 to 7; answers:
    so many importances; accounts: so many were measured. A cell is None where one of its two scores is not known."""

    id: str
    importance: Decimal | None
    asked: Decimal | None
    measured: Decimal | None
    competitor: Decimal | None
    expected: Decimal | None
    answers: int
    accounts: int
    field_asked: str | None
    field_measured: str | None
    advice_asked: str | None
    advice_measured: str | None
    position: Position | None

    @property
    def gap(self) -> Decimal | None:
        """Performance less expectation, as asked."""
        return None if self.asked is None or self.expected is None else self.asked - self.expected


Told = Mapping[str, tuple[Decimal, int]]  # part -> (mean, answers)


def place(name: str, told: Told, measured: Sequence[Decimal], scheme: Scheme, cuts: tuple[Decimal, Decimal]) -> Place:
    """Return where something lies. cuts: of importance and performance."""
    means = {part: mean for part, (mean, _) in told.items()}
    importance, asked, theirs = means.get("importance"), means.get("performance"), means.get("competitor")
    by_documents = mean_score(measured)

    def cells(performance: Decimal | None) -> tuple[str | None, str | None]:
        if importance is None or performance is None:
            return None, None
        field = importance_performance(importance, performance, *cuts)
        return field, evaluation(importance, performance, scheme.cells)

    field_asked, advice_asked = cells(asked)
    field_measured, advice_measured = cells(by_documents)
    position = None
    if importance is not None and asked is not None and theirs is not None:
        position = competitive_position(importance, asked, theirs, scheme.thresholds)
    return Place(
        id=name,
        importance=importance,
        asked=asked,
        measured=by_documents,
        competitor=theirs,
        expected=means.get("expected"),
        answers=told.get("importance", (Decimal(0), 0))[1],
        accounts=len(measured),
        field_asked=field_asked,
        field_measured=field_measured,
        advice_asked=advice_asked,
        advice_measured=advice_measured,
        position=position,
    )


def cuts_of(told: Iterable[Told], scheme: Scheme) -> tuple[Decimal, Decimal]:
    """Return the cuts of importance and performance: those of the scheme, else the mean over the elements, else 4."""
    kept = list(told)

    def mean_of(part: str) -> Decimal:
        return mean_score([each[part][0] for each in kept if part in each]) or Decimal(4)

    importance = mean_of("importance") if scheme.importance_cut is None else scheme.importance_cut
    performance = mean_of("performance") if scheme.performance_cut is None else scheme.performance_cut
    return importance, performance


def audit(
    elements: Sequence[Element],
    told: Mapping[str, Told],
    measures: Mapping[str, Mapping[str, Decimal | None]],
    scheme: Scheme,
) -> list[Place]:
    """Return every element in the matrices. told: element -> what was asked; measures: account -> measure -> value."""
    cuts = cuts_of([told[each.id] for each in elements if each.id in told], scheme)
    places = []
    for each in elements:
        scores = [each.score(its.get(each.measure or "")) for its in measures.values()]
        known = [score for score in scores if score is not None]
        places.append(place(each.id, told.get(each.id, {}), known, scheme, cuts))
    return places


def audit_accounts(
    element: Element,
    told: Mapping[str, Mapping[str, Told]],
    measures: Mapping[str, Mapping[str, Decimal | None]],
    scheme: Scheme,
) -> list[Place]:
    """Return every account in the matrices for one element. told: account -> element -> what it answered. An account
    that was not asked takes the importance that all others give."""
    mine = {account: its[element.id] for account, its in told.items() if element.id in its}
    importances = [each["importance"][0] for each in mine.values() if "importance" in each]
    common = mean_score(importances)
    cuts = cuts_of(mine.values(), scheme)
    places = []
    for account in sorted({*mine, *measures}):
        score = element.score(measures.get(account, {}).get(element.measure or ""))
        its = dict(mine.get(account, {}))
        if "importance" not in its and common is not None:
            its["importance"] = (common, 0)
        found = place(account, its, [] if score is None else [score], scheme, cuts)
        if found.asked is not None or found.measured is not None:
            places.append(found)
    return places


@dataclass(frozen=True, slots=True, kw_only=True)
class Loyal:
    """An account between satisfaction (1 to 5) and loyalty (0 to 1). type None: one of them is not known."""

    account: str
    satisfaction: Decimal | None
    loyalty: Decimal | None
    type: str | None


def loyalties(measures: Mapping[str, Mapping[str, Decimal | None]], scheme: Scheme) -> list[Loyal]:
    """Return where each account stands between satisfaction and loyalty."""
    found = []
    for account, its in sorted(measures.items()):
        satisfied, loyal = its.get("satisfaction"), its.get("loyalty")
        kind = None
        if satisfied is not None and loyal is not None:
            kind = loyalty_type(satisfied >= scheme.satisfied, loyal >= scheme.loyal)
        found.append(Loyal(account=account, satisfaction=satisfied, loyalty=loyal, type=kind))
    return found
