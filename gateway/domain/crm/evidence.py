"""Which facts stand behind a number of an account, so that each leads to its documents."""

from collections.abc import Collection, Mapping

from gateway.domain.crm.activities import ACTIVITIES

_ORDERS = ("orders",)
_MONEY = ("invoice_value", "credit_value", "order_value")
# Number -> the facts of events that it is made of
FACTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("lifecycle", "stage", "silent-days", "recency", "frequency", "lifetime-value"), _ORDERS),
    **dict.fromkeys(("monetary", "segment", "value-class", "portfolio"), (*_ORDERS, *_MONEY)),
    "customer-value": (*_ORDERS, *_MONEY, "shipments", "shipments_late", "returns"),
    "confirmed_rate": ("units_confirmed", "units_ordered"),
    "confirmed-rate": ("units_confirmed", "units_ordered"),
    "shipped_rate": ("units_shipped", "units_ordered"),
    "shipped-rate": ("units_shipped", "units_ordered"),
    "lines_per_order": ("order_lines", "orders"),
    "value_per_order": ("order_value", "orders"),
    "late_rate": ("shipments_late", "shipments"),
    "late-rate": ("shipments_late", "shipments"),
    "return_rate": ("units_returned", "units_sold"),
    "return-rate": ("units_taken_back", "units_announced", "units_shipped"),
    "supplier_rate": ("units_supplier_received", "units_purchased"),
    "touchless-rate": ("orders", "responses"),
    "response-hours": ("orders", "responses", "purchase_orders", "purchase_responses"),
    "documents-in-time": ("purchase_orders", "purchase_responses", "supplier_shipments", "orders", "sales_reports"),
    "invoice-right-rate": ("invoices", "supplier_invoices", "payments", "supplier_payments"),
    "lead-days": ("orders", "shipments", "purchase_orders", "supplier_shipments"),
    "sell-through": ("units_sold", "stock_reports", "units_shipped"),
    "penetration": ("units_sold",),
    "price-index": ("invoice_value", "order_value"),
    "price-value": ("order_value", "units_ordered", "units_shipped", "shipments_late", "units_taken_back"),
    **dict.fromkeys(("loyalty", "loyalty-type"), _ORDERS),
}
INVOICES = frozenset(("receivable", "days-outstanding", "paid-in-time", "days-late"))  # rest on invoices
MESSAGES = frozenset(("health", "first-time-right"))  # rest on every message
ASKED = frozenset(("satisfaction", "recommendation", "perceived-value"))  # rest on answers to surveys

_KNOWN = frozenset().union(*ACTIVITIES.values())


def facts_behind(name: str, parts: Collection[str] = ()) -> tuple[str, ...]:
    """Return the facts of events behind a number: a figure is its own; else by FACTS, else what its parts name."""
    if name in _KNOWN:
        return (name,)
    return FACTS.get(name) or tuple(sorted(set(parts) & _KNOWN))


def kinds_with(facts: Collection[str]) -> tuple[str, ...]:
    """Return the kinds of event that may carry one of the facts."""
    return tuple(sorted(kind for kind, carried in ACTIVITIES.items() if carried & set(facts)))
