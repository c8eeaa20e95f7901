"""The service and the container of the install page: what a machine without either can say about them."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
from configparser import ConfigParser
from pathlib import Path

import pytest

from gateway.api.surface import all_routes
from gateway.config.settings import load_settings
from tests.journeys.stage import ROOT

PAGE = (ROOT / "docs" / "how-to" / "install.md").read_text("utf-8")
UNIT, CONTAINER = (re.search(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)[1] for kind in ("ini", "dockerfile"))  # type: ignore[index]
KEYS = {
    "Unit": "Description After Wants",
    "Service": "User ExecStart Restart RestartSec TimeoutStopSec NoNewPrivileges PrivateTmp ProtectSystem ProtectHome"
    " ReadWritePaths MemoryMax",
    "Install": "WantedBy",
}
BIN = Path(sys.executable).parent


def words_after(program: str, command: list[str]) -> str:
    """Return the help of the command that a line starts."""
    assert Path(command[0]).name == program
    done = subprocess.run([BIN / program, *command[1:], "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def unit() -> ConfigParser:
    found = ConfigParser(interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string(UNIT)
    return found


def test_the_unit_has_no_unknown_key_and_starts_a_command_that_there_is() -> None:
    found = unit()
    for section in found.sections():
        assert set(found[section]) <= set(KEYS[section].split()), section
    service = found["Service"]
    command = shlex.split(service["ExecStart"])
    assert "Serve the instance" in words_after("gateway", command)
    assert command[command.index("--instance") + 1] == service["ReadWritePaths"]  # all else is read-only to it


def test_systemd_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    path = tmp_path / "edi-gateway.service"
    path.write_text(UNIT.replace("/opt/edi/venv/bin/gateway", str(BIN / "gateway")).replace("User=edi", "User=daemon"))
    tool = shutil.which("systemd-analyze")
    if tool:  # where it is not, the test before this one is all that can be said
        done = subprocess.run([tool, "verify", str(path)], capture_output=True, text=True, check=False)
        assert (done.returncode, [each for each in done.stderr.splitlines() if path.name in each]) == (0, [])


def instructions() -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n\s*", "", CONTAINER)
    return [tuple(line.split(" ", 1)) for line in joined.splitlines() if line]  # type: ignore[misc]


def test_the_container_starts_a_command_that_there_is_as_a_user_who_may_write_the_data(tmp_path: Path) -> None:
    found = dict(instructions())
    command = [*json.loads(found["ENTRYPOINT"]), *json.loads(found["CMD"])]
    assert "Serve the instance" in words_after("gateway", command)
    data = found["VOLUME"]
    assert command[command.index("--instance") + 1] == data
    assert f"chown {found['USER']} {data}" in found["RUN"]
    subprocess.run(
        [BIN / "gateway", "init", str(tmp_path / "edi"), "--gln", "4012345000009", "--name", "Acme"], check=True
    )
    made = load_settings(tmp_path / "edi")
    ports = [made.partners_port.port, made.console_port.port]
    assert [int(each) for each in found["EXPOSE"].split()][:2] == ports
    (path,) = re.findall(r"http://127\.0\.0\.1:8081(/\w+)", found["HEALTHCHECK"])
    assert path in {each.path for each in all_routes()}


@pytest.mark.soak
def test_the_steps_of_the_container_make_a_gateway_in_an_empty_environment(tmp_path: Path) -> None:
    """As the image is built, without its user: another Python than the image's may stand here."""
    subprocess.run(["make", "wheel", f"WHEELS={tmp_path / 'dist'}"], cwd=ROOT, check=True, capture_output=True)
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    venv.create(tmp_path / "image", with_pip=True)
    environment = {"PATH": f"{tmp_path / 'image' / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path)}
    environment |= {
        key: each for key, each in os.environ.items() if key.startswith(("PIP_", "SSL_", "http", "no_proxy"))
    }
    found = dict(instructions())
    *sources, target = found["COPY"].split()
    box = tmp_path / "tmp"
    box.mkdir()
    for pattern in sources:
        for each in tmp_path.glob(pattern):
            shutil.copy(each, box)
    steps = found["RUN"].partition(" && useradd")[0].replace(target, f"{box}/")
    subprocess.run(["bash", "-euc", steps], env=environment, check=True, cwd=tmp_path)
    assert list(box.iterdir()) == []
    data = str(tmp_path / "edi")
    program = [each.replace(found["VOLUME"], data) for each in json.loads(found["ENTRYPOINT"])]
    make = [*program, "init", data, "--gln", "4012345000009", "--name", "Acme Trading"]
    subprocess.run(make, env=environment, check=True, capture_output=True)
    checked = subprocess.run([*program, "check"], env=environment, check=True, capture_output=True, text=True)
    assert " 0 findings" in checked.stdout + checked.stderr
