"""Surveys: which questions a form asks, on which scale, and what its answers come to.

csat: 1 to 5. nps: 0 to 10. value: the four halves of perceived value, 1 to 5. audit: for every element of the service
how important it is, how well we do and how well the main competitor does, 1 to 7.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from gateway.domain.crm.asked import Asked, csat, nps
from gateway.domain.crm.matrices import mean_score
from gateway.domain.crm.value import perceived_value
from gateway.model.faults import OurFault

SCALES: Mapping[str, tuple[int, int]] = {"csat": (1, 5), "nps": (0, 10), "value": (1, 5), "audit": (1, 7)}
VALUE_PARTS = ("result", "process", "money", "effort")
ANSWER_DAYS = 30  # a link is good for
REST_DAYS = 90  # nobody is asked twice within
WORDS_LONGEST = 2_000


def questions(form: str, elements: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the questions of a form, in the order in which they are asked. elements: ids, of an audit."""
    match form:
        case "value":
            return VALUE_PARTS
        case "audit":
            return tuple(
                f"{part}:{element}" for element in elements for part in ("importance", "performance", "competitor")
            )
        case _:
            return (form,)


def checked_scores(form: str, given: Mapping[str, object], elements: Sequence[str] = ()) -> dict[str, int]:
    """Return the scores that were given; questions without one are left out.

    Raises OurFault survey.answer-wrong: a question that is not asked, a score outside the scale, none at all.
    """
    low, high = SCALES[form]
    asked = set(questions(form, elements)) | ({f"expected:{each}" for each in elements} if form == "audit" else set())
    kept: dict[str, int] = {}
    for name, told in given.items():
        text = str(told).strip()
        if not text:
            continue
        if name not in asked or not (text.isascii() and text.isdigit() and len(text) < 3 and low <= int(text) <= high):
            raise OurFault("survey.answer-wrong", value=text[:20], question=name[:60])
        kept[name] = int(text)
    if not kept:
        raise OurFault("survey.answer-wrong", value="", question=form)
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One answer to one question."""

    form: str
    account: str
    question: str
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one account, or all, has answered. elements: element -> part -> (mean, n)."""

    satisfaction: Asked
    recommendation: Asked
    perceived: Decimal | None
    parts: Mapping[str, tuple[Decimal, int]] = field(default_factory=dict)
    elements: Mapping[str, Mapping[str, tuple[Decimal, int]]] = field(default_factory=dict)


def heard(scores: Iterable[Score], asked: Mapping[str, int] | None = None, minimum: int = 1) -> Heard:
    """Return what answers come to. asked: form -> how many were asked. minimum: answers for a mean to say something."""
    by_form: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for each in scores:
        by_form[each.form][each.question].append(each.score)
    counts = asked or {}
    parts = {name: _mean(values) for name, values in sorted(by_form["value"].items())}
    elements: dict[str, dict[str, tuple[Decimal, int]]] = defaultdict(dict)
    for question, values in sorted(by_form["audit"].items()):
        part, _, element = question.partition(":")
        elements[element][part] = _mean(values)
    means = {name: mean for name, (mean, n) in parts.items() if n >= minimum}
    return Heard(
        satisfaction=csat(by_form["csat"]["csat"], counts.get("csat"), minimum),
        recommendation=nps(by_form["nps"]["nps"], counts.get("nps"), minimum),
        perceived=perceived_value(*(means.get(name) for name in VALUE_PARTS)),
        parts=parts,
        elements=dict(elements),
    )


def _mean(values: Sequence[int]) -> tuple[Decimal, int]:
    found = mean_score([Decimal(each) for each in values])
    assert found is not None  # a question is there because it was answered
    return found, len(values)
