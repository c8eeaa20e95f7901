"""Directories from disk: schemas/edifact/<name>/ of the instance and of the shipped files."""

from collections.abc import Iterator
from pathlib import Path

from gateway.config.definitions import shipped_root
from gateway.model.faults import OurFault
from gateway.schema.directory import Directory

CONTROL = "control"  # the folder with service segments and CONTRL
FILE_LIMIT_BYTES = 50_000_000


def load_directories(schemas: Path) -> dict[str, Directory]:
    """Return every directory by name ("d96a", "control"); one below schemas/edifact replaces the shipped one.

    Raises OurFault config.unreadable or edifact.directory-unreadable.
    """
    folders: dict[str, Path] = {}
    for root in (shipped_root() / "schemas", schemas):
        folders.update(_folders(root / "edifact"))
    service = Directory.from_files(CONTROL, _files(folders[CONTROL])) if CONTROL in folders else None
    found = {name: Directory.from_files(name, _files(folder), service) for name, folder in folders.items()}
    return found | ({CONTROL: service} if service else {})


def _folders(root: Path) -> Iterator[tuple[str, Path]]:
    for each in sorted(root.iterdir()) if root.is_dir() else ():
        if (each / "segments.json").is_file():
            yield each.name.lower(), each


def _files(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(folder.rglob("*.json")):
        if path.stat().st_size > FILE_LIMIT_BYTES:
            raise OurFault("config.too-large", at=str(path), limit=str(FILE_LIMIT_BYTES))
        found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found
