"""The menu of the portal, and how the state of a document is said to whoever sent or gets it."""

from gateway.console.navigation import Entry
from gateway.store.view_rows import MessageLine
from gateway.texts import catalogue

MENU: tuple[Entry, ...] = (
    Entry("/", "portal-nav.start", "messages.read"),
    Entry("/documents", "portal-nav.documents", "messages.read"),
    Entry("/orders", "portal-nav.orders", "orders.read", ("/shipments",)),
    Entry("/lists", "portal-nav.lists", "documents.send", ("/sell-through",)),
    Entry("/agreed", "portal-nav.agreed", "messages.read"),
    Entry("/try", "portal-nav.try", "documents.send"),
    Entry("/scorecard", "portal-nav.scorecard", "messages.read"),
    Entry("/downloads", "portal-nav.downloads", "messages.read"),
    Entry("/help", "portal-nav.help", "messages.read"),
)
_STATES = {
    **dict.fromkeys(("received", "parsed", "retry"), "reading"),
    **dict.fromkeys(("applied", "done"), "taken"),
    **dict.fromkeys(("queued", "wrapped", "sending"), "coming"),
    "sent": "receipt-open",
    "acked": "there",
    "accepted": "there",
    "refused": "refused",
    "expired": "stuck",
}
_TONES = {"mistake": "bad", "refused": "bad", "taken": "good", "there": "good", "stuck": "wait", "ours": "wait"}


def plain_state(line: MessageLine) -> str:
    """Return the key of the words for how far a document is: reading, taken, mistake, ours, coming, there, ..."""
    if line.state == "retry" and line.direction == "out":
        return "coming"
    if line.state in ("parked", "quarantined", "held"):
        if line.direction == "out":
            return "stuck"
        theirs = line.fault is not None and catalogue.entry(line.fault.code).owner == "partner"
        return "mistake" if theirs else "ours"
    return _STATES.get(line.state, "ours")


def tone_of(state: str) -> str:
    return _TONES.get(state, "")
