"""partners/self/planning.yaml: which places we plan, how, and for whom."""

from collections.abc import Collection
from datetime import date, time
from decimal import Decimal
from typing import get_args

from gateway.config.fields import Fields, Problems, nearest
from gateway.config.yaml import load
from gateway.config.zones import read_zone
from gateway.model.planning import (
    EVERY_DAY,
    LoadMeasure,
    LoadTerms,
    Method,
    Model,
    PlanAgreement,
    PlanCalendar,
    PlanningTerms,
    PlanParameters,
    Rule,
    ScheduleTerms,
    ServiceMeasure,
    SupplierPlan,
)
from gateway.model.values import has_valid_check_digit

FILE = "partners/self/planning.yaml"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_planning(text: str, problems: Problems, warehouse: str, partners: Collection[str]) -> PlanningTerms | None:
    """Return the terms; None where the file says `plain: true`: our warehouse alone, by a reorder point.

    partners: ids that a customer may have. What is wrong becomes findings of problems.
    """
    top = Fields(load(text, problems.file), problems)
    if top.flag("plain", False):
        top.close()
        return None
    terms = PlanningTerms(
        history_days=top.whole("history_days", 182, least=28, most=1100),
        agreements=tuple(_agreement(each, warehouse, partners) for each in top.rows("agreements")),
    )
    top.close()
    seen: set[str] = set()
    for agreement in terms.agreements:
        for place in agreement.places:
            if place in seen:
                problems.add_at("config.repeated-row", 1, None, place)
            seen.add(place)
    return terms


def _agreement(row: Fields, warehouse: str, partners: Collection[str]) -> PlanAgreement:
    method = row.choice("method", get_args(Method), "purchase")
    partner = row.optional("partner")
    if method != "purchase" and partner is None:
        row.problems.add("config.missing", row.table, key=f"{row.name}.partner")
    if partner is not None and partner not in partners:
        row.problems.add("partner.unknown-supplier", row.place("partner"), partner, nearest=nearest(partner, partners))
    limit = row.decimal("value_limit", Decimal(-1)) if row.table.entries.get("value_limit") else None
    found = PlanAgreement(
        id=row.text("id", f"{method}-{partner or 'own'}"),
        method=method,
        partner=partner,
        places=_places(row, warehouse) if method == "purchase" else _places(row, ""),
        demand=row.choice("demand", ("sales", "orders"), "sales"),
        forecast=row.choice("forecast", ("own", "partner"), "own"),
        in_transit=row.choice("in_transit", ("asn", "report"), "asn"),
        report_days=row.whole("report_days", 2, most=60),
        overdue_days=row.whole("overdue_days", 2, most=60),
        usual_times=row.decimal("usual_times", Decimal(4)),
        approval=row.choice("approval", ("limit", "planner"), "limit"),
        value_limit=limit,
        calendar=_calendar(row.fields("calendar")),
        parameters=_parameters(row.fields("parameters")),
        item_service=_services(row.fields("item_service")),
        customer_service=_services(row.fields("customer_service")),
        echelon=row.flag("echelon", False),
        holidays=_holidays(row.fields("holidays")),
        loads=tuple(_load(each, partners) for each in row.rows("loads")),
        quick=row.flag("quick", False),
        schedules=tuple(_schedule(each, partners) for each in row.rows("schedules")),
        supplier_plans=tuple(_supplier_plan(each, partners) for each in row.rows("supplier_plans")),
        cross_dock=_suppliers(row, "cross_dock", partners),
    )
    _expect_one_way(row, found)
    row.close()
    return found


def _expect_one_way(row: Fields, found: PlanAgreement) -> None:
    """Report a supplier whose goods are both bought for shops and planned by himself."""
    for each in found.supplier_plans:
        if each.supplier in found.cross_dock:
            place, key = row.place("cross_dock"), f"{row.name}.cross_dock"
            row.problems.add("config.bad-value", place, each.supplier, key=key, expected="not in supplier_plans")


def _services(row: Fields) -> dict[str, Decimal]:
    """Return the service of each class that the table names."""
    found = {each.value: _share(row, each.value, Decimal("0.98"), inner=True) for each in row.names()}
    row.close()
    return found


def _holidays(row: Fields) -> tuple[tuple[date, str], ...]:
    found = []
    for each in row.names():
        try:
            found.append((date.fromisoformat(each.value), row.required(each.value)))
        except ValueError:
            row.problems.add("config.bad-value", each, each.value, key=row.name, expected="2026-12-24")
            row.required(each.value)
    row.close()
    return tuple(sorted(found))


def _supplier(row: Fields, partners: Collection[str]) -> str:
    supplier = row.required("supplier")
    if supplier not in partners:
        place = row.place("supplier")
        row.problems.add("partner.unknown-supplier", place, supplier, nearest=nearest(supplier, partners))
    return supplier


def _suppliers(row: Fields, key: str, partners: Collection[str]) -> tuple[str, ...]:
    found = row.texts(key)
    for each in found:
        if each.value not in partners:
            row.problems.add("partner.unknown-supplier", each, each.value, nearest=nearest(each.value, partners))
    return tuple(each.value for each in found)


def _schedule(row: Fields, partners: Collection[str]) -> ScheduleTerms:
    found = ScheduleTerms(
        supplier=_supplier(row, partners),
        horizon_days=row.whole("horizon_days", 56, least=7, most=366),
        every_days=row.whole("every_days", 7, least=1, most=90),
    )
    row.close()
    return found


def _supplier_plan(row: Fields, partners: Collection[str]) -> SupplierPlan:
    found = SupplierPlan(
        supplier=_supplier(row, partners),
        mode=row.choice("mode", ("vmi", "cmi"), "vmi"),
        report_days=_days(row, "report_days"),
        sales_days=row.whole("sales_days", 7, least=1, most=56),
    )
    row.close()
    return found


def _load(row: Fields, partners: Collection[str]) -> LoadTerms:
    found = LoadTerms(
        supplier=_supplier(row, partners),
        measure=row.choice("measure", get_args(LoadMeasure), "value"),
        minimum=row.decimal("minimum", Decimal(0)),
        wait_below=_share(row, "wait_below", Decimal(0)),
        truck=row.decimal("truck", Decimal(0)),
        fill_from=_share(row, "fill_from", Decimal(1)),
    )
    row.close()
    return found


def _places(row: Fields, otherwise: str) -> tuple[str, ...]:
    found = []
    for each in row.texts("places"):
        if len(each.value) != 13 or not has_valid_check_digit(each.value):
            row.problems.add("partner.check-digit", each, each.value, kind="GLN")
        found.append(each.value)
    if not found and otherwise:
        return (otherwise,)
    if not found:
        row.problems.add("config.missing", row.place("places"), key=f"{row.name}.places")
    return tuple(found)


def _calendar(row: Fields) -> PlanCalendar:
    found = PlanCalendar(
        lead_days=row.whole("lead_days", 2, most=200),
        order_days=_days(row, "order_days"),
        cut_off=_cut_off(row),
        work_days=_days(row, "work_days"),
        closed=_dates(row, "closed"),
        receiving_days=_days(row, "receiving_days"),
        place_closed=_dates(row, "place_closed"),
        sold_after_days=row.whole("sold_after_days", 0, most=60),
        open_days=_days(row, "open_days"),
        lead_deviation=row.decimal("lead_deviation", Decimal(0)),
        zone=read_zone(row),
    )
    row.close()
    return found


def _days(row: Fields, key: str) -> tuple[int, ...]:
    found = []
    for each in row.texts(key):
        if each.value not in DAYS:
            expected = " | ".join(DAYS)
            row.problems.add("config.bad-value", each, each.value, key=f"{row.name}.{key}", expected=expected)
            continue
        found.append(DAYS.index(each.value) + 1)
    return tuple(sorted(set(found))) or EVERY_DAY


def _dates(row: Fields, key: str) -> tuple[date, ...]:
    found = []
    for each in row.texts(key):
        try:
            found.append(date.fromisoformat(each.value))
        except ValueError:
            row.problems.add("config.bad-value", each, each.value, key=f"{row.name}.{key}", expected="2026-12-25")
    return tuple(sorted(set(found)))


def _cut_off(row: Fields) -> time | None:
    said = row.optional("cut_off")
    if said is None:
        return None
    try:
        return time.fromisoformat(said)
    except ValueError:
        row.problems.add("config.bad-value", row.place("cut_off"), said, key=f"{row.name}.cut_off", expected="10:00")
        return None


def _parameters(row: Fields) -> PlanParameters:
    default = PlanParameters()

    def units(key: str) -> Decimal | None:
        return row.decimal(key, Decimal(0)) if row.optional(key) is not None else None

    found = PlanParameters(
        rule=row.choice("rule", get_args(Rule), default.rule),
        service=_share(row, "service", default.service, inner=True),
        measure=row.choice("measure", get_args(ServiceMeasure), default.measure),
        lot=units("lot"),
        minimum=units("minimum"),
        maximum=units("maximum"),
        presentation=row.decimal("presentation", default.presentation),
        capacity=units("capacity"),
        shelf_life_days=row.whole("shelf_life_days", 0, most=9999) or None,
        layer=units("layer"),
        pallet=units("pallet"),
        round_up=_share(row, "round_up", default.round_up),
        round_down=_share(row, "round_down", default.round_down),
        minimum_order=row.decimal("minimum_order", default.minimum_order),
        trigger=_share(row, "trigger", default.trigger),
        model=row.choice("model", get_args(Model), default.model),
    )
    row.close()
    return found


def _share(row: Fields, key: str, default: Decimal, *, inner: bool = False) -> Decimal:
    """Return a share from 0 to 1; inner: both ends left out."""
    found = row.decimal(key, default)
    if found > 1 or (inner and not 0 < found < 1):
        row.problems.add("config.bad-value", row.place(key), str(found), key=f"{row.name}.{key}", expected="0.98")
        return default
    return found
