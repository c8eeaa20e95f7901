"""`syntax: {kind: csv, ...}` of a mapping: how the file looks, and the converters for its numbers and dates."""

import codecs
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from gateway.codecs.csv_rows import FILE_NAME, ROOT, ROW, SKIPPED, CsvForm, tag_of
from gateway.mapping.converters import XML, Converter, Texts, read_decimal, write_decimal
from gateway.model.values import Amount, Moment, Quantity

WORDS = (
    "kind", "columns", "head", "key", "records", "header", "delimiter", "quote", "encoding", "safe", "decimal",
    "thousands", "dates", "file",
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "windows-1250")
_COLUMN = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_KIND = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")
_DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_TOKENS = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_TOKEN = re.compile("|".join(_TOKENS))
_DATE_FORM = re.compile(r"(?:YYYY|MM|DD|HH|mm|ss|[-./: T])+")
Refuse = Callable[[str, str], None]  # (word, value): raises


def csv_form(table: Mapping[str, Any], refuse: Refuse) -> CsvForm:
    """Return the form that the words of a syntax describe. refuse is called for the word whose value is wrong."""
    titles = _titles(table.get("columns", []), refuse)
    records = _records(table.get("records", {}), refuse)
    if bool(titles) == bool(records):
        refuse("columns", "")
    for kind, columns in records.items():
        titles |= {column: column for column in columns if column != SKIPPED}
        if kind in (ROOT, ROW):
            refuse("records", kind)
    head, key = _texts(table.get("head", []), "head", refuse), _texts(table.get("key", []), "key", refuse)
    for word, columns in (("head", head), ("key", key)):
        for column in columns:
            if column not in titles or records:
                refuse(word, column)
    for column in key:
        if column not in head:
            refuse("key", column)
    delimiter = str(table.get("delimiter", ","))
    delimiter = _DELIMITERS.get(delimiter, delimiter)
    quote = str(table.get("quote", '"'))
    quote = "" if quote == "none" else quote
    if len(delimiter) != 1 or delimiter in ('"', "\r", "\n", quote):
        refuse("delimiter", delimiter)
    if len(quote) > 1 or quote in ("\r", "\n", " "):
        refuse("quote", quote)
    return CsvForm(
        titles=titles,
        head=head,
        key=key,
        records=records,
        header=not records and _flag(table, "header", refuse),
        delimiter=delimiter,
        quote=quote,
        encoding=_encoding(str(table.get("encoding", "utf-8")), refuse),
        safe=_flag(table, "safe", refuse),
        decimal=_one_of(table, "decimal", (".", ","), ".", refuse),
        thousands=_one_of(table, "thousands", ("", ".", ",", " ", "'"), "", refuse),
        dates=_dates(_texts(table.get("dates", []), "dates", refuse), refuse),
    )


def _titles(value: Any, refuse: Refuse) -> dict[str, str]:
    if isinstance(value, Mapping):
        found = {str(column): str(title) for column, title in value.items()}
    else:
        columns = _texts(value, "columns", refuse)
        found = {}
        for number, column in enumerate(columns):
            found[column if column != SKIPPED else f"{SKIPPED}{number}"] = column
        if len(found) != len(columns):
            refuse("columns", ", ".join(columns)[:80])
    for column in found:
        if not _COLUMN.fullmatch(column) and not column.startswith(SKIPPED):
            refuse("columns", column)
    return found


def _records(value: Any, refuse: Refuse) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        refuse("records", str(value)[:40])
    found = {str(kind): _texts(columns, "records", refuse) for kind, columns in value.items()}
    for kind, columns in found.items():
        if not _KIND.fullmatch(kind):
            refuse("records", kind)
        for column in columns:
            if column != SKIPPED and (not _COLUMN.fullmatch(column) or column in map(tag_of, found)):
                refuse("records", column)
    return found


def _texts(value: Any, word: str, refuse: Refuse) -> tuple[str, ...]:
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        refuse(word, str(value)[:40])
    return tuple(found)


def _flag(table: Mapping[str, Any], word: str, refuse: Refuse) -> bool:
    return _one_of(table, word, ("true", "false"), "true", refuse) == "true"


def _one_of(table: Mapping[str, Any], word: str, known: tuple[str, ...], default: str, refuse: Refuse) -> str:
    value = str(table.get(word, default))
    if value not in known:
        refuse(word, value)
    return value


def _encoding(name: str, refuse: Refuse) -> str:
    try:
        known = {codecs.lookup(each).name for each in ENCODINGS}
        if codecs.lookup(name).name not in known:
            refuse("encoding", name)
    except LookupError:
        refuse("encoding", name)
    return codecs.lookup(name).name


def _dates(patterns: tuple[str, ...], refuse: Refuse) -> tuple[str, ...]:
    for each in patterns:
        if not _DATE_FORM.fullmatch(each) or not {"YYYY", "MM", "DD"} <= set(_TOKEN.findall(each)):
            refuse("dates", each)
    return patterns


def known_places(form: CsvForm) -> set[str]:
    """Return every path that a rule may name, from <file> and from its rows."""
    inner = [ROW] if not form.records else [tag_of(kind) for kind in list(form.records)[1:]]
    places = {FILE_NAME, *form.columns_of(ROOT), *inner}
    for tag in inner:
        places |= {f"{tag}/{column}" for column in form.columns_of(tag)}
    return {each for each in places if not each.rpartition("/")[2].startswith(SKIPPED)}


def csv_converters(form: CsvForm) -> Mapping[str, Converter]:
    """Return the converters by name: those of XML without attributes, with the form's numbers and dates."""
    read_number, write_number = _numbers(form)
    moment = Converter(
        read=lambda text, _: _read_moment(text, form.dates),
        write=lambda value: (_write_moment(value, form.dates),),
        fault="mapping.bad-date",
    )
    own = {name: _alone(each) for name, each in XML.items()}
    return own | {
        "decimal": _number(read_number, write_number),
        "int": _number(lambda text: _whole(read_number(text)), str),
        "quantity": _number(
            lambda text: Quantity(value=read_number(text), per="gtin"), lambda value: write_number(value.value)
        ),
        "amount": _number(lambda text: Amount(value=read_number(text)), lambda value: write_number(value.value)),
        "moment": moment,
        "date": moment,
    }


def _alone(each: Converter) -> Converter:
    """A cell has nothing beside it: the companions of XML (attributes) are read as absent and not written."""
    if not each.companions:
        return each
    absent = ("",) * len(each.companions)
    read, write = each.read, each.write

    def first(value: Any) -> Texts:
        return write(value)[:1]

    return Converter(read=lambda text, _: read(text, absent), write=first, takes=each.takes, fault=each.fault)


def _number(read: Callable[[str], Any], write: Callable[[Any], str]) -> Converter:
    return Converter(
        read=lambda text, _: read(text), write=lambda value: (write(value),), fault="mapping.bad-number"
    )  # fmt: skip


def _whole(number: Decimal) -> int:
    if number != number.to_integral_value():
        raise ValueError(number)
    return int(number)


def _numbers(form: CsvForm) -> tuple[Callable[[str], Decimal], Callable[[Decimal], str]]:
    """Read with the form's marks only: 1.234 is not one and something where the point parts thousands."""
    mark, thousands = form.decimal, form.thousands
    other = "," if mark == "." else "."

    def read(text: str) -> Decimal:
        if thousands:
            whole, _, rest = text.partition(mark)
            groups = whole.split(thousands)
            if len(groups) > 1 and (not 0 < len(groups[0].lstrip("+-")) < 4 or any(len(g) != 3 for g in groups[1:])):
                raise ValueError(text)
            text = "".join(groups) + (mark + rest if rest else "")
        if other in text:
            raise ValueError(text)
        return read_decimal(text.replace(mark, "."))

    return read, lambda value: write_decimal(value).replace(".", mark)


def _read_moment(text: str, patterns: tuple[str, ...]) -> Moment:
    if not patterns:
        return XML["moment"].read(text, ())  # type: ignore[no-any-return]  # ISO 8601
    for pattern in patterns:
        form = _TOKEN.sub(lambda token: _TOKENS[token.group()], pattern)
        try:
            found = datetime.strptime(text.strip(), form)  # noqa: DTZ007  local time of the sender, as in every format
        except ValueError:
            continue
        return found if _has_time(pattern) else found.date()
    raise ValueError(text)


def _write_moment(value: Moment, patterns: tuple[str, ...]) -> str:
    """Write by the first pattern that says as much as value does; a time that no pattern has is left out."""
    if not patterns:
        return value.isoformat()
    timed = isinstance(value, datetime)
    pattern = next((each for each in patterns if _has_time(each) == timed), patterns[0])
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return _TOKEN.sub(lambda token: moment.strftime(_TOKENS[token.group()]), pattern)


def _has_time(pattern: str) -> bool:
    return "HH" in pattern
