"""AccountTerms: what our house says is agreed with a customer, over what partner.yaml says."""

from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from gateway.model.partner import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTerms:
    """Each field as in model.partner.Terms. None (of delivery_days: empty): as agreed before."""

    price_list: str | None = None
    currency: str | None = None
    minimum_value: Decimal | None = None
    lead_time_days: int | None = None
    delivery_days: tuple[int, ...] = ()
    response_h: int | None = None
    credit_class: str | None = None  # A, B or C
    credit_limit: Decimal | None = None
    items: str | None = None
    auto_value: Decimal | None = None
    auto_quantity: Decimal | None = None
    price_tolerance: Decimal | None = None
    quantity_tolerance: Decimal | None = None
    substitutes: bool | None = None
    partial: bool | None = None
    payment_days: int | None = None

    def over(self, before: Terms, valid_from: date, valid_to: date | None) -> Terms:
        """Return a version of the terms: what is said here, and the rest as before."""
        said: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        kept = {name: value for name, value in said.items() if value is not None and value != ()}
        return replace(before, **kept, valid_from=valid_from, valid_to=valid_to)
