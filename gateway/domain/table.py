"""Which decider judges which document: the one entry to the domain."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.domain import (
    acknowledgements,
    basket,
    calendars,
    catalogue,
    despatch,
    forecasts,
    invoice_decisions,
    invoices,
    order_decisions,
    orders,
    payments,
    places,
    purchases,
    receiving,
    reports,
    returns,
    schedules,
)
from gateway.domain.chain import links
from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.domain.expectations import expectations
from gateway.domain.house_copies import for_the_house
from gateway.domain.replenishment import agreement_acts, approval, cpfr, crp, plan, promotions, words
from gateway.domain.replenishment.touched import touched
from gateway.domain.sizes import check_sizes
from gateway.model.acknowledgement import Acknowledgement
from gateway.model.basket_order import BasketOrder
from gateway.model.calendar_info import CalendarInfo
from gateway.model.delivery_schedule import DeliverySchedule
from gateway.model.despatch_advice import DespatchAdvice, ReceivingAdvice
from gateway.model.documents import Document
from gateway.model.faults import PartnerFault
from gateway.model.findings import Where
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
from gateway.model.replenishment import PlanningRequest, PlanningWord, ProposalDecision
from gateway.model.retail_event import RetailEvent
from gateway.model.return_notice import ReturnNotice
from gateway.model.sales_report import InventoryReport, SalesReport


@dataclass(frozen=True, slots=True)
class Decider:
    """needs is asked first; the snapshot it names is read in the transaction in which the decision is written."""

    needs: Callable[[Any, Context], Needs]
    decide: Callable[[Any, Context, Snapshot], Decision]


DECIDERS: Mapping[type[Document], Decider] = {
    Order: Decider(orders.needs, orders.decide),
    OrderChange: Decider(orders.change_needs, orders.decide_change),
    OrderCancellation: Decider(orders.cancellation_needs, orders.decide_cancellation),
    OrderDecision: Decider(order_decisions.needs, order_decisions.decide),
    Invoice: Decider(invoices.needs, invoices.decide),
    InvoiceDecision: Decider(invoice_decisions.needs, invoice_decisions.decide),
    BasketOrder: Decider(basket.needs, basket.decide),
    RemittanceAdvice: Decider(payments.needs, payments.decide),
    ReturnNotice: Decider(returns.needs, returns.decide),
    PriceCatalogue: Decider(catalogue.needs, catalogue.decide),
    PartyInfo: Decider(places.needs, places.decide),
    CalendarInfo: Decider(calendars.needs, calendars.decide),
    OrderResponse: Decider(purchases.needs, purchases.decide),
    DespatchAdvice: Decider(despatch.needs, despatch.decide),
    ReceivingAdvice: Decider(receiving.needs, receiving.decide),
    SalesReport: Decider(reports.sales_needs, reports.decide_sales),
    InventoryReport: Decider(reports.inventory_needs, reports.decide_inventory),
    Acknowledgement: Decider(acknowledgements.needs, acknowledgements.decide),
    Forecast: Decider(forecasts.needs, forecasts.decide),
    DeliverySchedule: Decider(schedules.needs, schedules.decide),
    PlanningRequest: Decider(plan.needs, plan.decide),
    ProposalDecision: Decider(approval.needs, approval.decide),
    PlanningWord: Decider(words.needs, words.decide),
    RetailEvent: Decider(promotions.needs, promotions.decide),
    StockAgreement: Decider(crp.needs, crp.decide),
    JointPlan: Decider(cpfr.needs, cpfr.decide),
    AgreementAct: Decider(agreement_acts.needs, agreement_acts.decide),
}


LONGEST_ID = 200  # characters; what our records and cases can carry


def _decider(document: Document) -> Decider:
    if len(document.id) > LONGEST_ID:
        raise PartnerFault("document.number-too-long", Where(path="id"), value=document.id[:80])
    found = DECIDERS.get(type(document))
    if found is None:
        raise PartnerFault("document.not-taken", Where(path=""), value=type(document).__name__)
    return found


def needs(document: Document, context: Context) -> Needs:
    """Return the records that deciding document takes. Raises PartnerFault document.*."""
    return _decider(document).needs(document, context)


def decide(document: Document, context: Context, snapshot: Snapshot) -> Decision:
    """Return what document causes, what is expected because of it, its place in the chain, and what our house
    hears of it.

    Raises the Faults of its decider, and PartnerFault document.*.
    """
    check_sizes(document)
    decision = _decider(document).decide(document, context, snapshot)
    more = (
        *expectations(document, context, decision),
        *links(document, context, decision),
        *touched(document, context, decision),
    )
    copies = for_the_house(document, context, decision)
    if not more and not copies:
        return decision
    return replace(decision, effects=(*decision.effects, *more), answers=(*decision.answers, *copies))
