"""Definitions: every file that says how we trade, as text, under one digest. What is read, kept and sent to workers.

Logical paths, whatever the folders are called on disk: partners/<id>/..., mappings/..., schemas/codes/<name>.csv.
Files shipped with the gateway come first; the instance's own file of the same path replaces them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from gateway.config.settings import Settings, read_text
from gateway.model.faults import OurFault

FILES_LIMIT = 20_000
TABLE_LIMIT_BYTES = 50_000_000
_KEPT = {".yaml": 1_000_000, ".csv": TABLE_LIMIT_BYTES}  # suffix -> largest file in bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """files: logical path -> text. digest: SHA-256 over all paths and texts, in hexadecimal."""

    files: Mapping[str, str]
    digest: str

    @classmethod
    def of(cls, files: Mapping[str, str]) -> "Definitions":
        """Return files under their digest; their order does not matter."""
        total = sha256()
        for path in sorted(files):
            for part in (path, files[path]):
                data = part.encode()
                total.update(len(data).to_bytes(8, "big") + data)
        return cls(files=dict(sorted(files.items())), digest=total.hexdigest())

    def below(self, folder: str) -> dict[str, str]:
        """Return the files under folder ("partners/acme/tables/"), by the rest of their path."""
        return {path[len(folder) :]: text for path, text in self.files.items() if path.startswith(folder)}

    def partner_ids(self) -> list[str]:
        """Return the folder names under partners/ that have a partner.yaml, in order."""
        parts = (path.split("/") for path in self.files)
        return sorted({each[1] for each in parts if each[0] == "partners" and each[2:] == ["partner.yaml"]})


def shipped_root() -> Path:
    """Return the folder that holds the shipped mappings/ and schemas/: in the package (wheel) or beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "shipped"
    return inside if (inside / "mappings").is_dir() else package.parent


def read_definitions(settings: Settings) -> Definitions:
    """Read the shipped files and then the instance's. Raises OurFault config.*."""
    shipped = shipped_root()
    return _read(
        {
            "mappings": (shipped / "mappings", settings.mappings),
            "schemas/codes": (shipped / "schemas" / "codes", settings.schemas / "codes"),
            "partners": (settings.partners,),
        }
    )


def read_shipped() -> Definitions:
    """Read only what comes with the gateway: mappings and code tables, no partner. Raises OurFault config.*."""
    shipped = shipped_root()
    return _read({"mappings": (shipped / "mappings",), "schemas/codes": (shipped / "schemas" / "codes",)})


def _read(sources: Mapping[str, tuple[Path, ...]]) -> Definitions:
    """Read folders by the logical path they stand for; a later folder's file replaces an earlier one's."""
    files: dict[str, str] = {}
    for logical, folders in sources.items():
        for folder in dict.fromkeys(each.resolve() for each in folders):
            files.update(_read_folder(folder, logical))
    return Definitions.of(files)


def _read_folder(folder: Path, logical: str) -> Iterator[tuple[str, str]]:
    """Yield (logical path, text) of each YAML and CSV file; cases (X.cases/, cases/) and hidden files are left out."""
    for count, path in enumerate(sorted(folder.rglob("*"))):
        if count > FILES_LIMIT:
            raise OurFault("config.too-many-files", value=str(folder), limit=str(FILES_LIMIT))
        inner = path.relative_to(folder)
        left_out = any(part.startswith(".") or part == "cases" or part.endswith(".cases") for part in inner.parts)
        if path.suffix in _KEPT and path.is_file() and not left_out:
            name = f"{logical}/{inner.as_posix()}"
            yield name, read_text(path, name, _KEPT[path.suffix])
