"""The quick way from JSON to a document and the careful way give the same document, or the same fault."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model import json_form
from gateway.model.documents import DOCUMENTS
from gateway.model.faults import PartnerFault

CASES = Path(__file__).parents[2] / "mappings" / "standard" / "eancom-1997"
SAMPLES = {
    path.parent.name: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(CASES.glob("*.cases/*/expected.json"))[::6]
}
DOCUMENTS_IN = sorted(name for name, plain in SAMPLES.items() if plain.get("document") in DOCUMENTS)
JUNK = st.sampled_from(
    [None, 1, 0, True, "", "x", "NaN", "1e5", "2026-13-01", "2026-02-03T10:00", [], {}, [None], {"value": "1"}, 2.5]
)


def _outcome(way: Any) -> object:
    try:
        return way()
    except PartnerFault as fault:
        return fault.code, fault.where, fault.value, tuple(sorted(fault.params.items()))


def _places(plain: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    return [path] + [place for key, value in items for place in _places(value, (*path, key))]


def _with(plain: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(plain)
    inner: Any = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def test_there_are_documents_of_several_kinds() -> None:
    assert len({SAMPLES[name]["document"] for name in DOCUMENTS_IN}) > 3


@pytest.mark.parametrize("name", DOCUMENTS_IN)
def test_a_good_document_reads_the_same_both_ways(name: str) -> None:
    plain = SAMPLES[name]
    rest = {key: value for key, value in plain.items() if key not in ("document", "schema")}
    assert json_form.from_plain(plain) == json_form.build(DOCUMENTS[plain["document"]], rest)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), junk=JUNK)
def test_a_changed_document_reads_or_fails_the_same_both_ways(data: st.DataObject, junk: Any) -> None:
    plain = SAMPLES[data.draw(st.sampled_from(DOCUMENTS_IN))]
    rest = {key: value for key, value in plain.items() if key not in ("document", "schema")}
    place = data.draw(st.sampled_from(_places(rest)[1:]))
    changed = _with(rest, place, junk)
    if data.draw(st.booleans()):
        changed = _with(changed, (*place[:-1], "surplus"), junk) if isinstance(place[-1], str) else changed
    kind = DOCUMENTS[plain["document"]]
    careful = _outcome(lambda: json_form.build(kind, changed))
    assert _outcome(lambda: json_form.from_plain({"document": plain["document"], **changed})) == careful


@pytest.mark.parametrize("name", DOCUMENTS_IN)
def test_the_text_of_a_document_is_its_plain_values_with_sorted_keys(name: str) -> None:
    document = json_form.from_plain(SAMPLES[name])
    plain = json_form.document_plain(document)
    assert json_form.dumps(document) == json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=20))
def test_any_text_in_a_document_comes_back(text: str) -> None:
    plain = _with(SAMPLES[DOCUMENTS_IN[0]], ("id",), f"x{text}")
    document = json_form.from_plain(plain)
    assert json_form.loads(json_form.dumps(document)) == document
