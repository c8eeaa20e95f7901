"""Real documents of one partner that name another as buyer: parked, released by a mandate, answered to the buyer."""

from pipeline_scene import NORDMARKT, STADTKETTE, Line, envelope, orders, with_partner

ORDER = envelope(orders("M-1").replace(f"NAD+BY+{NORDMARKT}", f"NAD+BY+{STADTKETTE}"))


def test_a_foreign_buyer_waits_and_a_mandate_books_it_on_the_buyer(line: Line) -> None:
    (parked,) = line.take(ORDER)
    assert parked.fault is not None
    assert parked.fault.code == "order.buyer-other"
    line.book = with_partner("nordmarkt", orders_for=("stadtkette",))
    (applied,) = line.take(ORDER.replace(b"R1", b"R2").replace(b"M-1", b"M-2"))
    assert applied.fault is None
    assert [name for name, _ in line.parcels("stadtkette")] == ["ubl-2.1/OrderResponse"]
    assert [text for name, text in line.parcels("nordmarkt") if name.endswith("/ORDRSP")] == []


def test_a_sender_who_pays_for_its_members_is_booked_itself(line: Line) -> None:
    line.book = with_partner("nordmarkt", other_buyer="sender")
    (applied,) = line.take(ORDER)
    assert applied.fault is None
    assert any(name.endswith("/ORDRSP") for name, _ in line.parcels("nordmarkt"))
