"""Lint errors keep a mapping from coming into force; warnings do not."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.app.instance import open_instance
from gateway.cli.root import cli
from gateway.config.scaffold import scaffold
from gateway.model.faults import OurFault

Call = Callable[..., Result]

HEAD = "mapping: acme/ORDERS\nextends: eancom-1997/ORDERS\nfields:\n"
GOOD = HEAD + "  notes: {each: FTX, path: C108.4440, where: {4451: PUR}, join: ' '}\n"
CLASH = (
    HEAD + "  requestedDelivery: {path: DTM/C507.2380, where: {C507.2005: '2'}, as: text}\n"
)  # compiles, reads nonsense
DOUBT = HEAD + "  refs.contract: SG1/RFF/C506.1154\n"  # may repeat: a warning


@pytest.fixture
def root(tmp_path: Path) -> Path:
    scaffold(tmp_path / "hub", name="We", gln="9521001000000")
    folder = tmp_path / "hub" / "partners" / "acme"
    (folder / "mappings").mkdir(parents=True)
    (folder / "partner.yaml").write_text(
        "name: Acme\nrole: customer\n"
        "gln: '4099990000011'\nchannels: {box: {kind: folder, folder: acme}}\n"
        "agreements:\n  - {receive: eancom-1997/ORDERS, over: box}\n",
        encoding="utf-8",
    )
    (folder / "mappings" / "ORDERS.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path / "hub"


@pytest.fixture
def call(root: Path) -> Call:
    return lambda *words: CliRunner().invoke(cli, ["--instance", str(root), *words])


def write(root: Path, text: str) -> None:
    (root / "partners" / "acme" / "mappings" / "ORDERS.yaml").write_text(text, encoding="utf-8")


def test_apply_refuses_a_mapping_with_a_lint_error_and_what_was_in_force_stays(root: Path, call: Call) -> None:
    assert call("apply").exit_code == 0
    write(root, CLASH)
    refused = call("apply")
    assert refused.exit_code == 3
    assert "mapping.type-clash: partners/acme/mappings/ORDERS.yaml:4" in refused.output
    assert "as: moment" in refused.output
    shown = call("mappings", "show", "eancom-1997/ORDERS", "--partner", "acme")
    assert "as: text" in shown.stdout  # the folder has it, the journal has not
    instance = open_instance(root)
    try:
        effective = instance.book.mappings["acme", "eancom-1997/ORDERS"].effective
        assert effective is not None
        assert effective.entries["requestedDelivery"][0].converter == ""  # type: ignore[index]
    finally:
        instance.close()


def test_a_start_refuses_it_too(root: Path) -> None:
    write(root, CLASH)
    with pytest.raises(OurFault, match="type-clash"):
        open_instance(root, take_folders=True)


def test_check_lists_it_and_warnings_stop_nothing(root: Path, call: Call) -> None:
    write(root, CLASH)
    found = call("check")
    assert (found.exit_code, "mapping.type-clash" in found.stdout) == (3, True)
    write(root, DOUBT)
    assert call("apply").exit_code == 0
    warned = call("check")
    assert (warned.exit_code, "mapping.repeated-unguarded" in warned.stdout) == (0, True)
