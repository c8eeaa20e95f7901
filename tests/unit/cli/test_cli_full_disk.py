"""A disk that is full or read-only under a command: a word, an exit code, and no half file in force."""

import errno
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.root import cli
from gateway.config import item_table

OATS = "9521001100014"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "hub"
    result = CliRunner().invoke(cli, ["--lang", "en", "init", str(folder), "--gln", "9521001000000", "--name", "Acme"])
    assert result.exit_code == 0, result.stderr
    return folder


def add_item(root: Path) -> Result:
    return CliRunner().invoke(cli, ["--lang", "en", "--instance", str(root), "items", "add", OATS, "--name", "Oats"])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_what_does_not_fit_on_the_disk_is_told(root: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    table = root / "partners" / "self" / "tables" / "items.csv"
    before = table.read_bytes()

    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(item_table.os, "fsync", refuse)
    refused = add_item(root)
    assert refused.exit_code == 6
    assert f"config.unwritable: {root} cannot be read or written: {os.strerror(number)}" in refused.stderr
    assert table.read_bytes() == before
    monkeypatch.undo()
    assert add_item(root).exit_code == 0


def test_any_other_error_of_the_system_stays_a_bug(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(errno.ESPIPE, "Illegal seek")

    monkeypatch.setattr(item_table.os, "fsync", refuse)
    assert isinstance(add_item(root).exception, OSError)
