"""What README tells a newcomer to type, typed: the broken order mended, a file of one's own sent, an instance made."""

import json
import re
import shlex
import time
from pathlib import Path

import pytest
from demo_stage import make_instance, run, scene

from tests.journeys.stage import ROOT

README = (ROOT / "README.md").read_text("utf-8")
CHINESE = (ROOT / "docs" / "zh-CN" / "quickstart.md").read_text("utf-8")


def typed(page: str) -> list[list[str]]:
    """Return the commands of the gateway in the code blocks of a page, in words."""
    blocks = re.findall(r"^ *```\n(.*?)^ *```", page, re.DOTALL | re.MULTILINE)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith(".venv/bin/gateway ")]


def told(folder: Path, *words: str) -> str:
    done = run(folder, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def one(*first: str) -> list[str]:
    """Return the only command of README that begins so."""
    (found,) = [words for words in typed(README) if words[: len(first)] == list(first)]
    return found


def own_file(page: str) -> tuple[str, str]:
    """Return name and text of the order that is written there."""
    (found,) = re.findall(r"^cat > (\S+) <<'END'\n(.*?)^END", page, re.DOTALL | re.MULTILINE)
    return found[0], found[1]


def test_the_chinese_start_page_has_the_order_and_the_commands_of_the_english_one() -> None:
    assert own_file(CHINESE) == own_file(README)
    english, chinese = ({each for words in typed(page) for each in words} for page in (README, CHINESE))
    assert english - chinese == {"Acme Trading"}


@pytest.mark.soak
def test_what_the_readme_tells_to_type_does_what_it_says(tmp_path: Path) -> None:
    folder = make_instance(tmp_path / "demo")
    name, text = own_file(README)
    (folder / name).write_text(text, "utf-8")
    with scene(folder, "--days", "5") as stage:
        stage.wait_for("Trading in real time", timeout_s=600)
        told(folder, *one("items", "add"))
        parked = json.loads(told(folder, *one("messages", "list"), "--json"))
        (unknown,) = [each for each in parked if "item.unknown" in told(folder, "messages", "show", each["id"])]
        told(folder, *(unknown["id"] if each == "ID" else each for each in one("messages", "replay")))
        until = time.monotonic() + 300
        while unknown["number"] not in told(folder, "messages", "list", "--state", "done"):
            assert time.monotonic() < until
            time.sleep(0.5)
        sent = told(folder, *(str(folder / name) if each == name else each for each in one("demo", "send")))
        assert "signed MDN" in sent
        assert ": done" in sent
    told(folder, "demo", "reset")
    assert "gateway demo reset" in README
    told(tmp_path, *(str(tmp_path / "edi") if each == "/srv/edi" else each for each in one("init")))
    assert " 0 findings" in run(tmp_path / "edi", "check").stderr
