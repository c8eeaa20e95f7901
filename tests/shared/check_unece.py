"""Hold the shipped tables against the official directories, and read foreign documents, where these are at hand.

    python tests/shared/check_unece.py

They are not part of this repository: without the folder `shared` beside it, this prints a line and ends well.
Ends with 1 when a table differs or a document ends in anything but a verdict or a Fault.
"""

import json
import sys
from pathlib import Path

from gateway.config.schemas import load_directories
from gateway.model.faults import Fault
from gateway.schema.importer import compile_directory
from gateway.schema.judge import judge

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
EDIFACT = ROOT / "schemas" / "edifact"


def compare(name: str, archive: Path) -> list[str]:
    """Return what differs between the shipped tables of a directory and its zip, for every message shipped."""
    folder = EDIFACT / name
    messages = {each.stem for each in (folder / "messages").glob("*.json")}
    official = {path: json.loads(table) for path, table in compile_directory(archive.read_bytes()).items()}
    differences = []
    for path in sorted(folder.rglob("*.json")):
        key = path.relative_to(folder).as_posix()
        if key.startswith("overlays/"):
            continue
        ours, theirs = json.loads(path.read_bytes()), official.get(key)
        if theirs is None:
            differences.append(f"{name}/{key}: not in the directory")
        elif key.startswith("messages/"):
            differences += [f"{name}/{key}: {part}" for part in ours if ours[part] != theirs[part]]
        else:
            differences += [f"{name}/{key}: {each}" for each, row in ours.items() if theirs.get(each) != row]
            if key != "codes.json":
                differences += [f"{name}/{key}: {each} is missing" for each in theirs if each not in ours]
    count = len(messages)
    sys.stdout.write(f"{name}: {count} messages compared with {archive.name}, {len(differences)} differences\n")
    return differences


def read(folder: Path) -> list[str]:
    """Read every file below folder to its end; return those that end in an exception of another kind than Fault."""
    directories = load_directories(ROOT / "schemas")
    broken, refused, count, interchanges = [], 0, 0, 0
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        count += 1
        try:
            interchanges += sum(1 for _ in judge([path.read_bytes()], directories))
        except Fault:
            refused += 1
        except Exception as error:
            broken.append(f"{path.relative_to(folder)}: {error!r}")
    sys.stdout.write(
        f"{count} documents, {interchanges} interchanges, {refused} refused by name, {len(broken)} broken\n"
    )
    return broken


def main() -> int:
    archives = {each.stem.lower(): each for each in (SHARED / "reference" / "unece").glob("*.zip")}
    if not archives:
        sys.stdout.write("no official directories beside the repository: not compared\n")
        return 0
    wrong = [each for name, archive in sorted(archives.items()) for each in compare(name, archive)]
    samples = SHARED / "samples" / "edifact"
    wrong += read(samples) if samples.is_dir() else []
    for each in wrong[:50]:
        sys.stdout.write(f"{each}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
