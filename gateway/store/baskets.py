"""What a person has chosen from catalogues and not ordered yet. Written through the journal's one writer."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import and_

from gateway.store import tables as t
from gateway.store.database import insert_for
from gateway.store.forms import micros, milli, units
from gateway.store.tx_open import OpenTx


def put_line(tx: OpenTx, user: str, supplier: str, gtin: str, quantity: Decimal, now: datetime) -> None:
    """Set the quantity of an item from a supplier; 0 takes the line out. Raises OurFault journal.quantity-not-storable.

    gtin: 14 digits
    """
    columns = t.basket_line.c
    if quantity == 0:
        mine = and_(columns.user == user, columns.supplier == supplier, columns.gtin == gtin)
        tx.connection.execute(t.basket_line.delete().where(mine))
        return
    row = insert_for(tx.connection.dialect.name, t.basket_line).values(
        user=user, supplier=supplier, gtin=gtin, quantity=milli(quantity), updated_at=micros(now)
    )
    keys = [column.name for column in t.basket_line.primary_key]
    new = {"quantity": row.excluded.quantity, "updated_at": row.excluded.updated_at}
    tx.connection.execute(row.on_conflict_do_update(index_elements=keys, set_=new))


def take_out(tx: OpenTx, user: str) -> set[tuple[str, str, Decimal]]:
    """Take every line out of the user's basket; return supplier, GTIN and quantity of each."""
    columns = t.basket_line.c
    mine = t.basket_line.delete().where(columns.user == user)
    taken = tx.connection.execute(mine.returning(columns.supplier, columns.gtin, columns.quantity))
    return {(row.supplier, row.gtin, units(row.quantity)) for row in taken}


def waiting_message(tx: OpenTx, partner: str, number: str) -> str | None:
    """Return the message that made a customer's order what it is now: what a person has looked at."""
    columns = t.business_order.c
    mine = and_(columns.side == "sale", columns.partner == partner, columns.number == number)
    found: str | None = tx.connection.execute(
        t.business_order.select().where(mine).with_only_columns(columns.message)
    ).scalar()
    return found
