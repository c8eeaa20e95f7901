"""A lookup table changed while others have the definitions open: every node follows, nobody's change is lost, and what
is wrong changes nothing. On both stores."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.app import definition_edits
from gateway.app.definition_edits import edit_definition
from gateway.app.instance import Instance, open_instance
from gateway.app.lookups import LookupActions
from gateway.config.scaffold import scaffold
from gateway.model.faults import OurFault

TABLE = "partners/acme/tables/articles.csv"
FIRST = "theirs,gtin\nA-1,4099990100018\n"
PARTNER = (
    "name: Acme\nrole: customer\ngln: '4099990000011'\nchannels: {box: {kind: folder, folder: acme}}\n"
    "agreements:\n  - {receive: eancom-1997/ORDERS, over: box}\n"
)
MAPPING = (
    "mapping: acme/ORDERS\nextends: eancom-1997/ORDERS\nfields:\n  lines[].item.gtin: {path: LIN/C212.7140,"
    " where: {C212.7143: [EN, IN]}, as: gtin, lookup: articles, column: gtin, direction: in}\n"
)


BOTH = pytest.mark.parametrize("root", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "hub"
    scaffold(folder, name="We", gln="9521001000000")
    for path, text in (("partner.yaml", PARTNER), ("mappings/ORDERS.yaml", MAPPING), ("tables/articles.csv", FIRST)):
        target = folder / "partners" / "acme" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    if getattr(request, "param", "sqlite") == "postgresql":
        url = request.getfixturevalue("postgres_url")
        config = folder / "config.yaml"
        before = config.read_text(encoding="utf-8")
        config.write_text(f'{before}\ndatabase: {{url: "{url}"}}\n', encoding="utf-8")
    return folder


@pytest.fixture
def nodes(root: Path) -> Iterator[tuple[Instance, Instance]]:
    found = (open_instance(root, take_folders=True), open_instance(root))
    yield found
    for each in found:
        each.close()


def actions(instance: Instance, follow: Callable[[], object] = lambda: None) -> LookupActions:
    return LookupActions(instance=instance, follow=follow)


def keys_in_force(instance: Instance) -> list[str]:
    return list(actions(instance).table("acme", "articles").rows)


@BOTH
def test_another_node_follows_without_a_restart(nodes: tuple[Instance, Instance]) -> None:
    here, there = nodes
    before = there.book
    done = actions(here, here.refresh).add("acme", "articles", "A-2", ["4099990100025"], "anna")
    assert (done.changed, done.written, here.definitions.digest) == (True, True, done.digest)
    assert there.refresh()
    assert there.book is not before
    assert there.definitions.files[TABLE] == FIRST + "A-2,4099990100025\n"
    assert keys_in_force(there) == ["A-1", "A-2"]


@BOTH
def test_two_changes_at_once_are_both_kept(nodes: tuple[Instance, Instance]) -> None:
    here, there = nodes
    calls: list[str | None] = []

    def edit(text: str | None) -> str:
        if not calls:  # the other one is faster
            actions(there).add("acme", "articles", "A-3", ["4099990100025"], "bob")
        calls.append(text)
        return (text or "") + "A-4,4099990100018\n"

    edit_definition(here, TABLE, edit, "anna", "lookup.add", "acme/articles:A-4")
    assert keys_in_force(there) == ["A-1", "A-3", "A-4"]
    assert len(calls) == 3  # two tries and the file


def test_who_is_always_overtaken_is_told(nodes: tuple[Instance, Instance]) -> None:
    here, there = nodes
    numbers = iter(range(100))

    def edit(text: str | None) -> str:
        actions(there).add("acme", "articles", f"B-{next(numbers)}", ["4099990100025"], "bob")
        return (text or "") + "A-4,4099990100018\n"

    with pytest.raises(OurFault) as caught:
        edit_definition(here, TABLE, edit, "anna", "lookup.add", "x")
    assert caught.value.code == "definitions.busy"
    assert keys_in_force(here) == ["A-1", *(f"B-{n}" for n in range(definition_edits.TRIES))]


def test_a_table_that_breaks_a_mapping_changes_nothing(nodes: tuple[Instance, Instance], root: Path) -> None:
    here, _ = nodes
    digest = here.definitions.digest
    with pytest.raises(OurFault) as caught:
        actions(here).put("acme", "articles", "theirs,ours\nA-1,1\n", "anna")
    assert caught.value.code == "mapping.table-column"
    assert here.definitions.digest == digest
    assert (root / TABLE).read_text(encoding="utf-8") == FIRST


def test_a_folder_that_cannot_be_written_is_told_and_the_change_is_in_force(
    nodes: tuple[Instance, Instance], root: Path
) -> None:
    here, _ = nodes
    (root / TABLE).write_text(FIRST + "A-9,4099990100018\n", encoding="utf-8")  # somebody is at work there, unapplied
    done = actions(here).add("acme", "articles", "A-9", ["4099990100025"], "anna")
    assert (done.changed, done.written) == (True, False)
    assert keys_in_force(here) == ["A-1", "A-9"]
    assert (root / TABLE).read_text(encoding="utf-8").endswith("A-9,4099990100018\n")


def test_a_table_or_partner_that_is_not_there_is_told_with_the_nearest(nodes: tuple[Instance, Instance]) -> None:
    here, _ = nodes
    with pytest.raises(OurFault) as caught:
        actions(here).table("acme", "articls")
    assert (caught.value.code, caught.value.params["nearest"]) == ("lookup.no-table", "articles")
    with pytest.raises(OurFault, match=r"partner\.unknown"):
        actions(here).add("nobody", "articles", "A", ["1"], "anna")
