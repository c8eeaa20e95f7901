"""Child processes of the scene: started in their own session, so that Ctrl-C reaches the scene alone, which then stops
them in order; ended by the kernel or by themselves when the scene is gone."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import sleep

STOP_WAIT_S = 10.0
STOP_LOOK_S = 0.02
_PR_SET_PDEATHSIG = 1  # Linux prctl(2): the signal a process gets when its parent ends
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded here: a forked child should load nothing


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """One supervised process. Its output is appended to log."""

    def __init__(self, name: str, arguments: Sequence[str], log: Path) -> None:
        self.name = name
        self._arguments = list(arguments)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def start(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules, no shell
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self.starts += 1

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def ended(self) -> int | None:
        """Return the exit code (negative: the signal) once the process is over; None while it runs.

        What it has left behind (worker processes of a gateway that was killed) is ended too, and before it is reaped:
        until then its process group cannot belong to anybody else.
        """
        process = self._process
        if process is None:
            return None
        if process.returncode is None and os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        return process.poll()

    def stop(self) -> None:
        """Ask it to end; does not wait."""
        if self._process and self.ended() is None:
            self._process.terminate()

    def wait_ended(self, timeout_s: float = STOP_WAIT_S) -> bool:
        """Wait until it has ended, killing it when the time is over; False when it had to be killed."""
        if not self._process:
            return True
        for _ in range(int(timeout_s / STOP_LOOK_S)):
            if self.ended() is not None:
                return True
            sleep(STOP_LOOK_S)
        self._process.kill()
        while self.ended() is None:
            sleep(STOP_LOOK_S)
        return False

    def last_lines(self, count: int = 12) -> str:
        """Return the end of its output, for a message to a person."""
        try:
            return "\n".join(self._log.read_text("utf-8", "replace").splitlines()[-count:])
        except FileNotFoundError:
            return ""
