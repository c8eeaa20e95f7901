"""Runs of benchmarks: made, kept as JSON, and written into the page."""

import json
import os
import platform
import sqlite3
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import monotonic

RUNS = Path(__file__).parents[2] / "docs" / "benchmarks"
MARK = "<!-- below: written by `make bench` from docs/benchmarks/*.json -->"
PACKAGES = ("aiohttp", "cryptography", "lxml", "pydifact", "sqlalchemy")
BUSY = 1.5  # load per core from which wall times say little


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one benchmark. load: of the last minute, before and after; printed: its lines, as they came.

    exit_code: other than 0 where the benchmark missed a limit of its own, or broke.
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


def run(path: Path) -> Run:
    """Run a benchmark; what it prints is shown while it comes."""
    began, load, lines = monotonic(), os.getloadavg()[0], []
    with subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip())
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
    return [Run(**{**each, "load": tuple(each["load"])}) for each in found]


def page_with(page: str, runs: list[Run]) -> str:
    """Return the page with its part below the mark made anew."""
    above = page.partition(MARK)[0].rstrip()
    return "\n\n".join([above, MARK, "## The last run of each benchmark", *map(_section, runs)]) + "\n"


def _section(found: Run) -> str:
    busy = max(found.load) > BUSY * found.cores
    about = (
        f"{found.at}, {found.seconds:g} s, load {found.load[0]:g} to {found.load[1]:g} on {found.cores} cores"
        f"{' (**busy**: CPU times and ratios count, wall times do not)' if busy else ''}; {found.machine};"
        f" {', '.join(f'{name} {number}' for name, number in found.versions.items())}"
    )
    ended = "" if found.exit_code == 0 else f"\n\n**Ended with {found.exit_code}: a limit of its own was missed.**"
    return f"### {found.name}\n\n{about}{ended}\n\n```text\n" + "\n".join(found.printed) + "\n```"
