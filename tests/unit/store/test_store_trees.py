"""Sites of an account as a tree, however deep a partner's master data goes."""

from datetime import UTC, datetime

from gateway.store.view_people import tree
from gateway.store.view_people_rows import PartyView

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def site(number: int, parent: int | None, name: str = "") -> PartyView:
    return PartyView(
        id=f"p{number}", teller="shop", name=name or f"Site {number:05}", gln=f"{number:013}",
        parent=None if parent is None else f"{parent:013}", roles=(), state="open", account="shop", identifiers=(),
        address=(), registration=None, first_at=NOW, last_at=NOW, first_message="m", last_message="m", place="",
    )  # fmt: skip


def test_sites_stand_below_the_one_above_them_and_roots_come_by_name() -> None:
    given = [site(1, None, "A"), site(2, None, "B"), site(3, 1, "C"), site(4, 3, "D"), site(5, 1, "E")]
    assert [(each.party.name, each.depth) for each in tree(given)] == [("A", 0), ("C", 1), ("D", 2), ("E", 1), ("B", 0)]


def test_a_ring_of_sites_is_shown_once_each() -> None:
    assert [each.party.id for each in tree([site(1, 2), site(2, 1), site(3, 3)])] == ["p3", "p1", "p2"]


def test_a_chain_of_any_length_is_shown() -> None:
    found = tree([site(1, None), *(site(each, each - 1) for each in range(2, 5001))])
    assert (len(found), found[-1].party.id) == (5000, "p5000")
