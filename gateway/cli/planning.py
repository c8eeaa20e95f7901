"""plan, proposals: replenishment on demand, why each figure is what it is, and a person's word on it."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import click

from gateway.cli.backtest import backtest
from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_fields, print_json, print_rows
from gateway.cli.values import AMOUNT, DAY, LIST_LIMIT_BYTES, amount, text_of
from gateway.model.faults import OurFault
from gateway.model.replenishment import LineApproval, PlanValue
from gateway.model.values import gtin14
from gateway.texts.catalogue import entry

STATES = ("exception", "normal", "ordered", "frozen", "nothing")


@click.group()
def plan() -> None:
    """Replenishment."""


@plan.command("run")
@click.option("--supplier", help="Only this supplier (partner id).")
@json_option
@invocation
def run_plan(call: Invocation, *, supplier: str | None, as_json: bool) -> None:
    """Ask for a replenishment run now; a running server does it within a second."""
    with call.actions() as actions:
        arrival_id = actions.request_plan(user_name(), supplier)
    if as_json:
        print_json({"arrival": arrival_id})
    else:
        click.echo(f"asked for a run: {arrival_id}")


@plan.command("show")
@click.option("--status", type=click.Choice(STATES), help="Only these.")
@click.option("--partner", help="Only this supplier or customer (partner id).")
@click.option("--place", help="Only this place (GLN).")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="Most lines.")
@json_option
@invocation
def show_plan(
    call: Invocation, *, status: str | None, partner: str | None, place: str | None, limit: int, as_json: bool
) -> None:
    """List planned items and places: what waits for a person first, then what runs out first."""
    with call.instance() as instance:
        found = instance.views.plan_rows(status=status, partner=partner, place=place, limit=limit)
    if as_json:
        print_json(found)
        return
    print_rows(
        [
            {
                "item": each.gtin,
                "place": each.place,
                "partner": each.partner,
                "status": each.status,
                "order": each.quantity,
                "runs out": each.stockout_on or "",
                "why": ", ".join(code.removeprefix("plan.") for code in each.exceptions),
            }
            for each in found
        ],
        as_json=False,
    )


@plan.command("explain")
@click.argument("item")
@click.argument("place")
@click.option("--order", help="As it was known when this order was made.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="What if this parameter were another.")
@json_option
@invocation
def explain(
    call: Invocation, *, item: str, place: str, order: str | None, changes: tuple[str, ...], as_json: bool
) -> None:
    """Say where a quantity comes from: forecast, interval, target, position, rounding, each with its documents."""
    gtin = gtin14(item)
    with call.actions() as actions:
        if changes:
            why: Mapping[str, Any] = actions.planner.what_if(place, gtin, dict(_pair(each) for each in changes))
        elif order is not None:
            lines = actions.instance.views.planned_orders(place=place, gtin=gtin, order=order)
            if not lines:
                raise OurFault("plan.pair-unknown", value=f"{gtin} {place} {order}")
            why = lines[0].why
        else:
            found = actions.instance.views.plan_row(place, gtin)
            if found is None:
                raise OurFault("plan.pair-unknown", value=f"{gtin} {place}")
            why = found.why
    if as_json:
        print_json(why)
    else:
        _print_why(call, why)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"{text} is not NAME=VALUE")
    return name.strip(), value.strip()


def _print_why(call: Invocation, why: Mapping[str, Any]) -> None:
    interval, demand, target, position = why["interval"], why["demand"], why["target"], why["position"]
    print_fields(
        {
            "quantity": why["quantity"],
            "system": why["system_quantity"],
            "interval": f"{interval['first_day']} to {interval['next_arrives_on']} ({interval['days']} days)",
            "arrives": f"{interval['arrives_on']} when ordered on {interval['order_on']}",
            "expected demand": f"{demand['mean']:.2f}, deviation {demand['variance'] ** 0.5:.2f}",
            "distribution": demand["distribution"],
            "order up to": f"{target['order_up_to']:.2f} (safety {target['safety_stock']:.2f}, {target['limited_by']})",
            "position": position["position"],
            "on hand": f"{position['on_hand']}, counted {position['counted_at'] or 'never'}",
        }
    )
    for each in position["steps"]:
        click.echo(f"  {each['kind']:10} {each['units']:>10}  {each['on']}  {each['document']}")
    for each in position["supply"]:
        said = f"{each['source']} {each['number']}"
        click.echo(f"  {each['counts']:10} {each['units']:>10}  {each['expected_on'] or '?':10}  {said}")
    for each in why["rounding"]:
        click.echo(f"  {each['step']:10} {each['units']:>10g}  {each['reason']}")
    for line in _whole_order(why):
        click.echo(f"  {line}")
    for code in why["exceptions"]:
        found = entry(code)
        click.echo(f"  {code}: {found.zh if call.language == 'zh-CN' else found.en}")


def _whole_order(why: Mapping[str, Any]) -> Iterator[str]:
    """Return what only the whole order, or the whole run, has made of the line."""
    if said := why.get("load"):
        order = f"{said['before']:g} -> {said['after']:g} {said['measure']}"
        yield f"load       {said['line_before']} -> {why['quantity']}: whole order {order}"
    if said := why.get("shortage"):
        yield f"shortage   {said['wanted']} -> {said['given']}: {said['available']} there for {said['places']} places"
    if said := why.get("through_dock"):
        packs = f"{said['wanted_by_all']} for all, sold by the {said['pack']}"
        yield f"dock       {said['wanted']} -> {said['given']}: {packs}"
    if said := why.get("cross_dock"):
        yield f"for shops  {said['needed']} are neither here nor on their way, sold by the {said['pack']}"
        yield from (f"           {each['units']:>10}  {each['shop']}" for each in said["splits"])
    if said := why.get("supplier_plans"):
        levels = f"{said['minimum'] or '-'} to {said['maximum'] or '-'}"
        yield f"theirs     {said['position']} and {said['offered']} offered; agreed {levels}"


@plan.command("approve")
@click.argument("proposal_id", metavar="[PROPOSAL]", required=False)
@click.option(
    "--line", "lines", multiple=True, metavar="NUMBER[=QUANTITY]", help="Only this line, as another quantity."
)
@click.option("--note", default=None, help="Why the quantity is another.")
@click.option("--normal", is_flag=True, help="Every waiting line that has no exception, of all proposals.")
@invocation
def approve_plan(
    call: Invocation, *, proposal_id: str | None, lines: tuple[str, ...], note: str | None, normal: bool
) -> None:
    """Order what a proposal holds: all of it, or some lines."""
    if normal == (proposal_id is not None):
        raise click.UsageError("name a proposal, or --normal")
    said = [_line(each, note) for each in lines]
    with call.actions() as actions:
        if proposal_id is None:
            click.echo(f"{actions.planner.approve_normal(user_name())} lines approved")
            return
        actions.planner.approve_lines(proposal_id, said, user_name())
    click.echo(f"{proposal_id} approved")


def _line(text: str, note: str | None) -> LineApproval:
    number, equals, quantity = text.partition("=")
    return LineApproval(
        number=number.strip(), quantity=amount(quantity, f"--line {text}") if equals else None, note=note
    )


@plan.command("override")
@click.argument("item")
@click.argument("place")
@click.argument("quantity", type=AMOUNT)
@click.option("--what", type=click.Choice(["quantity", "forecast"]), default="quantity", show_default=True)
@click.option("--from", "first", type=DAY, required=True, help="First day.")
@click.option("--until", "last", type=DAY, required=True, help="Last day: then it expires.")
@click.option("--reason", required=True)
@invocation
def override(
    call: Invocation, *, item: str, place: str, quantity: Decimal, what: str, first: Any, last: Any, reason: str
) -> None:
    """Set the quantity of the next order (quantity), or the units a day of a forecast (forecast)."""
    days: tuple[date, date] = (first.date(), last.date())
    value = PlanValue(place=place, gtin=gtin14(item), quantity=quantity, first_day=days[0], last_day=days[1])
    with call.actions() as actions:
        click.echo(actions.planner.say("override", user_name(), [value], reason=reason, what=what))


@plan.command("order")
@click.argument("item")
@click.argument("place")
@click.argument("quantity", type=AMOUNT)
@click.option("--reason", required=True)
@invocation
def order_now(call: Invocation, *, item: str, place: str, quantity: Decimal, reason: str) -> None:
    """Order at once, whatever the plan says: from the supplier, or under VMI for the customer's place."""
    value = PlanValue(place=place, gtin=gtin14(item), quantity=quantity)
    with call.actions() as actions:
        click.echo(actions.planner.say("order", user_name(), [value], reason=reason))


@plan.command("cancel-order")
@click.argument("number")
@click.option("--reason", default="")
@invocation
def cancel_order(call: Invocation, *, number: str, reason: str) -> None:
    """Take back an order that planning has made and nobody has shipped: the other side gets its cancellation."""
    with call.actions() as actions:
        click.echo(actions.planner.say("cancel-order", user_name(), reason=reason, about=number))


@plan.command("freeze")
@click.argument("item")
@click.argument("place")
@click.option("--off", is_flag=True, help="Order it again.")
@click.option("--reason", default="")
@invocation
def freeze(call: Invocation, *, item: str, place: str, off: bool, reason: str) -> None:
    """Do not order an item at a place until it is unfrozen."""
    value = PlanValue(place=place, gtin=gtin14(item))
    with call.actions() as actions:
        click.echo(actions.planner.say("unfreeze" if off else "freeze", user_name(), [value], reason=reason))


@plan.command("parameters")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reason", default="")
@invocation
def parameters(call: Invocation, *, file: Path, reason: str) -> None:
    """Set parameters from a CSV: place, gtin, name, value, or a column for each parameter. "-" puts one back."""
    with call.actions() as actions:
        click.echo(actions.planner.load_parameters(text_of(file, LIST_LIMIT_BYTES), user_name(), reason))


@plan.command("undo")
@click.argument("word_id", metavar="WORD")
@invocation
def undo(call: Invocation, *, word_id: str) -> None:
    """Take back what a word (its id) has changed."""
    with call.actions() as actions:
        click.echo(actions.planner.say("undo", user_name(), about=word_id))


@plan.command("words")
@json_option
@invocation
def list_words(call: Invocation, *, as_json: bool) -> None:
    """List what people have changed, the newest first."""
    with call.instance() as instance:
        found = instance.views.plan_words()
    if as_json:
        print_json(found)
        return
    print_rows(
        [
            {
                "id": w.id,
                "kind": w.kind,
                "by": w.author,
                "count": w.count,
                "reason": w.reason,
                "undone": w.undone_by or "",
            }
            for w in found
        ],
        as_json=False,
    )


@plan.command("schedules")
@click.option("--partner", help="Its alone (partner id).")
@json_option
@invocation
def list_schedules(call: Invocation, *, partner: str | None, as_json: bool) -> None:
    """List delivery schedules: what customers call off, what suppliers have been told; --json: day by day."""
    with call.instance() as instance:
        found = instance.views.schedules(partner)
    if as_json:
        print_json(found)
        return
    print_rows(
        [
            {
                "partner": each.partner,
                "number": each.number,
                "direction": each.direction,
                "of": each.issued,
                "firm": each.firm_units,
                "planned": each.planned_units,
                "days changed": each.changes,
            }
            for each in found
        ],
        as_json=False,
    )


plan.add_command(backtest)


@click.group()
def proposals() -> None:
    """Replenishment proposals."""


@proposals.command("list")
@click.option("--status", type=click.Choice(["proposed", "approved", "rejected"]), help="Only these.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Most lines.")
@json_option
@invocation
def list_proposals(call: Invocation, *, status: str | None, limit: int, as_json: bool) -> None:
    """List proposals, the newest first."""
    with call.instance() as instance:
        found = instance.views.proposals(status, limit)
    if as_json:
        print_json(found)
        return
    rows: list[dict[str, object]] = [
        {
            "id": each.id,
            "supplier": each.supplier,
            "status": each.status,
            "value": each.value,
            "currency": each.currency,
            "made": each.created_at,
        }
        for each in found
    ]
    print_rows(rows, as_json=False)


@proposals.command("approve")
@click.argument("proposal_id", metavar="ID")
@invocation
def approve(call: Invocation, proposal_id: str) -> None:
    """Approve a proposal: the order goes to the supplier."""
    _decide(call, proposal_id, "approve")
    click.echo(f"{proposal_id} approved")


@proposals.command("reject")
@click.argument("proposal_id", metavar="ID")
@invocation
def reject(call: Invocation, proposal_id: str) -> None:
    """Reject a proposal: nothing is ordered."""
    _decide(call, proposal_id, "reject")
    click.echo(f"{proposal_id} rejected")


def _decide(call: Invocation, proposal_id: str, decision: Literal["approve", "reject"]) -> None:
    """Raises OurFault cli.not-found; plan.decided when somebody was faster."""
    with call.actions() as actions:
        if actions.instance.views.proposal(proposal_id) is None:
            raise OurFault("cli.not-found", value=proposal_id)
        actions.decide_proposal(proposal_id, decision, user_name())


@plan.command("accuracy")
@click.option("--agreement", help="Of planning.yaml; all of them without it.")
@click.option("--partner", help="Its alone (partner id).")
@click.option(
    "--by", type=click.Choice(("all", "class", "place", "item")), default="all", show_default=True, help="What to tell."
)
@click.option("--history", is_flag=True, help="Earlier runs too.")
@json_option
@invocation
def show_accuracy(
    call: Invocation, *, agreement: str | None, partner: str | None, by: str, history: bool, as_json: bool
) -> None:
    """Tell how good the forecasts were: WAPE, bias, value added and MASE, by days ahead."""
    with call.instance() as instance:
        found = instance.views.accuracy(agreement, partner)
    newest = {each.agreement: each for each in reversed(found)}
    runs = found if history else tuple(newest.values())
    if as_json:
        print_json(runs)
        return
    print_rows(
        [
            {
                "agreement": run.agreement,
                "through": run.through,
                by: row.key,
                "days ahead": row.ahead,
                "wape": row.wape,
                "bias": row.bias,
                "value added": row.value_added,
                "mase": row.mase,
                "units": row.units,
            }
            for run in runs
            for row in run.rows
            if row.by == by
        ],
        as_json=False,
    )
