"""The auditor of the kill tests finds what it is there for."""

from pathlib import Path

import pytest
from auditor import Mailboxes


def response(number: int, order: int) -> str:
    return f"UNH+1+ORDRSP:D:96A'BGM+231+OR-{number:05d}+29'RFF+ON:PO-{order:05d}'DTM+67:20261105:102'"


def mailboxes(folder: Path) -> Mailboxes:
    """Four orders of one partner, sent one after the other, all answered in order."""
    box = folder / "acme"
    box.mkdir()
    (folder / "answered-1").write_text("1\n2\n3\n4\n")
    (folder / "taken-1").write_text("1 0.0 0.1\n2 0.3 0.6\n")
    (folder / "taken-2").write_text("3 0.4 0.5\n4 0.7 0.8\n")  # by another node: 2 and 3 were on their way at once
    for order in range(1, 5):
        (box / f"response{order}").write_text(response(order + 10, order))
        (box / f"control{order}").write_text(f"UNH+1+CONTRL:D:3'UCI+R{order}+A+B+7'")
    return Mailboxes(folder=folder, partners=("acme",))


def test_a_sound_set_of_mailboxes_has_no_fault(tmp_path: Path) -> None:
    assert mailboxes(tmp_path).faults([(1, 4)]) == []


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("acme/response2", None, "order 2 has 0 responses"),
        ("acme/control3", None, "order 3 has 0 CONTRL"),
        ("acme/again", response(19, 4), "order 4 has 2 responses"),
        ("acme/response3", response(11, 3), "response 11 used twice"),
        ("acme/response1", response(20, 1), "acme: order 4 was decided before 1"),
        ("acme/response5.changed", "other bytes", "bytes changed under one Message-ID: response5.changed"),
        ("acme/stray", response(30, 9), "response to an order nobody sent: 9"),
        ("answered-1", "1\n2\n3\n", "never acknowledged: 4"),
        ("taken-2", "3 0.4 0.5\n4 0.1 0.2\n", "acme: order 3 was decided before 4, which was there first"),
    ],
)
def test_each_kind_of_fault_is_named(tmp_path: Path, file: str, text: str | None, fault: str) -> None:
    found = mailboxes(tmp_path)
    path = tmp_path / file
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    assert fault in found.faults([(1, 4)])


def test_orders_that_were_on_their_way_at_once_may_be_decided_either_way(tmp_path: Path) -> None:
    found = mailboxes(tmp_path)
    (tmp_path / "acme" / "response2").write_text(response(13, 2))
    (tmp_path / "acme" / "response3").write_text(response(12, 3))
    assert found.faults([(1, 2), (3, 4)]) == []
