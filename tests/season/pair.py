"""Two nodes of one gateway on one PostgreSQL: definitions, keys and large payloads on a disk that both see, own ports."""

import os
import re
import signal
from pathlib import Path

from tests.season.instance import Instance, free_ports

SHARED = ("partners", "mappings", "schemas")


class Second(Instance):
    """The other node. Its folder holds nothing but a config and what it shares with the first."""

    def __init__(self, first: "Pair", folder: Path, gateway: str) -> None:
        super().__init__(folder, gateway)
        self._log_name = "second.log"
        self._first = first
        self.root = folder / "second"
        ports = free_ports(2)
        self.partners_url, self.console_url = (f"http://127.0.0.1:{port}" for port in ports)
        self._listen = ports

    def share(self) -> None:
        """Take over the first node's folder, with ports of its own."""
        one, two = self._first.root, self.root
        (two / "var").mkdir(parents=True)
        for name in (*(each for each in SHARED if (one / each).exists()), "var/keys", "var/blobs", "var/clock.json"):
            if name == "var/blobs":
                (one / name).mkdir(exist_ok=True)
            if name != "var/clock.json":
                (two / name).symlink_to(one / name)
        text = (one / "config.yaml").read_text()
        for mine, theirs in zip(self._first.listening, (*self._listen, free_ports(1)[0]), strict=True):
            text = re.sub(rf"\b{mine}\b", str(theirs), text)
        (two / "config.yaml").write_text(text.replace("file: var/clock.json", f"file: {one / 'var' / 'clock.json'}"))


class Pair(Instance):
    """Both nodes as one instance: senders take turns, and each death takes one of them, every third one both."""

    def __init__(self, folder: Path, gateway: str, database: str, settings: str = "", contrl_within_h: int = 0) -> None:
        super().__init__(folder, gateway, f'{settings}database: {{url: "{database}"}}\n', contrl_within_h)
        self.second = Second(self, folder, gateway)
        self._deaths = 0

    @property
    def listening(self) -> list[str]:
        """Return the ports in the config, in the order in which they stand there."""
        return re.findall(r"port: (\d+)", (self.root / "config.yaml").read_text())

    @property
    def doors(self) -> tuple[str, ...]:
        return (self.partners_url, self.second.partners_url)

    def start(self) -> None:
        if not self.second.root.exists():
            self.second.share()
        super().start()
        self.second.wrapped = self.wrapped
        self.second.start()

    def kill(self) -> None:
        """kill -9 of one node in turn, or of both; and a new start."""
        self._deaths += 1
        self.second.wrapped = self.wrapped
        victims: list[Instance] = [(self, self.second)[self._deaths % 2]] if self._deaths % 3 else [self, self.second]
        for each in victims:
            os.killpg(each.group, signal.SIGKILL)
        for each in victims:
            each.wait()
        for each in victims:
            Instance.start(each)

    def processes(self) -> list[int]:
        return [*super().processes(), *self.second.processes()]

    def stop(self) -> None:
        super().stop()
        self.second.stop()
