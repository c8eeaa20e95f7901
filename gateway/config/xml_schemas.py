"""XML Schemas from disk: schemas/xsd/<set>/ of the instance and of the shipped files. None comes with the gateway:
`gateway schemas import` takes them from the publisher's package.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from gateway.config.definitions import shipped_root
from gateway.model.faults import OurFault
from gateway.schema.xsd import FILE_LIMIT_BYTES, SchemaSet, XmlSchemas, document_roots

INDEX = "roots.json"  # {namespace}Name -> file, so that nothing is parsed to find a schema
FILES_LIMIT = 5_000


class SchemaFolder(Mapping[str, bytes]):
    """The .xsd files below a folder by their path in it; each is read when it is asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def _paths(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for path in sorted(self._root.rglob("*.xsd")):
            if len(found) >= FILES_LIMIT:
                raise OurFault("config.too-many-files", value=str(self._root), limit=str(FILES_LIMIT))
            found[path.relative_to(self._root).as_posix()] = path
        return found

    def __getitem__(self, name: str) -> bytes:
        path = self._paths[name]
        try:
            with path.open("rb") as file:
                return file.read(FILE_LIMIT_BYTES + 1)
        except OSError as error:
            raise OurFault("config.unreadable", at=str(path), detail=error.strerror or "?") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def load_xml_schemas(schemas: Path) -> XmlSchemas:
    """Return every set by name; the instance's replaces a shipped one of the same name.

    Raises OurFault xml.schema-unreadable, config.unreadable or config.too-many-files.
    """
    found: dict[str, SchemaSet] = {}
    for root in dict.fromkeys(each.resolve() for each in (shipped_root() / "schemas", schemas)):
        folder = root / "xsd"
        for each in sorted(folder.iterdir()) if folder.is_dir() else ():
            if each.is_dir() and not each.name.startswith("."):
                found[each.name] = _set(each)
    return XmlSchemas(dict(sorted(found.items())))


def _set(folder: Path) -> SchemaSet:
    files = SchemaFolder(folder)
    return SchemaSet(folder.name, files, _roots(folder) or document_roots(files))


def _roots(folder: Path) -> dict[str, str]:
    """Return the index that the import has written, {} when there is none."""
    path = folder / INDEX
    if not path.is_file():
        return {}
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(FILE_LIMIT_BYTES))
    except (OSError, ValueError) as error:
        raise OurFault("xml.schema-unreadable", value=str(path), detail=str(error)[:200]) from None
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise OurFault("xml.schema-unreadable", value=str(path), detail=INDEX)
    return {str(key): value for key, value in found.items()}
