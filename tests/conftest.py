"""Shared by all tests: the --update option and the shipped definitions."""

import gc
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from gateway.app import collector
from gateway.config.schemas import load_directories
from gateway.config.yaml import load, marks, plain
from gateway.mapping.codes import CodeTable, tables_from_csv
from gateway.mapping.compiler import DocumentMapping, compile_mapping
from gateway.mapping.rules import Layer
from gateway.schema.directory import Directory
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from tests.servers.postgres import PostgresServer, new_server

ROOT = Path(__file__).parent.parent

# The tests open many more books than a gateway does; walking what is young less often saves a tenth of their CPU.
collector.YOUNG = 500_000
gc.set_threshold(collector.YOUNG, 10, 10)
GROWTH_BYTES = 300_000_000  # after which what earlier tests left behind is let go


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


_grown_from = [_resident_bytes()]


@pytest.fixture(autouse=True, scope="module")
def _let_go() -> Iterator[None]:
    """A node that ran in this process has set its book aside for good (gateway.app.collector): without this a test
    process grows to two GB."""
    yield
    if _resident_bytes() - _grown_from[0] > GROWTH_BYTES:
        gc.unfreeze()
        gc.collect()
        _grown_from[0] = _resident_bytes()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the expected files of the mapping cases anew")


@cache
def _directories() -> dict[str, Directory]:
    return load_directories(ROOT / "schemas")


@cache
def _codes() -> dict[str, CodeTable]:
    found: dict[str, CodeTable] = {}
    for path in sorted((ROOT / "schemas" / "codes").glob("*.csv")):
        found |= tables_from_csv(path.stem, path.read_text(encoding="utf-8"))
    return found


def layer_of(text: str, path: str) -> Layer:
    node = load(text, path)
    return Layer(path=path, rules=plain(node), marks=marks(node))


@cache
def _standard(name: str) -> DocumentMapping:
    path = ROOT / "mappings" / "standard" / f"{name}.yaml"
    layers = [layer_of(path.read_text(encoding="utf-8"), f"mappings/standard/{name}.yaml")] if path.exists() else []
    return compile_mapping(name, layers, directories=_directories(), codes=_codes(), lookups={})


@pytest.fixture(scope="session")
def directories() -> dict[str, Directory]:
    return _directories()


@pytest.fixture(scope="session")
def codes() -> dict[str, CodeTable]:
    return _codes()


@pytest.fixture(scope="session")
def standard() -> Callable[[str], DocumentMapping]:
    """Return a shipped standard mapping by name, compiled once per run."""
    return _standard


@pytest.fixture(scope="session")
def compiled(directories: dict[str, Directory], codes: dict[str, CodeTable]) -> Callable[..., DocumentMapping]:
    """Compile YAML texts as layers: compiled("a/X", text, partner_text, lookups={...})."""

    def make(name: str, *texts: str, lookups: dict[str, object] | None = None) -> DocumentMapping:
        layers = [layer_of(text, f"layer{number}.yaml") for number, text in enumerate(texts)]
        return compile_mapping(name, layers, directories=directories, codes=codes, lookups=lookups or {})

    return make


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the whole run, started at the first test that asks for it."""
    server = new_server()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """A database with the journal's tables, to be copied: migrating takes longer than most tests."""
    url = postgres.fresh_database()
    SqlJournal.connect(url, MemoryBlobs()).close()
    return url.rpartition("/")[2]


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A new database with the journal's empty tables; dropped after the test."""
    url = postgres.fresh_database(postgres_template)
    yield url
    postgres.drop(url)
