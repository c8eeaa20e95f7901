"""A partner's forecast (SLSFCT, UBL Forecast): what it expects to sell at its places, kept beside our own figures.

By agreement it is the forecast that orders are made from, or it is only kept to be compared. A later forecast of the
same days takes the place of an earlier one; a cancelled one is over.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

from gateway.domain.days import days_of
from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.domain.items import amount_of, identifier, item_path
from gateway.domain.report_lines import PackFinder, pack_gtins
from gateway.domain.stock import ZERO
from gateway.model.effects import Effect
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.forecast import Forecast, ForecastLine
from gateway.model.planning_effects import OverrideSaved, PlanChanged

SALES_TYPES = (None, "base", "promotion", "sales", "BASE", "PROMOTIONAL", "TOTAL")  # orders are another thing
MOST_LINES = 50_000

Told = tuple[str, str, date, date]  # place, GTIN, first and last day


def needs(forecast: Forecast, context: Context) -> Needs:
    """Return the packs of what is named, and what was said before of the same items and places."""
    finder = PackFinder(context, ())
    pairs = {
        (place, found.gtin)
        for line in forecast.lines
        if (place := _place(line, forecast, context)) and (found := finder.find(line.item))
    }
    return Needs(packs=pack_gtins(context, (line.item for line in forecast.lines)), plan_overrides=frozenset(pairs))


def decide(forecast: Forecast, context: Context, snapshot: Snapshot) -> Decision:
    """Keep units a day of each period, by place and item; their plans are old.

    Raises PartnerFault forecast.sender-unexpected, forecast.too-long, sales.period-*, item.quantity-unusable.
    """
    if context.partner.kind != "partner":
        raise PartnerFault("forecast.sender-unexpected", Where(path="sender"), value=context.partner.id)
    if len(forecast.lines) > MOST_LINES:
        raise PartnerFault("forecast.too-long", Where(path="lines"), value=str(len(forecast.lines)))
    told, findings = _told(forecast, context, snapshot)
    effects: list[Effect] = []
    periods: dict[tuple[str, str], dict[tuple[date, date], Decimal]] = defaultdict(dict)
    for (place, gtin, first, last), units in told.items():
        periods[place, gtin][first, last] = units
    for (place, gtin), mine in sorted(periods.items()):
        for old in snapshot.plan_overrides.get((place, gtin), ()):
            if old.author == context.partner.id and any(_overlap(old, first, last) for first, last in mine):
                effects.append(replace(old, key=f"end:{old.id}", active=False))
        if forecast.function != "cancel":
            effects += [
                _kept(forecast, context, (place, gtin, first, last), units) for (first, last), units in mine.items()
            ]
    effects += _changed(told)
    return Decision(effects=tuple(effects), findings=tuple(findings))


def _told(forecast: Forecast, context: Context, snapshot: Snapshot) -> tuple[dict[Told, Decimal], list[Finding]]:
    """Return units of each period that still counts; base and promotion of one period add up."""
    finder = PackFinder(context, snapshot.packs)
    found: dict[Told, Decimal] = {}
    findings: list[Finding] = []
    for index, line in enumerate(forecast.lines):
        path = f"lines[{index}]"
        place, item = _place(line, forecast, context), finder.find(line.item)
        if line.type not in SALES_TYPES:
            continue
        if item is None:
            where = Where(path=item_path(path, line.item))
            value = identifier(line.item)[:200]
            findings.append(Finding(code="forecast.item-unknown", severity="warning", where=where, value=value))
            continue
        if place is None:
            where = Where(path=f"{path}.location")
            findings.append(
                Finding(code="forecast.place-unknown", severity="warning", where=where, value=line.location)
            )
            continue
        days = days_of(line.period or forecast.period, f"{path}.period")
        if days[-1] < context.now.date():
            continue
        key = (place, item.gtin, days[0], days[-1])
        found[key] = found.get(key, ZERO) + max(ZERO, item.units(amount_of(line.quantity, f"{path}.quantity")))
    return found, findings


def _place(line: ForecastLine, forecast: Forecast, context: Context) -> str | None:
    """Return the planned place that a line is about, None when we do not plan it for this partner."""
    terms = context.own.planning
    named = line.location or forecast.sender.any_id or context.partner.gln or ""
    agreement = terms.of_place(named) if terms is not None else None
    return named if agreement is not None and agreement.partner == context.partner.id else None


def _overlap(old: OverrideSaved, first: date, last: date) -> bool:
    return old.first_day <= last and first <= old.last_day


def _kept(forecast: Forecast, context: Context, told: Told, units: Decimal) -> OverrideSaved:
    place, gtin, first, last = told
    terms = context.own.planning
    agreement = terms.of_place(place) if terms is not None else None
    counts = agreement is not None and agreement.forecast == "partner"
    days = (last - first).days + 1
    name = f"{forecast.id}:{place}:{gtin}:{first:%y%m%d}"
    return OverrideSaved(
        key=f"forecast:{name}"[:200],
        id=name[-80:],
        location=place,
        gtin=gtin,
        kind="forecast" if counts else "told",
        quantity=round(units / days, 3),
        first_day=first,
        last_day=last,
        reason=forecast.id[:80],
        author=context.partner.id,
    )


def _changed(told: dict[Told, Decimal]) -> list[Effect]:
    places: dict[str, set[str]] = {}
    for place, gtin, _, _ in told:
        places.setdefault(place, set()).add(gtin)
    return [
        PlanChanged(key=f"changed:{place}", location=place, gtins=tuple(sorted(gtins)))
        for place, gtins in sorted(places.items())
    ]
