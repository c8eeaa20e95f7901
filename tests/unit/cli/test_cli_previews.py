"""mappings preview, shadow and guide, and lookups, on the command line."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.app.ids import uuid7
from gateway.app.instance import Instance, open_instance
from gateway.cli.root import cli
from gateway.config.scaffold import scaffold
from gateway.model.payload import MemoryPayload
from gateway.pipeline.accept import accept
from gateway.pipeline.prepare import prepare
from gateway.pipeline.stored import store_prepared
from gateway.ports.journal import Tx
from gateway.ports.records import Arrival

Call = Callable[..., Result]
NAME = "eancom-1997/ORDERS"
CASES = Path(__file__).parents[3] / "mappings" / "standard" / "eancom-1997" / "ORDERS.cases"
ORDER = CASES / "simple" / "in.edi"
DRAFT = "mapping: acme/ORDERS\nextends: eancom-1997/ORDERS\nremove: [typeCode]\n"
ITEMS = (
    "mapping: acme/ORDERS\nextends: eancom-1997/ORDERS\nfields:\n  lines[].item.gtin: {path: LIN/C212.7140,"
    " where: {C212.7143: [EN, IN]}, as: gtin, lookup: articles, column: gtin, direction: in}\n"
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("previews") / "hub"
    scaffold(folder, name="We & Sons", gln="9521001000000")
    partner = folder / "partners" / "acme"
    partner.mkdir(parents=True)
    (partner / "partner.yaml").write_text(
        "name: Acme\nrole: customer\ngln: '4099990000011'\nchannels: {box: {kind: folder, folder: acme}, http: {url: 'http://127.0.0.1:9/in'}}\n"
        "agreements:\n  - {receive: eancom-1997/ORDERS, over: box}\n  - {send: eancom-1997/ORDRSP, over: http}\n",
        encoding="utf-8",
    )
    instance = open_instance(folder, take_folders=True)
    try:
        for number in range(1, 4):
            data = ORDER.read_bytes().replace(b"4711", b"471%d" % number)
            keep(instance, data.replace(b"0900+1'", b"0900+%d'" % number).replace(b"UNZ+1+1'", b"UNZ+1+%d'" % number))
    finally:
        instance.close()
    return folder


def keep(instance: Instance, data: bytes) -> None:
    """Store an arrival and its messages, as a lane does."""
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    arrival = Arrival(
        id=uuid7(now), channel="folder", partner="acme", payload=MemoryPayload(data), content_type="", filename="x.edi",
        dedupe_key=str(hash(data)), test=False,
    )  # fmt: skip
    instance.journal.write(lambda tx: accept(tx, instance.book, arrival, now))

    def work(tx: Tx) -> None:
        claim = tx.claim_lane("acme", "test", now, timedelta(minutes=5))
        assert claim is not None
        for row in tx.arrivals_to_prepare(claim, now, 10):
            read = prepare(instance.book, row)
            named = replace(read, messages=tuple(replace(each, id=uuid7(now)) for each in read.messages))
            store_prepared(tx, instance.book, claim, row, named, now, lambda: uuid7(now))
        tx.release_lane(claim)

    instance.journal.write(work)


@pytest.fixture
def call(root: Path) -> Call:
    return lambda *words: CliRunner().invoke(cli, ["--instance", str(root), "--lang", "en", *words])


def test_a_preview_shows_document_output_trace_and_what_changes(call: Call, tmp_path: Path) -> None:
    (tmp_path / "draft.yaml").write_text(DRAFT, encoding="utf-8")
    result = call("mappings", "preview", NAME, str(ORDER), "--partner", "acme", "--draft", str(tmp_path / "draft.yaml"))
    assert result.exit_code == 0, result.output
    for part in ("-typeCode: {path", '"document": "Order"', "UNB+UNOC", "2 BGM element 2", "BGM  220", "typeCode  220"):
        assert part in " ".join(result.stdout.split("  ")) or part in result.stdout
    assert "rules touched" in result.stderr


def test_a_preview_as_json_has_every_part_and_a_bad_draft_ends_with_3(call: Call, tmp_path: Path) -> None:
    found = json.loads(call("mappings", "preview", NAME, str(ORDER), "--json").stdout)
    assert {"name", "findings", "digest", "messages", "coverage", "rules"} <= found.keys()
    assert found["messages"][0]["trace"][0]["rule"].startswith("mappings/standard/eancom-1997/ORDERS.yaml:")
    (tmp_path / "draft.yaml").write_text(DRAFT.replace("typeCode", "typCode"), encoding="utf-8")
    bad = call("mappings", "preview", NAME, str(ORDER), "--partner", "acme", "--draft", str(tmp_path / "draft.yaml"))
    assert bad.exit_code == 3
    assert "mapping.unknown-field" in bad.output
    assert "typeCode" in bad.output


def test_a_draft_that_extends_another_mapping_is_told(call: Call, tmp_path: Path) -> None:
    (tmp_path / "draft.yaml").write_text(
        DRAFT.replace("extends: eancom-1997", "extends: eancom-2002"), encoding="utf-8"
    )
    bad = call("mappings", "preview", NAME, str(ORDER), "--partner", "acme", "--draft", str(tmp_path / "draft.yaml"))
    assert (bad.exit_code, "mapping.extends-other" in bad.output) == (3, True)


def test_a_shadow_run_counts_what_would_have_been_read_otherwise(call: Call, tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    draft.write_text(DRAFT, encoding="utf-8")
    result = call("mappings", "shadow", NAME, "--partner", "acme", "--draft", str(draft), "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["outcomes"] == {"changed": 3}
    assert found["fields"] == {"typeCode": 3}
    assert found["alarms"] == ["typeCode"]
    assert [(each["done"], each["total"]) for each in found["lines"]] == [(1, 3), (2, 3), (3, 3)]
    assert {each["number"] for each in found["lines"]} == {"4711", "4712", "4713"}
    shown = call("mappings", "shadow", NAME, "--partner", "acme", "--draft", str(draft), "--last", "2")
    assert "2 changed" in shown.stdout


def test_a_shadow_run_tells_what_a_draft_would_break(call: Call, tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    draft.write_text(
        "mapping: acme/ORDERS\nextends: eancom-1997/ORDERS\nfields:\n"
        "  refs.contract: {path: SG1/RFF/C506.1154, where: {SG1/RFF/C506.1153: CT}, required: 'true'}\n",
        encoding="utf-8",
    )
    result = call("mappings", "shadow", NAME, "--partner", "acme", "--draft", str(draft))
    assert result.exit_code == 3
    assert "3 broken" in result.stdout


def test_a_shadow_run_without_stored_messages_says_so(call: Call) -> None:
    result = call("mappings", "shadow", "eancom-1997/ORDRSP", "--partner", "acme", "--outbound")
    assert (result.exit_code, "shadow.nothing-stored" in result.output) == (3, True)


def test_guides_are_written_one_by_one_or_all_into_a_folder(call: Call, tmp_path: Path) -> None:
    several = call("mappings", "guide", "acme")
    assert (several.exit_code, "guide.choose" in several.output) == (3, True)
    one = call("mappings", "guide", "acme", "ORDERS", "--language", "zh-CN")
    assert one.stdout.startswith('<!doctype html>\n<html lang="zh-CN">')
    assert "由贵方发送给我方" in one.stdout
    assert "We &amp; Sons" in one.stdout
    every = call("mappings", "guide", "acme", "--output", str(tmp_path / "guides"))
    assert every.exit_code == 0, every.output
    assert sorted(path.name for path in (tmp_path / "guides").iterdir()) == [
        "eancom-1997-ORDERS.html",
        "eancom-1997-ORDRSP.html",
    ]
    assert "we send it to you" in (tmp_path / "guides" / "eancom-1997-ORDRSP.html").read_text(encoding="utf-8")
    wrong = call("mappings", "guide", "acme", "INVOIC")
    assert (wrong.exit_code, "mapping.missing" in wrong.output) == (4, True)


def test_lookup_tables_are_imported_changed_listed_and_exported(root: Path, call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("theirs,gtin\nA-1,4099990100018\n", encoding="utf-8")
    assert call("lookups", "import", "acme", "articles", str(tmp_path / "a.csv")).exit_code == 0
    assert json.loads(call("lookups", "list", "acme", "--json").stdout) == [
        {"table": "articles", "columns": "theirs, gtin", "rows": 1}
    ]
    assert call("lookups", "add", "acme", "articles", "A-2", "4099990100025").exit_code == 0
    again = call("lookups", "add", "acme", "articles", "A-2", "4099990100018")
    assert (again.exit_code, "lookup.key-there" in again.output) == (3, True)
    assert call("lookups", "add", "acme", "articles", "A-2", "4099990100018", "--change").exit_code == 0
    assert call("lookups", "remove", "acme", "articles", "A-1").exit_code == 0
    text = "theirs,gtin\nA-2,4099990100018\n"
    assert call("lookups", "export", "acme", "articles").stdout == text
    assert (root / "partners" / "acme" / "tables" / "articles.csv").read_text(encoding="utf-8") == text
    assert json.loads(call("lookups", "list", "acme", "articles", "--json").stdout) == [
        {"theirs": "A-2", "gtin": "4099990100018"}
    ]
    for words in (("list", "nobody"), ("add", "nobody", "articles", "x", "1")):
        assert "partner.unknown" in call("lookups", *words).output


def test_a_table_that_a_mapping_needs_cannot_lose_its_column(root: Path, call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("theirs,gtin\nA-1,4099990100018\n", encoding="utf-8")
    call("lookups", "import", "acme", "articles", str(tmp_path / "a.csv"))
    mapping = root / "partners" / "acme" / "mappings" / "ORDERS.yaml"
    mapping.parent.mkdir(exist_ok=True)
    mapping.write_text(ITEMS, encoding="utf-8")
    try:
        assert call("apply").exit_code == 0
        (tmp_path / "b.csv").write_text("theirs,ours\nA-1,4099990100018\n", encoding="utf-8")
        refused = call("lookups", "import", "acme", "articles", str(tmp_path / "b.csv"))
        assert (refused.exit_code, "mapping.table-column" in refused.output) == (3, True)
        assert "theirs,gtin" in call("lookups", "export", "acme", "articles").stdout
    finally:
        mapping.unlink()
        call("apply")


def test_guide_speaks_json(call: Call) -> None:
    (found,) = json.loads(call("mappings", "guide", "acme", "ORDERS", "--json").stdout)["guides"]
    assert found["mapping"] == "eancom-1997/ORDERS"
    assert found["html"] == call("mappings", "guide", "acme", "ORDERS").stdout
