"""XML that is not UBL: other attributes, values never said, one root for many documents. CSV in its many forms."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest

from gateway.codecs import xml
from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.files import read_file, write_body
from gateway.mapping.recognition import csv_choice, xml_choice, xml_fit
from gateway.model.faults import OurFault
from gateway.model.sales_report import SalesReport

Compiled = Callable[..., DocumentMapping]
SHOP, OURS, OATS = "4099990000011", "4099990000028", "4099990100018"
OWN = f"""
mapping: own/Order
document: Order
syntax:
  kind: xml
  root: order
  attributes: {{unit: uom, currency: cur, scheme: none}}
fields:
  id: '@no'
  issuedAt: day
  buyer.gln: shop
  seller.gln: {{default: '{OURS}', as: endpoint-id}}
  currency: {{path: line/price/@cur, direction: in}}
  lines:
    each: line
    fields:
      number: '@nr'
      item.gtin: {{path: ean, as: gtin14}}
      quantity: qty
      price.net: price
"""
TEXT = f"""<order no="B-1"><day>2026-03-02</day><shop>{SHOP}</shop>
<line nr="1"><ean>{OATS}</ean><qty uom="KGM">1.5</qty><price cur="EUR">2.50</price></line></order>"""


def test_attributes_of_the_root_and_with_other_names_are_read_and_written(compiled: Compiled) -> None:
    mapping = compiled("own/Order", OWN)
    reading = mapping.read(xml.decode(TEXT.encode()).root)
    assert reading.findings == ()
    document = reading.document
    assert document is not None
    line = document.lines[0]  # type: ignore[union-attr]
    assert (document.id, line.quantity.unit, line.quantity.value) == ("B-1", "KGM", Decimal("1.5"))
    assert (document.currency, line.price.net.value) == ("EUR", Decimal("2.50"))  # type: ignore[union-attr]
    written = write_body(mapping, document).decode()
    assert '<order no="B-1">' in written
    assert '<qty uom="KGM">1.5</qty>' in written
    assert '<price cur="EUR">2.50</price>' in written
    assert f"<ean>0{OATS}</ean>" in written
    assert "unitCode" not in written
    assert "schemeID" not in written
    (back,) = read_file(written.encode(), lambda _: mapping, {})
    assert back.reading.document == document
    assert back.reading.leftovers == ()


def test_what_a_format_never_says_is_given_and_not_written(compiled: Compiled) -> None:
    mapping = compiled("own/Order", OWN)
    document = mapping.read(xml.decode(TEXT.encode()).root).document
    assert document is not None
    assert document.seller.gln == OURS  # type: ignore[union-attr]
    assert OURS not in write_body(mapping, document).decode()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("attributes: {size: x}", "mapping.unknown-word"),
        ("header: soap", "mapping.unknown-word"),
        ("contains: q:Request", "mapping.unknown-prefix"),
        ("merge: [a]", "mapping.bad-shape"),
    ],
)
def test_a_wrong_word_of_the_syntax_is_refused(compiled: Compiled, wrong: str, code: str) -> None:
    text = OWN.replace("attributes: {unit: uom, currency: cur, scheme: none}", wrong)
    with pytest.raises(OurFault) as caught:
        compiled("own/Order", text)
    assert caught.value.code == code


def test_a_default_without_a_path_takes_no_other_words(compiled: Compiled) -> None:
    with pytest.raises(OurFault) as caught:
        compiled("own/Order", OWN.replace("as: endpoint-id}", "as: endpoint-id, where: {'@x': 'y'}}"))
    assert caught.value.code == "mapping.unknown-word"


def test_one_root_for_many_documents_is_told_by_what_it_contains(compiled: Compiled) -> None:
    plain = OWN.replace("root: order", "root: message")
    order = compiled("own/Order", plain.replace("syntax:", "syntax:\n  contains: request/order"))
    general = compiled("own/Any", plain)
    named = compiled("own/Peppol", plain.replace("syntax:", "syntax:\n  customization: 'urn:a'"))
    document = xml.decode(b"<message><request><order/></request></message>")
    assert xml_choice([general, order], document) is order
    assert xml_choice([order], xml.decode(b"<message><request/></message>")) is None
    custom = xml.decode(b'<message><x:CustomizationID xmlns:x="urn:x">urn:a:1</x:CustomizationID></message>')
    assert xml_choice([general, named], custom) is named
    assert xml_fit(named.syntax, document) == 0


# --- CSV --------------------------------------------------------------------------------------------------------------

SALES = f"""
mapping: own/Sales
document: SalesReport
syntax:
  kind: csv
  delimiter: tab
  encoding: windows-1252
  decimal: ','
  thousands: '.'
  dates: [DD.MM.YYYY, 'DD.MM.YYYY HH:mm']
  columns: {{day: Tag, shop: Filiale, gtin: EAN, sold: Menge, unit: ME, value: Umsatz}}
  head: [day, shop]
  key: [day, shop]
fields:
  id: {{path: _file, direction: in}}
  issuedAt: day
  reporter.gln: shop
  receiver.gln: {{default: '{OURS}', as: party-id}}
  currency: {{default: EUR}}
  lines:
    each: row
    fields:
      item.gtin: {{path: gtin, as: gtin}}
      soldQuantity: sold
      soldQuantity.unit: {{path: unit, choose: {{KGM: [kg, KG], H87: [St]}}}}
      value: value
"""


def rows(*lines: str) -> bytes:
    return "\n".join(("Tag\tFiliale\tEAN\tMenge\tME\tUmsatz", *lines)).encode("windows-1252")


def test_numbers_dates_and_units_follow_the_form(compiled: Compiled) -> None:
    mapping = compiled("own/Sales", SALES)
    data = rows(f"2.3.2026\t{SHOP}\t{OATS}\t1.234,5\tKG\t-12,00", f"2.3.2026\t{SHOP}\t{OATS}\t7\t\t1,50")
    (found,) = read_file(data, lambda _: mapping, {}, filename="sales-1.csv")
    document = found.reading.document
    assert isinstance(document, SalesReport)
    assert found.all_findings == ()
    assert (document.id, document.issued_at, document.currency) == ("sales-1", date(2026, 3, 2), "EUR")
    first, second = (line.sold_quantity for line in document.lines)
    assert first is not None
    assert second is not None
    assert (first.value, first.unit, first.per) == (Decimal("1234.5"), "KGM", None)
    assert (second.value, second.unit, second.per) == (Decimal(7), None, "gtin")
    written = write_body(mapping, document).decode("windows-1252").splitlines()
    assert written[1:] == [f"02.03.2026\t{SHOP}\t{OATS}\t1234,5\tkg\t-12,00", f"02.03.2026\t{SHOP}\t{OATS}\t7\t\t1,50"]


@pytest.mark.parametrize("number", ["1,234.5", "1.23,4", "12.34", "1,2,3", "x", "1e5", "NaN", ".5.5"])
def test_a_number_in_other_marks_is_not_guessed(compiled: Compiled, number: str) -> None:
    mapping = compiled("own/Sales", SALES)
    (found,) = read_file(rows(f"2.3.2026\t{SHOP}\t{OATS}\t{number}\tkg\t"), lambda _: mapping, {}, filename="s.csv")
    (told,) = found.all_findings
    assert (told.code, told.where.line, told.where.column) == ("mapping.bad-number", 2, 4)


def test_a_time_is_read_and_written_where_a_pattern_has_it(compiled: Compiled) -> None:
    mapping = compiled("own/Sales", SALES)
    (found,) = read_file(rows(f"02.03.2026 17:05\t{SHOP}\t{OATS}\t1\tSt\t"), lambda _: mapping, {}, filename="s.csv")
    assert isinstance(found.reading.document, SalesReport)
    assert found.reading.document.issued_at == datetime(2026, 3, 2, 17, 5)
    assert b"02.03.2026 17:05" in write_body(mapping, found.reading.document)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("item.gtin: {path: gtin", "item.gtin: {path: gtn", "mapping.unknown-path"),
        ("issuedAt: day", "issuedAt: row/gtin/x", "mapping.unknown-path"),
        ("each: row", "each: rows", "mapping.unknown-path"),
        ("delimiter: tab", "delimiter: ';;'", "mapping.bad-csv"),
        ("decimal: ','", "decimal: x", "mapping.bad-csv"),
        ("encoding: windows-1252", "encoding: utf-7", "mapping.bad-csv"),
        ("encoding: windows-1252", "encoding: nonsense", "mapping.bad-csv"),
        ("DD.MM.YYYY, ", "DD.MM, ", "mapping.bad-csv"),
        ("head: [day, shop]", "head: [day, shp]", "mapping.bad-csv"),
        ("key: [day, shop]", "key: [gtin]", "mapping.bad-csv"),
        ("columns: {day: Tag", "columns: {'d ay': Tag", "mapping.bad-csv"),
        ("kind: csv", "kind: csv\n  colour: red", "mapping.unknown-word"),
    ],
)
def test_a_form_that_cannot_be_is_refused_with_its_line(compiled: Compiled, old: str, new: str, code: str) -> None:
    with pytest.raises(OurFault) as caught:
        compiled("own/Sales", SALES.replace(old, new, 1))
    assert caught.value.code == code
    assert (caught.value.where.line or 0) > 1


def test_the_nearest_column_is_named(compiled: Compiled) -> None:
    with pytest.raises(OurFault) as caught:
        compiled("own/Sales", SALES.replace("path: gtin", "path: gtn"))
    assert caught.value.params["nearest"] == "gtin"


def test_the_file_name_the_titles_or_the_record_type_choose_among_several(compiled: Compiled) -> None:
    one = compiled("own/Sales", SALES)
    other = compiled("own/Other", SALES.replace("sold: Menge", "sold: Absatz").replace("unit: ME", "unit: Einheit"))
    named = compiled("own/Named", SALES.replace("kind: csv", "kind: csv\n  file: 'vk_*.csv'"))
    data = rows("x")
    assert csv_choice([other, one], data, "a.csv") is one
    assert csv_choice([other, one, named], data, "VK_7.csv") is named
    assert csv_choice([named], data, "a.csv") is None
    assert csv_choice([one], b"\x00\xff", "a.csv") is None
