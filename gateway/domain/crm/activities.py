"""The customer record: which activities an account can have, which figures they add, and what follows from the totals.

An account is a partner, customer or supplier. Figures only ever add up; a rate is computed from totals, never stored.
"""

from collections.abc import Mapping
from decimal import Decimal

from gateway.model.effects import ActivityAdded

# kind -> the figures it may carry
ACTIVITIES: Mapping[str, frozenset[str]] = {
    "order-received": frozenset({"orders", "order_lines", "units_ordered", "order_value"}),
    "order-answered": frozenset({"responses", "units_confirmed", "units_backordered", "units_rejected"}),
    "order-changed": frozenset(
        {
            "changes",
            "responses",
            "units_ordered",
            "order_value",
            "units_confirmed",
            "units_backordered",
            "units_rejected",
        }
    ),
    "order-cancelled": frozenset({"cancellations", "units_cancelled"}),
    "backorder-served": frozenset({"units_confirmed", "units_backordered"}),
    "shipped": frozenset({"shipments", "shipment_lines", "units_shipped", "shipments_late"}),
    "shipment-received": frozenset({"receipts", "units_received", "units_short"}),
    "sales-reported": frozenset({"sales_reports", "units_sold", "units_returned"}),
    "stock-reported": frozenset({"stock_reports"}),
    "purchase-ordered": frozenset({"purchase_orders", "purchase_lines", "units_purchased", "purchase_value"}),
    "purchase-answered": frozenset({"purchase_responses", "units_purchase_refused"}),
    "supplier-shipped": frozenset({"supplier_shipments", "units_supplier_shipped", "supplier_shipments_late"}),
    "supplier-received": frozenset({"supplier_receipts", "units_supplier_received", "units_supplier_short"}),
    "invoiced": frozenset({"invoices", "invoice_value"}),
    "credited": frozenset({"credit_notes", "credit_value"}),
    "billed": frozenset(
        {"supplier_invoices", "supplier_invoice_value", "supplier_credit_notes", "supplier_credit_value"}
    ),
    "bill-refused": frozenset({"supplier_invoices", "supplier_invoice_value"}),
    "paid": frozenset({"payments", "paid_value"}),
    "supplier-paid": frozenset({"supplier_payments", "supplier_paid_value"}),
    "return-announced": frozenset({"returns", "units_announced"}),
    "returned": frozenset({"units_taken_back"}),
    "proposal-rejected": frozenset({"proposals_rejected"}),
}


def activity(key: str, account: str, kind: str, reference: str, **figures: Decimal | int) -> ActivityAdded:
    """Return one line of the account's timeline. Raises ValueError for a kind or figure outside the table: a bug."""
    unknown = figures.keys() - ACTIVITIES.get(kind, frozenset())
    if kind not in ACTIVITIES or unknown:
        raise ValueError(f"activity {kind} with {sorted(unknown)} is not in the table")
    return ActivityAdded(
        key=key,
        account=account,
        kind=kind,
        reference=reference,
        figures={name: Decimal(value) for name, value in figures.items()},
    )


def ratio(figures: Mapping[str, Decimal], part: str, whole: str) -> Decimal | None:
    """Return part / whole as a number between 0 and 1 (or more), None when there is not enough data."""
    total = figures.get(whole, Decimal(0))
    return figures.get(part, Decimal(0)) / total if total > 0 else None


def measures(figures: Mapping[str, Decimal]) -> dict[str, Decimal | None]:
    """Return the measures of an account from its totals; None is "not enough data", never zero.

    confirmed_rate     units confirmed / units ordered: the fill rate that we promised (a backorder served counts)
    shipped_rate       units shipped / units ordered: the fill rate that we kept so far
    lines_per_order    lines / orders
    value_per_order    in the currency of our price list
    late_rate          our shipments after the promised day / shipments
    return_rate        units returned / units sold, as the partner's shops report
    supplier_rate      units received / units we ordered from a supplier
    """
    return {
        "confirmed_rate": ratio(figures, "units_confirmed", "units_ordered"),
        "shipped_rate": ratio(figures, "units_shipped", "units_ordered"),
        "lines_per_order": ratio(figures, "order_lines", "orders"),
        "value_per_order": ratio(figures, "order_value", "orders"),
        "late_rate": ratio(figures, "shipments_late", "shipments"),
        "return_rate": ratio(figures, "units_returned", "units_sold"),
        "supplier_rate": ratio(figures, "units_supplier_received", "units_purchased"),
    }
