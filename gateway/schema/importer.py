"""From an official UN/EDIFACT directory zip to our own compact tables (see gateway.schema.directory for their form).

Only facts are taken: tags, order, status, repeats, representations, code values. The official files are text
meant for people, in the IBM PC character set, in zips within a zip, and named differently from year to year
(TRMD/EDMD, TRSD/EDSD, ...), so files are recognised by the end of their name and by what they contain.

Source: layout of UNTDID part 4 (messages) and part 5 chapters 3 to 7 (segments, composites, elements, codes).
"""

import json
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO

from gateway.model.faults import OurFault

_MAX_BYTES = 200_000_000  # of everything unpacked
_MAX_DEPTH = 3
_RULE = re.compile(r"^[─\-═�]{20,}\s*$")
_MARKS = r"[*+#|X\-]{0,3}"
_MESSAGE_FILE = re.compile(r"(?:^|/)(?P<type>[A-Z]{6})_(?P<version>[DS])\.(?P<release>\d\d[AB])$")
_TABLE_FILE = re.compile(r"(?:^|/)(?P<kind>(?:TR|ED)[SCE]D|UNCL(?:-\d)?)\.(?P<release>\d\d[AB])$")
_POS = rf"^\s?\d{{4,5}}\s*{_MARKS}"
_TAIL = r"(?P<status>[MC])\s+(?P<max>\d+)(?P<box>\D*)$"
_USE = re.compile(rf"{_POS}\s+(?P<tag>[A-Z]{{3}})\s.*?\s{_TAIL}")
_GROUP = re.compile(rf"{_POS}\s*[─\-]+\s*Segment group (?P<nr>\d+)\s*[─\-]+\s*{_TAIL}")
_POSITION = re.compile(rf"{_POS}\s+\S")
_ELEMENT = re.compile(rf"^\d{{3}}\s+{_MARKS}\s*(?P<id>[CE]\d{{3}}|\d{{4}})\s(?P<rest>.*)$")
_STATUS = re.compile(r"\s(?P<status>[MC])(?:\s+(?P<max>\d{1,5}))?(?:\s+(?P<repr>an?(?:\.\.)?\d+|n(?:\.\.)?\d+))?\s*$")
_HEAD = re.compile(rf"^\s*{_MARKS}\s+(?P<id>[A-Z]{{3}}|[CE]\d{{3}}|\d{{4}})\s+\S")
_CODE_HEAD = re.compile(rf"^\s*{_MARKS}\s*(?P<id>\d{{4}})\s+\S")
_REPR = re.compile(r"^\s*Repr:\s*(?P<repr>an?(?:\.\.)?\d+|n(?:\.\.)?\d+)", re.MULTILINE)
_CODE = re.compile(r"[A-Z0-9]{1,17}\Z")

Row = list[object]


def compile_directory(
    source: bytes | Mapping[str, bytes], *, messages: Collection[str] | None = None
) -> dict[str, bytes]:
    """Return the JSON tables of a directory, by path inside its folder.

    source    the zip as published, or its files by name (zips within are opened)
    messages  only these types (those the directory has) and the codes they can use; None: all
    Raises OurFault edifact.import-failed with the file and line that could not be read.
    """
    structures: dict[str, object] = {}
    texts: dict[str, list[str]] = {}
    for path, content in _unpack(source):
        if found := _MESSAGE_FILE.search(path):
            if messages is None or found["type"] in messages:
                structures[found["type"]] = _message(path, found, _text(content))
        elif found := _TABLE_FILE.search(path):
            texts.setdefault(found["kind"][:4], []).append(_text(content))
    if not structures:
        raise OurFault("edifact.import-failed", value="no message specification (XXXXXX_D.nnA) in the zip")
    segments = _segments(_one(texts, "TRSD", "EDSD"))
    composites = _composites(_one(texts, "TRCD", "EDCD"))
    elements = _elements(_one(texts, "TRED", "EDED"))
    used = None if messages is None else _used(structures, segments, composites)
    codes = {
        element: " ".join(values)
        for text in texts.get("UNCL", ())
        for element, values in _codes(text).items()
        if values and (used is None or element in used)
    }
    tables: dict[str, object] = {f"messages/{name}.json": table for name, table in structures.items()}
    tables |= {"segments.json": segments, "composites.json": composites, "elements.json": elements}
    tables["codes.json"] = codes
    return {path: _dump(table) for path, table in sorted(tables.items())}


def _dump(table: object) -> bytes:
    """One line per key, so that a diff of two directories can be read."""
    assert isinstance(table, dict)
    lines = []
    for key in sorted(table) if "structure" not in table else table:
        value = table[key]
        if key == "structure":
            text = "[\n  " + ",\n  ".join(json.dumps(row, separators=(",", ":")) for row in value) + "\n ]"
        else:
            text = json.dumps(value, separators=(",", ":"))
        lines.append(f" {json.dumps(key)}: {text}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _text(content: bytes) -> str:
    return content.decode("cp437").replace("\r\n", "\n")


def _one(texts: Mapping[str, list[str]], *kinds: str) -> str:
    for kind in kinds:
        if kind in texts:
            return texts[kind][0]
    raise OurFault("edifact.import-failed", value=f"no {' or '.join(kinds)} file in the zip")


def _unpack(source: bytes | Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield (path in capitals, content) of every file, zips within opened."""
    files = {"": source} if isinstance(source, bytes) else source
    budget = [_MAX_BYTES]
    for path, content in files.items():
        yield from _open(path.upper(), content, budget, _MAX_DEPTH if path else _MAX_DEPTH + 1)


def _open(path: str, content: bytes, budget: list[int], depth: int) -> Iterator[tuple[str, bytes]]:
    if not content.startswith(b"PK\x03\x04"):
        if not path:
            raise OurFault("edifact.import-failed", value="not a zip file")
        yield path, content
        return
    if depth == 0:
        return
    with _unzipping(path):
        archive = zipfile.ZipFile(BytesIO(content))
    for entry in archive.infolist():
        budget[0] -= entry.file_size
        if budget[0] < 0:
            raise OurFault("edifact.import-failed", value=f"{path}: more than {_MAX_BYTES} bytes unpacked")
        if not entry.is_dir() and _wanted(entry.filename.upper()):
            with _unzipping(path):
                unpacked = archive.read(entry)
            yield from _open(entry.filename.upper(), unpacked, budget, depth - 1)


@contextmanager
def _unzipping(path: str) -> Iterator[None]:
    """Only zipfile's own code runs in here: it raises RuntimeError for an encrypted entry, NotImplementedError for a
    method that it does not know."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise OurFault("edifact.import-failed", value=f"{path}: {error}") from error


def _wanted(path: str) -> bool:
    """Side files (introductions, change reports, old programs) are not opened: some carry bad checksums."""
    return bool(
        _MESSAGE_FILE.search(path)
        or _TABLE_FILE.search(path)
        or re.search(r"(D\.?\d\d[AB]|MD|SD|CD|ED|CL)\.ZIP$", path)
    )


def _message(path: str, name: re.Match[str], text: str) -> dict[str, object]:
    """Read the segment table: rows in order, nesting by the brackets drawn at the right."""
    root: list[Row] = []
    open_groups: list[list[Row]] = [root]
    count = 0
    for line in _table_rows(path, text):
        if group := _GROUP.match(line):
            count += 1
            if int(group["nr"]) != count:
                raise OurFault("edifact.import-failed", value=f"{path}: group {group['nr']} after {count - 1}")
            inner: list[Row] = []
            open_groups[-1].append([f"SG{group['nr']}", group["status"], int(group["max"]), inner])
            open_groups.append(inner)
        elif use := _USE.match(line):
            open_groups[-1].append([use["tag"], use["status"], int(use["max"])])
            closing = len(re.findall(r"[┘┴+]", use["box"]))
            if closing >= len(open_groups):
                break
            del open_groups[len(open_groups) - closing :]
            if use["tag"] in ("UNT", "UIT"):  # prose may follow, with numbers at the start of lines
                break
    if len(open_groups) != 1 or not root or root[0][0] not in ("UNH", "UIH") or root[-1][0] not in ("UNT", "UIT"):
        raise OurFault("edifact.import-failed", value=f"{path}: the groups do not close")
    return {
        "message": name["type"],
        "version": name["version"],
        "release": name["release"],
        "agency": "UN",
        "structure": root,
    }


def _table_rows(path: str, text: str) -> Iterator[str]:
    """Yield the numbered rows of the segment table, each as one line (long names run over two)."""
    start = text.rfind("Segment table")
    if start < 0:
        raise OurFault("edifact.import-failed", value=f"{path}: no segment table")
    pending = ""
    for line in text[start:].split("\n"):
        if pending:
            line = f"{pending} {line.strip()}"
        if _GROUP.match(line) or _USE.match(line):
            pending = ""
            yield line
        elif pending:
            raise OurFault("edifact.import-failed", value=f"{path}: {pending.strip()}")
        elif _POSITION.match(line):
            pending = line.rstrip(" │|")


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield what stands between two ruled lines."""
    block: list[str] = []
    for line in text.split("\n"):
        if _RULE.match(line):
            yield block
            block = []
        else:
            block.append(line)
    yield block


def _headed(text: str, head: re.Pattern[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield (identifier, lines) of every block; the first one is the introduction."""
    for block in list(_blocks(text))[1:]:
        lines = [line for line in block if line.strip()]
        if lines and (found := head.match(lines[0])):
            yield found["id"], lines[1:]


def _rows(lines: list[str]) -> Iterator[tuple[str, str, int]]:
    """Yield (identifier, status, repeats) of each numbered line; long names run over several lines."""
    pending: tuple[str, str] | None = None
    for line in lines:
        if found := _ELEMENT.match(line):
            pending = (found["id"], " " + found["rest"])
        elif pending:
            pending = (pending[0], f"{pending[1]} {line.strip()}")
        if pending and (end := _STATUS.search(pending[1])):
            yield pending[0], end["status"], int(end["max"] or 1)
            pending = None


def _segments(text: str) -> dict[str, object]:
    return {tag: [list(row) for row in _rows(lines)] for tag, lines in _headed(text, _HEAD) if len(tag) == 3}


def _composites(text: str) -> dict[str, object]:
    return {name: [list(row[:2]) for row in _rows(lines)] for name, lines in _headed(text, _HEAD) if len(name) == 4}


def _elements(text: str) -> dict[str, object]:
    found = {}
    for name, lines in _headed(text, _HEAD):
        if representation := _REPR.search("\n".join(lines)):
            found[name] = representation["repr"]
    return found


def _codes(text: str) -> dict[str, list[str]]:
    """Read the code lists. Older directories end the code at column 9, newer ones start it at column 6."""
    found: dict[str, list[str]] = {}
    for element, lines in _headed(text, _CODE_HEAD):
        values: list[str] = []
        start = next((place for place, line in enumerate(lines) if "Repr:" in line), 0)
        for line in lines[start + 1 :]:
            old = line[1:9].strip(" |") if len(line) > 10 and line[9] == " " and line[10] != " " else ""
            new = line[5:11].strip() if len(line) > 11 and line[5] != " " and line[4] == " " and line[10] == " " else ""
            for value in (old, new):
                if _CODE.match(value) and value not in values:
                    values.append(value)
                    break
        found[element] = values
    return found


def _used(
    structures: Mapping[str, object], segments: Mapping[str, object], composites: Mapping[str, object]
) -> set[str]:
    """Return the elements that the messages can hold."""
    used: set[str] = set()
    tags = {found for table in structures.values() for found in re.findall(r'"([A-Z]{3})"', json.dumps(table))}
    for tag in tags:
        rows = segments.get(tag, [])
        assert isinstance(rows, list)
        for element, *_ in rows:
            inner = composites.get(element, [[element]])
            assert isinstance(inner, list)
            used.update(component for component, *_ in inner)
    return used
