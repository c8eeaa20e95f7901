"""The menu: groups of pages in the order a person meets them. A page that a role may not read is not shown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the menu. also: address prefixes of pages that belong to it."""

    address: str
    label: str
    permission: str
    also: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Tell whether the page at path is this one or below it."""
        if self.address == "/":
            return path == "/"
        return any(path == each or path.startswith(f"{each}/") for each in (self.address, *self.also))


GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "nav.operate",
        (
            Entry("/", "nav.overview", "overview.read"),
            Entry("/my-day", "nav.my-day", "accounts.read"),
            Entry("/messages", "nav.messages", "messages.read", ("/parcels", "/arrivals")),
            Entry("/problems", "nav.problems", "problems.read", ("/replays",)),
            Entry("/queues", "nav.queues", "queues.read"),
            Entry("/alerts", "nav.alerts", "alerts.read"),
        ),
    ),
    (
        "nav.plan",
        (
            Entry("/plan", "nav.plan-work", "proposals.read"),
            Entry("/proposals", "nav.proposals", "proposals.read"),
            Entry("/promotions", "nav.promotions", "proposals.read"),
            Entry("/joint", "nav.joint", "proposals.read"),
            Entry("/schedules", "nav.schedules", "proposals.read"),
            Entry("/accuracy", "nav.accuracy", "proposals.read"),
            Entry("/backtests", "nav.backtests", "proposals.read"),
            Entry("/scorecards", "nav.scorecards", "accounts.read"),
            Entry("/stock", "nav.stock", "stock.read", ("/shipments",)),
            Entry("/catalogue", "nav.catalogue", "catalogue.read", ("/basket",)),
        ),
    ),
    (
        "nav.trade",
        (
            Entry("/orders", "nav.orders", "orders.read", ("/chain",)),
            Entry("/invoices", "nav.invoices", "invoices.read"),
            Entry("/returns", "nav.returns", "returns.read"),
            Entry("/expected", "nav.expected", "expected.read"),
            Entry("/accounts", "nav.accounts", "accounts.read", ("/portfolio",)),
            Entry("/matrices", "nav.matrices", "accounts.read"),
            Entry("/selling", "nav.selling", "accounts.read"),
            Entry("/reports", "nav.reports", "accounts.read"),
            Entry("/cases", "nav.cases", "cases.read", ("/rules",)),
            Entry("/candidates", "nav.candidates", "accounts.decide"),
            Entry("/contacts", "nav.contacts", "contacts.read"),
        ),
    ),
    (
        "nav.set-up",
        (
            Entry("/partners", "nav.partners", "partners.read"),
            Entry("/mappings", "nav.mappings", "mappings.read"),
            Entry("/items", "nav.items", "catalogue.read"),
            Entry("/terms", "nav.terms", "terms.read"),
            Entry("/imports", "nav.imports", "imports.read"),
            Entry("/connectors", "nav.connectors", "keys.read"),
            Entry("/users", "nav.users", "users.read"),
            Entry("/sessions", "nav.sessions", "users.read"),
            Entry("/keys", "nav.keys", "keys.read", ("/reference",)),
            Entry("/privacy", "nav.privacy", "privacy.read"),
            Entry("/words", "nav.words", "accounts.decide"),
            Entry("/audit", "nav.audit", "audit.read"),
            Entry("/help", "nav.help", "overview.read"),
        ),
    ),
)
