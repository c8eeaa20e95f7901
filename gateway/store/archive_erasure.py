"""A person covered in archive files of finished months: the same as in the journal, file by file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from gateway.domain.crm.parties import Person
from gateway.domain.crm.privacy import usable
from gateway.ports.retention import LegalHold
from gateway.store import archive
from gateway.store.crm_privacy import Scope, cover, forms_of


@dataclass(slots=True)
class ArchivesCovered:
    """What was covered in archive files. forms: every spelling found there and given; blobs: large payloads that are
    kept no more."""

    forms: set[str]
    payloads: int = 0
    rows: int = 0
    held: int = 0
    blobs: list[str] = field(default_factory=list)


def cover_archives(
    folder: Path | None,
    person: Person,
    partners: tuple[str, ...],
    forms: Sequence[str],
    erasure: str,
    now: datetime,
    holds: Sequence[LegalHold],
    read: Callable[[str], bytes],
) -> ArchivesCovered:
    """Cover a person in every archive file, each in a transaction of its own; a second time finds nothing more.

    folder: of the archive files; None: there are none.
    """
    found = ArchivesCovered(forms=set(forms))
    months = archive.months(folder) if folder is not None else []
    paths = [archive.path_of(folder, month) for month in months] if folder is not None else []
    for path in paths:
        archive.bring_up_to_date(path)
        engine = create_engine(URL.create("sqlite+pysqlite", database=str(path)), poolclass=NullPool)
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
                found.forms |= set(forms_of(connection, person, partners))
                scope = Scope(partners=partners, forms=usable(found.forms), erasure=erasure, now=now, read=read)
                cover(connection, scope, holds)
        finally:
            engine.dispose()
        found.payloads += scope.payloads
        found.rows += scope.rows
        found.held += len(scope.held)
        found.blobs += scope.blobs
    return found
