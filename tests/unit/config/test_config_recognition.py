"""Samples of strangers: what is recognised, what is drafted, and that the draft reads the right document."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import strangers

from gateway.config.definitions import Definitions, read_shipped, shipped_root
from gateway.config.drafts import draft
from gateway.config.onboarding import Answers, Trial, files_of, proposed_id, receivable, role_for, sendable, trial
from gateway.config.recognition import Recognised, recognise
from gateway.model.faults import PartnerFault

OWN = "9521001000000"
SELF = f"name: We\nrole: both\ngln: '{OWN}'\nchannels: {{as2: {{id: WE, key: self}}}}\n"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return Definitions.of({**read_shipped().files, "partners/self/partner.yaml": SELF})


def tried(definitions: Definitions, data: bytes, filename: str, **changes: object) -> tuple[Recognised, Trial]:
    """Recognise a sample and read it by the partner that is proposed, as the wizard does."""
    found = recognise(data, filename, definitions, {OWN})
    answers = Answers(
        id="acme",
        name="Acme",
        gln=found.sender.value or "4099990000011",
        connection="folder",
        receives=receivable(found, "acme"),
        role=role_for(found),
    )
    answers = replace(answers, **changes)  # type: ignore[arg-type]
    for _ in range(3):
        files = files_of(answers, found, OWN)
        result = trial(files, definitions, shipped_root() / "schemas", data, filename, NOW)
        answers = replace(answers, tolerated=result.tolerable, assumed=result.assumable)
        if result.good:
            break
    return found, result


def document(result: Trial, place: int = 0) -> dict:
    assert result.good, [(each.code, each.value) for each in result.findings] + [
        (each.fault.code, each.fault.value) for each in result.messages if each.fault
    ]
    return json.loads(result.messages[place].document or "{}")


def test_an_opentrans_order_becomes_a_whole_order(definitions: Definitions) -> None:
    found, result = tried(definitions, strangers.OPENTRANS, "order.xml")
    assert (found.syntax, found.sender.value, found.receiver.value) == ("xml", "4099990000011", OWN)
    assert found.name == "Tannhof Naturkost GmbH"
    order = document(result)
    assert (order["id"], order["issuedAt"], order["currency"]) == ("PO-77-1204", "2026-11-19", "EUR")
    assert order["shipTo"]["ids"] == [{"scheme": "0088", "value": "4099990000028"}]
    assert order["deliveryWindow"] == {"earliest": "2026-11-24", "latest": "2026-11-25"}
    assert [(each["item"]["gtin"], each["quantity"]) for each in order["lines"]] == [
        ("09521001100014", {"value": "240", "unit": "C62"}),
        ("09521001100038", {"value": "12.5", "unit": "C62"}),
    ]
    assert order["lines"][0]["price"] == {"net": {"value": "1.89"}}


def test_an_edifact_order_of_another_directory_with_parts_missing_is_read(definitions: Definitions) -> None:
    found, result = tried(definitions, strangers.ODD_EDIFACT, "odd.edi")
    shown = found.documents[0]
    assert (shown.fit, shown.directory, shown.held_against) == ("dialect", "d99b", "d01b")
    order = document(result)
    assert (order["id"], order["lines"][0]["quantity"]["value"]) == ("D-5512", "240")
    assert order["seller"]["ids"] == [{"scheme": "0088", "value": OWN}]  # never named, so said by the mapping


def test_what_our_own_planning_names_does_not_stand_in_the_way_of_a_sample(definitions: Definitions) -> None:
    planning = (
        "agreements:\n  - {id: own, method: purchase, loads: [{supplier: quellhof, measure: value, minimum: '60'}]}\n"
    )
    ours = Definitions.of({**definitions.files, "partners/self/planning.yaml": planning})
    _, result = tried(ours, strangers.ODD_EDIFACT, "odd.edi")
    assert document(result)["id"] == "D-5512"


def test_a_german_csv_in_windows_1252_holds_two_orders(definitions: Definitions) -> None:
    found, result = tried(definitions, strangers.ORDER_CSV, "bestellung.csv")
    assert found.charset == "WINDOWS-1252"
    first, second = document(result), document(result, 1)
    assert [each["quantity"] for each in first["lines"]] == [
        {"value": "1200", "unit": "H87"},
        {"value": "12.5", "unit": "H87"},
    ]
    assert (first["requestedDelivery"], second["id"]) == ("2026-11-24", "B-9002")


def test_a_chinese_csv_without_parties_is_from_the_partner(definitions: Definitions) -> None:
    _, result = tried(definitions, strangers.CHINESE_CSV, "订单.csv", gln="4099990000011")
    order = document(result)
    assert order["buyer"]["ids"] == [{"scheme": "0088", "value": "4099990000011"}]
    assert order["lines"][0]["quantity"] == {"value": "240", "unit": "XCT"}


def test_sales_by_shop_are_known_by_the_name_of_their_file(definitions: Definitions) -> None:
    found, result = tried(definitions, strangers.SALES_CSV, "absatz_20261118.csv", gln="4099990000011")
    assert found.documents[0].document == "SalesReport"
    report = document(result)
    assert report["id"] == "absatz_20261118"
    assert report["lines"][0]["location"] == "4099990000028"


def test_a_plain_xml_of_a_shop_is_read(definitions: Definitions) -> None:
    _, result = tried(definitions, strangers.SHOP_XML, "po.xml")
    order = document(result)
    assert (order["id"], order["lines"][0]["quantity"]) == ("55012", {"value": "24", "unit": "XCT"})


@pytest.mark.parametrize(
    ("path", "mapping"),
    [
        ("eancom-1997/ORDERS.cases/copy-of-an-order/in.edi", "eancom-1997/ORDERS"),
        ("csv/Order.cases/everything/in.csv", "csv/Order"),
    ],
)
def test_what_is_shipped_is_recognised_as_shipped(definitions: Definitions, path: str, mapping: str) -> None:
    data = (shipped_root() / "mappings/standard" / path).read_bytes()
    found = recognise(data, path.rpartition("/")[2], definitions, {OWN})
    assert (found.documents[0].mapping, found.documents[0].fit, found.draft) == (mapping, "standard", None)


def test_we_answer_in_the_family_that_was_used(definitions: Definitions) -> None:
    data = (shipped_root() / "mappings/standard/eancom-1997/ORDERS.cases/copy-of-an-order/in.edi").read_bytes()
    found = recognise(data, "in.edi", definitions, {OWN})
    assert sendable(found, definitions) == ("eancom-1997/ORDRSP", "eancom-1997/DESADV", "eancom-1997/INVOIC")


def test_a_person_s_choice_replaces_what_was_found_for_a_party_of_several() -> None:
    drafted = draft(strangers.OPENTRANS, "order.xml")
    told = {each.key: each.source.id for each in drafted.matches if each.source is not None}
    assert drafted.with_choices(told).text("a/ORDER", {}) == drafted.text("a/ORDER", {})
    changed = drafted.with_choices({"lines[].item.description": "", "notes": ""}).text("a/ORDER", {})
    assert "description" not in changed
    assert "notes" not in changed


def test_names_become_folder_names() -> None:
    assert proposed_id("Tannhof Naturkost GmbH", []) == "tannhof-naturkost"
    assert proposed_id("Müller & Söhne AG", ["mueller-soehne"]) == "mueller-soehne-2"
    assert proposed_id("北市零售集团", []) == "partner"


@pytest.mark.parametrize("data", [b"", b"   ", b"hello", b"\x89PNG\r\n\x1a\n", b"{}"])
def test_what_says_nothing_is_refused(definitions: Definitions, data: bytes) -> None:
    with pytest.raises(PartnerFault):
        recognise(data, "x", definitions, {OWN})
