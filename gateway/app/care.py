"""Care of an instance: move its journal to PostgreSQL, back it up, bring it back."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from gateway.app.instance import Instance
from gateway.config.settings import FILE, load_settings
from gateway.config.yaml import load, plain
from gateway.model.faults import OurFault
from gateway.store.archive import months, path_of
from gateway.store.copying import copy_to_file, move_to_postgres

JOURNAL = "journal.sqlite"
ORIGINAL = "config.original.yaml"


def move(instance: Instance, url: str) -> Iterator[tuple[str, int]]:
    """Copy the instance's journal and its archive files to the empty database at url; yield what has been copied, as
    move_to_postgres does. Raises OurFault."""
    folder = instance.settings.var / "archive"
    yield from move_to_postgres(instance.journal.reader, url, [path_of(folder, month) for month in months(folder)])


def back_up(instance: Instance, folder: Path) -> None:
    """Write settings, definitions, journal, payloads and keys to folder.

    The journal is copied first: payloads are never changed, so that the folder copied after it holds all it names.
    Raises OurFault instance.not-empty.
    """
    _must_be_new(folder)
    settings = instance.settings
    var = folder / "var"
    var.mkdir(parents=True, mode=0o700)
    copy_to_file(instance.journal.reader, var / JOURNAL)
    kept = (("blobs", settings.blobs), ("keys", settings.var / "keys"), ("archive", settings.var / "archive"))
    for name, source in kept:
        if source.is_dir():
            shutil.copytree(source, var / name, ignore=shutil.ignore_patterns(".*"))
    for name, source in (("partners", settings.partners), ("mappings", settings.mappings)):
        if source.is_dir():
            shutil.copytree(source, folder / name)
    shutil.copytree(settings.schemas, folder / "schemas")
    shutil.copy2(settings.root / FILE, folder / ORIGINAL)
    (folder / FILE).write_text(_settings_of_backup(settings.root / FILE), encoding="utf-8")


def bring_back(backup: Path, folder: Path) -> None:
    """Make an instance in folder from a backup. One that used PostgreSQL comes back on its own SQLite journal:
    `gateway journal move` takes it to a database again.

    Raises OurFault instance.not-empty, config.* when the backup holds no instance.
    """
    load_settings(backup)
    _must_be_new(folder)
    shutil.copytree(backup, folder, dirs_exist_ok=True)


def _settings_of_backup(path: Path) -> str:
    """Return the settings without what would lead a restored instance to the folders or database of this one."""
    top = plain(load(path.read_text(encoding="utf-8"), FILE))
    assert isinstance(top, dict)  # the instance was opened with it
    kept = {key: value for key, value in top.items() if key not in ("database", "folders")}
    return "# Written by gateway backup; " + ORIGINAL + " is the file as it was.\n" + json.dumps(kept, indent=2) + "\n"


def _must_be_new(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise OurFault("instance.not-empty", value=str(folder))
