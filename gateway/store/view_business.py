"""What the documents have led to: stock, accounts, proposals, orders and cases."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from gateway.domain.order_taking import NEW
from gateway.store import tables as t
from gateway.store.forms import moment, units
from gateway.store.view_reading import as_json, as_mapping, numbers, optional_moment, optional_number
from gateway.store.view_rows import (
    AccountLine,
    ActivityLine,
    CaseLine,
    OpenUnits,
    OrderLineView,
    OrderView,
    ProposalView,
    SplitView,
    StockLine,
)


def proposal_from(row: Row[Any]) -> ProposalView:
    """Return a proposal as its row says it."""
    return ProposalView(
        id=row.id,
        supplier=row.supplier,
        status=row.status,
        value=optional_number(row.value),
        currency=row.currency,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        message=row.message,
        document=as_mapping(row.document),
    )


def _account_from(row: Row[Any]) -> AccountLine:
    return AccountLine(
        id=row.id,
        figures=numbers(row.figures),
        last_activity_at=optional_moment(row.last_activity_at),
        last_activity=row.last_activity,
    )


def _order_from(row: Row[Any], lines: tuple[OrderLineView, ...] = (), waits: tuple[str, ...] = ()) -> OrderView:
    return OrderView(
        side=row.side,
        partner=row.partner,
        number=row.number,
        status=row.status,
        ordered_on=row.ordered_on,
        ship_to=row.ship_to,
        currency=row.currency,
        message=row.message,
        updated_at=moment(row.updated_at),
        lines=lines,
        waits=waits,
        pending=as_json(row.pending) if lines else None,
    )


def _open_units(row: Row[Any]) -> OpenUnits:
    undecided = row.ordered if row.status in NEW else 0
    promised = row.confirmed + row.backordered
    kept = (row.despatched if row.side == "sale" else row.received) - row.returned
    return OpenUnits(
        to_decide=units(undecided),
        refused=units(max(0, row.ordered - promised - undecided)),
        to_despatch=units(max(0, promised - row.despatched)),
        to_receive=units(max(0, row.despatched - row.received)),
        to_invoice=units(max(0, kept - row.invoiced)),
        to_credit=units(max(0, row.invoiced - kept)),
    )


def _waits(connection: Connection, row: Row[Any]) -> tuple[str, ...]:
    """Return the codes of why an order waits, from its open case."""
    if row.status != "waiting":
        return ()
    columns = t.case.c
    query = select(columns.params).where(
        columns.closed_at.is_(None),
        columns.account == row.partner,
        columns.code == "order.waits",
        columns.subject == row.number,
    )
    params = connection.execute(query).scalar()
    return tuple(str(as_mapping(params).get("reasons", "")).split(", ")) if params else ()


def _splits(document: str | None) -> dict[int, tuple[SplitView, ...]]:
    """Return the shops of each line of an order, by its position from 0, as the buyer has named them."""
    said = as_json(document) if document is not None else None
    lines = said.get("lines", ()) if isinstance(said, dict) else ()
    return {
        position: tuple(
            SplitView(location=each["location"], quantity=Decimal(each["quantity"]["value"]))
            for each in line.get("splits", ())
            if each.get("location") and each.get("quantity")
        )
        for position, line in enumerate(lines)
    }


def _order_line_from(row: Row[Any]) -> OrderLineView:
    return OrderLineView(
        number=row.number,
        gtin=row.gtin,
        ordered=units(row.ordered),
        confirmed=units(row.confirmed),
        backordered=units(row.backordered),
        despatched=units(row.despatched),
        received=units(row.received),
        status=row.status,
        price=optional_number(row.price),
        promised=row.promised,
        invoiced=units(row.invoiced),
        returned=units(row.returned),
        requested=row.requested,
        reason=row.reason,
        open=_open_units(row),
    )


class BusinessViews:
    """Lists are capped at limit; an absent record is None."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def stock(self, limit: int = 1000) -> tuple[StockLine, ...]:
        """Return stock by item and place."""
        query = select(t.stock).order_by(t.stock.c.location, t.stock.c.gtin).limit(limit)
        with self._engine.connect() as connection:
            return tuple(
                StockLine(
                    gtin=row.gtin,
                    location=row.location,
                    on_hand=units(row.on_hand),
                    allocated=units(row.allocated),
                    available=units(row.on_hand - row.allocated),
                    backordered=units(row.backordered),
                    on_order=units(row.on_order),
                    in_transit=units(row.in_transit),
                    updated_at=moment(row.updated_at),
                )
                for row in connection.execute(query)
            )

    def accounts(self, limit: int = 500) -> tuple[AccountLine, ...]:
        """Return accounts with their figures."""
        query = select(t.account).order_by(t.account.c.last_activity_at.desc(), t.account.c.id).limit(limit)
        with self._engine.connect() as connection:
            return tuple(_account_from(row) for row in connection.execute(query))

    def account(self, account_id: str) -> AccountLine | None:
        """Return an account's record, None when there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(t.account).where(t.account.c.id == account_id)).one_or_none()
            return _account_from(row) if row else None

    def activities(self, account_id: str, limit: int = 100) -> tuple[ActivityLine, ...]:
        """Return the newest activities of one account, newest first."""
        found = t.activity.c.account == account_id
        query = select(t.activity).where(found).order_by(t.activity.c.at.desc(), t.activity.c.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            return tuple(
                ActivityLine(
                    id=row.id,
                    at=moment(row.at),
                    kind=row.kind,
                    reference=row.reference,
                    figures=numbers(row.figures),
                    message=row.message,
                )
                for row in connection.execute(query)
            )

    def proposals(self, status: str | None = None, limit: int = 100) -> tuple[ProposalView, ...]:
        """Return proposals, the latest first."""
        query = select(t.proposal).order_by(t.proposal.c.created_at.desc(), t.proposal.c.id.desc()).limit(limit)
        if status:
            query = query.where(t.proposal.c.status == status)
        with self._engine.connect() as connection:
            return tuple(proposal_from(row) for row in connection.execute(query))

    def proposal(self, proposal_id: str) -> ProposalView | None:
        """Return a proposal, None when there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(t.proposal).where(t.proposal.c.id == proposal_id)).one_or_none()
            return proposal_from(row) if row else None

    def orders(
        self, side: str | None = None, partner: str | None = None, status: str | None = None, limit: int = 100
    ) -> tuple[OrderView, ...]:
        """Return orders with their lines, the latest first."""
        columns = t.business_order.c
        query = select(t.business_order).order_by(columns.updated_at.desc(), columns.number.desc()).limit(limit)
        for column, wanted in ((columns.side, side), (columns.partner, partner), (columns.status, status)):
            if wanted:
                query = query.where(column == wanted)
        with self._engine.connect() as connection:
            return tuple(_order_from(row) for row in connection.execute(query))

    def order(self, number: str) -> tuple[OrderView, ...]:
        """Return every order of that number with its lines: different partners may use the same one."""
        with self._engine.connect() as connection:
            found = []
            for row in connection.execute(select(t.business_order).where(t.business_order.c.number == number)).all():
                lines = (
                    select(t.order_line)
                    .where(
                        t.order_line.c.side == row.side,
                        t.order_line.c.partner == row.partner,
                        t.order_line.c.order_number == number,
                    )
                    .order_by(t.order_line.c.position)
                )
                splits = _splits(row.document)
                shown = tuple(
                    replace(_order_line_from(line), splits=splits.get(line.position, ()))
                    for line in connection.execute(lines)
                )
                found.append(_order_from(row, shown, _waits(connection, row)))
            return tuple(found)

    def cases(self, account: str | None = None, *, open_only: bool = True, limit: int = 200) -> tuple[CaseLine, ...]:
        """Return cases of partners, the latest first."""
        query = select(t.case).order_by(t.case.c.updated_at.desc(), t.case.c.id.desc()).limit(limit)
        if open_only:
            query = query.where(t.case.c.closed_at.is_(None))
        if account:
            query = query.where(t.case.c.account == account)
        with self._engine.connect() as connection:
            return tuple(
                CaseLine(
                    id=row.id,
                    account=row.account,
                    code=row.code,
                    subject=row.subject,
                    params={key: str(value) for key, value in as_mapping(row.params).items()},
                    times=row.times,
                    opened_at=moment(row.opened_at),
                    updated_at=moment(row.updated_at),
                    closed_at=optional_moment(row.closed_at),
                    message=row.message,
                )
                for row in connection.execute(query)
            )
