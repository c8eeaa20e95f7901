"""The rules that the gateway comes with: one case per problem that documents show, and per silence."""

from collections.abc import Mapping

from gateway.domain.crm.cases import TYPES, Urgency
from gateway.domain.crm.rules import Condition, Direction, Rule

# Problems that the deciders see, and most of which they see the end of: code -> (type, urgency, owner)
PROBLEMS: Mapping[str, tuple[str, Urgency, str]] = {
    "ack.rejected": ("partner-health", "high", "operator"),
    "catalogue.price-up": ("master-data", "normal", "planner"),
    "despatch.more-than-ordered": ("delivery", "normal", "operator"),
    "despatch.sscc-reused": ("delivery", "high", "operator"),
    "invoice.price-differs": ("invoice", "high", "account-manager"),
    "invoice.quantity-differs": ("invoice", "high", "account-manager"),
    "order.cancel-too-late": ("order", "high", "account-manager"),
    "order.supplier-late": ("delivery", "high", "planner"),
    "order.supplier-short": ("delivery", "high", "planner"),
    "order.waits": ("order", "high", "account-manager"),
    "payment.adjusted": ("complaint", "normal", "account-manager"),
    "payment.already-paid": ("payment", "normal", "account-manager"),
    "payment.invoice-unknown": ("payment", "normal", "account-manager"),
    "payment.short": ("payment", "high", "account-manager"),
    "payment.too-much": ("payment", "normal", "account-manager"),
    "plan.approval-needed": ("replenishment", "normal", "planner"),
    "receiving.differs": ("delivery", "high", "account-manager"),
    "return.differs": ("return", "normal", "account-manager"),
    "return.waits": ("return", "normal", "account-manager"),
    "schedule.cumulative-differs": ("delivery", "high", "planner"),
    "stock.below-allocated": ("replenishment", "critical", "planner"),
}
# What else ends a problem, where its decider does not see the end
_ENDS: Mapping[str, frozenset[str]] = {
    "order.supplier-late": frozenset({"purchase-answered"}),
    "payment.adjusted": frozenset({"invoice-credited"}),
    "payment.already-paid": frozenset({"invoice-credited"}),
    "payment.invoice-unknown": frozenset({"invoice-open", "invoice-paid"}),
    "payment.short": frozenset({"invoice-paid", "invoice-credited"}),
}


def _problem(code: str, told: tuple[str, Urgency, str]) -> Rule:
    case_type, urgency, owner = told
    return Rule(
        id=code,
        opens_on=frozenset({f"problem:{code}"}),
        closes_on=frozenset({f"over:{code}"}) | _ENDS.get(code, frozenset()),
        case_type=case_type,
        urgency=urgency,
        owner=owner,
    )


def _on(name: str, opens: str, closes: str, case_type: str, urgency: Urgency = "normal", **more: str) -> Rule:
    by = "account" if more.get("by") == "account" else "subject"
    return Rule(
        id=name,
        opens_on=frozenset({opens}),
        closes_on=frozenset(closes.split()),
        case_type=case_type,
        urgency=urgency,
        by="account" if by == "account" else "subject",
        owner=more.get("owner", "account-manager"),
    )


def _counted(name: str, opens_on: str, fact: str, direction: Direction, owner: str = "account-manager") -> Rule:
    """Return a rule about deliveries: any of what the fact counts, once a month."""
    return Rule(
        id=name,
        opens_on=frozenset({opens_on}),
        conditions=(Condition(fact=fact, operator="above", value="0"),),
        direction=direction,
        case_type="delivery",
        by="month",
        owner=owner,
    )


def request_rule(case_type: str) -> str:
    """Return the name of the rule by which a person opens a case of a type."""
    return f"request-{case_type}"


STANDARD: tuple[Rule, ...] = (
    *(_problem(code, told) for code, told in PROBLEMS.items()),
    *(Rule(id=request_rule(each), opens_on=frozenset({f"request:{each}"}), case_type=each) for each in TYPES),
    _on("customer-overdue", "customer-silent", "order-received", "silence", "high", by="account"),
    _on("customer-late", "customer-silent-notice", "order-received", "silence", "low", by="account"),
    _on("invoice-overdue", "invoice-overdue", "invoice-settled", "payment"),
    _on("invoice-disputed", "invoice-disputed", "invoice-matched invoice-paid invoice-credited", "invoice", "high"),
    _on("document-overdue", "document-overdue", "document-came", "silence", "high", owner="operator"),
    _on("partner-health", "trouble", "trouble-over", "partner-health", "high", owner="operator"),
    _on("answer-low", "answer-low", "", "complaint", "high"),
    _on("return-open", "return-announced", "return-credited return-refused", "return"),
    _counted("supplier-short", "supplier-received", "units_supplier_short", "supplier", owner="planner"),
    _counted("supplier-late", "supplier-shipped", "supplier_shipments_late", "supplier", owner="planner"),
    _counted("delivery-late", "shipped", "shipments_late", "customer"),
)
