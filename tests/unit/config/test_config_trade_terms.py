"""Terms, expected documents and assortments in a partner's folder."""

from datetime import date
from decimal import Decimal

from gateway.config.definitions import Definitions
from gateway.config.fields import Problems
from gateway.config.parties import read_parties
from gateway.config.partners import read_partner
from gateway.model.findings import Finding
from gateway.model.partner import Expected, Partner, Terms

START = """\
name: Acme Foods
gln: "9521002000009"
"""
GTIN = "9521001100014"


def partner_of(text: str) -> tuple[Partner, list[Finding]]:
    problems = Problems("partners/acme/partner.yaml")
    return read_partner("acme", START + text, problems).partner, problems.findings


def test_every_version_of_the_terms_is_read() -> None:
    partner, findings = partner_of("""\
terms:
  - price_list: retail
    minimum_value: 50
    credit_class: B
  - valid_from: "2026-07-01"
    valid_to: "2026-12-31"
    currency: CHF
    lead_time_days: 0
    delivery_days: [thu, mon]
    response_h: 4
    credit_limit: 5000.00
    items: drinks
    auto_value: 1000
    auto_quantity: 200
    price_tolerance: 0.5
    quantity_tolerance: 2
    substitutes: true
    partial: false
    payment_days: 14
""")
    assert findings == []
    assert partner.terms == (
        Terms(price_list="retail", minimum_value=Decimal(50), credit_class="B"),
        Terms(
            valid_from=date(2026, 7, 1),
            valid_to=date(2026, 12, 31),
            currency="CHF",
            lead_time_days=0,
            delivery_days=(1, 4),
            response_h=4,
            credit_limit=Decimal(5000),
            items="drinks",
            auto_value=Decimal(1000),
            auto_quantity=Decimal(200),
            price_tolerance=Decimal("0.5"),
            quantity_tolerance=Decimal(2),
            substitutes=True,
            partial=False,
            payment_days=14,
        ),
    )


def test_what_is_wrong_in_the_terms_is_reported_at_its_place() -> None:
    _, findings = partner_of("""\
terms:
  - valid_from: "2026-02-30"
    credit_class: D
    delivery_days: [monday]
    minimum: 5
  - valid_to: "1999-12-31"
""")
    assert [(each.code, each.where.line) for each in findings] == [
        ("config.bad-value", 4),
        ("config.bad-value", 6),
        ("config.bad-value", 5),
        ("config.unknown-key", 7),
        ("config.bad-value", 8),
        ("config.repeated-row", 8),
    ]


def test_expected_documents_come_after_another_or_by_the_calendar() -> None:
    partner, findings = partner_of("""\
expects:
  - {document: OrderResponse, after: Order, hours: 4}
  - {document: DespatchAdvice, after: Order, before_arrival: true, hours: 12}
  - {document: SalesReport, days: [mon, tue], by: "06:00", zone: Europe/Berlin}
""")
    assert findings == []
    assert partner.expects == (
        Expected(document="OrderResponse", after="Order", hours=4),
        Expected(document="DespatchAdvice", after="Order", before_arrival=True, hours=12),
        Expected(document="SalesReport", days=(1, 2), by="06:00", zone="Europe/Berlin"),
    )


def test_an_expectation_without_a_clock_or_with_an_odd_one_is_reported() -> None:
    _, findings = partner_of("""\
expects:
  - {document: OrderResponse}
  - {document: Letter, days: [mon], by: "24:00", zone: Mars/Olympus}
  - {document: Order, days: [mon], zone: Europe}
""")
    assert [each.code for each in findings] == ["partner.expected-when", *["config.bad-value"] * 4]


def parties_with(table: dict[str, str]) -> tuple[Partner, list[Finding]]:
    files = {
        "partners/self/partner.yaml": 'name: Us\ngln: "9521001000000"\n',
        "partners/acme/partner.yaml": START + "terms:\n  - {items: drinks}\n",
        **{f"partners/acme/tables/{name}": text for name, text in table.items()},
    }
    found = read_parties(Definitions.of(files))
    return found.partners["acme"], [each for each in found.findings if "acme" in dict(each.params).get("at", "")]


def test_the_assortment_is_read_from_its_table() -> None:
    partner, findings = parties_with({"drinks.csv": f"gtin,name\n{GTIN},Juice\n"})
    assert findings == []
    assert partner.assortments == {"drinks": frozenset({"0" + GTIN})}


def test_a_missing_assortment_and_a_wrong_check_digit_are_reported() -> None:
    assert [each.code for each in parties_with({})[1]] == ["partner.no-assortment"]
    assert [each.code for each in parties_with({"drinks.csv": f"gtin\n{GTIN[:-1]}5\n"})[1]] == ["partner.check-digit"]
