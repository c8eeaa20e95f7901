"""Whatever module is imported first, it finds what it needs: no module imports itself through others."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "gateway").rglob("*.py"))
}
TABLES = "gateway.store.tables"  # gathers the tables of single areas at its end, for whoever wants them all


def at_import(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    for each in body:
        if isinstance(each, ast.Import | ast.ImportFrom):
            yield each
        elif isinstance(each, ast.If) and ast.unparse(each.test) != "TYPE_CHECKING":
            yield from at_import([*each.body, *each.orelse])


def imported(module: str, text: str) -> set[str]:
    found: set[str] = set()
    for each in at_import(ast.parse(text).body):
        if isinstance(each, ast.Import):
            found |= {alias.name for alias in each.names}
        else:
            names = {f"{each.module}.{alias.name}" for alias in each.names}
            found |= {name if name in FILES else str(each.module) for name in names}
    if module == TABLES:
        found = {name for name in found if not name.startswith(f"{TABLES}_")}
    return {name for name in found & FILES.keys() if not module.startswith(f"{name}.")}


def in_order(texts: dict[str, str]) -> list[str]:
    return list(TopologicalSorter({name: imported(name, text) for name, text in texts.items()}).static_order())


def test_no_module_imports_itself_through_others() -> None:
    assert len(in_order({name: path.read_text("utf-8") for name, path in FILES.items()})) > 500


def test_a_cycle_is_noticed() -> None:
    there, back = "import gateway.cli.exits", "from gateway.cli import root"
    with pytest.raises(CycleError):
        in_order({"gateway.cli.root": there, "gateway.cli.exits": back})
