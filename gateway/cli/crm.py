"""gateway crm: accounts with their measures, cases, rules; all of it follows from documents."""

import json
from pathlib import Path
from typing import Any, cast, get_args
from zoneinfo import ZoneInfo

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_fields, print_json, print_rows
from gateway.domain.crm.cases import TYPES, URGENCIES, EventKind
from gateway.domain.crm.events import kinds
from gateway.domain.crm.rules import OPERATORS, Rule
from gateway.domain.crm.standard_rules import PROBLEMS
from gateway.model.faults import OurFault
from gateway.store.view_crm_rows import SHOWN

RULE_BYTES = 100_000


@click.group()
def crm() -> None:
    """Customers and suppliers as their documents show them."""


@crm.command()
@json_option
@invocation
def accounts(call: Invocation, *, as_json: bool) -> None:
    """List the accounts with state, segment, money and health."""
    with call.instance() as instance:
        found = instance.views.account_records()
    if as_json:
        print_json(found)
        return
    rows: list[dict[str, object]] = [
        {
            "account": each.id,
            **{name: its.value or "?" if (its := each.measures.get(name)) else "" for name in SHOWN},
            "cases": each.open_cases,
        }
        for each in found
    ]
    print_rows(rows, as_json=False)


@crm.command()
@click.argument("account")
@click.option("--events", type=click.IntRange(0, 1000), default=15, show_default=True, help="Most events shown.")
@json_option
@invocation
def account(call: Invocation, account: str, *, events: int, as_json: bool) -> None:
    """Show an account: every measure with what it was made of, its cases, and what happened last."""
    with call.instance() as instance:
        record = instance.views.account_record(account)
        told = instance.views.account_events(account, limit=events) if events else ()
        cases = instance.views.crm_cases(account=account)
    if record is None and not told:
        raise OurFault("crm.account-unknown", value=account)
    if as_json:
        print_json({"account": account, "measures": record.measures if record else {}, "cases": cases, "events": told})
        return
    if record is not None:
        print_fields({name: f"{its.value or '?'}   {_explained(its.parts)}" for name, its in record.measures.items()})
    print_rows([_case_row(each) for each in cases], as_json=False)
    print_rows(
        [{"at": each.at, "event": each.kind, "subject": each.subject, "message": each.message or ""} for each in told],
        as_json=False,
    )


def _print(pairs: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(pairs)
    else:
        print_fields(pairs)


def _explained(parts: Any) -> str:
    return ", ".join(f"{name} {value}" for name, value in parts.items() if not isinstance(value, dict | list))


@crm.command()
@click.option("--account", metavar="ID", help="Only of this account.")
@click.option("--type", "case_type", type=click.Choice(TYPES), help="Only of this type.")
@click.option("--all", "everything", is_flag=True, help="Those that are over too.")
@json_option
@invocation
def cases(call: Invocation, *, account: str | None, case_type: str | None, everything: bool, as_json: bool) -> None:
    """List cases, the most urgent first and of these the oldest."""
    with call.instance() as instance:
        found = instance.views.crm_cases(account=account, case_type=case_type, open_only=not everything)
    if as_json:
        print_json(found)
        return
    print_rows([_case_row(each) for each in found], as_json=False)


def _case_row(case: Any) -> dict[str, object]:
    return {
        "urgency": case.urgency,
        "account": case.account,
        "rule": case.rule,
        "subject": case.subject,
        "times": case.times,
        "opened": case.opened_at,
        "case": case.id,
    }


@crm.command("case")
@click.argument("case")
@json_option
@invocation
def show_case(call: Invocation, case: str, *, as_json: bool) -> None:
    """Show a case: its course against what was promised, the documents, and what people did."""
    with call.instance() as instance:
        zone = ZoneInfo(instance.settings.zone)
        found = instance.views.crm_case(case, zone, instance.clock.now())
    if found is None:
        raise OurFault("crm.case-unknown", value=case)
    if as_json:
        print_json(found)
        return
    its = found.course
    print_fields(
        {
            **_case_row(found.case),
            "state": its.state,
            "owner": its.owner or found.case.owner,
            "answer": f"{its.answer_clock} {its.answer_due or ''}",
            "solution": f"{its.solve_clock} {its.solve_due or ''}",
            "cause": its.cause or "",
            "measure": its.measure or "",
        }
    )
    print_rows(
        [
            {"what": what, "at": each.at, "event": each.kind, "message": each.message or ""}
            for what, each in found.events
        ],
        as_json=False,
    )
    print_rows(
        [
            {"did": each.kind, "at": each.at, "who": each.actor, "what": ", ".join(each.values.values())}
            for each in found.acts
        ],
        as_json=False,
    )


@crm.command()
@click.argument("case")
@click.argument("step", type=click.Choice(sorted(set(get_args(EventKind)) - {"opened", "again"})))
@click.option("--owner", help="Who looks after it.")
@click.option("--urgency", type=click.Choice(URGENCIES))
@click.option("--cause", help="Why it happened.")
@click.option("--measure", help="What keeps it from happening again.")
@click.option("--note", help="What there is to say.")
@invocation
def act(call: Invocation, /, case: str, step: str, **values: str | None) -> None:
    """Do a step with a case: assigned, answered, waiting, resumed, urgency, solved, reopened, closed, noted."""
    from gateway.app.customer_record import CustomerRecord

    told = {name: value for name, value in values.items() if value}
    with call.instance() as instance:
        CustomerRecord(instance=instance).act(case, cast(EventKind, step), user_name(), told)


@crm.command()
@click.option("--words", is_flag=True, help="The words that rules may use.")
@json_option
@invocation
def rules(call: Invocation, *, words: bool, as_json: bool) -> None:
    """List the rules in force."""
    from gateway.store.crm_rules import rule_data

    if words:
        problems = [f"{what}:{code}" for code in PROBLEMS for what in ("problem", "over")]
        print_json(
            {"events": sorted({*kinds(), *problems}), "operators": OPERATORS, "types": TYPES, "urgencies": URGENCIES}
        )
        return
    with call.instance() as instance:
        found = instance.views.crm_rules()
    if as_json:
        print_json(
            [{"id": each.id, "version": each.version, "active": each.active, **rule_data(each)} for each in found]
        )
        return
    rows: list[dict[str, object]] = [
        {
            "rule": each.id,
            "version": each.version,
            "active": each.active,
            "opens on": " ".join(sorted(each.opens_on)),
            "closes on": " ".join(sorted(each.closes_on)),
            "type": each.case_type,
            "urgency": each.urgency,
        }
        for each in found
    ]
    print_rows(rows, as_json=False)


def _read(path: Path, name: str, *, active: bool) -> Rule:
    from gateway.store.crm_rules import rule_of

    if path.stat().st_size > RULE_BYTES:
        raise OurFault("crm.rule-wrong", value=str(path.stat().st_size), field="size")
    try:
        return rule_of(name, json.loads(path.read_text()), active=active)
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise OurFault("crm.rule-wrong", value=str(wrong)[:80], field=path.name) from wrong


@crm.command("try")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@json_option
@invocation
def try_rule(call: Invocation, name: str, file: Path | None, *, as_json: bool) -> None:
    """Tell what a rule would have done so far, from FILE (JSON) or as it is in force; nothing is changed."""
    with call.instance() as instance:
        if file is not None:
            rule = _read(file, name, active=True)
        else:
            known = {each.id: each for each in instance.views.crm_rules()}
            if name not in known:
                raise OurFault("crm.rule-unknown", value=name)
            rule = known[name]
        found = instance.views.try_rule(rule)
    shown = {
        "rule": found.rule,
        "events": found.events,
        "opened": found.opened,
        "repeated": found.repeated,
        "closed": found.closed,
        "stillOpen": found.still_open,
        "accounts": found.accounts,
    }
    if as_json:
        examples = [{"account": each.event.account, "subject": each.event.subject} for each in found.examples]
        print_json({**shown, "examples": examples})
        return
    print_fields(shown)
    print_rows(
        [
            {"at": each.event.at, "account": each.event.account, "subject": each.event.subject}
            for each in found.examples
        ],
        as_json=False,
    )


@crm.command("rule")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--off", is_flag=True, help="Keep it, but let it open nothing.")
@invocation
def save_rule(call: Invocation, name: str, file: Path, *, off: bool) -> None:
    """Bring a version of rule NAME into force from FILE (JSON); cases are made anew by it."""
    from gateway.app.customer_record import CustomerRecord

    with call.instance() as instance:
        version = CustomerRecord(instance=instance).save_rule(_read(file, name, active=not off), user_name())
    print_fields({"rule": name, "version": version})


@crm.command()
@json_option
@invocation
def rebuild(call: Invocation, *, as_json: bool) -> None:
    """Drop the record's projections and make them anew from the journal; what people did stays."""
    from gateway.app.customer_record import CustomerRecord

    with call.instance() as instance:
        found = CustomerRecord(instance=instance).rebuild(user_name())
    _print({"events": found.events, "accounts": len(found.accounts)}, as_json=as_json)


@crm.command()
@json_option
@invocation
def measure(call: Invocation, *, as_json: bool) -> None:
    """Hear what is due, notice silences and compute every measure now; a running gateway does so by itself."""
    from gateway.app.customer_record import CustomerRecord

    with call.instance() as instance:
        record = CustomerRecord(instance=instance)
        while record.hear().messages:
            pass
        noticed = record.notice()
        _print({"noticed": noticed.events, "measures": record.measure()}, as_json=as_json)
