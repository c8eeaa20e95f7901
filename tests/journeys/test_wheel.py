"""The wheel holds everything that the gateway ships, and works where there is no checkout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.stage import ROOT


@pytest.mark.soak
def test_an_instance_is_made_and_checked_by_what_the_wheel_holds(tmp_path: Path) -> None:
    subprocess.run(["make", "wheel", f"WHEELS={tmp_path}"], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("edi_gateway-*.whl")
    site = tmp_path / "site"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "-q",
        "--disable-pip-version-check",
        "install",
        "--no-deps",
        "--target",
        str(site),
    ]
    subprocess.run([*pip, str(wheel)], check=True)

    def gateway(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "gateway", *words],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    gateway("init", "edi", "--gln", "4012345000009", "--name", "Acme Trading")
    assert " 0 findings" in gateway("--instance", "edi", "check")
    assert "eancom-2002/ORDERS" in gateway("--instance", "edi", "mappings", "list")
    assert "d01b" in gateway("--instance", "edi", "doctor")
