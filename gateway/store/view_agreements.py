"""What our house has told of customers and of everybody's calendars, to look at."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine, select

from gateway.model.account_terms import AccountTerms
from gateway.model.calendar import Calendar
from gateway.store.agreements import calendar_of, customer_of
from gateway.store.tables_agreements import calendar, customer


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerVersion:
    """What our house says of an account from a day on. data: address, contact, registration."""

    account: str
    valid_from: date
    valid_to: date | None
    name: str
    number: str | None
    data: dict[str, str]
    terms: AccountTerms


class AgreementViews:
    """Nothing told gives nothing; then partner.yaml alone counts."""

    _engine: Engine

    def calendars(self, owner: str | None = None, limit: int = 1000) -> tuple[Calendar, ...]:
        """Return every version of the calendars of an owner (partner id, self or GLN), or of all."""
        columns = calendar.c
        query = select(calendar).order_by(columns.owner, columns.kind, columns.valid_from).limit(limit)
        with self._engine.connect() as connection:
            chosen: Any = query if owner is None else query.where(columns.owner == owner)
            return tuple(calendar_of(row) for row in connection.execute(chosen))

    def customers(self, account: str | None = None, limit: int = 1000) -> tuple[CustomerVersion, ...]:
        """Return every version of one account, or of all, the earliest of each first."""
        columns = customer.c
        query = select(customer).order_by(columns.account, columns.valid_from).limit(limit)
        with self._engine.connect() as connection:
            chosen: Any = query if account is None else query.where(columns.account == account)
            saved = [customer_of(row) for row in connection.execute(chosen)]
        return tuple(
            CustomerVersion(
                account=each.account,
                valid_from=each.valid_from,
                valid_to=each.valid_to,
                name=each.name,
                number=each.number,
                data=dict(each.data),
                terms=each.terms,
            )
            for each in saved
        )

    def told_terms(self, account: str) -> tuple[tuple[date, date | None, AccountTerms], ...]:
        """Return what domain.customers.with_terms puts over an account's terms of partner.yaml."""
        return tuple((each.valid_from, each.valid_to, each.terms) for each in self.customers(account))
