"""What comes in: values, places, findings."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from mapping_scene import BUYER, OATS, ORDER_HEAD, RYE, SELLER, codes_of, lines_of, order, read

from gateway.codecs import xml
from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.frames import FINDING_LIMIT
from gateway.model.order import Order
from gateway.model.values import Amount, Price
from gateway.schema.directory import Directory

Standard = Callable[[str], DocumentMapping]
Directories = dict[str, Directory]

UBL = (
    'xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2" '
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
)
UBL_PARTIES = "".join(
    f'<cac:{role}><cac:Party><cbc:EndpointID schemeID="0088">{BUYER}</cbc:EndpointID></cac:Party></cac:{role}>'
    for role in ("BuyerCustomerParty", "SellerSupplierParty")
)


def ubl_order(lines: str, head: str = "") -> bytes:
    dates = "<cbc:ID>1</cbc:ID><cbc:IssueDate>2026-03-02</cbc:IssueDate>"
    return f"<Order {UBL}>{dates}{head}{UBL_PARTIES}{lines}</Order>".encode()


def test_every_value_knows_its_place(standard: Standard, directories: Directories) -> None:
    lines = (f"LIN+1++{OATS}:EN", "QTY+21:5", f"LIN+2++{RYE}:EN", "QTY+21:7:KGM")
    sources = read(standard("eancom-1997/ORDERS"), directories["d96a"], *order(*lines)).sources
    quantity = sources["lines[1].quantity"]
    assert (quantity.segment, quantity.tag, quantity.element, quantity.component) == (9, "QTY", 1, 2)
    assert quantity.offset is not None
    assert sources["lines[1].item.gtin"].segment == 8
    assert (sources["buyer.ids[0]"].segment, sources["id"].element) == (4, 2)
    assert sources["lines[0]"].tag == "LIN"


def test_the_place_in_xml_is_line_and_path(standard: Standard) -> None:
    line = "\n<cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID>\n<cbc:Quantity>5</cbc:Quantity>"
    item = (
        f"<cac:Item><cac:StandardItemIdentification><cbc:ID>{OATS}</cbc:ID></cac:StandardItemIdentification></cac:Item>"
    )
    reading = standard("ubl-2.1/Order").read(xml.decode(ubl_order(f"{line}{item}</cac:LineItem></cac:OrderLine>")).root)
    assert reading.document is not None
    where = reading.sources["lines[0].quantity"]
    assert (where.line, where.path) == (3, "/Order/OrderLine/LineItem/Quantity")


def test_a_wrong_date_is_a_finding_at_its_place_and_the_field_is_absent(
    standard: Standard, directories: Directories
) -> None:
    lines = (f"LIN+1++{OATS}:EN", "QTY+21:5", "DTM+2:20261345:102")
    reading = read(standard("eancom-1997/ORDERS"), directories["d96a"], *order(*lines))
    (finding,) = reading.findings
    assert (finding.code, finding.severity, finding.value) == ("mapping.bad-date", "error", "20261345")
    assert (finding.where.segment, finding.where.tag, finding.where.path) == (8, "DTM", "lines[0].requestedDelivery")
    assert isinstance(reading.document, Order)
    assert reading.document.lines[0].requested_delivery is None


def test_a_required_value_that_is_wrong_is_told_once(standard: Standard, directories: Directories) -> None:
    reading = read(standard("eancom-1997/ORDERS"), directories["d96a"], *order(f"LIN+1++{OATS}:EN", "QTY+21:many"))
    assert codes_of(reading) == ["mapping.bad-number"]
    assert reading.document is None


def test_all_that_is_missing_is_told(standard: Standard, directories: Directories) -> None:
    reading = read(standard("eancom-1997/ORDERS"), directories["d96a"], "BGM+220+1+9", "LIN+1", "LIN+2++1:EN", "UNS+S")
    assert reading.document is None
    missing = [each.where.path for each in reading.findings if each.code == "mapping.required-missing"]
    assert missing == ["lines[0].item", "lines[0].quantity", "lines[1].quantity", "issuedAt", "buyer", "seller"]


def test_the_preferred_qualifier_wins_wherever_it_stands(standard: Standard, directories: Directories) -> None:
    head = ("BGM+231+R1+4", "DTM+137:20260302:102", "RFF+ON:4711", f"NAD+BY+{BUYER}::9", f"NAD+SU+{BUYER}::9")
    for quantities in (("QTY+21:10", "QTY+113:8"), ("QTY+113:8", "QTY+21:10")):
        segments = (*head, f"LIN+1+6+{OATS}:EN", *quantities, "UNS+S")
        document = read(standard("eancom-1997/ORDRSP"), directories["d96a"], *segments).document
        assert document is not None
        (line,) = document.lines  # type: ignore[union-attr]
        assert (line.confirmed_quantity.value, line.ordered_quantity.value) == (Decimal(8), Decimal(10))


def test_a_value_sent_twice_is_told(standard: Standard, directories: Directories) -> None:
    lines = (f"LIN+1++{OATS}:EN", "QTY+21:5", "QTY+21:6")
    reading = read(standard("eancom-1997/ORDERS"), directories["d96a"], *order(*lines))
    assert [(each.code, each.severity, each.value) for each in reading.findings] == [("mapping.repeated", "error", "6")]
    assert reading.document.lines[0].quantity.value == 5  # type: ignore[union-attr]


def test_the_same_value_sent_twice_loses_nothing(standard: Standard, directories: Directories) -> None:
    lines = (f"LIN+1++{OATS}:EN", "QTY+21:5", "QTY+21:5.0")
    assert codes_of(read(standard("eancom-1997/ORDERS"), directories["d96a"], *order(*lines))) == []


def test_a_repeat_is_not_told_when_a_better_place_has_the_value(standard: Standard, directories: Directories) -> None:
    head = ("BGM+231+R1+4", "DTM+137:20260302:102", "RFF+ON:4711", f"NAD+BY+{BUYER}::9", f"NAD+SU+{SELLER}::9")
    quantities = ("QTY+21:10", "QTY+113:8", "QTY+12:7", "QTY+12:6")
    segments = (*head, f"LIN+1+6+{OATS}:EN", *quantities, "UNS+S")
    reading = read(standard("eancom-1997/ORDRSP"), directories["d96a"], *segments)
    assert codes_of(reading) == []


def test_a_second_text_at_the_head_is_a_warning_and_one_of_a_line_where_the_mapping_says_so(
    standard: Standard, directories: Directories
) -> None:
    lines = (f"LIN+1++{OATS}:EN", "IMD+F++:::Oats", "IMD+F++:::Hafer", "QTY+21:5")
    segments = (*ORDER_HEAD[:2], "DTM+2:20260305:102", "DTM+2:20260306:102", *ORDER_HEAD[2:], *lines, "UNS+S")
    reading = read(standard("eancom-1997/ORDERS"), directories["d96a"], *segments)
    found = [(each.severity, dict(each.params)["field"]) for each in reading.findings]
    assert sorted(found) == [("warning", "lines[0].item.description"), ("warning", "requestedDelivery")]


def test_a_wrong_control_count_is_a_warning(standard: Standard, directories: Directories) -> None:
    segments = (*order(f"LIN+1++{OATS}:EN", "QTY+21:5"), "CNT+2:3")
    (finding,) = read(standard("eancom-1997/ORDERS"), directories["d96a"], *segments).findings
    assert (finding.code, finding.severity) == ("mapping.count-differs", "warning")
    assert dict(finding.params)["counted"] == "1"


def test_what_no_rule_touches_is_left_over(standard: Standard, directories: Directories) -> None:
    lines = (f"LIN+1++{OATS}:EN", "MEA+PD+AAB+KGM:12", "QTY+21:5")
    reading = read(standard("eancom-1997/ORDERS"), directories["d96a"], *order(*lines))
    assert [(each.path, each.value) for each in reading.leftovers] == [
        ("SG25/MEA", "PD"),
        ("SG25/MEA", "AAB"),
        ("SG25/MEA", "KGM"),
        ("SG25/MEA", "12"),
    ]


def test_a_currency_that_is_the_documents_own_is_inherited(standard: Standard) -> None:
    def line(number: int, currency: str) -> str:
        return (
            f"<cac:OrderLine><cac:LineItem><cbc:ID>{number}</cbc:ID><cbc:Quantity>1</cbc:Quantity><cac:Price>"
            f'<cbc:PriceAmount currencyID="{currency}">2</cbc:PriceAmount></cac:Price>'
            "<cac:Item><cbc:Name>x</cbc:Name></cac:Item></cac:LineItem></cac:OrderLine>"
        )

    head = "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
    data = ubl_order(line(1, "EUR") + line(2, "USD"), head)
    document = standard("ubl-2.1/Order").read(xml.decode(data).root).document
    assert isinstance(document, Order)
    prices = [each.price for each in document.lines]
    assert [price.net.currency for price in prices if price and price.net] == [None, "USD"]


def test_another_document_element_is_an_error_not_a_crash(standard: Standard) -> None:
    reading = standard("ubl-2.1/Order").read(xml.decode(b"<Invoice/>").root)
    assert reading.document is None
    assert codes_of(reading)[0] == "mapping.wrong-root"


def test_a_flood_of_findings_is_cut(standard: Standard, directories: Directories) -> None:
    lines = [text for n in range(1, 1500) for text in (f"LIN+{n}++{OATS}:EN", "QTY+21:x")]
    reading = read(standard("eancom-1997/ORDERS"), directories["d96a"], *order(*lines))
    assert len(reading.findings) == FINDING_LIMIT + 1
    assert reading.findings[-1].code == "mapping.too-many-findings"
    assert reading.document is None


def test_canonical_json_is_a_mapping_like_any_other(standard: Standard) -> None:
    mapping = standard("canonical/PlanningRequest")
    reading = mapping.read({"id": "1", "issuedAt": "2026-03-02"})
    assert reading.document is not None
    assert '"document":"PlanningRequest"' in mapping.write(reading.document)
    assert codes_of(mapping.read({"id": "1"})) == ["json.missing"]
    assert codes_of(mapping.read({"document": "Order"})) == ["json.missing"] * 5  # every one that is missing


def test_a_price_in_another_currency_than_the_document_says_so(standard: Standard, directories: Directories) -> None:
    mapping = standard("eancom-1997/ORDERS")
    lines = (f"LIN+1++{OATS}:EN", "QTY+21:5", "PRI+AAA:2", "CUX+2:SEK", f"LIN+2++{RYE}:EN", "QTY+21:1", "PRI+AAA:3")
    segments = (*order()[:-1], "CUX+2:EUR:9", *lines, "UNS+S")
    document = read(mapping, directories["d96a"], *segments).document
    assert isinstance(document, Order)
    assert [each.price.net.currency for each in document.lines if each.price and each.price.net] == ["SEK", None]
    own = replace(document.lines[1], price=Price(net=Amount(value=Decimal(3), currency="EUR")))
    written = lines_of(mapping.write(replace(document, lines=(document.lines[0], own))))
    assert [text for text in written if text.startswith(("CUX", "PRI"))] == [
        "CUX+2:EUR:9",
        "PRI+AAA:2",
        "CUX+2:SEK",
        "PRI+AAA:3",
    ]


SHELVES = """
mapping: own/Shelves
document: SalesReport
syntax: {kind: xml, root: Report}
fields:
  id: Id
  issuedAt: {path: On, as: date}
  reporter.gln: From
  receiver.gln: To
  lines:
    each: Shop/Sold
    where: {../Kind: [POS]}
    fields:
      item.gtin: Gtin
      soldQuantity: Units
      location: {path: ../Place, as: gln}
      period.start: {path: ../Day, as: date}
      period.end: {path: ../Day, as: date}
"""
SHELF = f"""<Report><Id>R1</Id><On>2026-03-05</On><From>{BUYER}</From><To>{SELLER}</To>
<Shop><Kind>POS</Kind><Sold><Gtin>{OATS}</Gtin><Units>3</Units></Sold><Sold><Gtin>{RYE}</Gtin><Units>4</Units></Sold>
<Place>4099990000318</Place><Day>2026-03-04</Day></Shop>
<Shop><Kind>OTHER</Kind><Sold><Gtin>{OATS}</Gtin><Units>9</Units></Sold><Place>4099990000318</Place></Shop>
<Shop><Kind>POS</Kind><Sold><Gtin>{RYE}</Gtin><Units>5</Units></Sold>
<Place>4099990000325</Place><Day>2026-03-04</Day></Shop></Report>"""


def test_every_inner_element_gets_what_the_one_around_it_says_even_when_that_comes_later(
    compiled: Callable[..., DocumentMapping],
) -> None:
    reading = compiled("own/Shelves", SHELVES).read(xml.decode(SHELF.encode()).root)
    assert codes_of(reading) == []
    found = [(each.location, str(each.sold_quantity.value)) for each in reading.document.lines]  # type: ignore[union-attr]
    assert found == [("4099990000318", "3"), ("4099990000318", "4"), ("4099990000325", "5")]
    assert reading.sources["lines[1].location"].path == "/Report/Shop[1]/Place"
    assert reading.sources["lines[1].soldQuantity"].path == "/Report/Shop[1]/Sold[2]/Units"


def test_rows_that_agree_around_share_one_outer_element_and_what_follows_stays_behind(
    compiled: Callable[..., DocumentMapping],
) -> None:
    mapping = compiled("own/Shelves", SHELVES)
    written = mapping.write(mapping.read(xml.decode(SHELF.encode()).root).document)
    assert [[each.tag for each in shop] for shop in written.findall("Shop")] == [
        ["Kind", "Sold", "Sold", "Place", "Day"],
        ["Kind", "Sold", "Place", "Day"],
    ]


def test_an_error_after_a_thousand_warnings_is_still_an_error(standard: Standard, directories: Directories) -> None:
    noisy = tuple(
        segment
        for number in range(1, FINDING_LIMIT + 2)
        for segment in (f"LIN+{number}++{OATS}:EN", "IMD+F++:::Oats", "IMD+F++:::Hafer", "QTY+21:5")
    )
    head = order(*noisy)[:-1]
    reading = read(standard("eancom-1997/ORDERS"), directories["d96a"], *head, "UNS+S")
    assert {each.severity for each in reading.findings} == {"warning"}
    last = (*head, f"LIN+9999++{OATS}:EN", "QTY+21:5", "QTY+21:6", "UNS+S")
    reading = read(standard("eancom-1997/ORDERS"), directories["d96a"], *last)
    assert [each.code for each in reading.findings if each.severity == "error"] == ["mapping.too-many-findings"]


def test_two_rows_of_the_same_item_stay_two_when_both_say_a_quantity(compiled: Callable[..., DocumentMapping]) -> None:
    rules = SHELVES.replace(
        "    fields:\n", "    group_by: [item, location, period]\n    fields:\n      price: Price\n", 1
    )
    twice = SHELF.replace(
        f"<Gtin>{RYE}</Gtin><Units>4</Units>", f"<Gtin>{OATS}</Gtin><Units>3</Units><Price>1.99</Price>"
    )
    reading = compiled("own/Shelves", rules).read(xml.decode(twice.encode()).root)
    found = [str(each.sold_quantity.value) for each in reading.document.lines]  # type: ignore[union-attr]
    assert found == ["3", "3", "5"]
