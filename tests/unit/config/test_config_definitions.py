"""Definitions, parties and what is wrong between the files."""

from pathlib import Path

import pytest

from gateway.config.definitions import Definitions, read_definitions, shipped_root
from gateway.config.parties import read_parties
from gateway.config.scaffold import scaffold
from gateway.config.settings import load_settings
from gateway.model.faults import OurFault

REPOSITORY = Path(__file__).parents[3]
SELF = 'name: We\ngln: "9521001000000"\n'
ACME = (
    "name: Acme\nids: {other: [ACME]}\nchannels: {as2: {id: ACME, certificate: acme, url: 'https://a.example/as2'}}\n"
)


def codes(files: dict[str, str]) -> list[tuple[str, str]]:
    found = read_parties(Definitions.of({"partners/self/partner.yaml": SELF} | files)).findings
    return [(each.code, dict(each.params)["at"]) for each in found]


def test_the_digest_depends_on_paths_and_texts_but_not_on_order() -> None:
    one = Definitions.of({"a": "1", "b": "2"})
    assert one.digest == Definitions.of({"b": "2", "a": "1"}).digest
    assert one.digest != Definitions.of({"a": "12", "b": ""}).digest
    assert one.digest != Definitions.of({"a": "1", "c": "2"}).digest


def test_the_shipped_files_are_found_beside_the_package() -> None:
    assert (shipped_root() / "schemas").is_dir()


def test_an_instance_reads_its_own_partners_and_the_shipped_mappings_and_its_own_file_wins(tmp_path: Path) -> None:
    root = tmp_path / "hub"
    scaffold(root, name="We", gln="9521001000000")
    shipped = sorted((shipped_root() / "mappings" / "standard").rglob("*.yaml"))[0]
    logical = f"mappings/{shipped.relative_to(shipped_root() / 'mappings').as_posix()}"
    settings = load_settings(root)
    before = read_definitions(settings)
    assert before.partner_ids() == ["self"]
    assert before.files[logical] == shipped.read_text(encoding="utf-8")
    own = root / logical
    own.parent.mkdir(parents=True)
    own.write_text("mine: 1\n")
    after = read_definitions(settings)
    assert after.files[logical] == "mine: 1\n"
    assert after.digest != before.digest


def test_cases_hidden_files_and_foreign_kinds_are_not_definitions(tmp_path: Path) -> None:
    scaffold(tmp_path / "hub", name="We", gln="9521001000000")
    folder = tmp_path / "hub" / "partners" / "self"
    for name in ("x.cases/one/partner.yaml", "cases/one.yaml", ".git/x.yaml", "notes.txt", ".hidden.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a: 1\n")
    found = read_definitions(load_settings(tmp_path / "hub")).below("partners/")
    assert sorted(found) == ["self/partner.yaml", "self/tables/items.csv", "self/tables/suppliers.csv"]


def test_a_partner_file_that_is_not_yaml_does_not_hide_the_others() -> None:
    assert codes({"partners/a/partner.yaml": "a: [", "partners/b/partner.yaml": "nam: B\n"}) == [
        ("config.syntax", "partners/a/partner.yaml:2:1"),
        ("config.missing", "partners/b/partner.yaml:1:1"),
        ("config.unknown-key", "partners/b/partner.yaml:1:1"),
    ]


def test_one_identifier_or_as2_name_for_two_partners_is_refused() -> None:
    found = codes({"partners/acme/partner.yaml": ACME, "partners/bolt/partner.yaml": ACME})
    assert found == [("partner.shared-id", "partners/bolt/partner.yaml:1")] * 2


def test_two_houses_are_refused() -> None:
    house = "name: H\nkind: house\n"
    found = codes({"partners/a/partner.yaml": house, "partners/b/partner.yaml": house})
    assert found == [("partner.two-houses", "partners/b/partner.yaml:1")]


def test_what_the_partner_fetches_needs_no_url() -> None:
    fetched = "name: A\nchannels: {http: {delivery: fetch}}\nagreements: [{send: ubl-2.1/OrderResponse, over: http}]\n"
    assert codes({"partners/a/partner.yaml": fetched}) == []
    assert [code for code, _ in codes({"partners/a/partner.yaml": fetched.replace("{delivery: fetch}", "{}")})] == [
        "partner.no-url"
    ]


def test_sending_needs_a_url_and_as2_a_certificate() -> None:
    partner = "name: A\nchannels: {as2: {id: A}}\nagreements: [{send: eancom-1997/ORDRSP, over: as2}]\n"
    assert [code for code, _ in codes({"partners/a/partner.yaml": partner})] == [
        "partner.no-url",
        "partner.no-certificate",
    ]


def test_items_and_suppliers_must_name_each_other_and_a_partner() -> None:
    found = codes(
        {
            "partners/acme/partner.yaml": ACME,
            "partners/self/tables/items.csv": "gtin,name,supplier\n9521001100014,Oats,acm\n",
            "partners/self/tables/suppliers.csv": "partner\nacme\nghost\n",
        }
    )
    assert found == [
        ("partner.unknown-supplier", "partners/self/tables/suppliers.csv:1"),
        ("partner.unknown-supplier", "partners/self/tables/items.csv:1"),
    ]


def test_without_our_own_company_nothing_works() -> None:
    assert [each.code for each in read_parties(Definitions.of({})).findings] == ["partner.no-self"]


def test_the_partners_of_the_demo_are_without_findings() -> None:
    parties = read_parties(read_definitions(load_settings(REPOSITORY)))
    assert parties.findings == []
    assert parties.own is not None
    assert set(parties.partners) >= {"self", "nordmarkt", "stadtkette", "quellhof", "warehouse", "guest"}
    assert len([item for item in parties.own.items.values() if item.active]) == 24
    assert all(item.name_zh and item.sales_price and item.purchase_price for item in parties.own.items.values())
    house = parties.partners["warehouse"]
    assert (house.kind, house.gln) == ("house", parties.own.warehouse)


def test_init_writes_an_instance_that_has_no_findings(tmp_path: Path) -> None:
    files = scaffold(tmp_path / "My Hub", name="O'Neill: Söhne #1", gln="9521001000000", partners_port=9080)
    settings = load_settings(tmp_path / "My Hub")
    assert (settings.instance, settings.partners_port.port, settings.allow_networks) == ("my-hub", 9080, ())
    parties = read_parties(read_definitions(settings))
    assert parties.findings == []
    assert parties.own is not None
    assert parties.own.partner.name == "O'Neill: Söhne #1"
    assert parties.own.items == {}
    assert (tmp_path / "My Hub" / "var").stat().st_mode & 0o777 == 0o700
    assert all(path.is_file() for path in files)


def test_an_instance_made_for_a_container_listens_on_every_address(tmp_path: Path) -> None:
    scaffold(tmp_path / "hub", name="We", gln="9521001000000", host="0.0.0.0")
    made = load_settings(tmp_path / "hub")
    assert {each.host for each in (made.partners_port, made.console_port, made.portal_port)} == {"0.0.0.0"}


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(OurFault) as caught:
        scaffold(tmp_path, name="We", gln="9521001000000")
    assert caught.value.code == "config.not-empty"
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


@pytest.mark.parametrize("gln", ["9521001000001", "123", "", "952100100000٠"])
def test_init_refuses_a_wrong_gln_before_it_writes(tmp_path: Path, gln: str) -> None:
    with pytest.raises(OurFault) as caught:
        scaffold(tmp_path / "hub", name="We", gln=gln)
    assert caught.value.code == "partner.check-digit"
    assert not (tmp_path / "hub").exists()
