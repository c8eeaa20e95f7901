"""gateway invoices: what is asked for and paid, on both sides; and a person's word on what does not match."""

from typing import Literal

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_fields, print_json, print_rows
from gateway.model.faults import OurFault
from gateway.store.view_house_rows import InvoiceView

SIDES = click.Choice(["sale", "purchase"])


@click.group()
def invoices() -> None:
    """Invoices and credit notes: ours to customers, suppliers' to us."""


@invoices.command("list")
@click.option("--side", type=SIDES, help="sale: ours to customers; purchase: suppliers' to us.")
@click.option("--partner", metavar="ID", help="Only this partner.")
@click.option("--status", help="open, matched, disputed, refused, paid or credited.")
@click.option("--order", metavar="NUMBER", help="Only those of this order.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Most lines.")
@json_option
@invocation
def list_invoices(
    call: Invocation,
    *,
    side: str | None,
    partner: str | None,
    status: str | None,
    order: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List invoices, the latest change first. --status disputed is the work list."""
    with call.instance() as instance:
        found = instance.views.invoices(side, partner, status, order, limit)
    if as_json:
        print_json(found)
        return
    rows: list[dict[str, object]] = [
        {
            "number": each.number,
            "side": each.side,
            "partner": each.partner,
            "kind": each.kind,
            "status": each.status,
            "issued": each.issued_on,
            "due": each.due_on,
            "gross": each.gross,
            "open": each.open,
            "currency": each.currency,
            "order": each.order,
        }
        for each in found
    ]
    print_rows(rows, as_json=False)


@invoices.command("show")
@click.argument("number")
@click.option("--side", type=SIDES)
@click.option("--partner", metavar="ID", help="Whose invoice, where several use the number.")
@json_option
@invocation
def show_invoice(call: Invocation, number: str, *, side: str | None, partner: str | None, as_json: bool) -> None:
    """Show an invoice with its lines, payments and differences."""
    with call.instance() as instance:
        found = instance.views.invoice(number, side, partner)
    if not found:
        raise OurFault("cli.not-found", value=number)
    if as_json:
        print_json(found)
        return
    for each in found:
        _print(each)


def _print(each: InvoiceView) -> None:
    names = ("number", "side", "partner", "kind", "status", "issued_on", "due_on", "net", "tax", "gross", "open")
    print_fields(
        {name: getattr(each, name) for name in (*names, "currency", "order", "shipment", "credits", "message")}
    )
    for code, said in each.differences:
        click.echo(f"differs  {code}: {said}")
    print_rows(
        [
            {"line": line.number, "item": line.gtin, "quantity": line.quantity, "price": line.price}
            | {"amount": line.amount, "order": line.order, "order_line": line.order_line}
            for line in each.lines
        ],
        as_json=False,
    )
    if each.payments:
        print_rows(
            [
                {"remittance": paid.remittance, "paid_on": paid.paid_on, "paid": paid.paid}
                | {"adjustment": paid.adjustment, "reason": paid.reason}
                for paid in each.payments
            ],
            as_json=False,
        )


@invoices.command("payments")
@click.option("--side", type=SIDES, help="sale: customers paid us.")
@click.option("--partner", metavar="ID", help="Only this partner.")
@click.option("--remittance", metavar="NUMBER", help="Only this remittance advice.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Most lines.")
@json_option
@invocation
def list_payments(
    call: Invocation, *, side: str | None, partner: str | None, remittance: str | None, limit: int, as_json: bool
) -> None:
    """List which payment settled which invoice, the latest day first."""
    with call.instance() as instance:
        found = instance.views.payments(side, partner, remittance, limit)
    if as_json:
        print_json(found)
        return
    names = ("remittance", "side", "partner", "invoice", "paid", "adjustment", "reason", "currency", "paid_on")
    print_rows([{name: getattr(each, name) for name in names} for each in found], as_json=False)


@invoices.command("approve")
@click.argument("number")
@click.option("--partner", required=True, metavar="ID", help="Whose invoice.")
@click.option("--reason", help="For the audit.")
@json_option
@invocation
def approve(call: Invocation, number: str, *, partner: str, reason: str | None, as_json: bool) -> None:
    """Approve a supplier's invoice that does not match, or waits for goods: our house gets it for payment."""
    _decide(call, number, partner, "approve", reason, as_json=as_json)


@invoices.command("reject")
@click.argument("number")
@click.option("--partner", required=True, metavar="ID", help="Whose invoice.")
@click.option("--reason", help="For the audit.")
@json_option
@invocation
def reject(call: Invocation, number: str, *, partner: str, reason: str | None, as_json: bool) -> None:
    """Reject a supplier's invoice: it is not paid and bills nothing any more."""
    _decide(call, number, partner, "reject", reason, as_json=as_json)


def _decide(
    call: Invocation,
    number: str,
    partner: str,
    decision: Literal["approve", "reject"],
    reason: str | None,
    *,
    as_json: bool,
) -> None:
    with call.actions() as actions:
        arrival_id = actions.decide_invoice(partner, number, decision, user_name(), reason)
    if as_json:
        print_json({"arrival": arrival_id, "invoice": number, "decision": decision})
    else:
        click.echo(f"{number} {'approved' if decision == 'approve' else 'rejected'}: {arrival_id}")
