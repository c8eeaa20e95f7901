"""No problem that a decider sees is lost to the record: each has a rule, and every event has its words."""

import ast
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.domain.crm.events import Caused, events_of, kinds
from gateway.domain.crm.rules import Judge, faults
from gateway.domain.crm.standard_rules import PROBLEMS, STANDARD
from gateway.domain.crm.troubles import Answer, Trouble, answer_event, trouble_events
from gateway.texts.labels import label

DOMAIN = Path(__file__).parents[3] / "gateway" / "domain"
CODE = re.compile(r"[a-z]+\.[a-z-]+")
CALLS = ("CaseOpened", "CaseClosed", "_case")
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def codes_of(tree: ast.Module) -> Iterator[str]:
    """Yield every code with which a case is opened or closed, constants and names for them."""
    named = names_of(tree.body)
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        known = {**named, **names_of(ast.walk(function))}
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in CALLS:
                for given in (*call.args, *(each.value for each in call.keywords if each.arg == "code")):
                    yield from known.get(given.id, ()) if isinstance(given, ast.Name) else ()
                    yield from texts(given) if isinstance(given, ast.Constant) else ()


def names_of(nodes: Iterable[ast.AST]) -> dict[str, set[str]]:
    """Return the codes that each name is given."""
    found: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            for name in (each for target in node.targets for each in ast.walk(target)):
                if isinstance(name, ast.Name):
                    found.setdefault(name.id, set()).update(texts(node.value))
    return found


def texts(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and CODE.fullmatch(each.value):
            yield each.value


def test_every_problem_that_a_decider_tells_of_opens_a_case() -> None:
    told = {code for path in DOMAIN.rglob("*.py") for code in codes_of(ast.parse(path.read_text()))}
    assert "payment.short" in told
    assert "order.supplier-late" in told
    assert told - PROBLEMS.keys() == set()


def test_every_event_and_rule_has_its_words_in_both_languages() -> None:
    known = kinds() | {f"{what}:{code}" for code in PROBLEMS for what in ("problem", "over")}
    assert [(rule.id, faults(rule, known)) for rule in STANDARD if faults(rule, known)] == []
    keys = [f"activity.{each}" for each in sorted(kinds())]
    keys += [f"rule.{each.id}" for each in STANDARD if "." not in each.id]
    missing = [(key, lang) for key in keys for lang in ("en", "zh-CN") if label(key, lang) == key]
    assert missing == []


def said(kind: str, hours: int, **data: object) -> Caused:
    return Caused(message=f"m{hours}", kind=kind, key=kind, data=data, at=NOW + hours * HOUR)


def settled(hours: int, status: str) -> Caused:
    return said("InvoiceSaved", hours, status=status, side="sale", partner="nord", number="INV-1", open="5")


def steps(*told: Caused) -> list[tuple[str, str]]:
    judge = Judge(rules=STANDARD)
    events = [event for each in told for event in events_of(each, {"nord": "customer", "mill": "supplier"})]
    return [(step.what, step.rule) for event in events for step in judge.judge(event)]


@pytest.mark.parametrize(
    ("code", "ends"),
    [("payment.short", "paid"), ("payment.short", "credited"), ("payment.adjusted", "credited"),
     ("payment.invoice-unknown", "open")],
)  # fmt: skip
def test_a_payment_that_differs_is_a_case_of_its_invoice_until_that_is_settled(code: str, ends: str) -> None:
    params = {"value": "INV-1: 5.00", "remittance": "PAY-1"}
    opened = said("CaseOpened", 1, account="nord", code=code, subject="PAY-1 INV-1", params=params)
    again = said("CaseOpened", 2, account="nord", code=code, subject="PAY-2 INV-1", params=params)
    assert steps(opened, again, settled(3, ends)) == [("open", code), ("again", code), ("close", code)]


def trouble(number: int, opened: int, closed: int | None, code: str = "edifact.code-unknown") -> Trouble:
    return Trouble(
        id=number, account="nord", code=code, opened_at=NOW + opened * HOUR,
        closed_at=None if closed is None else NOW + closed * HOUR,
    )  # fmt: skip


def judged(*troubles: Trouble) -> list[str]:
    judge = Judge(rules=STANDARD)
    events = sorted(trouble_events(troubles, "customer"), key=lambda each: (each.at, each.id))
    return [step.what for event in events for step in judge.judge(event)]


def test_the_same_fault_is_one_case_until_none_of_it_is_open() -> None:
    assert judged(trouble(1, 0, 5), trouble(2, 1, 2), trouble(3, 3, 4)) == ["open", "again", "again", "close"]
    assert judged(trouble(1, 0, 1), trouble(2, 3, 4)) == ["open", "close", "open", "close"]
    assert judged(trouble(1, 0, None), trouble(2, 1, 2)) == ["open", "again"]
    assert judged(trouble(1, 0, 1), trouble(2, 2, None)) == ["open", "close", "open"]


def test_two_kinds_of_fault_are_two_cases() -> None:
    assert judged(trouble(1, 0, 5), trouble(2, 1, 2, "keys.expires-soon")) == ["open", "open", "close", "close"]


@pytest.mark.parametrize(
    ("form", "question", "score", "told"),
    [("csat", "csat", 2, True), ("csat", "csat", 3, False), ("nps", "nps", 6, True), ("nps", "nps", 7, False),
     ("audit", "performance:on-time", 2, True), ("audit", "importance:on-time", 1, False)],
)  # fmt: skip
def test_an_answer_below_the_mark_asks_for_a_reply(form: str, question: str, score: int, told: bool) -> None:
    answer = Answer(
        id=1, account="nord", direction="customer", survey="s", form=form, question=question, score=score, at=NOW
    )
    assert (answer_event(answer) is not None) == told
