"""Read documents written by others, where these are at hand, and hold the canonical documents against an extraction by
pydifact and lxml paths alone (extraction.py).

    python tests/shared/check_samples.py [--each]

They are not part of this repository: without the folder `shared` beside it, this prints a line and ends well. Printed
are the data elements that are mapped, left alone by name, and left over; --each prints them per sample. Ends with 1
when a fact differs, fewer than 60 samples were compared, or more than 2 % is left over.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree
from pydifact.exceptions import EDISyntaxError

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from gateway.codecs import xml  # noqa: E402
from gateway.config.schemas import load_directories  # noqa: E402
from gateway.mapping.compiler import DocumentMapping, compile_effective  # noqa: E402
from gateway.mapping.files import Choose, FileReading, Found, read_file, syntax_of  # noqa: E402
from gateway.model import json_form  # noqa: E402
from gateway.model.faults import Fault, OurFault  # noqa: E402
from tests.conftest import _codes, _standard  # noqa: E402
from tests.shared import extraction  # noqa: E402

SHARED = ROOT.parent / "shared" / "samples"
SAMPLES_WANTED = 60
LEFT_OVER_LIMIT = 0.02
_BROKEN = "misplaced", "truncated", "outside"  # what is no message of its type cannot be mapped as one


def only_fitting(mappings: dict[str, DocumentMapping]) -> Choose:
    """Return a choice among mappings by what the file says."""

    def choose(found: Found) -> DocumentMapping:
        fitting = next((each for each in mappings.values() if found.fits(each)), None)
        if fitting is None:
            raise OurFault("mapping.none-fits", value=str(found), known=", ".join(sorted(mappings)))
        return fitting

    return choose


@dataclass(slots=True)
class Count:
    """Data elements of one sample, or of all."""

    all: int = 0
    ignored: int = 0
    left: int = 0

    def add(self, other: "Count") -> None:
        self.all += other.all
        self.ignored += other.ignored
        self.left += other.left

    def __str__(self) -> str:
        share = 100 / max(self.all, 1)
        mapped = self.all - self.ignored - self.left
        return f"{self.all} data elements, {mapped * share:.1f} % mapped, {self.ignored * share:.1f} % left alone by name, {self.left * share:.2f} % left over"  # noqa: E501


@dataclass(slots=True)
class Tally:
    """What was found over all samples."""

    counts: Count = field(default_factory=Count)
    compared: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)


def mappings() -> dict[str, DocumentMapping]:
    folder = ROOT / "mappings" / "standard"
    names = sorted(f"{path.parent.name}/{path.stem}" for path in folder.glob("*/*.yaml"))
    return {name: _standard(name) for name in names}


def telling_all(mapping: DocumentMapping) -> DocumentMapping:
    """Return the mapping without the names that it leaves alone."""
    assert mapping.effective is not None
    return compile_effective(replace(mapping.effective, ignore=()), directories=DIRECTORIES, codes=_codes(), lookups={})


DIRECTORIES = load_directories(ROOT / "schemas")
MAPPINGS = mappings()
TELLING_ALL = {name: telling_all(mapping) for name, mapping in MAPPINGS.items()}


def samples() -> Iterator[Path]:
    """The samples that are not broken on purpose."""
    for path in sorted(each for each in SHARED.rglob("*") if each.is_file()):
        if "invalid" not in path.parts and path.suffix.lower() not in (".tsv", ".csv", ".md"):
            yield path


def read(path: Path, tally: Tally, each: bool) -> None:
    data = path.read_bytes()
    kind = syntax_of(data)
    try:
        found = list(read_file(data, only_fitting(MAPPINGS), DIRECTORIES))
        full = list(read_file(data, only_fitting(TELLING_ALL), DIRECTORIES))
        facts = facts_of(data, kind)
    except Fault as fault:
        tally.refused[fault.code] += 1
        return
    except (etree.XMLSyntaxError, EDISyntaxError, ValueError, IndexError) as error:
        tally.refused[f"extraction: {type(error).__name__}"] += 1
        return
    for number, (one, whole) in enumerate(zip(found, full, strict=True)):
        if one.reading.document is None or any(word in each.code for each in one.findings for word in _BROKEN):
            tally.refused["not a message of its type"] += 1
            if each:
                codes = sorted({found.code for found in one.all_findings if found.severity == "error"})
                sys.stdout.write(f"{path.relative_to(SHARED)}: not read as {one.mapping.name}, {', '.join(codes)}\n")
            continue
        judge(path, one, whole, facts[number], tally, each)


def facts_of(data: bytes, kind: str) -> list[tuple[int, extraction.Facts]]:
    """Return the number of data elements and the facts of each message."""
    if kind == "xml":
        return [(sum(1 for each in xml.decode(data).root.iter() if (each.text or "").strip()), extraction.ubl(data)[1])]
    return [
        (size, facts)
        for _, size, facts in extraction.edifact(
            data.decode("latin-1").lstrip("ï»¿").replace("\r", "").replace("\n", "")
        )
    ]


def judge(
    path: Path, one: FileReading, whole: FileReading, said: tuple[int, extraction.Facts], tally: Tally, each: bool
) -> None:
    size, facts = said
    name = str(path.relative_to(SHARED))
    assert one.reading.document is not None
    left, told = len(one.reading.leftovers), len(whole.reading.leftovers)
    count = Count(all=size, ignored=told - left, left=left)
    tally.counts.add(count)
    for leftover in one.reading.leftovers:
        tally.left[f"{one.mapping.name} {leftover.path}"] += 1
    if len(facts) > 2:
        tally.compared[name] += 1
    plain = json_form.document_plain(one.reading.document)
    tally.differences += [f"{name}: {each}" for each in extraction.differences(facts, plain)]
    if each:
        sys.stdout.write(f"{name}: {one.mapping.name}, {count}\n")


def main() -> int:
    if not SHARED.is_dir():
        sys.stdout.write("no samples beside the repository: not compared\n")
        return 0
    tally = Tally()
    for path in samples():
        read(path, tally, "--each" in sys.argv)
    for code, times in tally.refused.most_common():
        sys.stdout.write(f"not read, {code}: {times}\n")
    for place, times in tally.left.most_common(40 if "--each" in sys.argv else 10):
        sys.stdout.write(f"left over {times} times: {place}\n")
    for each in tally.differences[:50]:
        sys.stdout.write(f"DIFFERS {each}\n")
    sys.stdout.write(f"{len(tally.compared)} samples compared, {len(tally.differences)} differences; {tally.counts}\n")
    too_much = tally.counts.left > LEFT_OVER_LIMIT * tally.counts.all
    return 1 if tally.differences or too_much or len(tally.compared) < SAMPLES_WANTED else 0


if __name__ == "__main__":
    sys.exit(main())
