"""The canonical JSON Schemas are generated; this file with --update writes them anew."""

import json
from pathlib import Path

import pytest

from gateway.model.acknowledgement import Acknowledgement
from gateway.model.documents import DOCUMENTS
from gateway.model.json_form import dumps, loads
from gateway.schema.canonical import document_schema, document_schemas

FOLDER = Path(__file__).parents[3] / "schemas" / "canonical"


def test_the_committed_schemas_are_those_of_the_model(pytestconfig: pytest.Config) -> None:
    made = document_schemas()
    if pytestconfig.getoption("--update"):
        FOLDER.mkdir(exist_ok=True)
        for name, text in made.items():
            (FOLDER / name).write_text(text, encoding="utf-8")
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")} == made


def test_required_fields_are_those_without_default() -> None:
    schema = document_schema("Order")
    assert schema["required"] == ["document", "id", "issuedAt", "buyer", "seller", "lines"]
    assert schema["$defs"]["OrderLine"]["required"] == ["number", "item", "quantity"]


def test_a_document_names_itself_and_nothing_unknown_may_stand_in_it() -> None:
    for name in DOCUMENTS:
        schema = json.loads(document_schemas()[f"{name}.json"])
        assert schema["properties"]["document"] == {"const": name}
        assert schema["additionalProperties"] is False


def test_decimals_are_text_and_dates_are_dates() -> None:
    definitions = document_schema("Order")["$defs"]
    assert definitions["Quantity"]["properties"]["value"]["type"] == "string"
    assert definitions["Split"]["properties"]["date"]["anyOf"][0] == {"format": "date"}


def test_no_field_hides_the_name_of_the_document() -> None:
    word = Acknowledgement(id="1", kind="aperak", outcome="rejected", document="PO-1")
    assert loads(dumps(word)) == word
