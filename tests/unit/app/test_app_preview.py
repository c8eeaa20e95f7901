"""Previews in child processes: what comes back, and that no draft can hang or grow anything but its own child."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.app.preview import PreviewPool
from gateway.config.definitions import Definitions, read_shipped, shipped_root
from gateway.config.preview import SAMPLE_LIMIT_BYTES, TEXT_LIMIT, Draft, PreviewBench
from gateway.model.faults import OurFault

NAME = "eancom-1997/ORDERS"
CASE = shipped_root() / "mappings" / "standard" / "eancom-1997" / "ORDERS.cases" / "simple" / "in.edi"
TEXT = (shipped_root() / "mappings" / "standard" / f"{NAME}.yaml").read_text(encoding="utf-8")
HEAD = "mapping: x/ORDERS\ndocument: Order\nsyntax: {kind: edifact, directory: d96a, message: ORDERS}\n"


@pytest.fixture(scope="module")
def pool() -> Iterator[PreviewPool]:
    definitions = read_shipped()
    found = PreviewPool(definitions=lambda: definitions, schemas=shipped_root() / "schemas")
    found.start()
    yield found
    found.close()


def draft(text: str | None = TEXT, **other: object) -> Draft:
    values: dict[str, object] = {"name": NAME, "text": text, "sample": CASE.read_bytes(), **other}
    return Draft(**values)  # type: ignore[arg-type]


class Sleep:
    def __call__(self, bench: PreviewBench) -> None:
        time.sleep(60)


class Grow:
    def __call__(self, bench: PreviewBench) -> int:
        return len(bytearray(400 * 1024**2))


class GrowSlowly:
    def __call__(self, bench: PreviewBench) -> int:
        found: list[bytes] = []
        while True:
            found.append(os.urandom(1024) * 100)


class WriteFile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, bench: PreviewBench) -> int:
        try:
            return self.path.write_text("x" * 10)
        except OSError:
            return -1


class Die:
    def __call__(self, bench: PreviewBench) -> None:
        os._exit(1)


def code_of(pool: PreviewPool, task: object, limit_s: float | None = None) -> str:
    with pytest.raises(OurFault) as caught:
        pool.run(task, limit_s)  # type: ignore[arg-type]
    return caught.value.code


def test_a_preview_has_everything_that_an_editor_shows(pool: PreviewPool) -> None:
    found = pool.preview(draft())
    (message,) = found.messages
    assert found.sound
    assert message.document is not None
    assert message.document["document"] == "Order"
    assert message.output is not None
    assert message.output.startswith("UNB+UNOC")
    gtin = next(row for row in message.trace if row.field == "lines[0].item.gtin")
    assert gtin.rule.startswith("mappings/standard/eancom-1997/ORDERS.yaml:")
    assert gtin.where is not None
    assert (gtin.where.tag, gtin.where.element) == ("LIN", 3)
    assert gtin.text.lstrip("0") == gtin.value.lstrip("0")
    assert 0 < found.coverage.touched < found.coverage.rules
    assert (message.differences, found.rules) == ((), ())


def test_a_changed_rule_shows_in_document_rules_and_differences(pool: PreviewPool) -> None:
    changed = TEXT.replace("  typeCode: {path: BGM/C002.1001, default: '220'}\n", "", 1)
    assert changed != TEXT
    found = pool.preview(draft(changed.replace("cannot:", "cannot:\n  typeCode: we do not want it")))
    (message,) = found.messages
    assert [(each.field, each.kind) for each in message.differences] == [("typeCode", "lost")]
    assert [line[:16] for line in found.rules] == ["-typeCode: {path", "+cannot typeCode"]
    assert [(each.path, each.value) for each in message.leftovers] == [("BGM", "220")]


def test_findings_of_the_draft_come_with_line_and_nearest_name(pool: PreviewPool) -> None:
    found = pool.preview(draft(TEXT.replace("  requestedDelivery:", "  requestedDelivry:", 1)))
    assert (found.sound, found.messages) == (False, ())
    assert [each.code for each in found.findings if each.severity == "error"] == ["mapping.unknown-field"]
    assert dict(found.findings[0].params)["nearest"] == "requestedDelivery"


def test_outbound_shows_what_the_partner_gets_and_what_is_lost(pool: PreviewPool) -> None:
    found = pool.preview(draft(direction="out"))
    (message,) = found.messages
    assert message.output is not None
    assert "BGM+220" in message.output
    assert message.lost == ()
    assert message.trace
    dropped = TEXT.replace("  refs.contract: {path: SG1", "  refs.contract: {direction: in, path: SG1")
    sample = CASE.read_bytes().replace(b"NAD+BY", b"RFF+CT:C-9'\nNAD+BY", 1)
    again = pool.preview(draft(dropped, direction="out", sample=sample.replace(b"UNT+", b"UNT+9")))
    assert [each.field for each in again.messages[0].lost] == ["refs.contract"]


def test_a_partner_that_is_not_there_and_texts_that_are_too_large_are_told(pool: PreviewPool) -> None:
    for wrong, code in (
        (draft(partner="nobody"), "partner.unknown"),
        (draft("#" * (TEXT_LIMIT + 1)), "preview.too-large"),
        (draft(sample=b"U" * (SAMPLE_LIMIT_BYTES + 1)), "preview.too-large"),
    ):
        with pytest.raises(OurFault) as caught:
            pool.preview(wrong)
        assert caught.value.code == code


def test_what_hangs_is_ended_and_the_next_preview_works(pool: PreviewPool) -> None:
    started = time.monotonic()
    assert code_of(pool, Sleep(), 0.5) == "preview.too-slow"
    assert time.monotonic() - started < 5
    assert pool.preview(draft()).sound


@pytest.mark.parametrize("task", [Grow(), GrowSlowly()], ids=["at-once", "slowly"])
def test_what_grows_is_ended_and_the_next_preview_works(pool: PreviewPool, task: object) -> None:
    pool.preview(draft())
    assert code_of(pool, task, 20) == "preview.too-much-memory"
    assert pool.preview(draft()).sound


def test_a_child_that_dies_is_replaced(pool: PreviewPool) -> None:
    assert code_of(pool, Die()) == "preview.too-much-memory"
    assert pool.preview(draft()).sound


def test_a_child_can_write_no_file(pool: PreviewPool, tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert pool.run(WriteFile(target)) == -1
    assert not target.exists() or target.read_text() == ""


def test_new_definitions_are_taken_over(tmp_path: Path) -> None:
    first = read_shipped()
    path = f"mappings/standard/{NAME}.yaml"
    now = [first]
    pool = PreviewPool(definitions=lambda: now[0], schemas=shipped_root() / "schemas")
    try:
        assert pool.preview(draft(None)).rules == ()
        now[0] = Definitions.of({**first.files, path: TEXT.replace("  refs.quotation:", "  #")})
        assert any("refs.quotation" in line for line in pool.preview(draft()).rules)
    finally:
        pool.close()


def blocks(depth: int, width: int, leaf: str) -> str:
    rows = [f"  b{n}: {{{', '.join(f'k{k}: {{use: b{n + 1}}}' for k in range(width))}}}" for n in range(depth)]
    return f"{HEAD}blocks:\n" + "\n".join([*rows, f"  b{depth}: {leaf}"]) + "\nfields:\n  a: {use: b0}\n"


HOSTILE = {
    "aliases": "a: &a [x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b]\n",
    "tags": "!!python/object/apply:os.system ['true']\n",
    "deep-flow": "[" * 5_000 + "]" * 5_000,
    "deep-flow-open": "{a: " * 10_000,
    "deep-indent": "\n".join(" " * n + "a:" for n in range(300)),
    "wide": HEAD + "fields: {" + ", ".join(f"k{n}: BGM/1004" for n in range(9_000)) + "}\n",
    "blocks-multiply": blocks(11, 60, "{x: BGM/1004}"),
    "blocks-multiply-without-a-leaf": blocks(11, 60, "{}"),
    "block-uses-itself": f"{HEAD}blocks:\n  a: {{x: {{use: a}}, y: {{use: a}}}}\nfields:\n  id: {{use: a}}\n",
    "long-names": HEAD + "blocks:\n" + "".join(
        f"  b{n}: {{{'k' * 9000}: {{use: b{n + 1}}}}}\n" for n in range(12)) + "  b12: {}\nfields:\n  a: {use: b0}\n",
    "many-conditions": HEAD + "fields:\n  id: {in: SG2, where: {" + ", ".join(
        f"NAD/{n}: x" for n in range(9_000)) + "}, fields: {a: NAD/3035}}\n",
    "when-nests": HEAD + "fields:\n  id: {path: BGM/1004, when: " + "{not: " * 15 + "{id: x}" + "}" * 15 + "}\n",
    "many-options": HEAD + "fields:\n  id: [" + ", ".join(["BGM/1004"] * 20_000) + "]\n",
    "long-choose": HEAD + "fields:\n  function: {path: BGM/1225, choose: {" + ", ".join(
        f"v{n}: c{n}" for n in range(15_000)) + "}}\n",
    "control-characters": HEAD + "fields:\n  id: \"BGM/\\x00\\x1b[2J\"\n",
    "huge-number": HEAD + "fields:\n  id: BGM[99999999999999999999]/1004\n",
    "list-in-list": HEAD + "fields:\n  lines: {each: SG25, fields: {lines: {each: SG25, fields: {lines: {each: SG25, "
    "fields: {id: LIN/1082}}}}}}\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_a_hostile_mapping_is_refused_in_no_time(pool: PreviewPool, kind: str) -> None:
    text = HOSTILE[kind]
    assert len(text) <= TEXT_LIMIT
    try:
        found = pool.preview(draft(text))
    except OurFault as fault:
        pytest.fail(f"{fault.code}: it should be told, not ended")
    if kind != "long-choose":
        assert not found.sound
        assert found.findings


@pytest.mark.soak
def test_a_huge_table_of_the_partner_is_bounded_by_its_size(tmp_path: Path) -> None:
    rows = "".join(f"A{n},4099990100018\n" for n in range(200_000))
    files = dict(read_shipped().files) | {
        "partners/acme/partner.yaml": "name: Acme\nrole: customer\ngln: '4099990000011'\n"
        "channels: {box: {kind: folder, folder: acme}}\nagreements: [{receive: eancom-1997/ORDERS, over: box}]\n",
        "partners/acme/tables/articles.csv": f"theirs,gtin\n{rows}",
    }
    definitions = Definitions.of(files)
    text = (
        "mapping: acme/ORDERS\nextends: eancom-1997/ORDERS\nfields:\n  lines[].item.gtin: {path: LIN/C212.7140,"
        " where: {C212.7143: EN}, as: gtin, lookup: articles, column: gtin, direction: in}\n"
    )
    pool = PreviewPool(definitions=lambda: definitions, schemas=shipped_root() / "schemas", limit_s=20)
    try:
        found = pool.preview(draft(text, partner="acme"))
    finally:
        pool.close()
    missing = [each for each in found.messages[0].findings if each.code == "mapping.lookup-missing"]
    assert missing
    assert dict(missing[0].params)["nearest"] == "-"  # too many rows to compare with
