"""What the scene says to the person in front of it."""

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from gateway.demo import cast
from gateway.demo.settings import PartnerSettings
from gateway.demo.world import Progress

STOPPING = "\nStopping the partners, then the gateway."
LIVE = "\nTrading in real time now: a message every few seconds. Ctrl-C stops everything; starting again continues.\n"
WHO = {
    "nordmarkt": "retailer, EANCOM D.96A over AS2",
    "stadtkette": "shop chain, UBL 2.1 over HTTP",
    "quellhof": "supplier as it should be, EANCOM D.96A over AS2",
    "warehouse": "our own warehouse, JSON over HTTP",
    "seegarten": "retailer, EANCOM D.01B over AS2; sends goods back and is credited",
    "krautwinkel": "retailer with odd habits, D.96A over AS2: counts wrongly, sends twice, reports late",
    "abendrot": "delicatessen, D.96A over HTTP; orders less and less, then falls silent",
    "halbscheffel": "mill, D.96A over HTTP; always short",
    "stillfracht": "importer, D.96A over HTTP; never sends a despatch advice",
    "guest": "for documents of your own: gateway demo send FILE --as guest",
}
HAPPENED = (  # day of the season, what happens, where to see it
    (cast.RANGE_ON, "new items, our price list, leaflets told to the planner", "Imports, Promotions"),
    (cast.WRONG_COUNT_ON, "krautwinkel counts wrongly: refused by CONTRL, parked; right on the next day", "Problems"),
    (cast.FALLS_SILENT_ON, "abendrot falls silent: no order, no Monday report any more", "Accounts, Expected"),
    (cast.PRICE_CHANGE_ON, "jasmine rice is dearer; seegarten orders at the old price once", "Orders"),
    (cast.RETURN_ON, "seegarten sends four pieces back, three arrive, a credit note follows", "Returns, Cases"),
    (cast.STOCK_COUNT_ON, "the stock count finds three pieces less than on record", "Stock"),
)
ALWAYS = (  # what goes on all the time, where to see it
    ("halbscheffel confirms less than was ordered and loads less than it advises", "Cases, Scorecards"),
    ("stillfracht delivers without a despatch advice", "Expected, Scorecards"),
    ("krautwinkel sends each order twice; it is carried out once", "Messages"),
    ("krautwinkel reports four days of sales in one morning", "Scorecards"),
)


def first_start(days: int) -> str:
    return f"First start: making keys for everybody, then {days} days of trade are loaded through the pipeline."


def opening(link: str, progress: Progress, partners: Sequence[PartnerSettings]) -> str:
    """Return the lines that greet the person: who takes part, where to look, what to do."""
    order = list(WHO)
    known = sorted((each for each in partners if each.name in WHO), key=lambda each: order.index(each.name))
    lines = ["", "Taking part, each with its own keys, behind its own door:"]
    lines += [f"  {each.name:<12} 127.0.0.1:{each.port}  {WHO[each.name]}" for each in known]
    lines += ["", "Console (this link signs you in once, within the hour):", f"  {link}", ""]
    if not progress.live:
        lines += [
            "What to look at while the history comes in:",
            "  Messages   orders, sales and stock reports going through; open one to see what it caused",
            "  Accounts   how nordmarkt and stadtkette order, and what they sell",
            "  Proposals  what the planner wants to buy, with the figures behind each quantity",
            "Left for you when it is in: two broken orders from nordmarkt (an item we do not know, a date that",
            "does not exist) to mend and replay, and a proposal above the limit to approve.",
        ]
    everybody = {each.name for each in partners} >= WHO.keys()  # not in a world of an earlier version: it has no season
    return "\n".join([*lines, *season(progress.season if everybody else None), ""])


def season(start: date | None) -> list[str]:
    """Return who does what in the last thirty days and where to see it; nothing where there is no season."""
    if start is None:
        return []
    days = [(number, f"{start + timedelta(days=number):%d %b}", what, where) for number, what, where in HAPPENED]
    change = cast.clock_change(start)
    if change:
        days.append(((change - start).days, f"{change:%d %b}", "the clocks change in Germany", "Messages"))
    lines = ["", "What happens in the last thirty days of the history, and the page that shows it:"]
    lines += [f"  {day}  {what} ({where})" for _, day, what, where in sorted(days)]
    return lines + [f"  always  {what} ({where})" for what, where in ALWAYS]


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
