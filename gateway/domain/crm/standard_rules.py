"""The rules that the gateway comes with: one case per problem that documents show, and per silence."""

from collections.abc import Mapping

from gateway.domain.crm.cases import TYPES, Urgency
from gateway.domain.crm.rules import Condition, Rule

# Problems that the deciders open and close themselves: code -> (type, urgency, owner)
PROBLEMS: Mapping[str, tuple[str, Urgency, str]] = {
    "ack.rejected": ("partner-health", "high", "operator"),
    "catalogue.price-up": ("master-data", "normal", "planner"),
    "despatch.more-than-ordered": ("delivery", "normal", "operator"),
    "despatch.sscc-reused": ("delivery", "high", "operator"),
    "invoice.differs": ("invoice", "high", "account-manager"),
    "order.cancel-too-late": ("order", "high", "account-manager"),
    "order.waits": ("order", "high", "account-manager"),
    "plan.approval-needed": ("replenishment", "normal", "planner"),
    "receiving.differs": ("delivery", "high", "account-manager"),
    "return.differs": ("return", "normal", "account-manager"),
    "return.waits": ("return", "normal", "account-manager"),
    "stock.below-allocated": ("replenishment", "critical", "planner"),
}


def _problem(code: str, told: tuple[str, Urgency, str]) -> Rule:
    case_type, urgency, owner = told
    return Rule(
        id=code,
        opens_on=frozenset({f"problem:{code}"}),
        closes_on=frozenset({f"over:{code}"}),
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
    _on("return-open", "return-announced", "return-credited return-refused", "return"),
    Rule(
        id="supplier-short",
        opens_on=frozenset({"supplier-received"}),
        conditions=(Condition(fact="units_supplier_short", operator="above", value="0"),),
        direction="supplier",
        case_type="delivery",
        by="month",
        owner="planner",
    ),
    Rule(
        id="delivery-late",
        opens_on=frozenset({"shipped"}),
        conditions=(Condition(fact="shipments_late", operator="above", value="0"),),
        direction="customer",
        case_type="delivery",
        by="month",
    ),
)
