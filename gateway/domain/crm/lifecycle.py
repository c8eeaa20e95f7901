"""Where a relation stands: a state from the dates of orders, and the stage that the textbooks name beside it."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Literal

from gateway.domain.crm.lapse import FIXED_DAYS, silence

State = Literal["prospect", "new", "active", "at-risk", "lapsed", "won-back", "closed"]
Stage = Literal["potential", "new", "satisfied", "retained", "established"]

NEW_ORDERS = 3  # below, and within NEW_DAYS of the first order, an account is new
NEW_DAYS = 90
WON_BACK_DAYS = 90  # so long an account that had lapsed is shown as won back
ESTABLISHED_DAYS = 365
RETAINED_ORDERS = 3
SATISFIED_SCORE = Decimal(4)  # of 5, as asked


def state_of(order_days: Collection[date], today: date, *, closed: bool = False, fixed_days: int = FIXED_DAYS) -> State:
    """Return the state of an account from the days on which it ordered. closed: a person has ended the relation."""
    if closed:
        return "closed"
    days = sorted(set(order_days))
    now = silence(days, today, fixed_days)
    if now is None:
        return "prospect"
    if now.level != "none":
        return "lapsed" if now.level == "case" else "at-risk"
    if _came_back(days, today, fixed_days):
        return "won-back"
    if len(days) < NEW_ORDERS and (today - days[0]).days < NEW_DAYS:
        return "new"
    return "active"


def _came_back(days: list[date], today: date, fixed_days: int) -> bool:
    """Tell whether an order of the last WON_BACK_DAYS ended a silence that was a case by then."""
    for index in range(len(days) - 1, 0, -1):
        if (today - days[index]).days > WON_BACK_DAYS:
            return False
        before = silence(days[:index], days[index], fixed_days)
        if before is not None and before.level == "case":
            return True
    return False


def stage_of(order_days: Collection[date], today: date, satisfaction: Decimal | None = None) -> Stage:
    """Return the stage of a relation: potential, new, satisfied, retained, established customer.

    satisfaction: the last answer on a scale from 1 to 5, None when nobody was asked. Stages are reached in their order;
    satisfaction is asked for only where the orders alone do not tell more.
    """
    days = sorted(set(order_days))
    if not days:
        return "potential"
    if len(days) >= RETAINED_ORDERS:
        return "established" if (today - days[0]).days >= ESTABLISHED_DAYS else "retained"
    return "satisfied" if satisfaction is not None and satisfaction >= SATISFIED_SCORE else "new"
