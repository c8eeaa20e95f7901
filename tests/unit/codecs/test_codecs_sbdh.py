"""The business document header: around a document, inside a message, empty, wrong, and written."""

from datetime import UTC, datetime

import pytest

from gateway.codecs import sbdh, xml
from gateway.codecs.sbdh import Header
from gateway.model.faults import PartnerFault

SH = 'xmlns="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"'
ORDER = "urn:oasis:names:specification:ubl:schema:xsd:Order-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BUYER, SELLER = "4099990000011", "4099990000028"
BODY = f'<Order xmlns="{ORDER}"><CustomizationID xmlns="{CBC}">urn:c</CustomizationID></Order>'


def header(sender: str = f"0088:{BUYER}", kind: str = "Order", created: str = "2026-03-02T09:00:00Z") -> str:
    return (
        f"<StandardBusinessDocumentHeader {SH}><HeaderVersion>1.0</HeaderVersion>"
        f'<Sender><Identifier Authority="iso6523-actorid-upis">{sender}</Identifier></Sender>'
        f'<Receiver><Identifier Authority="iso6523-actorid-upis">0088:{SELLER}</Identifier></Receiver>'
        f"<DocumentIdentification><Standard>{ORDER}</Standard><TypeVersion>2.1</TypeVersion>"
        f"<InstanceIdentifier>i-1</InstanceIdentifier><Type>{kind}</Type>"
        f"<CreationDateAndTime>{created}</CreationDateAndTime></DocumentIdentification>"
        "<BusinessScope><Scope><Type>PROCESSID</Type><InstanceIdentifier>urn:p</InstanceIdentifier></Scope>"
        "</BusinessScope></StandardBusinessDocumentHeader>"
    )


def opened(text: str) -> tuple[xml.XmlDocument, Header | None, list[str]]:
    document, found, oddities = sbdh.opened(xml.decode(text.encode()))
    return document, found, [each.code for each in oddities]


def wrapped(inner: str) -> str:
    return f"<s:StandardBusinessDocument {SH.replace('xmlns', 'xmlns:s')}>{inner}</s:StandardBusinessDocument>"


def test_a_wrapped_document_is_the_one_that_counts() -> None:
    document, found, odd = opened(wrapped(header() + BODY))
    assert (document.local_name, document.namespace, document.customization) == ("Order", ORDER, "urn:c")
    assert found == Header(
        sender=f"0088:{BUYER}", receiver=f"0088:{SELLER}", authority="iso6523-actorid-upis", standard=ORDER,
        type="Order", type_version="2.1", instance="i-1", created_at="2026-03-02T09:00:00Z",
        scopes={"PROCESSID": "urn:p"},
    )  # fmt: skip
    assert (found.sender_id, found.receiver_id, odd) == (BUYER, SELLER, [])


def test_a_header_inside_a_message_is_read_too() -> None:
    document, found, odd = opened(f'<o:orderMessage xmlns:o="urn:o">{header(BUYER, "order")}<order/></o:orderMessage>')
    assert document.local_name == "orderMessage"
    assert found is not None
    assert (found.sender_id, found.instance, odd) == (BUYER, "i-1", [])


def test_a_document_without_a_header_has_none() -> None:
    assert opened(BODY)[1:] == (None, [])


def test_an_empty_header_says_nothing() -> None:
    document, found, odd = opened(wrapped(f"<StandardBusinessDocumentHeader {SH}/>" + BODY))
    assert (document.local_name, found, odd) == ("Order", Header(), [])


def test_a_date_that_is_none_and_another_type_are_told() -> None:
    assert opened(wrapped(header(created="soon", kind="Invoice") + BODY))[2] == ["sbdh.type-differs", "sbdh.bad-date"]


@pytest.mark.parametrize("inner", ["", header(), header() + BODY + BODY])
def test_a_header_without_one_document_is_refused(inner: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        opened(wrapped(inner))
    assert caught.value.code == "sbdh.no-document"


def test_what_is_wrapped_is_read_back() -> None:
    root = xml.decode(BODY.encode()).root
    made = sbdh.peppol_header(root, sender=BUYER, receiver=SELLER, instance="i-2", created_at=NOW, country="DE")
    document, found, odd = opened(xml.encode(sbdh.wrapped(root, made)).decode())
    assert (document.local_name, found, odd) == ("Order", made, [])
    assert made.scopes["DOCUMENTID"] == f"{ORDER}::Order##urn:c::2.1"
    assert made.scopes["COUNTRY_C1"] == "DE"


def test_what_is_put_inside_comes_first_and_is_read_back() -> None:
    root = xml.decode(b'<o:orderMessage xmlns:o="urn:o"><order/></o:orderMessage>').root
    made = sbdh.gs1_header(root, sender=BUYER, receiver=SELLER, instance="i-3", created_at=NOW)
    written = sbdh.put_inside(root, made)
    assert [str(each.tag).rpartition("}")[2] for each in written] == ["StandardBusinessDocumentHeader", "order"]
    assert opened(xml.encode(written).decode())[1:] == (made, [])
