"""JSON: the matrices of service management, asked beside measured, with every cell named."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args

from gateway.api.crm_selling import scores_of
from gateway.api.routes import Call, RouteTable
from gateway.domain.crm.audit import Direction, Element, Loyal, Place, Told, audit, audit_accounts, loyalties
from gateway.domain.crm.matrices import BANDS, Scheme, scheme_of
from gateway.domain.crm.surveys import heard
from gateway.model.faults import OurFault
from gateway.store.crm_answers import AnswerView
from gateway.store.views import Views

TABLE = RouteTable()
DIRECTIONS: tuple[str, ...] = get_args(Direction)
LOYALTY = ("satisfaction", "loyalty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What the matrices are drawn from. elements: of the direction; places: by element, or by account when one element
    was chosen. scheme: as the house reads them."""

    direction: str
    elements: tuple[Element, ...]
    element: str | None
    account: str | None
    places: tuple[Place, ...]
    loyal: tuple[Loyal, ...]
    scheme: Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceAnswer:
    """gap: performance less expectation. importancePerformance: advantage, improve, maintain or opportunity."""

    id: str
    importance: str | None
    asked: str | None
    measured: str | None
    competitor: str | None
    gap: str | None
    answers: int
    accounts: int
    importance_performance: Mapping[str, str]
    evaluation: Mapping[str, str]
    position: str | None
    relative: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoyalAnswer:
    """Satisfaction and loyalty of an account, and the type that they make."""

    account: str
    satisfaction: str | None
    loyalty: str | None
    type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatricesAnswer:
    """One look at the matrices. account, element: what was asked for; cells: name of a field -> what it advises."""

    direction: str
    element: str | None
    account: str | None
    places: tuple[PlaceAnswer, ...]
    loyalty: tuple[LoyalAnswer, ...]
    cells: Mapping[str, str]
    parity: str
    end: str


def read_audit(
    views: Views, sides: Mapping[str, str], direction: str, element: str | None, account: str | None
) -> Audit:
    """Return the audit of a direction. sides: partner -> what it is to us. Blocks.

    Raises OurFault api.not-found: no such element."""
    elements = tuple(each for each in views.audit_elements() if each.direction == direction)
    chosen = next((each for each in elements if each.id == element), None)
    if element is not None and chosen is None:
        raise OurFault("api.not-found", value=element[:80], kind="element")
    names = {each.measure for each in elements if each.measure} | {*LOYALTY}
    measures = {name: its for name, its in views.measures_of(names).items() if sides.get(name, "customer") == direction}
    if account is not None:
        measures = {name: its for name, its in measures.items() if name == account}
    scheme = scheme_of(views.settings_of())
    answers = [each for each in views.answers(account=account) if each.direction == direction]
    if chosen is not None:
        places = audit_accounts(chosen, _by_account(answers), measures, scheme)
    else:
        places = audit(elements, heard(scores_of(tuple(answers))).elements, measures, scheme)
    return Audit(
        direction=direction,
        elements=elements,
        element=element,
        account=account,
        places=tuple(places),
        loyal=tuple(each for each in loyalties(measures, scheme) if each.satisfaction or each.loyalty),
        scheme=scheme,
    )


def _by_account(answers: Sequence[AnswerView]) -> dict[str, Mapping[str, Told]]:
    told: dict[str, list[AnswerView]] = defaultdict(list)
    for each in answers:
        told[each.account].append(each)
    return {account: heard(scores_of(tuple(its))).elements for account, its in told.items()}


def sides_of(partners: Mapping[str, Any]) -> dict[str, str]:
    return {name: "supplier" if each.role == "supplier" else "customer" for name, each in partners.items()}


@TABLE.route(
    "GET",
    "/api/v1/crm/matrices",
    summary="Importance x performance, evaluation, competitive position, satisfaction x loyalty",
    permission="accounts.read",
    query={"direction": ", ".join(DIRECTIONS), "element": "accounts in this element", "account": "only this account"},
    responses={400: "bad value", 404: "no such element"},
)
async def show_matrices(call: Call) -> MatricesAnswer:
    found = await call.read(
        read_audit,
        call.services.views,
        sides_of(call.services.book().partners),
        call.choice("direction", DIRECTIONS) or "customer",
        call.query("element"),
        call.query("account"),
    )
    return shown_audit(found)


def shown_audit(found: Audit) -> MatricesAnswer:
    """Return an audit with every cell named."""
    scheme = found.scheme
    return MatricesAnswer(
        direction=found.direction,
        element=found.element,
        account=found.account,
        places=tuple(_place(each) for each in found.places),
        loyalty=tuple(
            LoyalAnswer(
                account=each.account, satisfaction=_text(each.satisfaction), loyalty=_text(each.loyalty), type=each.type
            )
            for each in found.loyal
        ),
        cells={f"{row}/{column}": scheme.cells[row, column] for row in BANDS for column in BANDS},
        parity=str(scheme.thresholds.parity),
        end=str(scheme.thresholds.end),
    )


def _place(each: Place) -> PlaceAnswer:
    return PlaceAnswer(
        id=each.id,
        importance=_text(each.importance),
        asked=_text(each.asked),
        measured=_text(each.measured),
        competitor=_text(each.competitor),
        gap=_text(each.gap),
        answers=each.answers,
        accounts=each.accounts,
        importance_performance=_known(asked=each.field_asked, measured=each.field_measured),
        evaluation=_known(asked=each.advice_asked, measured=each.advice_measured),
        position=each.position.name if each.position else None,
        relative=_text(each.position.relative) if each.position else None,
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _known(**cells: str | None) -> dict[str, str]:
    """Return the cells that there are."""
    return {name: cell for name, cell in cells.items() if cell is not None}
