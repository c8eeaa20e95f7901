"""The layers hold, and the tool that says so would notice a breach."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]

BREACHES = {
    "domain reaches up to the store": ("gateway/domain/planted_breach.py", "from gateway.store import tables\n"),
    "a codec opens sockets": ("gateway/codecs/planted_breach.py", "import socket\n"),
    "a page speaks SQL": ("gateway/console/planted_breach.py", "import sqlalchemy\n"),
    "a module without a layer": ("gateway/planted_breach.py", "VALUE = 1\n"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package's sources, so that a planted breach never touches the real ones."""
    for path in [ROOT / "pyproject.toml", *sorted((ROOT / "gateway").rglob("*.py"))]:
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return tmp_path


@pytest.mark.parametrize("name", BREACHES)
def test_a_planted_breach_of_the_layers_is_caught(name: str, copy: Path) -> None:
    path, text = BREACHES[name]
    (copy / path).write_text(text)
    found = lint(copy)
    assert found.returncode != 0, found.stdout
    assert "planted_breach" in found.stdout


def test_the_layers_hold(copy: Path) -> None:
    found = lint(copy)
    assert found.returncode == 0, found.stdout
