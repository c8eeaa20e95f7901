"""The table of canonical documents: the names used in mappings, journal, API and schemas/canonical."""

from gateway.model.acknowledgement import Acknowledgement
from gateway.model.basket_order import BasketOrder
from gateway.model.calendar_info import CalendarInfo
from gateway.model.delivery_schedule import DeliverySchedule
from gateway.model.despatch_advice import DespatchAdvice, ReceivingAdvice
from gateway.model.forecast import Forecast
from gateway.model.invoice import Invoice
from gateway.model.invoice_decision import InvoiceDecision
from gateway.model.joint import AgreementAct, JointPlan, StockAgreement
from gateway.model.order import Order, OrderResponse
from gateway.model.order_change import OrderCancellation, OrderChange
from gateway.model.order_decision import OrderDecision
from gateway.model.party_info import PartyInfo
from gateway.model.price_catalogue import PriceCatalogue
from gateway.model.remittance_advice import RemittanceAdvice
from gateway.model.replenishment import PlanningRequest, PlanningWord, ProposalDecision, ReplenishmentProposal
from gateway.model.retail_event import RetailEvent
from gateway.model.return_notice import ReturnNotice
from gateway.model.sales_report import InventoryReport, SalesReport
from gateway.model.transport_status import TransportStatus

Document = (
    Order
    | OrderChange
    | OrderCancellation
    | OrderResponse
    | DespatchAdvice
    | ReceivingAdvice
    | SalesReport
    | InventoryReport
    | Forecast
    | DeliverySchedule
    | Invoice
    | RemittanceAdvice
    | ReturnNotice
    | TransportStatus
    | PriceCatalogue
    | PartyInfo
    | CalendarInfo
    | Acknowledgement
    | ReplenishmentProposal
    | PlanningRequest
    | PlanningWord
    | ProposalDecision
    | OrderDecision
    | InvoiceDecision
    | BasketOrder
    | RetailEvent
    | StockAgreement
    | JointPlan
    | AgreementAct
)

DOCUMENTS: dict[str, type[Document]] = {
    kind.__name__: kind
    for kind in (
        Order,
        OrderChange,
        OrderCancellation,
        OrderResponse,
        DespatchAdvice,
        ReceivingAdvice,
        SalesReport,
        InventoryReport,
        Forecast,
        DeliverySchedule,
        Invoice,
        RemittanceAdvice,
        ReturnNotice,
        TransportStatus,
        PriceCatalogue,
        PartyInfo,
        CalendarInfo,
        Acknowledgement,
        ReplenishmentProposal,
        PlanningRequest,
        PlanningWord,
        ProposalDecision,
        OrderDecision,
        InvoiceDecision,
        BasketOrder,
        RetailEvent,
        StockAgreement,
        JointPlan,
        AgreementAct,
    )
}
