"""What leaves the house is said in the partner's language: codes of our own become words, and codes that all know."""

from dataclasses import replace

from gateway.mapping.compiler import DocumentMapping
from gateway.model.acknowledgement import Acknowledgement
from gateway.model.documents import Document
from gateway.model.order import OrderResponse, OrderResponseLine
from gateway.model.partner import Partner
from gateway.model.values import Quantity
from gateway.texts.catalogue import Lang
from gateway.texts.reasons import REASONS, in_words

_UNICODE = ("UNOW", "UNOY")  # levels of UNB S001 that hold every script


def language(partner: Partner, mapping: DocumentMapping | None) -> Lang:
    """Return the partner's language, or English where its EDIFACT level cannot hold Chinese.

    mapping: None for control messages, which are EDIFACT
    """
    edifact = mapping is None or mapping.syntax.kind == "edifact"
    if edifact and partner.edifact.write.level not in _UNICODE:
        return "en"
    return partner.language


def spoken(document: Document, lang: Lang) -> Document:
    """Return the document with every reason in words; of an order response also with its change codes (UNCL 4295)."""
    if isinstance(document, OrderResponse):
        return replace(document, lines=tuple(_line(each, lang) for each in document.lines))
    if isinstance(document, Acknowledgement):
        return replace(document, reason=in_words(document.reason, lang))
    return document


def _line(line: OrderResponseLine, lang: Lang) -> OrderResponseLine:
    said = REASONS.get(line.reason or "")
    if said is None:
        return line
    ordered, confirmed = line.ordered_quantity, line.confirmed_quantity
    line = replace(line, reason=in_words(line.reason, lang))
    if said.change is None or line.variance is not None or ordered is None or confirmed is None:
        return line
    if ordered.value == confirmed.value:  # date or price: DTM and PRI tell it, a variance of nothing would not
        return line
    left = Quantity(value=ordered.value - confirmed.value, unit=ordered.unit, per=ordered.per)
    return replace(line, variance=left, variance_reason=said.change)
