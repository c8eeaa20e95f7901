"""Whatever is written into a definition file: a value, or a Fault with a place. Never another exception."""

import re
import string
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config.definitions import Definitions
from gateway.config.fields import Problems, decimal_of
from gateway.config.parties import read_parties
from gateway.config.settings import read_settings
from gateway.config.tables import read_items, read_suppliers
from gateway.config.yaml import load, marks, plain
from gateway.model.faults import OurFault
from gateway.texts.catalogue import ERRORS, text

PIECES = ["a", "b", ": ", "- ", "? ", "[", "]", "{", "}", ", ", "&a ", "*a", "!x ", "|", ">", "'", '"', "#", "%", "@"]
ODD_PIECES = ["\n", " ", "\t", "\x00", "é", "燕", "\ufeff", "---\n", "...\n"]
YAMLISH = st.lists(st.sampled_from(PIECES + ODD_PIECES), max_size=14).map("".join)
WORDS = st.sampled_from(
    [
        *("name", "gln", "ids", "channels", "as2", "http", "id", "url", "certificate", "receipt", "agreements"),
        *("receive", "send", "over", "role", "kind", "mode", "severities", "eancom-1997/ORDERS", "true", "0", "x"),
        *("listen", "partners", "port", "workers", "clock", "file", "planning", "every_h", "retry", "allow_networks"),
    ]
)
TREES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=12
)


def as_yaml(tree: object) -> str:
    """Write a tree in flow style."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key}: {as_yaml(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(as_yaml, tree)) + "]"
    return str(tree)


def fault_of(call: Callable[[], object]) -> OurFault | None:
    """Return the fault that call ends with, None when there is none."""
    try:
        call()
    except OurFault as fault:
        return fault
    return None


@settings(max_examples=1000)
@given(YAMLISH)
def test_any_text_gives_a_tree_with_places_or_a_config_fault(content: str) -> None:
    fault = fault_of(lambda: load(content, "x.yaml"))
    if fault is not None:
        assert fault.code.startswith("config.")
        assert fault.code in ERRORS
        assert (fault.where.line or 0) >= 1
    else:
        assert all(line >= 1 and column >= 1 for line, column in marks(load(content, "x.yaml")).values())


@given(TREES)
def test_a_tree_written_in_flow_style_is_read_back_as_text(tree: object) -> None:
    assert plain(load(as_yaml(tree), "x.yaml")) == tree


@given(TREES)
def test_any_tree_as_a_partner_or_as_settings_gives_findings_that_can_be_told(tree: object) -> None:
    content = as_yaml(tree)
    files = {"partners/a/partner.yaml": content, "partners/self/partner.yaml": content}
    for finding in read_parties(Definitions.of(files)).findings:
        assert finding.code in ERRORS
        assert "?" not in text(finding, "en").replace("?}", "")
    fault = fault_of(lambda: read_settings(content, Path("/nowhere")))
    if fault is not None:
        assert fault.findings
        assert all(each.where.line for each in fault.findings)


@given(st.text(alphabet='abgtinpk,"\n\r0129 .-燕\x00', max_size=80))
def test_any_text_as_a_table_gives_rows_or_findings(content: str) -> None:
    for header in ("gtin,name,pack\n", "partner,lead_time_days\n", ""):
        problems = Problems("x.csv")
        read_items(header + content, problems)
        read_suppliers(header + content, problems)
        assert all(each.code in ERRORS and each.where.line for each in problems.findings)


@given(st.text(alphabet="0123.-٣½ eN_+" + string.whitespace, max_size=6))
def test_a_decimal_is_finite_and_written_plainly_or_nothing(content: str) -> None:
    number = decimal_of(content)
    assert number is None or re.fullmatch(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)", content)
