"""What is asked after a rush beside the season's audit: nothing came twice, everything is finished, memory is flat."""

from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.journeys.month_auditor import Paper, kind_of, local, papers_of, said, segments
from tests.season.audit import audit
from tests.season.cast import EVERYBODY
from tests.season.rush import Rush
from tests.season.trouble import slope

RISE_MB_A_MINUTE = 3.0  # of all processes together
STUCK = ("retry", "refused", "parked", "quarantined", "held")


def audited(rush: Rush) -> dict[str, Any]:
    """Return {differences, ...figures}; differences is empty when nothing is lost, nothing twice and memory flat."""
    found = audit(rush.mailboxes, rush.instance, rush.house.shelf)
    told = found["differences"]
    told += twice(rush.mailboxes) + stuck(rush.instance)
    for post in rush.posts.values():
        told += [f"{post.player.id}: other bytes under {key}" for key in post.changed]
        told += [f"{post.player.id}: could not be opened or proved: {each}" for each in post.mistrusted]
    rise = slope(rush.trouble.memory)
    if rise is not None and rise > RISE_MB_A_MINUTE:
        told.append(f"memory rises by {rise:.1f} MB a minute")
    return found | figures(rush, rise)


def figures(rush: Rush, rise: float | None) -> dict[str, Any]:
    sent, came = (len(list(rush.mailboxes.glob(f"*/{box}/*.bin"))) for box in ("outbox", "inbox"))
    memory = [amount for _, amount in rush.trouble.memory] or [0.0]
    return {
        "trade_s": round(rush.seconds, 1),
        "sent": sent,
        "received": came,
        "documents_a_second": round((sent + came) / rush.seconds, 1),
        "orders_answered": sum(each.answers for each in rush.customers.values()),
        "kills": rush.trouble.kills,
        "trouble": rush.trouble.done,
        "repeats": sum(post.repeats for post in rush.posts.values()),
        "away_or_busy": sum(len(post.busy) for post in rush.posts.values()),
        "memory_mb": {"first": round(memory[0]), "last": round(memory[-1]), "highest": round(rush.trouble.highest)},
        "memory_rise_mb_a_minute": None if rise is None else round(rise, 2),
    }


def twice(mailboxes: Path) -> list[str]:
    """Return what a partner was sent more than once, repeats of one transmission aside."""
    found = []
    for player in EVERYBODY:
        came = Counter(
            name for paper in papers_of(mailboxes, player.id) if paper.box == "inbox" for name in names(paper)
        )
        found += [f"{player.id}: {name} came {times} times" for name, times in came.items() if times > 1]
    return found


def names(paper: Paper) -> list[str]:
    """Return by what a document is known: its kind with its own number, and the reference of its interchange."""
    if paper.syntax == "xml":
        root = ElementTree.fromstring(paper.text)
        return [f"{local(root)} {said(root, 'ID')}"]
    if paper.syntax == "json":
        return []  # our house is told anew of an order whose backorder is released; the audit counts units
    found = segments(paper.text)
    reference = next(each[5][0] for each in found if each[0][0] == "UNB")
    document = next((each for each in found if each[0][0] == "BGM"), None)
    kind = kind_of(found)
    if kind == "CONTRL" or document is None:
        return [f"interchange {reference}"]
    return [f"interchange {reference}", f"{kind} {document[2][0]}"]


def stuck(instance: Any) -> list[str]:
    """Return what the gateway could not send, and says so."""
    return [
        f"{each['partner']}: {each['documentType']} {each['state']}"
        for state in STUCK
        for each in instance.ask(f"/api/v1/messages?direction=out&state={state}&limit=200")["lines"]
    ]
