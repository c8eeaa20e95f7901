"""Who may do what, on what: role -> permissions and field groups. Read by the API, the pages and the menu.

Three things narrow a role: the partners that a person sees, the groups of fields that are shown, and the scopes of an
API key. A person who does not see all partners has only permissions of PARTNER_WISE.
"""

from collections.abc import Mapping

from gateway.store.sight import FIELD_GROUPS

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
        "problems.read",
        "queues.read",
    )
)
_RAW = frozenset(("messages.raw",))  # bytes as sent: prices, names, everything
_OPERATE = frozenset(
    (
        "messages.replay",
        "parcels.resend",
        "work.read",
        "metrics.read",
        "problems.write",  # owner, note, snooze, resolve
        "work.pause",
        "alerts.read",
        "alerts.write",
        "items.write",
        "cases.write",
        "lookups.write",  # rows of the partners' lookup tables
    )
)
_PLAN = frozenset(("proposals.decide", "plan.run"))
_BUY = frozenset(("basket.use", "imports.write", "items.write"))  # choose from catalogues; our items, prices and stock
_SELL = frozenset(("orders.decide", "invoices.decide", "returns.decide", "cases.write", "rules.write"))
_SEND = frozenset(("documents.send",))  # hand documents in at the partners' port, with an API key
_LOOK_AT_ACCESS = frozenset(("users.read", "keys.read", "audit.read"))
_PEOPLE = frozenset(("contacts.read", "people.write"))  # persons, talks, plans, what is said of an account
_IDENTITY = frozenset(("accounts.decide",))  # who is who: candidates, merges, words of lists
_PRIVACY = frozenset(("privacy.read", "privacy.write"))  # copies for persons, erasure, terms, processors
_PARTNERS = frozenset(("partners.read",))  # how they do, and what is agreed with them
_ONBOARD = frozenset(("partners.write", "mappings.write"))  # partners made and changed, certificates, going live
_GOVERN = frozenset(("users.write", "keys.write"))  # who comes in, and what they may do

ROLES: Mapping[str, frozenset[str]] = {
    "admin": _PARTNERS
    | _ONBOARD
    | {"partners.test", "mappings.read"}
    | _READ
    | _RAW
    | _OPERATE
    | _PLAN
    | _BUY
    | _SELL
    | _SEND
    | _LOOK_AT_ACCESS
    | _GOVERN
    | _PEOPLE
    | _IDENTITY
    | _PRIVACY,
    "operator": _PARTNERS | {"partners.test", "mappings.read"} | _READ | _RAW | _OPERATE,
    "planner": _PARTNERS | (_READ - {"cases.read"}) | _PLAN | _BUY,
    "account-manager": _PARTNERS | (_READ - {"proposals.read"}) | _SELL | _PEOPLE | _IDENTITY,
    "auditor": _PARTNERS
    | {"mappings.read"}
    | _READ
    | _RAW
    | _LOOK_AT_ACCESS
    | {"alerts.read", "contacts.read", "privacy.read"},
    "partner": _RAW
    | _SEND
    | {"messages.read", "parcels.read", "orders.read", "invoices.read", "returns.read", "expected.read"},
}
PERMISSIONS = frozenset().union(*ROLES.values())

# What has a meaning for single partners: everything behind it reads through the views, and acts on a row that the
# person sees (see api.seen). A permission that is not here is refused to whoever does not see all partners.
PARTNER_WISE = frozenset(
    (
        "accounts.read",
        "cases.read",
        "cases.write",
        "contacts.read",
        "documents.send",
        "expected.read",
        "invoices.decide",
        "invoices.read",
        "messages.raw",
        "messages.read",
        "messages.replay",
        "orders.decide",
        "orders.read",
        "overview.read",
        "parcels.read",
        "parcels.resend",
        "people.write",
        "problems.read",
        "problems.write",
        "proposals.decide",
        "proposals.read",
        "queues.read",
        "returns.decide",
        "returns.read",
        "terms.read",
        "work.read",
    )
)
# Bytes as sent show every field: only for who may see all of them.
_NEEDS_EVERY_FIELD = _RAW

_NEEDS_PERSONS = frozenset(("contacts.read", "privacy.read", "privacy.write"))

# What a role shows when nothing else was said of the person.
ROLE_FIELDS: Mapping[str, frozenset[str]] = {
    "admin": frozenset(FIELD_GROUPS),
    "operator": frozenset(FIELD_GROUPS),
    "planner": frozenset(("prices",)),
    "account-manager": frozenset(("prices", "persons")),
    "auditor": frozenset(FIELD_GROUPS),
    "partner": frozenset(FIELD_GROUPS),
}


def fields_of(role: str, given: frozenset[str] | None) -> frozenset[str]:
    """Return the field groups that are shown: those given, else those of the role."""
    return ROLE_FIELDS.get(role, frozenset()) if given is None else given


def may(
    role: str,
    permission: str,
    *,
    all_partners: bool = True,
    fields: frozenset[str] | None = None,
    scopes: frozenset[str] | None = None,
) -> bool:
    """Unknown roles may do nothing; an unknown permission is a mistake of ours.

    all_partners: False for who sees some only. fields: shown, None for the role's. scopes: of an API key, None for all.
    """
    assert permission in PERMISSIONS, permission
    if permission not in ROLES.get(role, frozenset()) or (scopes is not None and permission not in scopes):
        return False
    if not all_partners and role != "partner" and permission not in PARTNER_WISE:
        return False
    if permission in _NEEDS_PERSONS and "persons" not in fields_of(role, fields):
        return False
    return permission not in _NEEDS_EVERY_FIELD or fields_of(role, fields) >= set(FIELD_GROUPS)
