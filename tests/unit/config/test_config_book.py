"""The book: which files make a partner's mapping, and that one error stops the whole version."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.config import mappings as mapping_files
from gateway.config.book import build_book, check, compile_book
from gateway.config.definitions import Definitions, read_definitions
from gateway.config.schemas import load_directories
from gateway.config.settings import load_settings
from gateway.mapping.rules import Layer
from gateway.model.faults import OurFault

SELF = 'name: We\ngln: "9521001000000"\n'
PARTNER = (
    "name: P\nchannels: {{http: {{url: 'https://p.example/'}}}}\nagreements: [{{receive: {mapping}, over: http}}]\n"
)
ORDERS = "eancom-1997/ORDERS"
REPOSITORY = Path(__file__).parents[3]
STANDARD = {f"mappings/standard/{ORDERS}.yaml": "mapping: x\n"}
COUNTRY = {f"mappings/country/de/{ORDERS}.yaml": "extends: x\n"}


class Recorder:
    """Stands in the place of the compiler and keeps what it was asked for."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []

    def __call__(self, name: str, layers: Sequence[Layer], *, lookups: dict[str, Any], **_: object) -> str:
        paths = tuple(layer.path for layer in layers)
        self.calls.append((name, paths, tuple(lookups)))
        return f"{name} #{len(self.calls)}"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(mapping_files, "compile_mapping", recorder)
    return recorder


def partner(partner_id: str, mapping: str = ORDERS, more: str = "") -> dict[str, str]:
    return {f"partners/{partner_id}/partner.yaml": PARTNER.format(mapping=mapping) + more}


def definitions(*parts: dict[str, str]) -> Definitions:
    files = {"partners/self/partner.yaml": SELF}
    for part in parts:
        files |= part
    return Definitions.of(files)


def fault_of(*parts: dict[str, str]) -> OurFault:
    with pytest.raises(OurFault) as caught:
        compile_book(definitions(*parts), {})
    return caught.value


def test_layers_go_from_standard_over_country_to_partner(compiled: Recorder) -> None:
    own = {"partners/acme/mappings/ORDERS.yaml": f"extends: {ORDERS}\n"}
    compile_book(definitions(STANDARD, COUNTRY, partner("acme", more="country: de\n"), own), {})
    assert compiled.calls == [
        (
            ORDERS,
            (
                f"mappings/standard/{ORDERS}.yaml",
                f"mappings/country/de/{ORDERS}.yaml",
                "partners/acme/mappings/ORDERS.yaml",
            ),
            (),
        )
    ]


def test_a_partner_without_country_or_own_file_uses_the_standard_and_shares_it(compiled: Recorder) -> None:
    book = compile_book(definitions(STANDARD, COUNTRY, partner("acme"), partner("bolt")), {})
    assert [paths for _, paths, _ in compiled.calls] == [(f"mappings/standard/{ORDERS}.yaml",)]
    assert book.mappings["acme", ORDERS] is book.mappings["bolt", ORDERS]


def test_a_partners_tables_are_given_to_its_own_mapping_only(compiled: Recorder) -> None:
    table = {"partners/bolt/tables/items.csv": "theirs,ours\nA,B\n"}
    compile_book(definitions(STANDARD, partner("acme"), partner("bolt"), table), {})
    assert [lookups for _, _, lookups in compiled.calls] == [(), ("items",)]


def test_the_file_of_a_partner_counts_for_what_it_extends_whatever_its_name(compiled: Recorder) -> None:
    own = {"partners/acme/mappings/our-orders.yaml": f"extends: standard/{ORDERS}\n"}
    compile_book(definitions(STANDARD, partner("acme"), own), {})
    assert compiled.calls[0][1][-1] == "partners/acme/mappings/our-orders.yaml"


def test_canonical_documents_need_no_file(compiled: Recorder) -> None:
    compile_book(definitions(partner("house", "canonical/Order")), {})
    assert compiled.calls == [("canonical/Order", (), ())]


@pytest.mark.parametrize("mapping", ["canonical/Ordre", "eancom-1997/ORDRES"])
def test_a_missing_mapping_names_the_agreement_and_the_nearest(compiled: Recorder, mapping: str) -> None:
    fault = fault_of(STANDARD, partner("acme", mapping))
    assert (fault.code, fault.value) == ("partner.no-mapping", mapping)
    assert fault.params["at"] == "partners/acme/partner.yaml:3:14"
    assert fault.params["nearest"] in ("canonical/Order", ORDERS)


def test_a_partners_mapping_that_extends_nothing_is_refused(compiled: Recorder) -> None:
    fault = fault_of(STANDARD, partner("acme"), {"partners/acme/mappings/ORDERS.yaml": "fields: {}\n"})
    assert fault.code == "mapping.no-extends"


def test_one_error_stops_the_version_and_all_errors_are_told(compiled: Recorder) -> None:
    fault = fault_of(partner("acme"), {"partners/bolt/partner.yaml": "nam: B\n"})
    assert [each.code for each in fault.findings] == ["config.missing", "config.unknown-key", "partner.no-mapping"]


def test_the_digest_of_the_book_is_that_of_its_definitions(compiled: Recorder) -> None:
    found = definitions(STANDARD, partner("acme"))
    assert compile_book(found, {}).digest == found.digest


def test_the_definitions_of_the_demo_compile_for_every_agreement() -> None:
    settings = load_settings(REPOSITORY)
    book = build_book(read_definitions(settings), settings.schemas)
    agreed = {(partner.id, each.mapping) for partner in book.partners.values() for each in partner.agreements}
    assert set(book.mappings) == agreed
    assert book.mappings["nordmarkt", ORDERS].document == "Order"
    assert book.mappings["stadtkette", "ubl-2.1/ProductActivity"].document == "SalesReport"
    assert book.own.warehouse == book.partners["warehouse"].gln


def test_a_partners_own_rule_changes_its_mapping_and_nobody_elses() -> None:
    standard = {
        path: text for path, text in read_definitions(load_settings(REPOSITORY)).files.items() if "partners" not in path
    }
    own = {"partners/acme/mappings/ORDERS.yaml": f"extends: {ORDERS}\nremove: [currency]\n"}
    found = definitions(standard, partner("acme"), partner("bolt"), own)
    book = compile_book(found, load_directories(REPOSITORY / "schemas"))
    assert book.mappings["acme", ORDERS].digest != book.mappings["bolt", ORDERS].digest


def test_a_wrong_rule_in_a_partners_mapping_is_found_by_the_check_with_its_file() -> None:
    settings = load_settings(REPOSITORY)
    wrong = {"partners/nordmarkt/mappings/ORDERS.yaml": f"extends: {ORDERS}\nfields:\n  curency: BGM/1004\n"}
    findings = check(Definitions.of({**read_definitions(settings).files, **wrong}), settings.schemas)
    assert [each.severity for each in findings] == ["error"]
    assert "partners/nordmarkt/mappings/ORDERS.yaml" in repr(findings)
    assert findings[0].where.line == 3


def test_a_guide_that_no_directory_has_stops_the_version(compiled: Recorder) -> None:
    named = definitions(STANDARD, partner("a", more="edifact: {read: {guide: eancom-1996}}\n"))
    with pytest.raises(OurFault) as caught:
        compile_book(named, load_directories(REPOSITORY / "schemas"))
    assert (caught.value.code, caught.value.value) == ("partner.unknown-guide", "eancom-1996")
    assert caught.value.params["nearest"] == "eancom-1997"
    right = definitions(STANDARD, partner("a", more="edifact: {read: {guide: eancom-1997}}\n"))
    book = compile_book(right, load_directories(REPOSITORY / "schemas"))
    assert book.partners["a"].edifact.read.guide == "eancom-1997"


def test_a_carried_partner_that_is_not_defined_is_found_by_the_check() -> None:
    settings = load_settings(REPOSITORY)
    files = read_definitions(settings).files
    van = "name: V\nchannels: {http: {url: 'https://v.example/', carries: 'nordmarkt, nordmarket'}}\n"
    findings = check(Definitions.of({**files, "partners/van/partner.yaml": van}), settings.schemas)
    assert [(each.code, each.severity, each.value) for each in findings] == [
        ("partner.unknown-carried", "warning", "nordmarket")
    ]
    assert dict(findings[0].params)["nearest"] == "nordmarkt"
