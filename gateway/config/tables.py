"""CSV tables of a partner's folder: items.csv, suppliers.csv and lookup tables. UTF-8, comma, a header line."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from gateway.config.fields import Problems, decimal_of, nearest
from gateway.model.partner import ItemRecord, SupplierTerms
from gateway.model.values import gtin14, has_valid_check_digit

ROWS_LIMIT = 1_000_000
FIELD_LIMIT = 1_000  # characters of one cell

ITEM_COLUMNS = (
    "gtin",
    "name",
    "name_zh",
    "unit",
    "supplier",
    "supplier_item",
    "pack",
    "sales_price",
    "purchase_price",
    "currency",
    "active",
    "category",
    "substitute",
)
SUPPLIER_COLUMNS = ("partner", "lead_time_days", "review_days", "service_factor", "approval_limit", "currency")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, by column name; an absent cell is "". Problems name line and column."""

    line: int  # from 1
    cells: dict[str, str]
    problems: Problems

    def get(self, column: str, default: str = "") -> str:
        return self.cells.get(column, "").strip() or default

    def required(self, column: str) -> str:
        found = self.get(column)
        if not found:
            self.problems.add_at("config.missing", self.line, None, key=column)
        return found

    def decimal(self, column: str) -> Decimal | None:
        """Return a number above zero or zero; None when the cell is empty or (reported) not a number."""
        found = self.get(column)
        number = decimal_of(found) if found else None
        if found and (number is None or number < 0):
            self.bad(column, found, "0.00")
            return None
        return number

    def whole(self, column: str, default: int) -> int:
        found = self.get(column)
        if found and not (found.isascii() and found.isdigit() and len(found) < 6):
            self.bad(column, found, "0..99999")
            return default
        return int(found) if found else default

    def bad(self, column: str, value: str, expected: str) -> None:
        self.problems.add_at("config.bad-value", self.line, None, value, key=column, expected=expected)


def lines_of(text: str) -> io.StringIO:
    """Return the lines of a table with their ends, as csv wants them: what only looks like one ends none."""
    return io.StringIO(text, newline="")


def read_rows(text: str, problems: Problems, columns: tuple[str, ...] = ()) -> Iterator[Row]:
    """Yield the rows of a table. columns: the ones allowed; empty: any. Malformed lines are reported and left out."""
    reader = csv.reader(lines_of(text), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        for name in header:
            if columns and name not in columns:
                problems.add_at("config.unknown-key", 1, None, key=name, nearest=nearest(name, columns))
        for row in reader:
            if reader.line_num > ROWS_LIMIT:
                problems.add_at("config.too-large", reader.line_num, None, limit=f"{ROWS_LIMIT} lines")
                return
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header) or any(len(cell) > FIELD_LIMIT for cell in row):
                problems.add_at(
                    "config.table-row", reader.line_num, None, found=str(len(row)), expected=str(len(header))
                )
                continue
            yield Row(reader.line_num, dict(zip(header, row, strict=True)), problems)
    except csv.Error as error:
        problems.add_at("config.syntax", reader.line_num or 1, None, detail=str(error))


def read_items(text: str, problems: Problems) -> dict[str, ItemRecord]:
    """Return our items by GTIN-14."""
    found: dict[str, ItemRecord] = {}
    for row in read_rows(text, problems, ITEM_COLUMNS):
        code = row.required("gtin")
        if code and (len(code) not in (8, 12, 13, 14) or not has_valid_check_digit(code)):
            problems.add_at("partner.check-digit", row.line, None, code, kind="GTIN")
            continue
        gtin = gtin14(code)
        if gtin in found:
            problems.add_at("config.repeated-row", row.line, None, code)
            continue
        found[gtin] = _item(row, gtin)
    return found


def _item(row: Row, gtin: str) -> ItemRecord:
    active = row.get("active", "true")
    if active not in ("true", "false"):
        row.bad("active", active, "true | false")
    pack = row.decimal("pack")
    if pack is not None and pack <= 0:
        row.bad("pack", str(pack), "1")
    return ItemRecord(
        gtin=gtin,
        name=row.required("name"),
        name_zh=row.get("name_zh") or None,
        unit=row.get("unit", "H87"),
        supplier=row.get("supplier") or None,
        supplier_item=row.get("supplier_item") or None,
        pack=pack or Decimal(1),
        sales_price=row.decimal("sales_price"),
        purchase_price=row.decimal("purchase_price"),
        currency=row.get("currency", "EUR"),
        active=active == "true",
        category=row.get("category") or None,
        substitute=_substitute(row),
    )


def _substitute(row: Row) -> str | None:
    code = row.get("substitute")
    if code and (len(code) not in (8, 12, 13, 14) or not has_valid_check_digit(code)):
        row.bad("substitute", code, "GTIN")
    return gtin14(code) if code else None


def read_suppliers(text: str, problems: Problems) -> dict[str, SupplierTerms]:
    """Return how we buy, by partner id."""
    found: dict[str, SupplierTerms] = {}
    default = SupplierTerms(partner="")
    for row in read_rows(text, problems, SUPPLIER_COLUMNS):
        partner = row.required("partner")
        if partner in found:
            problems.add_at("config.repeated-row", row.line, None, partner)
            continue
        factor, limit = row.decimal("service_factor"), row.decimal("approval_limit")
        found[partner] = SupplierTerms(
            partner=partner,
            lead_time_days=row.whole("lead_time_days", default.lead_time_days),
            review_days=row.whole("review_days", default.review_days),
            service_factor=default.service_factor if factor is None else factor,
            approval_limit=default.approval_limit if limit is None else limit,
            currency=row.get("currency", default.currency),
        )
    return found
