"""Number ranges and logistic units on every journal: no number twice, none left out, whoever asks at the same time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from journal_rows import NOW

from gateway.domain.decision import Needs
from gateway.model.effects import DocumentLinked, NumbersTaken, PackSaved, ShipmentSaved, UnitShipped
from gateway.model.faults import OurFault
from gateway.ports.journal import Tx
from gateway.store.journal import SqlJournal

RANGE = "sscc:04012345"
WAREHOUSE = "4012345000009"


def seen(tx: Tx, **needs: object) -> object:
    return tx.snapshot(Needs(**needs), WAREHOUSE)  # type: ignore[arg-type]


def take(journal: SqlJournal, message: str, count: int) -> range:
    """Take numbers as a decider does: what the snapshot says, and an effect that goes on from there."""

    def work(tx: Tx) -> range:
        start = tx.snapshot(Needs(ranges=frozenset({RANGE})), WAREHOUSE).ranges.get(RANGE, 0)
        taken = NumbersTaken(key="sscc", range=RANGE, start=start, last=start + count)
        tx.write_effects(message, [taken], NOW, test=False)
        return range(start + 1, start + count + 1)

    return journal.write(work)


def test_numbers_are_given_out_once_and_without_gaps(journal: SqlJournal) -> None:
    assert list(take(journal, "m-1", 3)) == [1, 2, 3]
    assert list(take(journal, "m-2", 2)) == [4, 5]


def test_many_at_once_share_no_number(journal: SqlJournal) -> None:
    def one(n: int) -> list[int]:
        while True:
            try:
                return list(take(journal, f"m-{n}", 1 + n % 3))
            except OurFault as fault:
                assert fault.code == "journal.lost-claim"  # noqa: PT017 - the first two of a new range may meet

    with ThreadPoolExecutor(8) as pool:
        given = sorted(number for taken in pool.map(one, range(40)) for number in taken)
    assert given == list(range(1, sum(1 + n % 3 for n in range(40)) + 1))


def test_a_transaction_that_fails_gives_its_numbers_back(journal: SqlJournal) -> None:
    class StopError(Exception):
        pass

    def fail(tx: Tx) -> None:
        tx.write_effects("m-1", [NumbersTaken(key="sscc", range=RANGE, start=0, last=9)], NOW, test=False)
        raise StopError

    with pytest.raises(StopError):
        journal.write(fail)
    assert list(take(journal, "m-2", 1)) == [1]


def test_a_number_that_somebody_else_took_is_not_given_again(journal: SqlJournal) -> None:
    take(journal, "m-1", 2)
    for start in (0, 1, 3):
        stale = NumbersTaken(key="sscc", range=RANGE, start=start, last=start + 1)
        with pytest.raises(OurFault, match=r"journal\.lost-claim"):
            journal.write(lambda tx, each=stale: tx.write_effects("m-2", [each], NOW, test=False))
    assert list(take(journal, "m-3", 1)) == [3]


def test_the_same_message_again_and_test_traffic_take_none(journal: SqlJournal) -> None:
    taken = NumbersTaken(key="sscc", range=RANGE, start=0, last=2)
    journal.write(lambda tx: tx.write_effects("m-1", [taken], NOW, test=False))
    journal.write(lambda tx: tx.write_effects("m-1", [taken], NOW, test=False))
    journal.write(lambda tx: tx.write_effects("m-2", [replace(taken, start=2, last=4)], NOW, test=True))
    assert list(take(journal, "m-3", 1)) == [3]


def test_a_unit_is_known_with_its_last_use(journal: SqlJournal) -> None:
    used = UnitShipped(key="unit:1", sscc="340123450000000018", partner="shop", shipment="D1")
    journal.write(lambda tx: tx.write_effects("m-1", [used], NOW, test=False))
    later = NOW + timedelta(days=400)
    journal.write(lambda tx: tx.write_effects("m-2", [replace(used, shipment="D2")], later, test=False))
    wanted = frozenset({used.sscc, "340123450000000025"})
    found = journal.read(lambda tx: tx.snapshot(Needs(units=wanted), WAREHOUSE)).units
    assert found == {used.sscc: (replace(used, shipment="D2"), later)}


def test_packs_of_packs_come_with_an_item_and_circles_end(journal: SqlJournal) -> None:
    def pack(gtin: str, inner: str, level: str) -> PackSaved:
        return PackSaved(key=f"pack:{gtin}", gtin=gtin, inner=inner, contents=Decimal(2), level=level)

    chain = [pack("C", "ITEM", "case"), pack("L", "C", "layer"), pack("P", "L", "pallet"), pack("X", "OTHER", "case")]
    circle = [pack("R1", "R2", "case"), pack("R2", "R1", "case")]
    journal.write(lambda tx: tx.write_effects("m-1", [*chain, *circle], NOW, test=False))

    def of(gtin: str) -> list[str]:
        packs = journal.read(lambda tx: tx.snapshot(Needs(packs=frozenset({gtin})), WAREHOUSE)).packs
        return [each.gtin for each in packs]

    assert (of("ITEM"), of("R1"), of("NONE")) == (["C", "L", "P"], ["R1", "R2"], [])


def test_a_despatch_is_found_by_each_of_its_orders(journal: SqlJournal) -> None:
    shipment = ShipmentSaved(key="s", side="sale", partner="shop", number="D1", order="A1", status="despatched")
    links = [
        DocumentLinked(
            key=f"link:{number}",
            side="sale",
            partner="shop",
            source_type="Order",
            source=number,
            to_type="DespatchAdvice",
            to="D1",
        )
        for number in ("A1", "A2")
    ]
    journal.write(lambda tx: tx.write_effects("m-1", [shipment, *links], NOW, test=False))

    def of(number: str) -> list[str]:
        wanted = Needs(shipments_of_orders=frozenset({("sale", "shop", number)}))
        return [key[2] for key in journal.read(lambda tx: tx.snapshot(wanted, WAREHOUSE)).shipments]

    assert (of("A1"), of("A2"), of("A3")) == (["D1"], ["D1"], [])
