"""First-time-right is about what an account has sent: not about what our own house sends about it."""

import json
from typing import Any

from pipeline_scene import NOW, OATS, Line, envelope, orders
from sqlalchemy import select

from gateway.domain.crm.standard_rules import STANDARD
from gateway.store.crm_metrics import refresh
from gateway.store.crm_projection import CrmProjection
from gateway.store.tables_crm import crm_metric

OURS, NORDMARKT = "9521001000000", "9521002000009"


def despatch(number: str, order: str, units: str) -> str:
    parties = {
        name: {"ids": [{"scheme": "0088", "value": gln}]} for name, gln in (("seller", OURS), ("buyer", NORDMARKT))
    }
    line = {
        "number": "1", "item": {"gtin": f"0{OATS}"}, "despatchedQuantity": {"value": units, "unit": "H87"},
        "order": {"id": order, "line": "1"},
    }  # fmt: skip
    head = {"document": "DespatchAdvice", "schema": "1", "id": number, "issuedAt": "2026-11-03T06:00:00Z"}
    return json.dumps({**head, **parties, "estimatedDelivery": "2026-11-04", "lines": [line]})


def measured(tx: Any) -> None:
    projection = CrmProjection(tx.connection, STANDARD, {"nordmarkt": "customer"})
    while projection.hear().messages:
        pass
    refresh(tx.connection, NOW)


def test_one_wrong_document_of_two_is_a_half_whatever_our_warehouse_tells_of_the_account(line: Line) -> None:
    line.count_stock(OATS)
    line.take(envelope(orders("PO-1", (OATS, "5"))))
    line.take(envelope(orders("PO-2", ("4000000000006", "5")), reference="2"))  # an item that nobody knows
    line.take(envelope(orders("PO-3", ("4000000000006", "5")), reference="3", test=True))
    for number in ("WD-1", "WD-2", "WD-3"):
        line.take(despatch(number, "PO-1", "1"), "warehouse")
    line.journal.write(measured)
    chosen = select(crm_metric.c.value, crm_metric.c.parts).where(
        crm_metric.c.account == "nordmarkt", crm_metric.c.name == "first-time-right"
    )
    assert len(line.rows("message", partner="nordmarkt", test=True)) == 1
    ((value, parts),) = line.journal.read(lambda tx: list(tx.connection.execute(chosen)))
    assert (value, json.loads(parts)) == ("0.5", {"faulty": 1, "messages": 2})
