"""Which role may do what. Read by the API, the console's pages and the navigation."""

from collections.abc import Mapping

_READ = frozenset(
    (
        "overview.read",
        "messages.read",
        "parcels.read",
        "proposals.read",
        "stock.read",
        "accounts.read",
        "orders.read",
        "cases.read",
        "invoices.read",
        "returns.read",
        "expected.read",
        "catalogue.read",
        "imports.read",
        "terms.read",
    )
)
_RAW = frozenset(("messages.raw",))  # bytes as sent: prices, names, everything
_OPERATE = frozenset(("messages.replay", "parcels.resend", "work.read"))
_PLAN = frozenset(("proposals.decide", "plan.run"))
_BUY = frozenset(("basket.use", "imports.write"))  # choose from catalogues; load our items, prices and stock
_SELL = frozenset(("orders.decide", "invoices.decide", "returns.decide"))

ROLES: Mapping[str, frozenset[str]] = {
    "admin": _READ | _RAW | _OPERATE | _PLAN | _BUY | _SELL,
    "operator": _READ | _RAW | _OPERATE,
    "planner": (_READ - {"cases.read"}) | _PLAN | _BUY,
    "account-manager": (_READ - {"proposals.read"}) | _SELL,
    "auditor": _READ | _RAW,
    "partner": frozenset(),  # a partner has the portal, never the console
}
PERMISSIONS = frozenset().union(*ROLES.values())


def may(role: str, permission: str) -> bool:
    """Unknown roles may do nothing; an unknown permission is a mistake of ours."""
    assert permission in PERMISSIONS, permission
    return permission in ROLES.get(role, frozenset())
