"""What a person can set in motion about orders, invoices, returns, baskets and lists. Implemented by the shell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol

from gateway.model.findings import Finding
from gateway.model.order_decision import LineWord

OrderWord = Literal["accept", "reject"]
InvoiceWord = Literal["approve", "reject"]
INSTRUCTIONS = ("return", "destroy", "keep", "credit", "refuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLineView:
    """A line of the basket at today's price. problem: why it cannot be ordered so."""

    supplier: str
    gtin: str
    name: str
    quantity: Decimal
    price: Decimal | None
    value: Decimal | None
    currency: str | None
    problem: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketSupplier:
    """What the basket comes to at one supplier. approval: its value is above the limit and waits for a person."""

    supplier: str
    value: Decimal
    currency: str
    limit: Decimal
    approval: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketView:
    """What somebody has chosen and not ordered yet, with what each supplier asks of an order."""

    user: str
    lines: tuple[BasketLineView, ...]
    suppliers: tuple[BasketSupplier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAnswer:
    """What an import did, or would do (dry). columns: ours -> theirs. sample: the first good rows as they were read."""

    id: str
    kind: str
    file: str
    state: str
    rows: int
    changed: int
    rejected: int
    dry: bool
    columns: Mapping[str, str]
    problems: tuple[Finding, ...] = ()
    sample: tuple[Mapping[str, Any], ...] = ()
    left: int = 0  # of an undoing: rows that have changed since and stay


class HouseActions(Protocol):
    """Each is recorded with user in the audit trail."""

    async def decide_order(
        self,
        partner: str,
        number: str,
        decision: OrderWord,
        user: str,
        lines: Sequence[LineWord] = (),
        reason: str | None = None,
        seen: str | None = None,
    ) -> str:
        """Return the id of the arrival. seen: message of the order as the person saw it; another one is refused.

        Raises OurFault order.not-known, order.already-decided, order.changed-since, order.decision-line-unknown,
        item.unknown.
        """

    async def decide_invoice(
        self, partner: str, number: str, decision: InvoiceWord, user: str, reason: str | None = None
    ) -> str:
        """Return the id of the arrival. Raises OurFault invoice.not-known, invoice.already-decided."""

    async def instruct_return(
        self,
        partner: str,
        number: str,
        user: str,
        instruction: str = "return",
        lines: Mapping[str, str] | None = None,
        note: str | None = None,
    ) -> str:
        """Return the id of the arrival. lines: line number -> instruction, where it differs.

        Raises OurFault return.not-known, return.instruction-unknown, return.line-unknown, return.already-received.
        """

    async def basket(self, user: str) -> BasketView: ...

    async def put_in_basket(self, user: str, supplier: str, gtin: str, quantity: Decimal) -> None:
        """Set a quantity; 0 takes the line out. Raises OurFault basket.no-terms, basket.not-offered."""

    async def order_basket(self, user: str) -> str:
        """Order everything in the basket and empty it; return the id of the arrival.

        Raises OurFault basket.empty, basket.changed, basket.not-orderable with every problem as a finding.
        """

    async def import_list(
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
        """Take a list in. Raises OurFault import.*."""

    async def undo_import(self, run_id: str, user: str) -> ImportAnswer:
        """Put everything back as it was. Raises OurFault import.unknown, import.undone."""
