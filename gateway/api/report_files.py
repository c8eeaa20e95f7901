"""A report in words and as a file: names for ids, headings of the reader's language, CSV and Excel."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from gateway.api.csv_file import csv_file
from gateway.api.services import Definitions
from gateway.codecs.xlsx import workbook
from gateway.domain.crm.reports import Made, Wanted
from gateway.texts import catalogue
from gateway.texts.catalogue import Lang
from gateway.texts.errors import ERRORS
from gateway.texts.labels import label, label_or

FORMATS: Mapping[str, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
Namer = Callable[[str], str]


def key_words(wanted: Wanted, definitions: Definitions, lang: Lang) -> Namer:
    """Return how the first column reads: a partner, an item, a problem, a state or as it is."""

    def partner(name: str) -> str:
        found = definitions.partners.get(name)
        return name if found is None else (found.name_zh if lang == "zh-CN" else None) or found.name

    def item(gtin: str) -> str:
        found = definitions.own.items.get(gtin)
        return gtin if found is None else (found.name_zh if lang == "zh-CN" else None) or found.name

    def term(group: str) -> Namer:
        return lambda value: label_or(f"{group}.{value}", lang, value)

    name, group = wanted.report.name, wanted.group
    if group == "account":
        return partner
    if name == "market" or (name == "goods" and group == "item"):
        return item
    if name == "types":
        return term({"loyalty-type": "loyalty", "value-class": "value-class"}.get(group, group))
    if name == "pipeline":
        return term("stage-of")
    if group == "rule" or name == "cares":
        return lambda value: rule_words(value, lang)
    return str


def rule_words(rule: str, lang: Lang) -> str:
    """Return what a rule, an element or a topic is about."""
    if rule in ERRORS:
        entry = catalogue.entry(rule)
        return _PLACEHOLDER.sub("…", entry.zh if lang == "zh-CN" else entry.en)
    return label_or(f"rule.{rule}", lang, label_or(f"element.{rule}", lang, rule))


def heading(column: str, wanted: Wanted, lang: Lang) -> str:
    """Return what stands above a column."""
    if column == "key":
        return label_or(f"by.{wanted.group or wanted.report.name}", lang, label("report.key", lang))
    return label(f"column.{column}", lang)


def cell(column: str, value: str | None, namer: Namer, lang: Lang) -> str | None:
    """Return a cell in words; numbers stay as they are."""
    if value is None:
        return None
    if column == "key":
        return namer(value)
    if column == "why":
        return ", ".join(label(f"why.{each}", lang) for each in value.split())
    if column == "state":
        return label_or(f"lifecycle.{value}", lang, value)
    return label_or(f"kind-of.{value}", lang, value) if column == "kind" else value


def file_of(made: Made, form: str, definitions: Definitions, lang: Lang) -> bytes:
    """Return the report as a file of FORMATS."""
    wanted = made.wanted
    namer = key_words(wanted, definitions, lang)
    header = [heading(column, wanted, lang) for column in wanted.columns]
    rows = [[cell(column, row.get(column), namer, lang) for column in wanted.columns] for row in made.rows]
    if form == "xlsx":
        numbers = [column in wanted.report.numbers for column in wanted.columns]
        typed = [
            [_number(value) if number else value for value, number in zip(row, numbers, strict=True)] for row in rows
        ]
        return workbook(label(f"report.{wanted.report.name}", lang), header, typed)
    return csv_file(header, rows)


def _number(value: str | None) -> Decimal | str | None:
    try:
        return None if value is None else Decimal(value)
    except ArithmeticError:
        return value


def file_name(made: Made, form: str) -> str:
    """Return the name under which a report is kept."""
    return f"{made.wanted.report.name}-{made.wanted.until.isoformat()}.{form}"
