"""What every command is given: which instance, which language, how to print; and faults as one coded line each."""

import errno
import getpass
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gateway.cli.exits import INTERRUPTED, exit_of
from gateway.cli.output import print_finding
from gateway.config.settings import Settings, find_root, load_settings
from gateway.model.faults import Fault, OurFault
from gateway.texts.catalogue import Lang

if TYPE_CHECKING:  # the shell is slow to import: only commands that open an instance pay for it
    from gateway.app.actions import JournalActions
    from gateway.app.instance import Instance

log = logging.getLogger("gateway.cli")

T = TypeVar("T")


@dataclass(slots=True)
class Invocation:
    """One call of the command line. instance_folder and lang: as given, None when not."""

    instance_folder: str | None = None
    lang: Lang | None = None

    def settings(self) -> Settings:
        """Raises OurFault config.*."""
        found = load_settings(find_root(self.instance_folder))
        if self.lang is None:
            self.lang = found.language
        log.info("instance %s", found.root)
        return found

    @property
    def language(self) -> Lang:
        """The language of texts: --lang, the instance's, or the terminal's."""
        if self.lang is not None:
            return self.lang
        terminal = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
        return "zh-CN" if terminal.lower().startswith("zh") else "en"

    @contextmanager
    def instance(self) -> "Iterator[Instance]":
        """Open the instance's journal, keys and definitions; a server may run at the same time."""
        from gateway.app.instance import open_instance

        settings = self.settings()
        opened = open_instance(settings.root)
        try:
            yield opened
        finally:
            opened.close()

    @contextmanager
    def actions(self) -> "Iterator[JournalActions]":
        """What people set in motion. A running server finds the new work within a second."""
        from gateway.app.actions import JournalActions

        with self.instance() as instance:
            yield JournalActions(instance=instance, wake=lambda lane: None, wake_delivery=lambda: None)


invocation = click.make_pass_decorator(Invocation, ensure=True)


def user_name() -> str:
    """Return who is written into the audit: the account of the operating system."""
    return f"cli:{getpass.getuser()}"


@contextmanager
def _aside(*, quiet: bool) -> Iterator[None]:
    """With quiet, leave out what is said beside the result: progress and remarks. What goes wrong is always told."""
    if not quiet:
        yield
        return
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
        yield


# What a disk says that is full, mounted read-only, ill, or not this user's.
_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO})


def _folder(context: click.Context) -> str:
    """Return where a command works: a write that failed does not say in which file."""
    with suppress(OurFault):  # of commands that need no instance
        return str(find_root(context.ensure_object(Invocation).instance_folder))
    return str(Path.cwd())


class FaultGroup(click.Group):
    """Prints a Fault with its cure and ends as gateway.cli.exits says."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a Fault, or a full or failing disk, is told in words and ends it with its exit code."""
        with _aside(quiet=bool(ctx.params.get("quiet"))):
            try:
                return super().invoke(ctx)
            except Fault as caught:
                fault = caught
            except OSError as error:
                if error.errno not in _OF_THE_DISK:
                    raise
                fault = OurFault(
                    "config.unwritable", at=str(error.filename or _folder(ctx)), detail=error.strerror or "?"
                )
            except KeyboardInterrupt:
                ctx.exit(INTERRUPTED)
        language = ctx.ensure_object(Invocation).language
        for finding in fault.findings or (fault.as_finding(),):
            print_finding(finding, language, sys.stderr)
        return ctx.exit(exit_of(fault))
