"""What a message has caused, as sentences: for each kind of effect which of its figures are said, and how."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gateway.model.findings import Finding
from gateway.store.view_rows import EffectLine

if TYPE_CHECKING:
    from gateway.console.words import Words

Data = Mapping[str, Any]
Said = Callable[["Words", Data], object]


def _raw(name: str) -> Said:
    return lambda words, data: data.get(name, "")


def _item(words: "Words", data: Data) -> str:
    return words.item(str(data.get("gtin", "?")))


def _partner(name: str = "partner") -> Said:
    return lambda words, data: words.partner(str(data.get(name, "")))


def _number(name: str) -> Said:
    return lambda words, data: words.number(str(data.get(name, 0)))


def _day(name: str) -> Said:
    return lambda words, data: words.day(str(data[name])) if data.get(name) else "–"


def _term(group: str, name: str) -> Said:
    return lambda words, data: words.term(group, str(data.get(name, "")))


def _money(name: str) -> Said:
    return lambda words, data: words.money(data.get(name), data.get("currency"))


def _finding(words: "Words", data: Data) -> str:
    params = data.get("params")
    pairs = tuple((str(name), str(value)) for name, value in params.items()) if isinstance(params, dict) else ()
    return words.finding(Finding(code=str(data.get("code")), params=pairs))


def _numbers_taken(words: "Words", data: Data) -> str:
    return words.number(int(data.get("last", 0)) - int(data.get("start", 0)))


def _count(name: str) -> Said:
    """The length of a list, or the number itself; as long as a row has neither: a dash."""

    def said(words: "Words", data: Data) -> str:
        value = data.get(name)
        return words.number(value if isinstance(value, int) else len(value)) if value is not None else "–"

    return said


_STATUS = _term("state", "status")
_SENTENCES: Mapping[str, Mapping[str, Said]] = {
    "StockMoved": {
        "measure": _term("measure", "measure"),
        "delta": lambda words, data: words.signed(data.get("delta", 0)),
        "item": _item,
    },
    "OrderSaved": {"number": _raw("number"), "status": _STATUS, "lines": _number("lines")},
    "ShipmentSaved": {"number": _raw("number"), "status": _STATUS},
    "SalesRecorded": {"sold": _number("sold"), "item": _item, "day": _day("day")},
    "StockReported": {"item": _item, "quantity": _number("quantity")},
    "ActivityAdded": {
        "partner": _partner("account"),
        "activity": _term("activity", "kind"),
        "reference": _raw("reference"),
    },
    "CaseOpened": {"text": _finding},
    "CaseClosed": {"text": _finding},
    "ProposalSaved": {"number": _raw("id"), "status": _STATUS},
    "ParcelAnswered": {"partner": _partner(), "outcome": _term("outcome", "outcome")},
    "ItemSaved": {"number": lambda words, data: data.get("gtin") or "–"},
    "PackSaved": {
        "number": _raw("gtin"),
        "count": _number("contents"),
        "item": lambda w, d: w.item(str(d.get("inner"))),
    },
    "PriceSaved": {"item": _item, "price": _money("price"), "day": _day("validFrom")},
    "PlaceSaved": {"name": _raw("name"), "number": _raw("gln")},
    "CalendarSaved": {"owner": _partner("owner"), "day": _day("validFrom")},
    "CustomerSaved": {"partner": _partner("account"), "day": _day("validFrom")},
    "OfferSaved": {"partner": _partner("supplier"), "item": lambda words, data: data.get("name") or _item(words, data)},
    "InvoiceSaved": {
        "kind": _term("invoice-kind", "kind"),
        "number": _raw("number"),
        "status": _STATUS,
        "amount": _money("gross"),
    },
    "PaymentSettled": {"amount": _money("paid"), "number": _raw("invoice")},
    "ReturnSaved": {"number": _raw("number"), "status": _STATUS},
    "DocumentLinked": {
        "from_type": _term("type", "sourceType"),
        "source": _raw("source"),
        "to_type": _term("type", "toType"),
        "to": _raw("to"),
    },
    "DocumentExpected": {"document": _term("type", "documentType"), "subject": _raw("subject"), "partner": _partner()},
    "ExpectationMet": {"document": _term("type", "documentType"), "subject": _raw("subject")},
    "NumbersTaken": {"count": _numbers_taken},
    "UnitShipped": {"number": _raw("sscc")},
    "ReportWithdrawn": {"number": _raw("report"), "partner": _partner()},
    "DayReported": {"partner": _partner(), "day": _day("day")},
    "GoodsReceived": {"count": _number("units"), "item": _item},
    "PlanChanged": {"count": _count("gtins"), "place": lambda words, data: words.place(str(data.get("location", "")))},
    "LinesPlanned": {"count": _count("planned")},
    "LineOrdered": {"count": _number("quantity"), "item": _item, "number": _raw("order")},
    "OverrideSaved": {"author": _partner("author"), "item": _item, "count": _number("quantity")},
    "ParameterSaved": {"item": _item, "value": lambda words, data: data.get("value") or "–"},
    "WordKept": {"word": _term("plan-word", "kind"), "author": _raw("author")},
    "RecordSaved": {"record": _term("plan-record", "kind"), "number": _raw("id")},
}


def sentence(words: "Words", effect: EffectLine) -> str:
    """Return one effect as a sentence; a kind that nobody has told us of by its name and key."""
    said = _SENTENCES.get(effect.kind)
    if said is None:
        return words("effect.other", kind=effect.kind, key=effect.key)
    return words(f"effect.{effect.kind}", **{name: say(words, effect.data) for name, say in said.items()})
