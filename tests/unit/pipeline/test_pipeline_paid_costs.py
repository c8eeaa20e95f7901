"""What an item has cost is what suppliers' invoices that were found right have billed for it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import cast

from pipeline_scene import FLOUR, NOW, OATS, RICE, Line

from gateway.model.effects import InvoiceLineState, InvoiceSaved
from gateway.store.paid_costs import paid_costs
from gateway.store.sql_tx import SqlTx

LAST = date(2026, 11, 1)


def bill(number: str, *lines: tuple[str, int, str], **more: object) -> InvoiceSaved:
    """lines: (GTIN, units, net amount)."""
    facts = {"status": "matched", "kind": "invoice", "currency": "EUR", "issued_on": LAST, "side": "purchase"} | more
    zero = Decimal(0)
    return InvoiceSaved(
        key=number,
        partner="quellhof",
        number=number,
        net=zero,
        tax=zero,
        gross=zero,
        open=zero,
        lines=tuple(
            InvoiceLineState(number=str(n), gtin="0" + gtin, quantity=Decimal(units), amount=Decimal(amount))
            for n, (gtin, units, amount) in enumerate(lines, 1)
        ),
        **facts,  # type: ignore[arg-type]
    )


def costs(line: Line, gtins: Collection[str], *bills: InvoiceSaved) -> dict[str, Decimal]:
    line.journal.write(lambda tx: tx.write_effects("bills", bills, NOW, test=False))
    wanted = ["0" + each for each in gtins]
    found = line.journal.read(lambda tx: paid_costs(cast("SqlTx", tx).connection, wanted, LAST))
    return {gtin[1:]: cost for gtin, cost in found.items()}


def test_the_cost_is_the_mean_of_what_was_billed_weighed_by_units(line: Line) -> None:
    one, two = bill("R1", (OATS, 10, "12.00"), (FLOUR, 5, "3.00")), bill("R2", (OATS, 30, "48.00"), status="paid")
    assert costs(line, (OATS, FLOUR, RICE), one, two) == {OATS: Decimal("1.5"), FLOUR: Decimal("0.6")}


def test_what_is_disputed_given_back_old_or_asked_of_customers_tells_no_cost(line: Line) -> None:
    right = bill("R1", (OATS, 10, "12.00"))
    others = (
        replace(bill("R2", (OATS, 10, "99.00")), status="disputed"),
        replace(bill("R3", (OATS, 10, "99.00")), kind="credit-note"),
        replace(bill("R4", (OATS, 10, "99.00")), issued_on=date(2025, 11, 1)),
        replace(bill("R5", (OATS, 10, "99.00")), side="sale"),
        replace(bill("R6", (OATS, 10, "99.00")), issued_on=date(2026, 11, 2)),
    )
    assert costs(line, (OATS,), right, *others) == {OATS: Decimal("1.2")}
    assert costs(line, ()) == {}


def test_of_several_currencies_the_usual_one_counts(line: Line) -> None:
    usual = bill("R1", (OATS, 10, "12.00"), (FLOUR, 1, "2.00"))
    assert costs(line, (OATS, FLOUR), usual, bill("R2", (OATS, 10, "900"), currency="CNY"))[OATS] == Decimal("1.2")
