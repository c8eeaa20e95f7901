"""partner.yaml and the tables of our company."""

from datetime import date
from decimal import Decimal

import pytest

from gateway.config.fields import Problems
from gateway.config.partners import read_own, read_partner
from gateway.config.tables import read_items, read_suppliers
from gateway.model.findings import Finding
from gateway.model.partner import Agreement, OwnCompany, Partner
from gateway.model.values import PartyIdentifier

GLN = "9521002000009"
GTIN = "9521001100014"
ACME = f"""\
name: Acme Foods
gln: "{GLN}"
ids: {{other: [ACME, "0012345670"]}}
role: customer
channels:
  as2: {{id: ACME-AS2, url: https://edi.acme.example/as2, certificate: acme-2026, receipt: signed-sync}}
  spare: {{kind: http, url: "http://acme.example:99/in", token: acme-outbound}}
agreements:
  - {{receive: eancom-1997/ORDERS, over: as2, unknown_item: refuse, contrl: false}}
  - {{send: ubl-2.1/OrderResponse, over: spare, test: true}}
severities: {{edifact.code-unknown: warning, edifact.separator-trailing: off}}
mode: test
"""


def partner_of(text: str, partner_id: str = "acme") -> tuple[Partner, list[Finding]]:
    problems = Problems("partners/acme/partner.yaml")
    return read_partner(partner_id, text, problems).partner, problems.findings


def found_in(text: str, partner_id: str = "acme") -> list[tuple[str, str]]:
    """Return each finding's code and the text of the file from its place on."""
    lines = text.splitlines()
    found = []
    for each in partner_of(text, partner_id)[1]:
        line, column = each.where.line, each.where.column
        assert dict(each.params)["at"] == f"partners/acme/partner.yaml:{line}" + (f":{column}" if column else "")
        found.append((each.code, lines[(line or 0) - 1][(column or 1) - 1 :]))
    return found


def test_a_whole_partner_file_is_read() -> None:
    partner, findings = partner_of(ACME)
    assert findings == []
    assert partner.ids == (
        PartyIdentifier(scheme="0088", value=GLN),
        PartyIdentifier(scheme="other", value="ACME"),
        PartyIdentifier(scheme="other", value="0012345670"),
    )
    assert partner.channels["spare"].kind == "http"
    assert partner.channels["as2"].settings["certificate"] == "acme-2026"
    assert partner.agreements == (
        Agreement(direction="receive", mapping="eancom-1997/ORDERS", over="as2", unknown_item="refuse", contrl=False),
        Agreement(direction="send", mapping="ubl-2.1/OrderResponse", over="spare", test=True),
    )
    assert partner.severities == {"edifact.code-unknown": "warning", "edifact.separator-trailing": "off"}
    assert partner.mode == "test"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("name: Acme Foods", "nam: Acme Foods", [("config.missing", "nam: "), ("config.unknown-key", "nam: ")]),
        (GLN, "9521002000008", [("partner.check-digit", '"9521002000008')]),
        ("ids: {other: [ACME, ", "ids: {other: [ACME, ACME, ", [("config.repeated-row", 'ACME, "0')]),
        ("ids: {other", "ids: {gln", [("config.unknown-key", "gln: [")]),
        ("role: customer", "role: client", [("config.bad-value", "client")]),
        ("id: ACME-AS2, ", "", [("config.missing", "{url: ")]),
        ("kind: http", "kind: ftp", [("partner.unknown-channel", "spare: {"), ("partner.unknown-over", "spare, ")]),
        ("certificate: acme-2026", "certificate: ../../x.pem", [("partner.key-name", "../../x.pem")]),
        ("token: acme-outbound", "token: " + "s" * 65, [("partner.key-name", "sssss")]),
        ("https://edi.acme.example/as2", "https://u:p@edi.acme.example/", [("config.bad-value", "https://u:p")]),
        ("receipt: signed-sync", "security: rot13", [("config.bad-value", "rot13")]),
        ("receipt: signed-sync", "receipt: maybe", [("config.bad-value", "maybe}")]),
        ("over: as2,", "over: as3,", [("partner.unknown-over", "as3,")]),
        ("{receive: eancom-1997/ORDERS,", "{", [("partner.direction", "{ over"), ("config.bad-value", "{ over")]),
        ("{receive:", "{send: ubl-2.1/Order, receive:", [("partner.direction", "{send: ")]),
        ("contrl: false", "contrl: no", [("config.bad-value", "no}")]),
        ("contrl: false", "valid_from: 2026-13-01", [("config.bad-value", "2026-13-01}")]),
        ("contrl: false", "valid_from: 2026-12-01, valid_to: 2026-11-30", [("config.bad-value", "2026-11-30}")]),
        ("edifact.separator-trailing: off", "edifact.separator-trailing: none", [("config.bad-value", "none}")]),
        ("edifact.separator-trailing", "edifact.seperator-trailing", [("config.unknown-key", "edifact.sep")]),
        ("mode: test", "mode: test\nwarehouse: x", [("config.unknown-key", "warehouse: ")]),
        ("mode: test", "kind: self", [("config.bad-value", "self")]),
    ],
)
def test_each_slip_is_named_at_its_place(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert old in ACME
    found = found_in(ACME.replace(old, new, 1))
    assert [code for code, _ in found] == [code for code, _ in expected]
    assert all(text.startswith(start) for (_, text), (_, start) in zip(found, expected, strict=True)), found


@pytest.mark.parametrize(("last", "count"), [("2026-11-30", 0), ("2026-12-01", 1)])
def test_the_same_document_may_be_agreed_twice_when_the_days_do_not_overlap(last: str, count: int) -> None:
    first = f"  - {{receive: eancom-1997/ORDERS, over: as2, valid_to: {last}}}\n"
    second = "  - {receive: eancom-1997/ORDERS, over: spare, valid_from: 2026-12-01}\n"
    whole = ACME.split("agreements:\n")[0] + f"agreements:\n{first}{second}mode: test\n"
    partner, findings = partner_of(whole)
    assert [each.code for each in findings] == ["config.repeated-row"] * count
    assert partner.receives("eancom-1997/ORDERS", date(2026, 12, 1)) == partner.agreements[bool(1 - count)]


def test_a_secret_in_a_key_name_is_not_repeated_in_the_finding() -> None:
    secret = "/" + "s3cret" * 12
    _, findings = partner_of(ACME.replace("acme-outbound", secret))
    assert findings
    assert secret not in repr(findings)


def test_a_folder_name_that_is_no_id_is_refused() -> None:
    assert found_in(ACME, "Acme_Foods") == [("partner.bad-id", "name: Acme Foods")]


SELF = 'name: We\ngln: "9521001000000"\nwarehouse: "9521001000017"\nchannels: {as2: {id: WE, key: self}}\n'


def own_of(text: str, **tables: str) -> tuple[OwnCompany, list[Finding]]:
    problems, more = Problems("partners/self/partner.yaml"), list[Problems]()
    own = read_own(text, {f"{name}.csv": table for name, table in tables.items()}, problems, more)
    return own, problems.findings + [each for table in more for each in table.findings]


def test_our_company_has_a_warehouse_items_and_suppliers() -> None:
    items = f"gtin,name,name_zh,supplier,pack,sales_price,active\n{GTIN},Oats,燕麦,mill,12,1.89,true\n"
    own, findings = own_of(SELF, items=items, suppliers="partner,lead_time_days,approval_limit\nmill,4,0\n")
    assert findings == []
    assert own.warehouse == "9521001000017"
    item = own.items["0" + GTIN]
    assert (item.name_zh, item.pack, item.sales_price, item.active) == ("燕麦", Decimal(12), Decimal("1.89"), True)
    assert own.suppliers["mill"].lead_time_days == 4
    assert own.suppliers["mill"].approval_limit == Decimal(0)
    assert own.suppliers["mill"].review_days == 1


def test_without_a_warehouse_the_stock_is_at_our_first_gln() -> None:
    own, findings = own_of('name: We\ngln: "9521001000000"\n')
    assert (own.warehouse, findings) == ("9521001000000", [])


def test_a_company_without_any_gln_is_reported() -> None:
    _, findings = own_of("name: We\n")
    assert [each.code for each in findings] == ["partner.own-gln-missing"]


def test_our_company_has_no_agreements_of_its_own() -> None:
    _, findings = own_of(SELF + "agreements: []\n")
    assert [each.code for each in findings] == ["config.unknown-key"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"{GTIN[:-1]}0,Oats,1", "partner.check-digit"),
        ("12345,Oats,1", "partner.check-digit"),
        (",Oats,1", "config.missing"),
        (f"{GTIN},,1", "config.missing"),
        (f"{GTIN},Oats,0", "config.bad-value"),
        (f"{GTIN},Oats,NaN", "config.bad-value"),
        (f"{GTIN},Oats,1e9", "config.bad-value"),
        (f"{GTIN},Oats,-1", "config.bad-value"),
        (f"{GTIN},Oats", "config.table-row"),
        (f'{GTIN},"Oats,1', "config.syntax"),
        (f"{GTIN},Oats,1\n0{GTIN},Oats,1", "config.repeated-row"),
    ],
)
def test_a_wrong_item_row_is_reported_with_its_line(row: str, code: str) -> None:
    problems = Problems("items.csv")
    read_items(f"gtin,name,pack\n{row}\n", problems)
    assert code in [each.code for each in problems.findings]
    assert all((each.where.line or 0) >= 2 for each in problems.findings)


def test_an_unknown_column_names_the_nearest() -> None:
    problems = Problems("suppliers.csv")
    read_suppliers("partner,aproval_limit\nmill,1\n", problems)
    assert [(each.code, dict(each.params)["nearest"]) for each in problems.findings] == [
        ("config.unknown-key", "approval_limit")
    ]
