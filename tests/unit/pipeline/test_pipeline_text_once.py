"""The text of a document that was just read is not written again when it is digested and kept: the records must say the
same as if it had been."""

from dataclasses import replace

import pytest
from pipeline_scene import NOW, Line, book, envelope, new_id, orders

from gateway.domain.order_checks import content_digest
from gateway.model import json_form
from gateway.model.documents import Document
from gateway.pipeline.prepare import prepare
from gateway.pipeline.stored import process


@pytest.mark.parametrize("crossed", [False, True], ids=["read-here", "read-in-a-worker"])
def test_what_is_kept_of_an_order_is_what_writing_it_anew_would_give(
    line: Line, crossed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.accept(envelope(orders("PO-1")))
    claim = line.claim("nordmarkt")
    (row,) = line.journal.read(lambda tx: tx.arrivals_to_prepare(claim, NOW, 10))
    found = prepare(book(), row)
    read = (replace(each, id=new_id(), read=None if crossed else each.read) for each in found.messages)
    found = replace(found, messages=tuple(read))
    monkeypatch.setattr(json_form, "_written", ())  # as after many other documents
    written: list[str] = []
    plain = json_form.document_plain

    def noted(document: Document) -> dict[str, object]:
        written.append(type(document).__name__)
        return plain(document)

    monkeypatch.setattr(json_form, "document_plain", noted)
    line.journal.write(lambda tx: process(tx, book(), claim, [(row, found)], NOW, new_id))
    (kept,), (message,) = line.rows("business_order"), line.rows("message")
    assert "Order" not in written
    assert kept["document"] == message["document"] == json_form._ENCODE(plain(json_form.loads(kept["document"])))
    monkeypatch.setattr(json_form, "_written", ())
    assert kept["digest"] == content_digest(json_form.loads(message["document"]))  # type: ignore[arg-type]  # an Order
