"""What people set in motion about orders, invoices, returns, baskets and imported lists."""

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from gateway.api.house_actions import (
    INSTRUCTIONS,
    BasketLineView,
    BasketSupplier,
    BasketView,
    ImportAnswer,
    InvoiceWord,
    OrderWord,
)
from gateway.app.house import OWN, accept_internal, internal_key
from gateway.app.ids import uuid7
from gateway.app.imports import Imported, import_file, undo_import
from gateway.app.instance import Instance
from gateway.domain.allocation import unique_numbers
from gateway.domain.basket import PricedLine, check, priced, tiers, value_of
from gateway.domain.decision import Needs
from gateway.domain.invoice_decisions import UNDECIDED
from gateway.domain.parties import own_party, partner_party
from gateway.model.basket_order import BasketLine, BasketOrder
from gateway.model.documents import Document
from gateway.model.effects import InvoiceSaved, OrderSaved, ReturnSaved
from gateway.model.faults import OurFault
from gateway.model.findings import Where
from gateway.model.invoice_decision import InvoiceDecision
from gateway.model.order import Order
from gateway.model.order_decision import LineWord, OrderDecision
from gateway.model.partner import OwnCompany
from gateway.model.return_notice import ReturnLine, ReturnNotice
from gateway.model.values import DocumentRef, Item, Quantity, gtin14
from gateway.ports.journal import Tx
from gateway.store import baskets
from gateway.store.decisions import word_state
from gateway.store.tx_open import OpenTx

LONGEST_FILE_NAME = 200


@dataclass(kw_only=True)
class HouseJournalActions:
    """Synchronous; each is one transaction and one audit row. wake(lane): a hint to a running node, or nothing."""

    instance: Instance
    wake: Callable[[str], None]

    def _decided(self, work: Callable[[Tx, datetime], str]) -> str:
        now = self.instance.clock.now()
        arrival_id = self.instance.journal.write(lambda tx: work(tx, now))
        self.wake(OWN)
        return arrival_id

    def _accepted(self, tx: Tx, document: Document, now: datetime, taken: OurFault) -> str:
        """Accept a decision; raise `taken` when the same word is on its way already. One that could not be carried out
        may be said anew: it gets a number of its own."""
        first, again = document.id, 1
        while (state := word_state(cast("OpenTx", tx), internal_key(type(document).__name__, document.id))) is not None:
            if state != "parked":
                raise taken
            again += 1
            document = replace(document, id=f"{first}-{again}")
        return accept_internal(tx, self.instance.book, document, now).arrival_id

    # --- orders ---

    def decide_order(
        self,
        partner: str,
        number: str,
        decision: OrderWord,
        user: str,
        lines: Sequence[LineWord] = (),
        reason: str | None = None,
        seen: str | None = None,
    ) -> str:
        """See gateway.api.house_actions."""

        def work(tx: Tx, now: datetime) -> str:
            waiting = self._waiting(tx, partner, number)
            message = baskets.waiting_message(cast("OpenTx", tx), partner, number)
            if seen is not None and seen != message:
                raise OurFault("order.changed-since", value=number)
            order = waiting.pending
            assert isinstance(order, Order)  # _waiting has looked
            self._check_words(tx, order, lines)
            document = OrderDecision(
                id=f"decision-{sha256(f'{partner} {number} {message}'.encode()).hexdigest()[:32]}",
                issued_at=now,
                partner=partner,
                order=number,
                decision=decision,
                user=user,
                items=tuple(line.item for line in order.lines),
                lines=tuple(lines),
                reason=reason,
            )
            taken = OurFault("order.already-decided", value=number, status=decision)
            arrival_id = self._accepted(tx, document, now, taken)
            tx.audit(user, f"order.{decision}", f"{partner} {number}"[:200], None, reason or decision, now)
            return arrival_id

        return self._decided(work)

    def _waiting(self, tx: Tx, partner: str, number: str) -> OrderSaved:
        wanted = Needs(orders=frozenset({("sale", partner, number)}))
        found = tx.snapshot(wanted, self.instance.book.own.warehouse).orders.get(("sale", partner, number))
        if found is None:
            raise OurFault("order.not-known", value=number)
        if found.status != "waiting" or not isinstance(found.pending, Order):
            raise OurFault("order.already-decided", value=number, status=found.status)
        return found

    def _check_words(self, tx: Tx, order: Order, lines: Sequence[LineWord]) -> None:
        numbers = set(unique_numbers([line.number for line in order.lines]))
        for word in lines:
            if word.number not in numbers:
                known = ", ".join(sorted(numbers)[:20])
                raise OurFault("order.decision-line-unknown", Where(path="lines"), value=word.number, lines=known)
            gtin = word.substitute
            if gtin is not None and gtin not in self.instance.book.own.items and gtin not in tx.items([gtin]):
                raise OurFault("item.unknown", Where(path="lines"), value=gtin)

    # --- invoices ---

    def decide_invoice(
        self, partner: str, number: str, decision: InvoiceWord, user: str, reason: str | None = None
    ) -> str:
        """See gateway.api.house_actions."""

        def work(tx: Tx, now: datetime) -> str:
            known = self._invoice(tx, partner, number)
            orders = {line.order for line in known.lines if line.order} | ({known.order} if known.order else set())
            document = InvoiceDecision(
                id=f"invoice-{sha256(f'{partner} {number}'.encode()).hexdigest()[:32]}",
                issued_at=now,
                partner=partner,
                invoice=number,
                decision=decision,
                user=user,
                orders=tuple(sorted(orders)),
                reason=reason,
            )
            taken = OurFault("invoice.already-decided", value=number, status=decision)
            arrival_id = self._accepted(tx, document, now, taken)
            tx.audit(user, f"invoice.{decision}", f"{partner} {number}"[:200], known.status, reason or decision, now)
            return arrival_id

        return self._decided(work)

    def _invoice(self, tx: Tx, partner: str, number: str) -> InvoiceSaved:
        wanted = Needs(invoices=frozenset({("purchase", partner, number)}))
        found = tx.snapshot(wanted, self.instance.book.own.warehouse).invoices.get(("purchase", partner, number))
        if found is None:
            raise OurFault("invoice.not-known", value=number)
        if found.status not in UNDECIDED:
            raise OurFault("invoice.already-decided", value=number, status=found.status)
        return found

    # --- returns ---

    def instruct_return(
        self,
        partner: str,
        number: str,
        user: str,
        instruction: str = "return",
        lines: Mapping[str, str] | None = None,
        note: str | None = None,
    ) -> str:
        """See gateway.api.house_actions."""
        words = dict(lines or {})
        for word in (instruction, *words.values()):
            if word not in INSTRUCTIONS:
                raise OurFault("return.instruction-unknown", value=word, known=", ".join(INSTRUCTIONS))

        def work(tx: Tx, now: datetime) -> str:
            known = self._return(tx, partner, number)
            unknown = sorted(set(words) - {line[0] for line in known.lines})
            if unknown:
                raise OurFault("return.line-unknown", value=unknown[0], number=number)
            document = self._instruction(known, f"RI{tx.serial():06d}", instruction, words, note, now)
            arrival_id = accept_internal(tx, self.instance.book, document, now).arrival_id
            said = ", ".join(f"{line.number}: {line.instruction}" for line in document.lines)
            tx.audit(user, "return.instruct", f"{partner} {number}"[:200], known.status, said[:500], now)
            return arrival_id

        return self._decided(work)

    def _return(self, tx: Tx, partner: str, number: str) -> ReturnSaved:
        wanted = Needs(returns=frozenset({("sale", partner, number)}))
        found = tx.snapshot(wanted, self.instance.book.own.warehouse).returns.get(("sale", partner, number))
        if found is None:
            raise OurFault("return.not-known", value=number)
        if found.status not in ("announced", "instructed"):
            raise OurFault("return.already-received", value=number)
        return found

    def _instruction(
        self,
        known: ReturnSaved,
        number: str,
        instruction: str,
        words: Mapping[str, str],
        note: str | None,
        at: datetime,
    ) -> ReturnNotice:
        customer = self.instance.book.partner(known.partner)
        said = known.document.lines if isinstance(known.document, ReturnNotice) else ()
        items = dict(zip((line[0] for line in known.lines), (line.item for line in said), strict=False))
        return ReturnNotice(
            id=number,
            kind="instruction",
            issued_at=at,
            buyer=partner_party(customer),
            seller=own_party(self.instance.book.own),
            announcement=DocumentRef(id=known.number),
            notes=(note,) if note else (),
            lines=tuple(
                ReturnLine(
                    number=line,
                    item=items.get(line) or Item(gtin=gtin),
                    quantity=Quantity(value=units),
                    instruction=words.get(line, instruction),
                )
                for line, gtin, units, _, _ in known.lines
            ),
        )

    # --- baskets ---

    def _own_for(self, gtins: Sequence[str]) -> OwnCompany:
        """Return our company with the items as our house says them."""
        own = self.instance.book.own
        found = self.instance.journal.read(lambda tx: tx.items(gtins))
        return replace(own, items={**own.items, **found})

    def _priced(self, user: str) -> tuple[list[PricedLine], OwnCompany]:
        rows = self.instance.views.basket(user)
        gtins = [row.gtin for row in rows]
        lines = [
            BasketLine(supplier=row.supplier, item=Item(gtin=row.gtin), quantity=Quantity(value=row.quantity))
            for row in rows
        ]
        own = self._own_for(gtins)
        return priced(lines, self.instance.views.offers(gtins), own, self.instance.clock.now().date()), own

    def basket(self, user: str) -> BasketView:
        """Return the basket at today's prices."""
        lines, own = self._priced(user)
        return BasketView(
            user=user,
            lines=tuple(_basket_line(each, own) for each in lines),
            suppliers=tuple(
                _basket_supplier(supplier, [each for each in lines if each.line.supplier == supplier], own)
                for supplier in sorted({each.line.supplier for each in lines})
                if supplier in own.suppliers
            ),
        )

    def put_in_basket(self, user: str, supplier: str, gtin: str, quantity: Decimal) -> None:
        """See gateway.api.house_actions."""
        number = gtin14(gtin)
        now = self.instance.clock.now()
        if quantity:
            if supplier not in self.instance.book.own.suppliers:
                raise OurFault("basket.no-terms", value=number, supplier=supplier)
            if not tiers(self.instance.views.offers([number]).get(number, ()), supplier, now.date()):
                raise OurFault("basket.not-offered", value=number, supplier=supplier)
            if not quantity.is_finite() or quantity < 0:
                raise OurFault("basket.quantity-unusable", value=number, quantity=str(quantity)[:40])
        write = self.instance.journal.write
        write(lambda tx: baskets.put_line(cast("OpenTx", tx), user, supplier, number, quantity, now))

    def order_basket(self, user: str) -> str:
        """See gateway.api.house_actions."""
        lines, _ = self._priced(user)
        if not lines:
            raise OurFault("basket.empty", value=user)
        check(lines)
        seen = {(each.line.supplier, each.gtin, each.line.quantity.value) for each in lines}

        def work(tx: Tx, now: datetime) -> str:
            document = BasketOrder(
                id=f"basket-{uuid7(now)}", issued_at=now, user=user, lines=tuple(each.line for each in lines)
            )
            taken = baskets.take_out(cast("OpenTx", tx), user)
            if not taken:  # ordered since, by a second click
                raise OurFault("basket.empty", value=user)
            if taken != seen:
                raise OurFault("basket.changed", value=user)
            tx.audit(user, "basket.order", document.id, None, f"{len(lines)}", now)
            return accept_internal(tx, self.instance.book, document, now).arrival_id

        return self._decided(work)

    # --- lists ---

    def import_list(
        self,
        kind: str,
        filename: str,
        data: bytes,
        user: str,
        *,
        dry: bool = False,
        said: Mapping[str, str] | None = None,
        sheet: str | None = None,
    ) -> ImportAnswer:
        """See gateway.api.house_actions."""
        name = Path(filename.replace("\\", "/")).name[-LONGEST_FILE_NAME:].replace("\0", "") or "list.csv"
        with tempfile.TemporaryDirectory(dir=self.instance.settings.var, prefix="import-") as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            found = import_file(self.instance, kind, path, user=user, said=said, sheet=sheet, dry=dry)
        return _import_answer(found)

    def undo_import(self, run_id: str, user: str) -> ImportAnswer:
        """See gateway.api.house_actions."""
        run, left = undo_import(self.instance, run_id, user=user)
        return replace(_import_answer(Imported(run=run, columns={})), left=left)


def _basket_line(each: PricedLine, own: OwnCompany) -> BasketLineView:
    item = own.items.get(each.gtin)
    return BasketLineView(
        supplier=each.line.supplier,
        gtin=each.gtin,
        name=item.name if item else (each.offer.name if each.offer else ""),
        quantity=each.line.quantity.value,
        price=each.offer.price if each.offer else None,
        value=each.value,
        currency=each.offer.currency if each.offer else None,
        problem=each.problem,
    )


def _basket_supplier(supplier: str, lines: Sequence[PricedLine], own: OwnCompany) -> BasketSupplier:
    terms = own.suppliers[supplier]
    value = value_of(lines)
    foreign = any(each.offer is not None and each.offer.currency != terms.currency for each in lines)
    return BasketSupplier(
        supplier=supplier,
        value=value,
        currency=terms.currency,
        limit=terms.approval_limit,
        approval=foreign or value > terms.approval_limit,
    )


def _import_answer(found: Imported) -> ImportAnswer:
    run = found.run
    return ImportAnswer(
        id="" if found.dry else run.id,
        kind=run.kind,
        file=run.file,
        state=run.state,
        rows=run.rows,
        changed=run.changed,
        rejected=run.rejected,
        dry=found.dry,
        columns=found.columns,
        problems=found.problems,
        sample=found.sample,
    )


@dataclass(kw_only=True)
class AsyncHouseActions:
    """The same for handlers in the event loop: gateway.api.house_actions.HouseActions."""

    house: HouseJournalActions

    async def decide_order(self, *said: Any, **more: Any) -> str:
        return await asyncio.to_thread(self.house.decide_order, *said, **more)

    async def decide_invoice(self, *said: Any, **more: Any) -> str:
        return await asyncio.to_thread(self.house.decide_invoice, *said, **more)

    async def instruct_return(self, *said: Any, **more: Any) -> str:
        return await asyncio.to_thread(self.house.instruct_return, *said, **more)

    async def basket(self, user: str) -> BasketView:
        return await asyncio.to_thread(self.house.basket, user)

    async def put_in_basket(self, user: str, supplier: str, gtin: str, quantity: Decimal) -> None:
        await asyncio.to_thread(self.house.put_in_basket, user, supplier, gtin, quantity)

    async def order_basket(self, user: str) -> str:
        return await asyncio.to_thread(self.house.order_basket, user)

    async def import_list(self, *said: Any, **more: Any) -> ImportAnswer:
        return await asyncio.to_thread(self.house.import_list, *said, **more)

    async def undo_import(self, run_id: str, user: str) -> ImportAnswer:
        return await asyncio.to_thread(self.house.undo_import, run_id, user)
