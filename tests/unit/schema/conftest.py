"""The UBL schemas that `make schemas` has taken in."""

from pathlib import Path

import pytest

from gateway.config.xml_schemas import load_xml_schemas
from gateway.schema.xsd import XmlSchemas

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def ubl() -> XmlSchemas:
    """Without a network there are none, and `make test` has said so."""
    found = load_xml_schemas(ROOT / "schemas")
    if "ubl-2.1" not in found.sets:
        pytest.fail("no UBL schemas: run `make schemas`")
    return found
