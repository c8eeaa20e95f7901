"""What modules of the store that keep tables of their own need of the journal: its one writer and its transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


class SqlTx(Protocol):
    """The journal's transaction, as far as modules of the store see it."""

    @property
    def connection(self) -> Connection: ...

    def audit(self, user: str, action: str, subject: str, before: str | None, after: str | None, now: datetime) -> None:
        """Write down who changed what, with the state before and after."""


class Writes(Protocol):
    """The journal, as far as modules of the store need it."""

    def write(self, work: Callable[[Any], T]) -> T:
        """Run work in one transaction of the one writer, and return what it returns."""
