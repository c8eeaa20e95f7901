"""Runs of benchmarks: made, kept as JSON, and written into the page."""

import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any

from tests.benchmarks.figures import KEPT_IN, Figure

RUNS = Path(__file__).parents[2] / "docs" / "benchmarks"
MARK = "<!-- below: written by `make bench` from docs/benchmarks/*.json -->"
PACKAGES = ("aiohttp", "cryptography", "lxml", "pydifact", "sqlalchemy")
BUSY = 1.5  # load per core from which wall times say little


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one benchmark. load: of the last minute, before and after; printed: its lines, as they came.

    exit_code: other than 0 where the benchmark missed a limit of its own, or broke; arguments: it was called with
    these.
    """

    name: str
    at: str
    seconds: float
    load: tuple[float, float]
    cores: int
    machine: str
    versions: dict[str, str]
    exit_code: int
    printed: list[str]
    figures: tuple[Figure, ...] = ()
    arguments: tuple[str, ...] = ()

    @property
    def busy(self) -> bool:
        return max(self.load) > BUSY * self.cores


def run(path: Path, arguments: Sequence[str] = ()) -> Run:
    """Run a benchmark; what it prints is shown while it comes."""
    began, load, lines = monotonic(), os.getloadavg()[0], []
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "figures"
        rows.touch()
        command = [sys.executable, str(path), *arguments]
        given = {**os.environ, KEPT_IN: str(rows)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=given) as process:
            assert process.stdout is not None
            for line in process.stdout:
                print(line, end="", flush=True)
                lines.append(line.rstrip())
        figures = tuple(Figure(**json.loads(line)) for line in rows.read_text("utf-8").splitlines())
    return Run(
        name=path.stem,
        at=datetime.now(UTC).isoformat(timespec="minutes"),
        seconds=round(monotonic() - began, 1),
        load=(round(load, 1), round(os.getloadavg()[0], 1)),
        cores=os.cpu_count() or 1,
        machine=processor(),
        versions={"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
        | {name: version(name) for name in PACKAGES},
        exit_code=process.returncode,
        printed=lines,
        figures=figures,
        arguments=tuple(arguments),
    )


def processor() -> str:
    """Return the processor's name where the system tells it, else the kind of machine."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def keep(found: Run, folder: Path = RUNS) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(found), indent=1, ensure_ascii=False)
    (folder / f"{found.name}.json").write_text(text + "\n", "utf-8")


def read_runs(folder: Path) -> list[Run]:
    """Return the runs that are kept, by name."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
    return [_run(each) for each in found]


def _run(kept: dict[str, Any]) -> Run:
    figures = tuple(Figure(**each) for each in kept.get("figures", ()))
    given = {"load": tuple(kept["load"]), "figures": figures, "arguments": tuple(kept.get("arguments", ()))}
    return Run(**{**kept, **given})


def page_with(page: str, runs: list[Run]) -> str:
    """Return the page with its part below the mark made anew."""
    above = page.partition(MARK)[0].rstrip()
    parts = [above, MARK, "## Asked and measured", glance(runs), "## The last run of each benchmark"]
    return "\n\n".join([*parts, *map(_section, runs)]) + "\n"


def glance(runs: list[Run]) -> str:
    """Return the table of all figures: first those that something was asked of."""
    head = (
        "Each figure with what was asked of it and what stood beside it in the same run; ratio: ours through the"
        " peer's. *Busy*: other work took the machine, so that times by the clock count for little.\n\n"
        "| benchmark | what | measured | asked | | peer | ratio | |\n|---|---|---|---|---|---|---|---|"
    )
    rows = [(found, each) for found in runs for each in found.figures]
    rows.sort(key=lambda pair: not pair[1].asked)
    return "\n".join([head, *(_row(found, each) for found, each in rows)])


def _row(found: Run, each: Figure) -> str:
    judged = "" if not each.asked else "**missed**" if each.missed else "kept"
    peer = "" if each.peer_value is None else f"{each.peer} {each.peer_value:,g}"
    ratio = "" if each.ratio is None else f"{each.ratio:g}"
    name = found.name.removeprefix("bench_").replace("_", " ")
    state = "busy" if found.busy else ""
    return (
        f"| {name} | {each.name} | {each.value:,g} {each.unit} | {each.asked} | {judged} | {peer} | {ratio} | {state} |"
    )


def _section(found: Run) -> str:
    about = (
        f"{found.at}, {found.seconds:g} s, load {found.load[0]:g} to {found.load[1]:g} on {found.cores} cores"
        f"{' (**busy**: CPU times and ratios count, wall times do not)' if found.busy else ''}; {found.machine};"
        f" {', '.join(f'{name} {number}' for name, number in found.versions.items())}"
    )
    ended = "" if found.exit_code == 0 else f"\n\n**Ended with {found.exit_code}: a limit of its own was missed.**"
    called = f" `{' '.join(found.arguments)}`" if found.arguments else ""
    return f"### {found.name}{called}\n\n{about}{ended}\n\n```text\n" + "\n".join(found.printed) + "\n```"
