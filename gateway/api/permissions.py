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
    )
)
_RAW = frozenset(("messages.raw",))  # bytes as sent: prices, names, everything
_OPERATE = frozenset(("messages.replay", "parcels.resend", "work.read"))
_PLAN = frozenset(("proposals.decide", "plan.run"))

ROLES: Mapping[str, frozenset[str]] = {
    "admin": _READ | _RAW | _OPERATE | _PLAN,
    "operator": _READ | _RAW | _OPERATE,
    "planner": (_READ - {"cases.read"}) | _PLAN,
    "account-manager": _READ - {"proposals.read"},
    "auditor": _READ | _RAW,
    "partner": frozenset(),  # a partner has the portal, never the console
}
PERMISSIONS = frozenset().union(*ROLES.values())


def may(role: str, permission: str) -> bool:
    """Unknown roles may do nothing; an unknown permission is a mistake of ours."""
    assert permission in PERMISSIONS, permission
    return permission in ROLES.get(role, frozenset())
