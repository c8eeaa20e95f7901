"""A list that a document must have may be empty, and is read back."""

from datetime import date

import pytest

from gateway.model import json_form
from gateway.model.documents import DOCUMENTS, Document
from gateway.model.order import Order
from gateway.model.replenishment import ReplenishmentProposal
from gateway.model.sales_report import SalesReport
from gateway.model.values import party

DAY = date(2026, 3, 2)
BUYER, SELLER = party("4099990000011"), party("4099990000028")
EMPTY: list[Document] = [
    Order(id="1", issued_at=DAY, buyer=BUYER, seller=SELLER, lines=()),
    SalesReport(id="1", issued_at=DAY, reporter=BUYER, receiver=SELLER, lines=()),
    ReplenishmentProposal(id="R", issued_at=DAY, supplier="farm", ship_to="4099990000011", status="proposed", lines=()),
]


@pytest.mark.parametrize("document", EMPTY, ids=lambda each: type(each).__name__)
def test_a_document_without_lines_is_read_back(document: Document) -> None:
    text = json_form.dumps(document)
    assert '"lines":[]' in text
    assert json_form.loads(text) == document


def test_what_may_be_absent_is_left_out_when_it_is_empty() -> None:
    assert "notes" not in json_form.document_plain(EMPTY[0])
    assert set(DOCUMENTS) >= {type(each).__name__ for each in EMPTY}
