"""What goes wrong on the way, and what people answer, as events of the record: one case for the same fault, however
often it comes, closed when nothing of it is open any more."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.domain.crm.rules import Direction, Event

TROUBLE, TROUBLE_OVER, ANSWER_LOW = "trouble", "trouble-over", "answer-low"
LOW = {"csat": 2, "nps": 6, "value": 2, "audit": 2}  # form -> the best score that still asks for a reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A fault of a partner's traffic that somebody has to look at. closed_at None: it is open. message: that shows it,
    where one does."""

    id: int
    account: str
    code: str
    opened_at: datetime
    closed_at: datetime | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One score that an account has given."""

    id: int
    account: str
    direction: Direction
    survey: str
    form: str
    question: str
    score: int
    at: datetime


def trouble_events(troubles: Iterable[Trouble], direction: Direction) -> list[Event]:
    """Return each fault of one account, and for each code the instants at which none of it was open any more."""
    by_code: dict[str, list[Trouble]] = defaultdict(list)
    for each in troubles:
        by_code[each.code].append(each)
    found: list[Event] = []
    for code, its in sorted(by_code.items()):
        its.sort(key=lambda each: (each.opened_at, each.id))
        for each in its:
            found.append(
                Event(
                    id=f"{TROUBLE}:{each.id}", kind=TROUBLE, at=each.opened_at, account=each.account,
                    direction=direction, subject=code, message=each.message,
                )
            )  # fmt: skip
        for over in _overs(its):
            name = f"{TROUBLE_OVER}:{its[0].account}:{code}:{over.isoformat()}"
            found.append(
                Event(
                    id=name, kind=TROUBLE_OVER, at=over, account=its[0].account, direction=direction, subject=code
                )
            )  # fmt: skip
    return found


def _overs(ordered: Iterable[Trouble]) -> Iterable[datetime]:
    """Yield the ends of the stretches in which at least one was open; the last stretch may have none."""
    until: datetime | None = None
    endless = False
    for each in ordered:
        if until is not None and not endless and each.opened_at > until:
            yield until
            until = None
        endless = endless or each.closed_at is None
        if each.closed_at is not None:
            until = each.closed_at if until is None else max(until, each.closed_at)
    if until is not None and not endless:
        yield until


def answer_event(answer: Answer) -> Event | None:
    """Return that an answer asks for a reply, None for a good one."""
    if answer.score > LOW[answer.form] or answer.question.startswith(("importance:", "expected:", "competitor:")):
        return None
    return Event(
        id=f"{ANSWER_LOW}:{answer.id}",
        kind=ANSWER_LOW,
        at=answer.at,
        account=answer.account,
        direction=answer.direction,
        subject=answer.survey,
        facts={"score": Decimal(answer.score), "form": answer.form, "question": answer.question},
    )
