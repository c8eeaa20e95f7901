"""terms: and expects: of partner.yaml, and the tables that name what an account may order."""

import re
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar

from gateway.config.fields import Fields, Problems
from gateway.config.tables import read_rows
from gateway.config.zones import read_zone
from gateway.model.documents import DOCUMENTS
from gateway.model.partner import Expected, Terms
from gateway.model.values import gtin14, has_valid_check_digit

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLASSES: tuple[Literal["A", "B", "C"], ...] = ("A", "B", "C")
_GTIN_LENGTHS = (8, 12, 13, 14)

T = TypeVar("T")


def read_trade_terms(rows: list[Fields]) -> tuple[Terms, ...]:
    """Return every version of the terms; two that begin on the same day are reported."""
    found: list[Terms] = []
    for row in rows:
        terms = _terms(row)
        row.close()
        if terms.valid_to is not None and terms.valid_to < terms.valid_from:
            row.problems.add(
                "config.bad-value", row.place("valid_to"), str(terms.valid_to), key="valid_to", expected=">"
            )
        if any(each.valid_from == terms.valid_from for each in found):
            row.problems.add("config.repeated-row", row.place("valid_from"), terms.valid_from.isoformat())
        found.append(terms)
    return tuple(found)


def _terms(row: Fields) -> Terms:
    default = Terms()
    return Terms(
        valid_from=day_of(row, "valid_from") or default.valid_from,
        valid_to=day_of(row, "valid_to"),
        price_list=row.optional("price_list"),
        currency=row.optional("currency"),
        minimum_value=_number(row, "minimum_value"),
        lead_time_days=_whole(row, "lead_time_days", 365),
        delivery_days=_week_days(row, "delivery_days"),
        response_h=row.whole("response_h", default.response_h, least=1, most=24 * 31),
        credit_class=row.choice("credit_class", CLASSES, default.credit_class),
        credit_limit=_number(row, "credit_limit"),
        items=row.text("items", default.items),
        auto_value=_number(row, "auto_value"),
        auto_quantity=_number(row, "auto_quantity"),
        price_tolerance=row.decimal("price_tolerance", default.price_tolerance),
        quantity_tolerance=row.decimal("quantity_tolerance", default.quantity_tolerance),
        substitutes=row.flag("substitutes", default.substitutes),
        partial=row.flag("partial", default.partial),
        payment_days=row.whole("payment_days", default.payment_days, most=365),
    )


def read_expected(rows: list[Fields]) -> tuple[Expected, ...]:
    """Return the documents that the partner owes us."""
    found = []
    for row in rows:
        default = Expected(document="")
        each = Expected(
            document=_document(row, "document", row.required("document")),
            after=_document(row, "after", row.optional("after")),
            hours=row.whole("hours", default.hours, least=1, most=24 * 92),
            before_arrival=row.flag("before_arrival", False),
            days=_week_days(row, "days"),
            by=_time(row, "by", default.by),
            zone=read_zone(row),
            about=row.choice("about", ("yesterday", "today"), default.about),
        )
        if (each.after is None) == (not each.days):
            row.problems.add("partner.expected-when", row.table)
        row.close()
        found.append(each)
    return tuple(found)


def read_assortment(text: str, problems: Problems) -> frozenset[str]:
    """Return the GTIN-14s of a table with a column gtin; other columns are for people."""
    found = set()
    for row in read_rows(text, problems):
        code = row.required("gtin")
        if code and (len(code) not in _GTIN_LENGTHS or not has_valid_check_digit(code)):
            problems.add_at("partner.check-digit", row.line, None, code, kind="GTIN")
        elif code:
            found.add(gtin14(code))
    return frozenset(found)


def day_of(row: Fields, key: str) -> date | None:
    """Return the day that a field names, None when it is absent or wrong; what is wrong is a problem of the row."""
    found = row.optional(key)
    if found is None:
        return None
    if re.fullmatch(r"\d{4}-\d\d-\d\d", found):
        try:
            return date.fromisoformat(found)
        except ValueError:
            pass  # 2026-02-30: reported below
    row.problems.add("config.bad-value", row.place(key), found, key=key, expected="2026-01-31")
    return None


def _number(row: Fields, key: str) -> Decimal | None:
    return row.decimal(key, Decimal(0)) if row.optional(key) is not None else None


def _whole(row: Fields, key: str, most: int) -> int | None:
    return row.whole(key, 0, most=most) if row.optional(key) is not None else None


def _week_days(row: Fields, key: str) -> tuple[int, ...]:
    found = set()
    for each in row.texts(key):
        if each.value in DAYS:
            found.add(DAYS.index(each.value) + 1)
        else:
            row.problems.add("config.bad-value", each, each.value, key=key, expected=" | ".join(DAYS))
    return tuple(sorted(found))


def _document(row: Fields, key: str, said: T) -> T:
    if said is not None and said != "" and said not in DOCUMENTS:
        row.problems.add("config.bad-value", row.place(key), str(said), key=key, expected=" | ".join(DOCUMENTS))
    return said


def _time(row: Fields, key: str, default: str) -> str:
    found = row.text(key, default)
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", found):
        row.problems.add("config.bad-value", row.place(key), found, key=key, expected="06:00")
        return default
    return found
