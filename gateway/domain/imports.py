"""Lists that people hand over (KINDS): which column means what, and which rows are right.

Pure: the shell reads the file and the journal writes the rows. A header is matched by name, in English or Chinese, by
what was matched before, or by what the person says.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from gateway.model.calendar import CALENDAR_KINDS
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
from gateway.model.values import gtin14, has_valid_check_digit

_GTIN_LENGTHS = (8, 12, 13, 14)
LARGEST = Decimal(10) ** 12


class CellError(Exception):
    """One cell that cannot be taken. code: of the catalogue."""

    def __init__(self, code: str, expected: str = "") -> None:
        self.code = code
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind. read: from the cell's text, which is not empty. default: when it is empty or absent."""

    name: str
    read: Callable[[str], Any]
    required: bool = False
    default: Any = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A list that can be imported. table: of the journal; key: the columns that name one row."""

    name: str
    table: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """One row: its values, or what is wrong with it."""

    line: int
    values: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Finding, ...] = ()


def _text(limit: int) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if len(cell) > limit:
            raise CellError("import.too-long", str(limit))
        return cell

    return read


def _gtin(cell: str) -> str:
    if len(cell) not in _GTIN_LENGTHS or not has_valid_check_digit(cell):
        raise CellError("import.check-digit", "GTIN")
    return gtin14(cell)


def _gln(cell: str) -> str:
    if len(cell) != 13 or not has_valid_check_digit(cell):
        raise CellError("import.check-digit", "GLN")
    return cell


def decimal_of(cell: str) -> Decimal:
    """Read 1234.5, 1,234.5, 1.234,5 and 1 234,5: the last of comma and point is the decimal mark when it stands once.

    Raises CellError import.number, also for "1,234" and "1.234": nobody can tell thousands from decimals there unless
    another mark says so.
    """
    plain = cell.replace(" ", "").replace("\N{NO-BREAK SPACE}", "").replace("'", "")
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma >= 0 and point >= 0:
        thousands, mark = (",", ".") if point > comma else (".", ",")
        plain = plain.replace(thousands, "").replace(mark, ".")
    elif comma >= 0:
        if plain.count(",") > 1 or (len(plain) - comma - 1 == 3 and comma <= 3 and not plain.startswith("0")):
            raise CellError("import.number-unclear", "1234.5")
        plain = plain.replace(",", ".")
    elif plain.count(".") > 1:
        raise CellError("import.number-unclear", "1234.5")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise CellError("import.number", "1234.5") from None
    if not value.is_finite() or abs(value) >= LARGEST or "e" in plain.lower() or "_" in plain:
        raise CellError("import.number", "1234.5")
    return value


def _positive(cell: str) -> str:
    value = decimal_of(cell)
    if value <= 0:
        raise CellError("import.number", "> 0")
    return format(value, "f")


def _price(cell: str) -> str:
    value = decimal_of(cell)
    if value < 0:
        raise CellError("import.number", ">= 0")
    return format(value, "f")


def _milli(cell: str) -> int:
    value = decimal_of(cell) * 1000
    if value != value.to_integral_value():
        raise CellError("import.number", "0.001")
    return int(value)


def _not_negative_milli(cell: str) -> int:
    if (value := _milli(cell)) < 0:
        raise CellError("import.number", ">= 0")
    return value


def _flag(cell: str) -> bool:
    said = cell.lower()
    if said in ("true", "yes", "y", "1", "x", "ja", "是"):
        return True
    if said in ("false", "no", "n", "0", "nein", "否"):
        return False
    raise CellError("import.flag", "yes | no")


def _day(cell: str) -> str:
    """Read 2026-03-01, 20260301, 01.03.2026 and 2026/3/1; 3/1/2026 could mean two days."""
    said = cell.replace("年", "-").replace("月", "-").replace("日", "").split("T")[0].split(" ")[0]
    try:
        if len(said) == 8 and said.isdigit():
            return date(int(said[:4]), int(said[4:6]), int(said[6:])).isoformat()
        for mark in "-/.":
            pieces = said.split(mark)
            if len(pieces) == 3 and all(piece.isascii() and piece.isdigit() for piece in pieces):
                if len(pieces[0]) == 4:
                    return date(int(pieces[0]), int(pieces[1]), int(pieces[2])).isoformat()
                if mark == "." and len(pieces[2]) == 4:
                    return date(int(pieces[2]), int(pieces[1]), int(pieces[0])).isoformat()
    except ValueError:
        pass  # 2026-02-30: the same answer as for no date at all
    raise CellError("import.date", "2026-01-31")


def _currency(cell: str) -> str:
    if len(cell) != 3 or not cell.isascii() or not cell.isalpha():
        raise CellError("import.currency", "EUR")
    return cell.upper()


def _choice(*options: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if cell.lower() not in options:
            raise CellError("import.choice", " | ".join(options))
        return cell.lower()

    return read


def _whole(most: int) -> Callable[[str], int]:
    def read(cell: str) -> int:
        value = decimal_of(cell)
        if value != value.to_integral_value() or not 0 <= value <= most:
            raise CellError("import.number", f"0 - {most}")
        return int(value)

    return read


def _words(cell: str) -> list[str]:
    return [each for each in re.split(r"[\s,;/、，；]+", cell.strip().lower()) if each]


def _week_days(cell: str) -> str:
    """Read mon tue wed, 1-5, Mo-Fr, 周一 周三: ISO week days with blanks between."""
    found: set[int] = set()
    for word in _words(cell):
        first, mark, last = word.partition("-")
        days = [_WEEK_DAYS.get(each, 0) for each in ((first, last) if mark else (first,))]
        if not all(days) or days != sorted(days):
            raise CellError("import.week-day", "mon tue | 1-5")
        found.update(range(days[0], days[-1] + 1))
    return " ".join(str(each) for each in sorted(found))


_WEEK_DAYS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "1 mon monday mo 周一 星期一",
            "2 tue tuesday di 周二 星期二",
            "3 wed wednesday mi 周三 星期三",
            "4 thu thursday do 周四 星期四",
            "5 fri friday fr 周五 星期五",
            "6 sat saturday sa 周六 星期六",
            "7 sun sunday so 周日 星期日 周天 星期天",
        ),
        start=1,
    )
    for name in names.split()
}


def _day_list(cell: str) -> str:
    """Read days with blanks, commas or semicolons between: each as _day reads it."""
    return " ".join(sorted({_day(each) for each in re.split(r"[\s,;、，；]+", cell.strip()) if each}))


def _clock(cell: str) -> str:
    found = re.fullmatch(r"(\d{1,2})[:：.](\d{2})(?:[:：.]00)?", cell.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise CellError("import.time", "14:30")
    return f"{int(found[1]):02d}:{found[2]}"


def _credit_class(cell: str) -> str:
    if cell.upper() not in ("A", "B", "C"):
        raise CellError("import.choice", "A | B | C")
    return cell.upper()


_GTIN_COLUMN = Column("gtin", _gtin, required=True, aliases=("ean", "barcode", "item", "条码", "商品条码", "商品编码"))
_VALID_FROM = Column("valid_from", _day, default="2000-01-01", aliases=("from", "start", "生效日期", "开始日期"))
_VALID_TO = Column("valid_to", _day, aliases=("to", "until", "end", "失效日期", "结束日期"))
_CURRENCY = Column("currency", _currency, default="EUR", aliases=("curr", "币种", "货币"))

KINDS: Mapping[str, Kind] = {
    each.name: each
    for each in (
        Kind(
            "items",
            "item",
            ("gtin",),
            (
                _GTIN_COLUMN,
                Column("name", _text(200), required=True, aliases=("description", "品名", "商品名称", "名称")),
                Column("name_zh", _text(200), aliases=("chinese name", "中文名称")),
                Column("unit", _text(10), default="H87", aliases=("uom", "单位")),
                Column("supplier", _text(100), aliases=("vendor", "供应商")),
                Column("supplier_item", _text(80), aliases=("vendor item", "supplier article", "供应商货号")),
                Column("pack", _positive, default="1", aliases=("case size", "order multiple", "装箱数", "包装数")),
                Column("sales_price", _price, aliases=("price", "售价", "销售价")),
                Column("purchase_price", _price, aliases=("cost", "进价", "采购价")),
                _CURRENCY,
                Column("active", _flag, default=True, aliases=("enabled", "在售", "有效")),
                Column("category", _text(100), aliases=("group", "类别", "品类")),
                Column("substitute", _gtin, aliases=("replacement", "替代品")),
            ),
        ),
        Kind(
            "packs",
            "item_pack",
            ("gtin",),
            (
                _GTIN_COLUMN,
                Column("inner", _gtin, required=True, aliases=("contains", "inner gtin", "内含条码")),
                Column("contents", _not_negative_milli, required=True, aliases=("quantity", "数量", "内含数量")),
                Column("level", _choice("case", "layer", "pallet"), default="case", aliases=("层级",)),
            ),
        ),
        Kind(
            "prices",
            "price",
            ("price_list", "gtin", "minimum", "valid_from"),
            (
                Column("price_list", _text(80), required=True, aliases=("list", "价目表")),
                _GTIN_COLUMN,
                Column("price", _price, required=True, aliases=("net", "价格")),
                _CURRENCY,
                _VALID_FROM,
                _VALID_TO,
                Column("minimum", _not_negative_milli, default=0, aliases=("minimum quantity", "起订量", "最小数量")),
            ),
        ),
        Kind(
            "places",
            "place",
            ("gln",),
            (
                Column("gln", _gln, required=True, aliases=("location", "位置码")),
                Column("name", _text(200), required=True, aliases=("description", "名称")),
                Column(
                    "kind", _choice("store", "warehouse", "dc", "office"), default="store", aliases=("type", "类型")
                ),
                Column("partner", _text(100), aliases=("account", "owner", "伙伴")),
            ),
        ),
        Kind(
            "stock",
            "stock",
            ("gtin", "location"),
            (
                _GTIN_COLUMN,
                Column("location", _gln, aliases=("gln", "place", "warehouse", "仓库", "地点")),
                Column("on_hand", _milli, required=True, aliases=("quantity", "stock", "库存", "数量", "现有库存")),
            ),
        ),
        Kind(
            "calendars",
            "calendar",
            ("owner", "kind", "valid_from"),
            (
                Column("owner", _text(100), default="self", aliases=("partner", "gln", "place", "account", "所有者")),
                Column("kind", _choice(*CALENDAR_KINDS), required=True, aliases=("type", "类型")),
                _VALID_FROM,
                _VALID_TO,
                Column("weekdays", _week_days, default="", aliases=("days", "week days", "星期", "工作日")),
                Column("closed", _day_list, default="", aliases=("holidays", "closed days", "节假日", "休息日")),
                Column("opened", _day_list, default="", aliases=("extra days", "open days", "加班日")),
                Column("cut_off", _clock, aliases=("cutoff", "cut-off time", "截止时间")),
                Column("zone", _text(60), default="UTC", aliases=("time zone", "timezone", "时区")),
            ),
        ),
        Kind(
            "customers",
            "customer",
            ("account", "valid_from"),
            (
                Column("account", _text(100), required=True, aliases=("partner", "customer", "gln", "客户")),
                replace(_VALID_FROM, default=None),
                _VALID_TO,
                Column("name", _text(200), default="", aliases=("customer name", "客户名称", "名称")),
                Column("number", _text(80), aliases=("customer number", "account number", "客户编号")),
                Column("price_list", _text(80), aliases=("list", "价目表")),
                Column("currency", _currency, aliases=("curr", "币种", "货币")),
                Column("minimum_value", _price, aliases=("minimum", "minimum order value", "最低金额")),
                Column("lead_time_days", _whole(365), aliases=("lead time", "交货期")),
                Column("delivery_days", _week_days, default="", aliases=("delivery", "送货日")),
                Column("response_h", _whole(24 * 31), aliases=("sla", "response hours", "答复时限")),
                Column("credit_class", _credit_class, aliases=("credit", "信用等级")),
                Column("credit_limit", _price, aliases=("limit", "信用额度")),
                Column("items", _text(80), aliases=("assortment", "可订商品")),
                Column("auto_value", _price, aliases=("automatic value", "自动受理金额")),
                Column("auto_quantity", _price, aliases=("automatic quantity", "自动受理数量")),
                Column("price_tolerance", _price, aliases=("价格容差",)),
                Column("quantity_tolerance", _price, aliases=("数量容差",)),
                Column("substitutes", _flag, aliases=("substitution", "允许替代")),
                Column("partial", _flag, aliases=("partial delivery", "允许分批")),
                Column("payment_days", _whole(365), aliases=("payment terms", "账期")),
            ),
        ),
    )
}


def kind_of(name: str) -> Kind:
    """Raises OurFault import.kind-unknown."""
    found = KINDS.get(name)
    if found is None:
        near = get_close_matches(name, KINDS, 1)
        raise OurFault("import.kind-unknown", value=name, nearest=near[0] if near else ", ".join(KINDS))
    return found


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").replace("-", " ").lower().split())


def match_columns(
    kind: Kind, header: Sequence[str], remembered: Mapping[str, str], said: Mapping[str, str]
) -> dict[str, int]:
    """Return our column -> place in the header. said and remembered: our column -> their column.

    What the person says wins, then what was matched before, then names and aliases. Raises OurFault
    import.column-unknown, import.column-missing with the nearest header.
    """
    places = {_plain(name): place for place, name in reversed(list(enumerate(header)))}
    found: dict[str, int] = {}
    for ours, theirs in said.items():
        if ours not in {column.name for column in kind.columns} or _plain(theirs) not in places:
            raise OurFault("import.column-unknown", value=f"{ours}={theirs}", header=", ".join(header)[:300])
        found[ours] = places[_plain(theirs)]
    for column in kind.columns:
        names = [column.name, *column.aliases]
        if (before := remembered.get(column.name)) is not None:
            names.insert(0, before)
        place = next((places[name] for name in map(_plain, names) if name in places), None)
        if column.name not in found and place is not None and place not in found.values():
            found[column.name] = place
    for column in kind.columns:
        if column.required and column.name not in found:
            raise OurFault("import.column-missing", value=column.name, header=", ".join(header)[:300])
    return found


def convert(kind: Kind, columns: Mapping[str, int], line: int, cells: Sequence[str]) -> Converted:
    """Return the values of one row by our column names, with every problem that it has."""
    values: dict[str, Any] = {}
    problems = []
    for column in kind.columns:
        place = columns.get(column.name)
        cell = cells[place].strip() if place is not None and place < len(cells) else ""
        if not cell:
            if column.required:
                problems.append(_problem("import.cell-missing", line, place, column.name, ""))
            values[column.name] = column.default
            continue
        try:
            values[column.name] = column.read(cell)
        except CellError as problem:
            problems.append(_problem(problem.code, line, place, column.name, cell, problem.expected))
    return Converted(line=line, values={} if problems else values, problems=tuple(problems))


def _problem(code: str, line: int, place: int | None, column: str, cell: str, expected: str = "") -> Finding:
    where = Where(line=line, column=None if place is None else place + 1)
    return Finding(
        code=code, severity="error", where=where, value=cell[:80], params=(("column", column), ("expected", expected))
    )
