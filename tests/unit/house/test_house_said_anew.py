"""A person's word that could not be carried out may be said again; one that is on its way may not."""

from dataclasses import replace
from pathlib import Path

from house_scene import OATS, opened, order, run, send, stock, told, work_off

ACCEPT = ("orders", "decide", "A1", "--partner", "shop", "--accept")
REJECT = ("orders", "decide", "A1", "--partner", "shop", "--reject")


def test_a_decision_that_was_parked_is_said_anew_and_carried_out(root: Path) -> None:
    send(root, "house", stock(oats=100))
    send(root, "shop", order("A1", (OATS, 60)))
    run(root, *ACCEPT)
    with opened(root) as instance:  # meanwhile the shop is no partner any more
        partners = {name: each for name, each in instance.book.partners.items() if name != "shop"}
        instance.book = replace(instance.book, partners=partners)
        work_off(instance)
    (shown,) = told(root, "orders", "show", "A1")
    assert shown["order"]["status"] == "waiting"
    run(root, *REJECT)
    assert "order.already-decided" in run(root, *ACCEPT, code=3).output, "the second word is on its way"
    with opened(root) as instance:
        work_off(instance)
    (shown,) = told(root, "orders", "show", "A1")
    assert shown["order"]["status"] == "rejected"


def test_a_word_that_is_on_its_way_is_not_said_twice(root: Path) -> None:
    send(root, "house", stock(oats=100))
    send(root, "shop", order("A1", (OATS, 60)))
    run(root, *ACCEPT)
    assert "order.already-decided" in run(root, *REJECT, code=3).output
