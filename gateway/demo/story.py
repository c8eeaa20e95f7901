"""What the scene says to the person in front of it."""

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from gateway.demo.settings import PartnerSettings
from gateway.demo.world import Progress

STOPPING = "\nStopping the partners, then the gateway."
LIVE = "\nTrading in real time now: a message every few seconds. Ctrl-C stops everything; starting again continues.\n"
WHO = {
    "nordmarkt": "retailer, EANCOM D.96A over AS2",
    "stadtkette": "shop chain, UBL 2.1 over HTTP",
    "quellhof": "supplier, EANCOM D.96A over AS2",
    "warehouse": "our own warehouse, JSON over HTTP",
    "guest": "for documents of your own: gateway demo send FILE --as guest",
}


def first_start(days: int) -> str:
    return f"First start: making keys for everybody, then {days} days of trade are loaded through the pipeline."


def opening(link: str, progress: Progress, partners: Sequence[PartnerSettings]) -> str:
    """Return the lines that greet the person: who takes part, where to look, what to do."""
    lines = ["", "Taking part, each a process of its own with its own keys:"]
    lines += [f"  {each.name:<11} 127.0.0.1:{each.port}  {WHO.get(each.name, '')}" for each in partners]
    lines += ["", "Console (this link signs you in once, within the hour):", f"  {link}", ""]
    if not progress.live:
        lines += [
            "What to look at while the history comes in:",
            "  Messages   orders, sales and stock reports going through; open one to see what it caused",
            "  Accounts   how nordmarkt and stadtkette order, and what they sell",
            "  Proposals  what the planner wants to buy, with the figures behind each quantity",
            "Left for you when it is in: two broken orders from nordmarkt (an item we do not know, a date that",
            "does not exist) to mend and replay, and a proposal above the limit to approve.",
            "",
        ]
    return "\n".join(lines)


def started_again(name: str, code: int) -> str:
    reason = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
    return f"{name} {reason}; starting it again. Nothing is lost: the partners keep what is not yet acknowledged."


def killed(name: str) -> str:
    return f"{name} did not end in time and was killed."


def slow_day(day: date) -> str:
    return f"{day}: something waits for a retry; moving the clock on."


def approved(proposal: str) -> str:
    return f"The planner has approved proposal {proposal}; newer ones are left for you."


def sent(at: datetime, name: str, entry: Mapping[str, Any]) -> str:
    """Return one line about a document that a partner has sent."""
    how = "MDN" if entry["line"] == "as2" else "202"
    proof = how if entry["state"] == "acked" else "REFUSED" if entry["state"] == "refused" else "waiting"
    return f"{at:%H:%M:%S}  {name:<11} {entry['kind']:<15} {entry['number']:<22} {proof}"


class ProgressBar:
    """A bar that redraws itself on a terminal, a line every ten days otherwise."""

    WIDTH = 40

    def __init__(self, total: int, say: Callable[[str], None], *, on_terminal: bool) -> None:
        self._total = total
        self._say = say
        self._on_terminal = on_terminal

    def step(self, done: int, day: date) -> None:
        if self._on_terminal:
            filled = self.WIDTH * done // self._total
            bar = "#" * filled + "." * (self.WIDTH - filled)
            end = "\n" if done == self._total else ""
            sys.stdout.write(f"\rHistory [{bar}] {done}/{self._total} days, {day}{end}")
            sys.stdout.flush()
        elif done % 10 == 0 or done == self._total:
            self._say(f"History: {done} of {self._total} days, {day}")
