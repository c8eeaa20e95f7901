"""Definition files changed from the console or the command line: a new version in force, and the files, if they can be
written, so that a diff of the folder shows it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from gateway.app.instance import Instance, digests_of
from gateway.config.book import sound_book
from gateway.config.definitions import Definitions
from gateway.model.faults import OurFault
from gateway.pipeline.book import Book
from gateway.ports.journal import Tx
from gateway.store.mapping_versions import note_versions
from gateway.store.sql_tx import SqlTx

TRIES = 3

Edit = Callable[[str | None], str | None]  # the text, None when there is no such file, to the new text, None: no file


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """digest: of the version now in force. written: the file has the change too. changed: False when there was none."""

    digest: str
    written: bool
    changed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """Who changes what, and why: a row of the audit trail, and one of the history for each file."""

    user: str
    action: str
    subject: str
    reason: str = ""


def edit_definition(
    instance: Instance, path: str, edit: Edit, user: str, action: str, subject: str, reason: str = ""
) -> Edited:
    """Bring the file at a logical path (partners/..., mappings/...) into force as edit leaves it."""
    return edit_definitions(instance, {path: edit}, user, action, subject, reason)


def edit_definitions(
    instance: Instance, edits: Mapping[str, Edit], user: str, action: str, subject: str, reason: str = ""
) -> Edited:
    """Bring several files into force as one version, with an audit row.

    It is the version in force that is changed, not the folder, where others may be at work; what does not compile or
    has lint errors changes nothing. Running nodes follow within a second, each by itself.
    Raises OurFault of edit, config.*, mapping.*, and definitions.busy when others change them all the time.
    """
    word = _Word(user=user, action=action, subject=subject, reason=reason)
    for _ in range(TRIES):
        instance.refresh()
        base = instance.definitions
        changed = Definitions.of(with_edits(base.files, edits))
        if changed.digest == base.digest:
            return Edited(digest=base.digest, written=False, changed=False)
        book = sound_book(changed, instance.settings.schemas)
        if _saved(instance, base, changed, book, word):
            written = [_write_back(instance, path, edit) for path, edit in edits.items()]
            return Edited(digest=changed.digest, written=all(written))
    raise OurFault("definitions.busy", value=", ".join(edits)[:200])


def with_edits(files: Mapping[str, str], edits: Mapping[str, Edit]) -> dict[str, str]:
    """Return the files as the edits leave them."""
    found = dict(files)
    for path, edit in edits.items():
        text = edit(files.get(path))
        if text is None:
            found.pop(path, None)
        else:
            found[path] = text
    return found


def _saved(instance: Instance, base: Definitions, changed: Definitions, book: Book, word: _Word) -> bool:
    """Save the version, unless another one has come into force since base was read."""
    now = instance.clock.now()

    def work(tx: Tx) -> bool:
        if tx.active_digest() != base.digest:
            return False
        tx.save_definitions(changed.digest, changed.files, now, user=word.user, action=word.action, reason=word.reason)
        tx.audit(word.user, word.action, word.subject, base.digest[:12], changed.digest[:12], now)
        note_versions(
            cast("SqlTx", tx), digests_of(book), definitions=changed.digest, user=word.user, action=word.action,
            reason=word.reason, now=now,
        )  # fmt: skip
        return True

    return instance.journal.write(work)


def _write_back(instance: Instance, path: str, edit: Edit) -> bool:
    """Make the same change in the folder. False when it cannot be written, or the file there does not take the edit."""
    folder, _, rest = path.partition("/")
    target = {"partners": instance.settings.partners, "mappings": instance.settings.mappings}[folder] / rest
    try:
        before = target.read_text(encoding="utf-8") if target.is_file() else None
        text = edit(before)
        if text is None:
            target.unlink(missing_ok=True)
        else:
            _replace(target, text)
    except (OSError, UnicodeDecodeError, OurFault):
        return False
    return True


def _replace(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.new")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(target)
