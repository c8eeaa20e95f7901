"""Effects: each once per (message, kind, key); recorded first, then written to the business records in bulk."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select

from gateway.model import json_form
from gateway.model.effects import (
    ActivityAdded,
    CalendarSaved,
    CaseClosed,
    CaseOpened,
    CustomerSaved,
    Effect,
    ItemSaved,
    OrderSaved,
    ParcelAnswered,
    ProposalSaved,
    ShipmentSaved,
    StockMoved,
    StockReported,
)
from gateway.model.faults import OurFault
from gateway.store import planning_records
from gateway.store.effect_rows import effect_data, line_rows, only, order_row, plain_value
from gateway.store.forms import dump, micros, milli
from gateway.store.in_hand import Figures
from gateway.store.prepared import Inserter, Prepared, given
from gateway.store.replacing import replacing
from gateway.store.tables import (
    account,
    activity,
    business_order,
    effect,
    order_line,
    proposal,
    reported_stock,
    shipment,
    stock,
)
from gateway.store.tables_crm import crm_due
from gateway.store.tx_house import HouseTx

MEASURES = ("on_hand", "allocated", "backordered", "on_order", "in_transit")


_WRITTEN = Prepared(lambda _: select(effect.c.kind, effect.c.key).where(effect.c.message == given("message")))
_ADD_DUE = Prepared(lambda insert: insert(crm_due), ("message",))  # the customer record hears of it after the commit
_ADD_EFFECTS = Prepared(lambda insert: insert(effect), ("message", "kind", "key", "data", "test", "at"))


def _add_to_stock(insert: Inserter) -> Any:
    row = insert(stock)
    added: dict[str, Any] = {name: stock.c[name] + row.excluded[name] for name in MEASURES}
    return row.on_conflict_do_update(
        index_elements=[stock.c.gtin, stock.c.location], set_={**added, "updated_at": row.excluded.updated_at}
    )


_ADD_TO_STOCK = Prepared(_add_to_stock, ("gtin", "location", "updated_at", *MEASURES))
_DELETE_LINES = Prepared(
    lambda _: delete(order_line).where(
        order_line.c.side == given("side"),
        order_line.c.partner == given("partner"),
        order_line.c.order_number == given("number"),
    )
)
_LINE_COLUMNS = tuple(column.name for column in order_line.columns)
_ADD_LINES = Prepared(lambda insert: insert(order_line), _LINE_COLUMNS)
_ADD_ACTIVITIES = Prepared(
    lambda insert: insert(activity), ("account", "at", "kind", "reference", "figures", "message")
)
_FIGURES = Prepared(lambda _: select(account.c.figures).where(account.c.id == given("account")))


_PUT_ORDERS = replacing(business_order)
_PUT_SHIPMENTS = replacing(shipment)
_PUT_REPORTED_STOCK = replacing(reported_stock, not_older="at")
_PUT_PROPOSALS = replacing(proposal, kept=("created_at",))


class EffectsTx(HouseTx):
    """Effects of messages on orders, stock and whatever else is booked."""

    def write_effects(self, message_id: str, effects: Sequence[Effect], now: datetime, *, test: bool) -> None:
        """See ports.journal. The far end's word on a parcel is written for test parcels too: a parcel's state is no
        business record.

        Raises OurFault journal.effect-key-twice when two different effects of one call share kind and key, and
        journal.quantity-not-storable.
        """
        fresh = self._recorded(message_id, effects, now, test=test)
        for answer in only(fresh, ParcelAnswered):
            self._answered(message_id, answer, now, test=test)
        if test:
            return
        self._driver.later(_ADD_DUE, [{"message": message_id}])
        at = micros(now)
        self._move_stock(only(fresh, StockMoved), at)
        self._save_orders(message_id, only(fresh, OrderSaved), at)
        self._save_shipments(message_id, only(fresh, ShipmentSaved), at)
        planning_records.write(self.connection, self._driver, message_id, fresh, at)
        self._report_stock(message_id, only(fresh, StockReported))
        self._save_proposals(message_id, only(fresh, ProposalSaved), at)
        self._add_activities(message_id, only(fresh, ActivityAdded), at)
        self._write_house(message_id, fresh, at)
        if any(isinstance(each, ItemSaved | CustomerSaved | CalendarSaved) for each in fresh):
            self._ask_again()
        for each in fresh:
            if isinstance(each, CaseOpened):
                self._open_case(each.account, each.code, each.subject, each.params, message_id, now)
            elif isinstance(each, CaseClosed):
                self._close_case(each.account, each.code, each.subject, now)

    def _recorded(self, message_id: str, effects: Sequence[Effect], now: datetime, *, test: bool) -> list[Effect]:
        """Insert the effect rows that are new; return their effects, in the order given."""
        written = self._written(message_id)
        fresh: dict[tuple[str, str], Effect] = {}
        for each in effects:
            name = (type(each).__name__, each.key)
            if name in written:
                continue
            if fresh.setdefault(name, each) != each:
                raise OurFault("journal.effect-key-twice", value=each.key, kind=name[0])
        at = micros(now)
        rows = [
            {"message": message_id, "kind": kind, "key": key, "data": dump(effect_data(each)), "test": test, "at": at}
            for (kind, key), each in fresh.items()
        ]
        self._driver.later(_ADD_EFFECTS, rows)
        return list(fresh.values())

    def _written(self, message_id: str) -> set[tuple[str, str]]:
        """Return kind and key of the message's effects so far: none when it was made in this very transaction."""
        if message_id in self._in_hand.new:
            self._in_hand.new.discard(message_id)
            return set()
        self._driver.flush()
        return {(row.kind, row.key) for row in self._driver.all(_WRITTEN, message=message_id)}

    def _move_stock(self, moves: Sequence[StockMoved], at: int) -> None:
        """Add the sums per item and place, all in one statement. Stock may go below zero: the records say so."""
        sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(MEASURES, 0))
        for each in moves:
            sums[each.gtin, each.location][each.measure] += milli(each.delta)
        self._driver.many(
            _ADD_TO_STOCK,
            [
                {"gtin": gtin, "location": location, "updated_at": at, **deltas}
                for (gtin, location), deltas in sums.items()
            ],
        )

    def _save_orders(self, message_id: str, orders: Sequence[OrderSaved], at: int) -> None:
        """Replace each order and all its lines by the given state; of two states in one call the last counts."""
        last = {(each.side, each.partner, each.number): each for each in orders}
        self._driver.many(_PUT_ORDERS, [order_row(each, message_id, at) for each in last.values()])
        self._driver.many(
            _DELETE_LINES, [{"side": side, "partner": partner, "number": number} for side, partner, number in last]
        )
        self._driver.many(_ADD_LINES, [row for each in last.values() for row in line_rows(each)])

    def _save_shipments(self, message_id: str, shipments: Sequence[ShipmentSaved], at: int) -> None:
        rows = [
            {
                "side": each.side,
                "partner": each.partner,
                "number": each.number,
                "order_number": each.order,
                "status": each.status,
                "despatched_at": each.despatched_at,
                "lines": dump([[number, gtin, format(quantity, "f")] for number, gtin, quantity in each.lines]),
                "document": None if each.document is None else json_form.dumps(each.document),
                "message": message_id,
                "effect_key": each.key,
                "updated_at": at,
            }
            for each in shipments
        ]
        self._driver.many(_PUT_SHIPMENTS, rows)

    def _report_stock(self, message_id: str, reported: Sequence[StockReported]) -> None:
        """Keep the newest report of each quantity: an older one that comes late (or by replay) changes nothing."""
        rows = [
            {
                "partner": each.partner,
                "location": each.location,
                "gtin": each.gtin,
                "type": each.type,
                "quantity": milli(each.quantity),
                "at": each.at.isoformat(),
                "message": message_id,
            }
            for each in reported
        ]
        self._driver.many(_PUT_REPORTED_STOCK, rows)

    def _save_proposals(self, message_id: str, saved: Sequence[ProposalSaved], at: int) -> None:
        rows = [
            {
                "id": each.proposal.id,
                "supplier": each.proposal.supplier,
                "status": each.proposal.status,
                "value": None if each.proposal.value is None else format(each.proposal.value.value, "f"),
                "currency": None if each.proposal.value is None else each.proposal.value.currency,
                "document": json_form.dumps(each.proposal),
                "message": message_id,
                "created_at": at,
                "updated_at": at,
            }
            for each in saved
        ]
        self._driver.many(_PUT_PROPOSALS, rows)

    def _add_activities(self, message_id: str, added: Sequence[ActivityAdded], at: int) -> None:
        by_account: dict[str, list[ActivityAdded]] = defaultdict(list)
        for each in added:
            by_account[each.account].append(each)
        self._driver.later(
            _ADD_ACTIVITIES,
            [
                {
                    "account": each.account,
                    "at": at,
                    "kind": each.kind,
                    "reference": each.reference,
                    "figures": dump(plain_value(each.figures)),
                    "message": message_id,
                }
                for each in added
            ],
        )
        for name, activities in by_account.items():
            self._add_figures(name, activities, at)

    def _add_figures(self, account_id: str, activities: Sequence[ActivityAdded], at: int) -> None:
        held = self._in_hand.accounts.get(account_id)
        if held is None:
            kept = self._driver.first(_FIGURES, account=account_id)
            totals = {} if kept is None else {name: Decimal(value) for name, value in json.loads(kept.figures).items()}
            held = self._in_hand.accounts[account_id] = Figures(totals)
        for each in activities:
            for name, value in each.figures.items():
                held.totals[name] = held.totals.get(name, Decimal(0)) + value
        held.last_at, held.last = at, activities[-1].kind
