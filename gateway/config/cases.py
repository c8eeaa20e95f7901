"""Cases beside a mapping: X.cases/<case>/ holds in.*, expected.json (what is read) and out.* (what is written)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.mapping.compiler import DocumentMapping, Reading
from gateway.mapping.files import read_file, write_body
from gateway.model import json_form
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding, Severity, Where
from gateway.schema.directory import Directory

CASE_LIMIT_BYTES = 5_000_000
LEFTOVER_PERCENT = 2


@dataclass(slots=True)
class Coverage:
    """What the cases of one mapping touch. read: keys of canonical places; values: texts in the samples."""

    read: set[str] = field(default_factory=set)
    values: int = 0
    left: list[str] = field(default_factory=list)


def cases_of(mapping_file: Path) -> list[Path]:
    """Return the case folders beside a mapping file, in order."""
    folder = mapping_file.with_suffix(".cases")
    return sorted(each.parent for each in folder.glob("*/in.*")) if folder.is_dir() else []


def run_case(
    mapping: DocumentMapping,
    case: Path,
    directories: Mapping[str, Directory],
    coverage: Coverage,
    *,
    update: bool = False,
) -> list[Finding]:
    """Read and write one case; return what differs. update: write expected.json and out.* anew instead."""
    source = next(case.glob("in.*"))
    try:
        readings = list(read_file(_bytes(source), lambda found: mapping, directories, filename=source.name))
        findings = [each for one in readings for each in one.all_findings if each.severity == "error"]
        document = readings[0].reading.document if readings else None
        if document is None or findings:
            return findings or [_differs(case, "reading", source.name)]
        expected = json.dumps(json_form.document_plain(document), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        written = write_body(mapping, document)
    except Fault as fault:
        return [fault.as_finding()]
    _cover(coverage, readings[0].reading)
    wanted = {"expected.json": expected.encode(), f"out{source.suffix}": written}
    if update:
        for name, content in wanted.items():
            (case / name).write_bytes(content)
    return [
        _differs(case, "what is read" if name == "expected.json" else "what is written", name)
        for name, content in wanted.items()
        if not (case / name).is_file() or _bytes(case / name) != content
    ]


def look_at_cases(
    mapping: DocumentMapping, path: str, on_disk: Path, directories: Mapping[str, Directory]
) -> list[Finding]:
    """Run the cases beside a mapping file and judge them as a whole. path: of the file, for the messages."""
    coverage = Coverage()
    cases = cases_of(on_disk)
    findings = [each for case in cases for each in run_case(mapping, case, directories, coverage)]
    return [*findings, *judged(mapping, path, len(cases), coverage)]


def judged(mapping: DocumentMapping, mapping_path: str, cases: int, coverage: Coverage) -> Iterator[Finding]:
    """Yield what the cases as a whole leave open: none there, values no rule reads, fields no case has."""
    at = f"{mapping_path}:1"
    if not cases:
        yield _odd("mapping.no-cases", at, mapping_path.replace(".yaml", ".cases/"))
        return
    if coverage.values and len(coverage.left) * 100 > coverage.values * LEFTOVER_PERCENT:
        percent = f"{len(coverage.left) * 100 / coverage.values:.1f}"
        yield _odd("mapping.case-leftover", at, coverage.left[0], percent=percent)
    if mapping.effective is None:
        return
    for key, entry in mapping.effective.entries.items():
        for rule in entry if isinstance(entry, tuple) else ():
            reads = rule.direction != "out" and rule.const is None and not rule.check
            if reads and rule.at not in coverage.read:
                yield _odd("mapping.rule-untested", rule.at, key, "info")


def _cover(coverage: Coverage, reading: Reading) -> None:
    coverage.read |= set(reading.rules.values())
    coverage.values += len(reading.sources) + len(reading.leftovers)
    coverage.left += [f"{each.path} {each.value}" for each in reading.leftovers]


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > CASE_LIMIT_BYTES:
        raise OurFault("config.too-large", at=str(path), limit=str(CASE_LIMIT_BYTES))
    return path.read_bytes()


def _differs(case: Path, what: str, file: str) -> Finding:
    params = (("file", file), ("what", what))
    return Finding(code="mapping.case-differs", where=Where(path=str(case)), value=case.name, params=params)


def _odd(code: str, at: str, value: str, severity: Severity = "warning", **params: str) -> Finding:
    named = tuple(sorted({"at": at, **params}.items()))
    path, _, line = at.rpartition(":")
    return Finding(
        code=code,
        severity=severity,
        where=Where(path=path, line=int(line) if line.isdigit() else None),
        value=value[:200],
        params=named,
    )
