"""The quick way of a text into a document and the careful way give the same document, findings and places."""

import re
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs import envelope, xml
from gateway.mapping import stores
from gateway.mapping.compiler import DocumentMapping, compile_mapping
from gateway.mapping.reading import Reading
from gateway.schema.validate import validate
from tests.conftest import ROOT as PROJECT
from tests.conftest import _codes, _directories, layer_of

DATES = st.sampled_from(["2026-03-02", "2026-3-2", "2026-03-02Z", "", " 2026-03-02 ", "20260302"])
NUMBERS = st.sampled_from(["1", "1.50", "1,5", "0", "-3", "x", "", " 2 ", "1e3", "9" * 45])
GTINS = st.sampled_from(["4099990100018", "4099990100019", "04099990100018", "abc", ""])
MONEY = st.sampled_from(["EUR", "USD", "", " EUR"])
UNITS = st.sampled_from(["PCE", "KGM", "", "EA"])


def _compiled(name: str, *, careful: bool) -> DocumentMapping:
    path = PROJECT / "mappings" / "standard" / f"{name}.yaml"
    layers = [layer_of(path.read_text(encoding="utf-8"), path.name)]

    def compiled() -> DocumentMapping:
        return compile_mapping(name, layers, directories=_directories(), codes=_codes(), lookups={})

    if not careful:
        return compiled()
    with (
        patch.object(stores, "_quick", lambda store, *_: store),
        patch.object(stores, "_quick_text", lambda store, *_: store),
        patch.object(stores, "_quick_amount", lambda _, store: store),
        patch.object(stores, "Direct", lambda *_: None),
    ):
        return compiled()


UBL = {careful: _compiled("ubl-2.1/Order", careful=careful) for careful in (False, True)}
EANCOM = {careful: _compiled("eancom-1997/ORDERS", careful=careful) for careful in (False, True)}


def _seen(reading: Reading) -> tuple[object, ...]:
    return reading.document, reading.findings, dict(reading.sources), dict(reading.rules), reading.leftovers


def _line(number: int, date: str, count: str, gtin: str, money: str, unit: str) -> str:
    return (
        f"<cac:OrderLine><cac:LineItem><cbc:ID>{number}</cbc:ID><cbc:Quantity unitCode='{unit}'>{count}</cbc:Quantity>"
        f"<cbc:Quantity>{count}</cbc:Quantity>"
        f"<cac:Delivery><cac:RequestedDeliveryPeriod><cbc:StartDate>{date}</cbc:StartDate>"
        "</cac:RequestedDeliveryPeriod></cac:Delivery>"
        f"<cac:Price><cbc:PriceAmount currencyID='{money}'>{count}</cbc:PriceAmount></cac:Price>"
        f"<cac:Item><cbc:Name>Oats</cbc:Name><cac:StandardItemIdentification><cbc:ID>{gtin}</cbc:ID>"
        "</cac:StandardItemIdentification></cac:Item></cac:LineItem></cac:OrderLine>"
    )


HEAD = (
    '<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"'
    ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
    ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
)
PARTY = "<cac:{0}><cac:Party><cbc:EndpointID schemeID='0088'>{1}</cbc:EndpointID></cac:Party></cac:{0}>"
LINES = st.lists(st.tuples(DATES, NUMBERS, GTINS, MONEY, UNITS), max_size=4)


@settings(max_examples=60, deadline=None)
@given(issued=DATES, money=MONEY, money_first=st.booleans(), lines=LINES)
def test_an_xml_order_reads_the_same_both_ways(
    issued: str, money: str, money_first: bool, lines: list[tuple[str, str, str, str, str]]
) -> None:
    currency = f"<cbc:DocumentCurrencyCode>{money}</cbc:DocumentCurrencyCode>"
    body = "".join(_line(number, *each) for number, each in enumerate(lines, 1))
    parties = PARTY.format("BuyerCustomerParty", "4099990000011") + PARTY.format("SellerSupplierParty", "4099990000028")
    inner = currency + body if money_first else body + currency
    text = f"{HEAD}<cbc:ID>P1</cbc:ID><cbc:IssueDate>{issued}</cbc:IssueDate>{parties}{inner}</Order>"
    root = xml.decode(text.encode()).root
    assert _seen(UBL[False].read(root)) == _seen(UBL[True].read(root))


@settings(max_examples=60, deadline=None)
@given(issued=DATES, money=MONEY, lines=LINES)
def test_an_edifact_order_reads_the_same_both_ways(
    issued: str, money: str, lines: list[tuple[str, str, str, str, str]]
) -> None:
    digits = re.sub("[^0-9]", "", issued)
    body = f"BGM+220+P1+9'DTM+137:{digits}:102'NAD+BY+4099990000011::9'NAD+SU+4099990000028::9'CUX+2:{money}:9'"
    for number, (date, count, gtin, currency, unit) in enumerate(lines, 1):
        body += (
            f"LIN+{number}++{gtin}:EN'QTY+21:{count}:{unit}'QTY+21:{count}'DTM+2:{date}:102'"
            f"MOA+203:{count}:{currency}'PRI+AAA:{count}'"
        )
    text = f"UNB+UNOC:3+A:14+B:14+260302:0900+1'UNH+1+ORDERS:D:96A:UN:EAN008'{body}UNS+S'UNT+9+1'UNZ+1+1'"
    (interchange,) = envelope.read_interchanges([text.encode()])
    tree = validate(interchange.messages[0], _directories()["d96a"]).tree
    assert _seen(EANCOM[False].read(tree)) == _seen(EANCOM[True].read(tree))
