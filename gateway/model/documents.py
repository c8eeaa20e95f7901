"""The table of canonical documents: the names used in mappings, journal, API and schemas/canonical."""

from gateway.model.acknowledgement import Acknowledgement
from gateway.model.despatch_advice import DespatchAdvice, ReceivingAdvice
from gateway.model.order import Order, OrderResponse
from gateway.model.replenishment import PlanningRequest, ProposalDecision, ReplenishmentProposal
from gateway.model.sales_report import InventoryReport, SalesReport

Document = (
    Order
    | OrderResponse
    | DespatchAdvice
    | ReceivingAdvice
    | SalesReport
    | InventoryReport
    | Acknowledgement
    | ReplenishmentProposal
    | PlanningRequest
    | ProposalDecision
)

DOCUMENTS: dict[str, type[Document]] = {
    kind.__name__: kind
    for kind in (
        Order,
        OrderResponse,
        DespatchAdvice,
        ReceivingAdvice,
        SalesReport,
        InventoryReport,
        Acknowledgement,
        ReplenishmentProposal,
        PlanningRequest,
        ProposalDecision,
    )
}
