"""Directories from disk: schemas/edifact/<name>/ of the instance and of the shipped files."""

from collections.abc import Iterator
from pathlib import Path

from gateway.config.definitions import shipped_root
from gateway.model.faults import OurFault
from gateway.schema.directory import Directory

CONTROL = "control"  # the folder with service segments and CONTRL
FILE_LIMIT_BYTES = 50_000_000


def load_directories(schemas: Path) -> dict[str, Directory]:
    """Return every directory by name ("d96a", "control").

    File by file, what is below schemas/edifact replaces what is shipped: an imported directory keeps shipped overlays.
    Raises OurFault config.unreadable, config.too-large or edifact.directory-unreadable.
    """
    found: dict[str, dict[str, bytes]] = {}
    for root in dict.fromkeys(each.resolve() for each in (shipped_root() / "schemas", schemas)):
        for name, folder in _folders(root / "edifact"):
            found.setdefault(name, {}).update(_files(folder))
    service = Directory.from_files(CONTROL, found.pop(CONTROL)) if CONTROL in found else None
    directories = {name: Directory.from_files(name, files, service) for name, files in found.items()}
    return directories | ({CONTROL: service} if service else {})


def _folders(root: Path) -> Iterator[tuple[str, Path]]:
    for each in sorted(root.iterdir()) if root.is_dir() else ():
        if (each / "segments.json").is_file():
            yield each.name.lower(), each


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*.json")):
        try:
            with path.open("rb") as file:
                content = file.read(FILE_LIMIT_BYTES + 1)
        except OSError as error:
            raise OurFault("config.unreadable", at=str(path), detail=error.strerror or "?") from None
        if len(content) > FILE_LIMIT_BYTES:
            raise OurFault("config.too-large", at=str(path), limit=str(FILE_LIMIT_BYTES))
        yield path.relative_to(folder).as_posix(), content
