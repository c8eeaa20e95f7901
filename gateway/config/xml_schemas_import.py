"""Taking XML Schemas in: from a .xsd file, a folder, or a zip (a wheel is one) into schemas/xsd/<set>/."""

import io
import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from gateway.config.xml_schemas import FILES_LIMIT, INDEX
from gateway.model.faults import OurFault
from gateway.schema.xsd import FILE_LIMIT_BYTES, compile_schema, document_roots

PACKAGE_LIMIT_BYTES = 200_000_000
# What zipfile raises for a file that is broken, cut off or encrypted.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)
_SET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_NOTICE = re.compile(r"(licen[cs]e|notice|copying)[^/]*\Z", re.IGNORECASE)


def holds_schemas(source: Path) -> bool:
    """Tell whether source is something to take XML Schemas from (and not a UN/EDIFACT directory)."""
    if source.is_dir() or source.suffix == ".xsd":
        return True
    if not zipfile.is_zipfile(source):
        return False
    with zipfile.ZipFile(source) as package:
        return any(each.endswith(".xsd") for each in package.namelist())


def import_xml_schemas(source: Path, schemas: Path, name: str | None = None) -> tuple[Path, int]:
    """Copy the schemas of source into schemas/xsd/<name>/ with an index; return that folder and how many elements
    they declare. What stood there before is replaced.

    name: None takes that of the folder the schemas lie in, else of the source.
    Raises OurFault xml.schema-import, xml.schema-name, xml.schema-unreadable or config.too-large.
    """
    found = dict(_files(source))
    inside = [PurePosixPath(each) for each in found if each.endswith(".xsd")]
    if not inside:
        raise OurFault("xml.schema-import", value=str(source))
    top = _common([each.parent for each in inside])
    wanted = name or (top.name or source.stem).lower().replace("_", "-")
    if not _SET_NAME.fullmatch(wanted):
        raise OurFault("xml.schema-name", value=wanted[:80])
    files = {each.relative_to(top).as_posix(): found[str(each)] for each in inside}
    roots = document_roots(files)
    for path in sorted(set(roots.values()), key=lambda each: len(files[each]))[:1]:
        compile_schema(files, path)  # tells now what is missing, not at the first document
    notices = {PurePosixPath(each).name: data for each, data in found.items() if _NOTICE.search(each)}
    return _write(schemas / "xsd" / wanted, notices | files, roots), len(roots)


def _write(folder: Path, files: Mapping[str, bytes], roots: Mapping[str, str]) -> Path:
    draft = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    for path, data in files.items():
        target = draft / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    (draft / INDEX).write_text(json.dumps(dict(sorted(roots.items())), indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return folder


def _files(source: Path) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of every schema and notice; names that climb out of the package are refused by leaving
    them: only what stays below is written."""
    if source.is_dir():
        paths = [each for each in sorted(source.rglob("*")) if each.is_file() and not each.is_symlink()]
        for number, path in enumerate(each for each in paths if _wanted(each.name)):
            yield path.relative_to(source).as_posix(), _bounded(path.read_bytes(), path.name, number)
    elif source.suffix == ".xsd":
        yield source.name, _bounded(source.read_bytes(), source.name, 0)
    else:
        data = source.read_bytes()
        if len(data) > PACKAGE_LIMIT_BYTES:
            raise OurFault("config.too-large", at=str(source), limit=str(PACKAGE_LIMIT_BYTES))
        yield from _of_zip(data, str(source))


def _of_zip(data: bytes, at: str) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = [each for each in package.infolist() if _wanted(each.filename) and not each.is_dir()]
            for number, each in enumerate(entries):
                path = PurePosixPath(each.filename)
                if path.is_absolute() or ".." in path.parts or "\\" in each.filename:
                    continue
                if each.file_size > FILE_LIMIT_BYTES:
                    raise OurFault("config.too-large", at=f"{at}:{each.filename}", limit=str(FILE_LIMIT_BYTES))
                with package.open(each) as file:
                    yield str(path), _bounded(file.read(FILE_LIMIT_BYTES + 1), each.filename, number)
    except _BROKEN as error:
        raise OurFault("xml.schema-unreadable", value=at, detail=str(error)[:200]) from None


def _wanted(name: str) -> bool:
    return name.endswith(".xsd") or bool(_NOTICE.search(name))


def _bounded(data: bytes, name: str, number: int) -> bytes:
    if len(data) > FILE_LIMIT_BYTES:
        raise OurFault("config.too-large", at=name, limit=str(FILE_LIMIT_BYTES))
    if number >= FILES_LIMIT:
        raise OurFault("config.too-many-files", value=name, limit=str(FILES_LIMIT))
    return data


def _common(folders: list[PurePosixPath]) -> PurePosixPath:
    """Return the deepest folder that holds all of folders."""
    parts = folders[0].parts
    for each in folders[1:]:
        depth = 0
        while depth < min(len(parts), len(each.parts)) and parts[depth] == each.parts[depth]:
            depth += 1
        parts = parts[:depth]
    return PurePosixPath(*parts)
