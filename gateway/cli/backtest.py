"""plan backtest: what planning by forecast is worth on a history, against the usual ways."""

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_json, print_rows
from gateway.model.faults import OurFault
from gateway.model.values import gtin14
from gateway.store.view_backtests import Backtest


@click.command("backtest")
@click.option("--agreement", help="Of planning.yaml; without it that of the first --place, or the only one there is.")
@click.option("--place", "places", multiple=True, help="GLN of a place whose sales are replayed; all of the agreement.")
@click.option("--item", "items", multiple=True, help="GTIN; all of them without it.")
@click.option("--class", "item_class", type=click.Choice(("A", "B", "C")), help="Items of this value class alone.")
@click.option(
    "--fill", type=click.FloatRange(0.5, 0.999), default=0.98, show_default=True, help="Share of units served."
)
@click.option("--lead", type=click.IntRange(0, 30), help="Days from order to arrival; as the calendar has it.")
@click.option("--review", type=click.IntRange(1, 28), help="Days from one order to the next; as the calendar has it.")
@click.option("--tuning", type=click.IntRange(56, 730), default=120, show_default=True, help="Days to tune on.")
@click.option("--test", "tested", type=click.IntRange(28, 730), default=120, show_default=True, help="Days to measure.")
@json_option
@invocation
def backtest(
    call: Invocation,
    *,
    agreement: str | None,
    places: tuple[str, ...],
    items: tuple[str, ...],
    item_class: str | None,
    fill: float,
    lead: int | None,
    review: int | None,
    tuning: int,
    tested: int,
    as_json: bool,
) -> None:
    """Replay sales: stock days at equal fill rate for ours, min/max, textbook and an oracle; the result is kept.

    Nothing is tuned on the days that are measured. Needs a history before the days to tune on of eight weeks at least.
    Raises OurFault plan.agreement-unknown, plan.backtest-nothing, plan.history-short.
    """
    from gateway.app.plan_backtests import PlanBacktests
    from gateway.domain.replenishment.trial_terms import TrialTerms

    with call.instance() as instance:
        planned = instance.book.own.planning
        if agreement is None and planned is not None:
            named = planned.of_place(places[0]) if places else None
            only = planned.agreements[0] if len(planned.agreements) == 1 and not places else named
            agreement = only.id if only is not None else None
        if agreement is None:
            known = ", ".join(each.id for each in planned.agreements) if planned is not None else "none yet"
            raise click.UsageError(
                f"Say whose places: --agreement, or --place of one of partners/self/planning.yaml ({known})."
            )
        terms = TrialTerms(
            agreement=agreement,
            places=places,
            items=tuple(map(gtin14, items)),
            item_class=item_class,
            fill=fill,
            lead=lead,
            review=review,
            tuning=tuning,
            test=tested,
        )
        found = PlanBacktests(instance=instance, own_process=False).run(terms, user_name())
    if found.fault is not None:
        params = {name: value for name, value in found.fault["params"].items() if name not in ("code", "value")}
        raise OurFault(found.fault["code"], value=found.fault["value"], **params)
    if as_json:
        print_json(found)
        return
    print_rows(_rows(found), as_json=False)


def _rows(found: Backtest) -> list[dict[str, object]]:
    return [
        {
            "way": each.way,
            "stock days at equal fill": each.equal_fill_days,
            "stock days": each.stock_days,
            "fill": each.fill,
            "lost": each.lost,
            "order lines a day": each.order_lines,
            "bullwhip": each.bullwhip,
        }
        for each in found.ways
    ]
