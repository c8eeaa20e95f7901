"""The chain of one document: what it follows from, what follows from it, with days, numbers and quantities.

The walk goes up from the document to where its chain begins, and down from there. It never goes down and up again: a
payment of fifty invoices does not pull forty-nine other orders into the chain of one.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, or_, select

from gateway.store import tables as t
from gateway.store.among import portions
from gateway.store.forms import moment, units
from gateway.store.view_house_rows import Chain, ChainLine, ChainLink, ChainMessage, ChainNode

LIMIT = 300  # documents in one chain
_AT_ONCE = 200

Document = tuple[str, str]  # type and number
# where a type of document keeps the quantity that counts, and the reference to the order line
_QUANTITIES = {
    "OrderChange": "quantity",
    "OrderResponse": "confirmedQuantity",
    "ReceivingAdvice": "receivedQuantity",
}


class ChainViews:
    """Which documents belong to which, from order to payment."""

    _engine: Engine

    def chain(self, side: str, partner: str, document_type: str, number: str, *, alone: bool = True) -> Chain | None:
        """Return the chain that a document is part of; None when no record knows it. document_type: canonical.

        alone: also when it is the only one in it
        """
        start = (document_type, number)
        with self._engine.connect() as connection:
            walk = _Walk(connection, side, partner)
            above = walk.closure({start}, up=True)
            roots = {each for each in above if not walk.parents[each]}
            below = walk.closure(roots or {start}, up=False)
            chosen = above | below
            if len(chosen) == 1 and not alone:
                return None
            nodes = _Nodes(connection, side, partner, walk).of(chosen)
        if len(chosen) == 1 and nodes[0].status is None and not nodes[0].messages:
            return None
        links = tuple(
            ChainLink(source=_key(source), to=_key(to), message=row.message, at=moment(row.at))
            for (source, to), row in sorted(walk.rows.items(), key=lambda each: (each[1].at, each[0]))
            if source in chosen and to in chosen
        )
        return Chain(
            side=side, partner=partner, start=_key(start), nodes=nodes, links=links, truncated=len(chosen) >= LIMIT
        )


def _key(document: Document) -> str:
    return f"{document[0]}:{document[1]}"


class _Walk:
    """Steps along the links of one partner on one side. rows: (source, to) -> link."""

    def __init__(self, connection: Connection, side: str, partner: str) -> None:
        self._connection, self._side, self._partner = connection, side, partner
        self.rows: dict[tuple[Document, Document], Row[Any]] = {}
        self.parents: dict[Document, set[Document]] = defaultdict(set)
        self.messages: dict[Document, set[str]] = defaultdict(set)

    def closure(self, start: set[Document], *, up: bool) -> set[Document]:
        """Return start and what lies above or below it."""
        seen, frontier = set(start), set(start)
        while frontier and len(seen) < LIMIT:
            found = {source if up else to for source, to in self._links(frontier, up=up)}
            frontier = set(sorted(found - seen)[: LIMIT - len(seen)])
            seen |= frontier
        return seen

    def _links(self, documents: set[Document], *, up: bool) -> list[tuple[Document, Document]]:
        columns = t.link.c
        kind, name = (columns.to_type, columns.to) if up else (columns.source_type, columns.source)
        found = []
        for portion in portions(documents, _AT_ONCE):
            these = or_(*(and_(kind == each[0], name == each[1]) for each in portion))
            query = select(t.link).where(columns.side == self._side, columns.partner == self._partner, these)
            for row in self._connection.execute(query.limit(LIMIT * 2)):
                source, to = (row.source_type, row.source), (row.to_type, row.to)
                self.rows[source, to] = row
                self.parents[to].add(source)
                if row.message:
                    self.messages[to].add(row.message)
                    self.messages[source].add(row.message)
                found.append((source, to))
        return found


class _Nodes:
    """Documents of a chain with what our records and the log know of them."""

    def __init__(self, connection: Connection, side: str, partner: str, walk: _Walk) -> None:
        self._connection, self._side, self._partner, self._walk = connection, side, partner, walk

    def of(self, documents: set[Document]) -> tuple[ChainNode, ...]:
        """Return them in the order in which they came; those that nobody knows the time of come last."""
        carried, texts = self._carried(documents)
        facts = {**self._orders(documents), **self._shipments(documents), **self._invoices(documents)}
        facts |= {**self._returns(documents), **self._payments(documents)}
        nodes = [self._node(each, facts.get(each, {}), carried.get(each, ()), texts.get(each)) for each in documents]
        nodes.sort(key=lambda each: (each.at is None, each.at or 0, each.key))
        return tuple(nodes)

    def _node(
        self, document: Document, facts: Mapping[str, Any], messages: tuple[ChainMessage, ...], text: str | None
    ) -> ChainNode:
        told = json.loads(text) if text else {}
        lines = facts["lines"] if "lines" in facts else _lines_of(document[0], told)
        issued = str(told.get("issuedAt") or "")[:10] or None
        return ChainNode(
            key=_key(document),
            type=document[0],
            number=document[1],
            status=facts.get("status") or told.get("status"),
            on=facts.get("on") or issued,
            units=sum((each.quantity for each in lines), Decimal(0)) if lines else None,
            amount=facts.get("amount"),
            currency=facts.get("currency"),
            at=min((each.at for each in messages), default=None),
            lines=lines,
            messages=messages,
        )

    def _numbers(self, documents: set[Document], kind: str) -> list[str]:
        return [number for each, number in documents if each == kind]

    def _rows(self, table: Any, column: str, numbers: list[str]) -> Iterable[Row[Any]]:
        for portion in portions(numbers, _AT_ONCE):
            mine = and_(table.c.side == self._side, table.c.partner == self._partner)
            yield from self._connection.execute(select(table).where(mine, table.c[column].in_(portion))).all()

    def _orders(self, documents: set[Document]) -> dict[Document, dict[str, Any]]:
        numbers = self._numbers(documents, "Order")
        lines: dict[str, list[ChainLine]] = defaultdict(list)
        for row in sorted(self._rows(t.order_line, "order_number", numbers), key=lambda each: each.position):
            quantity = units(row.ordered)
            lines[row.order_number].append(ChainLine(number=row.number, gtin=row.gtin, quantity=quantity))
        return {
            ("Order", row.number): {
                "status": row.status,
                "on": row.ordered_on,
                "currency": row.currency,
                "lines": tuple(lines[row.number]),
            }
            for row in self._rows(t.business_order, "number", numbers)
        }

    def _shipments(self, documents: set[Document]) -> dict[Document, dict[str, Any]]:
        numbers = self._numbers(documents, "DespatchAdvice")
        return {
            ("DespatchAdvice", row.number): {
                "status": row.status,
                "on": (row.despatched_at or "")[:10] or None,
                "lines": tuple(
                    ChainLine(
                        number=str(n),
                        gtin=gtin,
                        quantity=Decimal(quantity),
                        order=row.order_number,
                        order_line=line,
                    )
                    for n, (line, gtin, quantity) in enumerate(json.loads(row.lines), start=1)
                ),
            }
            for row in self._rows(t.shipment, "number", numbers)
        }

    def _invoices(self, documents: set[Document]) -> dict[Document, dict[str, Any]]:
        numbers = self._numbers(documents, "Invoice")
        lines: dict[str, list[ChainLine]] = defaultdict(list)
        for row in sorted(self._rows(t.invoice_line, "invoice_number", numbers), key=lambda each: each.position):
            lines[row.invoice_number].append(
                ChainLine(
                    number=row.number,
                    gtin=row.gtin,
                    quantity=units(row.quantity),
                    order=row.order_number,
                    order_line=row.order_line,
                )
            )
        return {
            ("Invoice", row.number): {
                "status": row.status,
                "on": row.issued_on,
                "amount": Decimal(row.gross) * (-1 if row.kind == "credit-note" else 1),
                "currency": row.currency,
                "lines": tuple(lines[row.number]),
            }
            for row in self._rows(t.invoice, "number", numbers)
        }

    def _returns(self, documents: set[Document]) -> dict[Document, dict[str, Any]]:
        numbers = self._numbers(documents, "ReturnNotice")
        return {
            ("ReturnNotice", row.number): {
                "status": row.status,
                "lines": tuple(
                    ChainLine(number=number, gtin=gtin, quantity=Decimal(announced))
                    for number, gtin, announced, _, _ in json.loads(row.lines)
                ),
            }
            for row in self._rows(t.return_notice, "number", numbers)
        }

    def _payments(self, documents: set[Document]) -> dict[Document, dict[str, Any]]:
        """What a remittance pays of the invoices of this chain; of a credit note it takes back."""
        invoices = set(self._numbers(documents, "Invoice"))
        known = self._rows(t.invoice, "number", sorted(invoices))
        taken_back = {row.number for row in known if row.kind == "credit-note"}
        found: dict[Document, dict[str, Any]] = {}
        for row in self._rows(t.settlement, "remittance", self._numbers(documents, "RemittanceAdvice")):
            if row.invoice_number not in invoices:
                continue
            fact = found.setdefault(
                ("RemittanceAdvice", row.remittance),
                {"on": row.paid_on, "currency": row.currency, "amount": Decimal(0), "lines": (), "status": "paid"},
            )
            fact["amount"] += Decimal(row.paid) * (-1 if row.invoice_number in taken_back else 1)
        return found

    def _carried(
        self, documents: set[Document]
    ) -> tuple[dict[Document, tuple[ChainMessage, ...]], dict[Document, str]]:
        """Return the messages and parcels with these documents, and each document as the first of them has it."""
        found: dict[Document, list[ChainMessage]] = defaultdict(list)
        texts: dict[Document, str] = {}
        for row in self._message_rows(t.message, t.message.c.received_at, documents):
            document = (row.document_type, row.business_number)
            if document in documents and (row.partner == self._partner or row.id in self._walk.messages[document]):
                found[document].append(_carrier(row, "message", "in"))
                if row.document:
                    texts.setdefault(document, row.document)
        for row in self._message_rows(t.parcel, t.parcel.c.created_at, documents):
            document = (row.document_type, row.business_number)
            if document in documents and (row.partner == self._partner or row.cause in self._walk.messages[document]):
                found[document].append(_carrier(row, "parcel", "out"))
                if row.document:
                    texts.setdefault(document, row.document)
        ordered = {key: tuple(sorted(each, key=lambda one: (one.at, one.id))) for key, each in found.items()}
        return ordered, texts

    def _message_rows(self, table: Any, at: Any, documents: set[Document]) -> Iterable[Row[Any]]:
        columns = table.c
        wanted = [columns.id, columns.partner, columns.state, columns.document_type, columns.business_number]
        wanted += [columns.document, at.label("at")] + ([columns.cause] if "cause" in columns else [])
        for portion in portions({number for _, number in documents}, _AT_ONCE):
            query = select(*wanted).where(columns.business_number.in_(portion)).order_by(columns.id).limit(LIMIT * 4)
            yield from self._connection.execute(query).all()


def _carrier(row: Row[Any], kind: Any, direction: Any) -> ChainMessage:
    return ChainMessage(
        id=row.id, kind=kind, direction=direction, partner=row.partner, state=row.state, at=moment(row.at)
    )


def _lines_of(kind: str, told: Mapping[str, Any]) -> tuple[ChainLine, ...]:
    """Return the lines of a document that our records do not keep, from its canonical JSON."""
    name = _QUANTITIES.get(kind)
    if name is None:
        return ()
    lines = []
    for n, line in enumerate(told.get("lines") or (), start=1):
        order = line.get("order") if isinstance(line.get("order"), dict) else {}
        quantity = (line.get(name) or {}).get("value")
        if quantity is None:
            continue
        lines.append(
            ChainLine(
                number=str(line.get("number") or n),
                gtin=(line.get("item") or {}).get("gtin"),
                quantity=Decimal(quantity),
                order=order.get("id") or (told.get("order") or {}).get("id"),
                order_line=line.get("orderLine") or order.get("line"),
            )
        )
    return tuple(lines)
