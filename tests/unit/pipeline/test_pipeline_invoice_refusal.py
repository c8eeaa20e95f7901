"""A supplier hears that its invoice is not accepted, in the form that is agreed with it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from pipeline_scene import NOW, Line

from gateway.mapping.compiler import DocumentMapping
from gateway.model.effects import InvoiceSaved
from gateway.model.partner import Agreement

Standard = Callable[[str], DocumentMapping]


def refuse(line: Line) -> None:
    """Have an invoice of the supplier, and a person who rejects it."""
    saved = InvoiceSaved(
        key="invoice",
        side="purchase",
        partner="quellhof",
        number="R-1",
        kind="invoice",
        status="disputed",
        issued_on=date(2026, 11, 1),
        currency="EUR",
        net=Decimal(100),
        tax=Decimal(0),
        gross=Decimal(100),
        open=Decimal(100),
    )
    line.journal.write(lambda tx: tx.write_effects("bill", (saved,), NOW, test=False))
    word = {
        "document": "InvoiceDecision",
        "schema": "1",
        "id": "W-1",
        "issuedAt": "2026-11-02",
        "partner": "quellhof",
        "invoice": "R-1",
        "decision": "reject",
        "user": "ann",
        "reason": "two crates were broken",
    }
    (applied,) = line.take(json.dumps(word), "self", channel="internal")
    assert applied.fault is None


def test_who_sends_invoices_in_edifact_gets_an_aperak_with_the_reason(line: Line) -> None:
    refuse(line)
    ((mapping, text),) = line.parcels("quellhof")
    assert mapping == "control/APERAK"
    segments = text.split("'")
    assert "RFF+ON:R-1" in segments
    assert "ERC+18" in segments
    assert [each for each in segments if each.startswith("FTX")] == [
        "FTX+AAO+++The invoice R-1 is not accepted?: two crates were broken"
    ]


def test_who_has_agreed_on_application_responses_gets_one_instead(line: Line, standard: Standard) -> None:
    name = "ubl-2.1/ApplicationResponse"
    partner = line.book.partners["quellhof"]
    agreements = (*partner.agreements, Agreement(direction="send", mapping=name, over=partner.agreements[0].over))
    line.book = replace(
        line.book,
        partners={**line.book.partners, "quellhof": replace(partner, agreements=agreements)},
        mappings={**line.book.mappings, ("quellhof", name): standard(name)},
    )
    refuse(line)
    ((mapping, text),) = line.parcels("quellhof")
    assert mapping == name
    assert "<cbc:ResponseCode>RE</cbc:ResponseCode>" in text
    assert "<cbc:Description>two crates were broken</cbc:Description>" in text
    assert "<cbc:ID>R-1</cbc:ID>" in text


def test_who_takes_no_aperak_gets_nothing(line: Line) -> None:
    partner = line.book.partners["quellhof"]
    silent = tuple(replace(each, aperak=False) for each in partner.agreements)
    line.book = replace(line.book, partners={**line.book.partners, "quellhof": replace(partner, agreements=silent)})
    refuse(line)
    assert line.parcels("quellhof") == []
