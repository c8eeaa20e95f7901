"""What goes wrong while everybody trades: deaths, a slow disk, a partner who is away, certificates that roll over."""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.season.cast import MODERN, REGULAR, Player
from tests.season.instance import Instance
from tests.season.post import Post

FSYNC_DELAY_S = 0.05
CALM_FROM = 0.6  # of the days: nothing is started anew any more, so that memory can be watched
SAMPLE_S = 2.0
WARM_S, LEAST_S = 180.0, 240.0


class Trouble:
    """Makes it, day by day, and watches memory. days: how long everything takes."""

    def __init__(self, instance: Instance, posts: dict[str, Post], days: int) -> None:
        self.instance, self.posts, self.days = instance, posts, days
        self.kills = {"gateway": 0, "worker": 0}
        self.done: list[str] = []
        self.memory: list[tuple[float, float]] = []  # of the life since the last start: seconds, MB
        self.highest = 0.0
        self._away: Post | None = None
        self._tomorrow: list[Callable[[], None]] = []
        self._slow = False
        self._next_sample = 0.0

    def day(self, number: int, chance: random.Random) -> None:
        """Do what is due on a day. The last days are calm."""
        share = number / self.days
        due, self._tomorrow = self._tomorrow, []
        for each in due:
            each()
        if self._away is not None:
            self._back()
        if number == int(0.1 * self.days):
            self._their_key(MODERN)
        if number == int(0.3 * self.days):
            self._leave(REGULAR)
        if number == int(0.5 * self.days):
            self._our_key()
        if share >= CALM_FROM:
            return
        slow = 0.2 <= share < 0.35
        if slow != self._slow:
            self._disk(slow)
        elif number % 3 == 1:
            self._kill_worker(chance)
        else:
            self._kill()

    def over(self) -> None:
        if self._away is not None:
            self._back()

    # --- deaths, the disk ---

    def _kill(self) -> None:
        self.instance.kill()
        self.kills["gateway"] += 1
        self.memory.clear()

    def _kill_worker(self, chance: random.Random) -> None:
        victim = chance.choice(self.instance.processes()[1:])
        os.kill(victim, signal.SIGKILL)
        self.kills["worker"] += 1

    def _disk(self, slow: bool) -> None:
        """Start anew, with each fsync slowed down or not."""
        strace = shutil.which("strace")
        assert strace, "strace is missing: bash tests/setup.sh soak installs it"
        inject = f"inject=fsync,fdatasync:delay_enter={int(FSYNC_DELAY_S * 1_000_000)}"
        slowed = (strace, "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", inject)
        self.instance.wrapped = slowed if slow else ()
        self._slow = slow
        self._kill()
        self.done.append("disk slow" if slow else "disk as before")

    # --- a partner who is away ---

    def _leave(self, player: Player) -> None:
        self._away = self.posts[player.id]
        self._away.away = True
        self.done.append(f"{player.id} away")

    def _back(self) -> None:
        assert self._away is not None
        self._away.away = False
        self._away = None
        self.done.append("back")

    # --- certificates ---

    def _their_key(self, player: Player) -> None:
        """The partner signs with its next key from the next day on; what was encrypted for the old one is still read."""
        certificate = self.instance.new_pair(f"{player.id}-next")
        start = (self.instance.now + timedelta(hours=6)).isoformat()
        words = ("--from", start, "--reason", "renewed")
        self.instance.run("partners", "add-certificate", player.id, str(certificate), *words)
        self._roll(self.posts[player.id].as2, "own_key", str(certificate.parent / f"{player.id}-next.pem"))
        self.done.append(f"{player.id} has a new key")

    def _roll(self, settings: dict[str, Any], name: str, new: str) -> None:
        """Let new count beside the setting's value today, and before it from tomorrow on."""
        old = settings[name]
        settings[f"{name}s_too"] = [new]
        self._tomorrow.append(lambda: settings.update({name: new, f"{name}s_too": [old]}))

    def _our_key(self) -> None:
        """We sign with a new key from the next day on; partners have its certificate before that."""
        own = self.instance.root / "partners" / "self" / "partner.yaml"
        new = self.instance.folder / "ours-next.pem"
        new.write_text(self.instance.run("keys", "create", "self-next"))
        for post in self.posts.values():
            if post.as2:
                self._roll(post.as2, "gateway_certificate", str(new))
        start = (self.instance.now + timedelta(hours=6)).isoformat()
        before = own.read_text()
        after = before.replace("key: self}", f'key: "self, self-next from {start}"}}')
        assert before != after, before
        own.write_text(after)
        self.instance.run("check")
        self.instance.run("apply")
        self.done.append("we have a new key")

    # --- memory ---

    def sample(self) -> None:
        """Note what the server and its workers take, each page counted once."""
        now = time.monotonic()
        if now < self._next_sample:
            return
        self._next_sample = now + SAMPLE_S
        total = 0.0
        for pid in self.instance.processes():
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:  # it has just ended
                continue
            total += int(text.partition("\nPss:")[2].split()[0]) / 1024
        self.memory.append((now, total))
        self.highest = max(self.highest, total)


def slope(samples: list[tuple[float, float]]) -> float | None:
    """Return the rise of the samples in MB a minute, by least squares, without the minutes in which workers start and
    caches fill; None when less than four minutes are left."""
    kept = [each for each in samples if each[0] >= samples[0][0] + WARM_S]
    if not kept or kept[-1][0] - kept[0][0] < LEAST_S:
        return None
    middle_x, middle_y = (sum(each[n] for each in kept) / len(kept) for n in (0, 1))
    top = sum((x - middle_x) * (y - middle_y) for x, y in kept)
    bottom = sum((x - middle_x) ** 2 for x, _ in kept)
    return top / bottom * 60
