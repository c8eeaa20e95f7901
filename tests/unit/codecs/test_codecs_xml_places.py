"""Where elements stand, for many at once, is where each of them stands by itself."""

from gateway.codecs import xml
from gateway.codecs.xml_places import Locator
from gateway.model.places import Places

NESTED = b"""<a xmlns="urn:x" xmlns:y="urn:y">
  <b><c/><y:c/><c>1</c></b>
  <b/><d><b>2</b></d>
</a>"""


def test_every_element_stands_where_it_stands_alone() -> None:
    root = xml.decode(NESTED).root
    locator = Locator()
    assert [locator(each) for each in root.iter()] == [xml.locate(each) for each in root.iter()]
    rows = {str(n): locator.row(each) for n, each in enumerate(root.iter())}
    assert list(Places.from_rows(lambda: rows).values()) == [xml.locate(each) for each in root.iter()]
