"""Without planning.yaml our warehouse is planned as any other place, and what it orders is counted."""

from datetime import timedelta
from pathlib import Path

from house_scene import OATS, go_on, opened, order, run, send, stock, today, told

SOLD = """\
  - {receive: canonical/SalesReport, over: http}
"""


def test_a_warehouse_of_which_nobody_has_said_how_it_is_planned_is_planned_and_counted(root: Path) -> None:
    send(root, "house", stock(oats=2, flour=500))
    send(root, "shop", order("A1", (OATS, 40)))
    run(root, "plan", "run")
    go_on(root)
    (line,) = [each for each in told(root, "plan", "show") if each["gtin"] == OATS]
    assert (line["agreement"], line["quantity"]) == ("own", "38")
    run(root, "plan", "approve", line["proposal"], "--line", "1=48", "--note", "a whole pallet")
    go_on(root)
    (bought,) = [each for each in told(root, "orders", "list") if each["side"] == "purchase"]
    assert bought["partner"] == "farm"
    with opened(root) as instance:  # a figure counts days that are over
        day, tomorrow = today(), today() + timedelta(days=1)
        (rate,) = instance.views.measure_groups("touch-rate", "total", None, day, day, tomorrow)
    assert (rate.value, rate.count) == (1, 1)


def test_demand_is_what_customers_order_unless_somebody_reports_sales(root: Path) -> None:
    with opened(root) as instance:
        assert instance.book.own.planning is not None
        (usual,) = instance.book.own.planning.agreements
        assert (usual.method, usual.demand, usual.places) == ("purchase", "orders", ("9521001000017",))
    shop = root / "partners" / "shop" / "partner.yaml"
    shop.write_text(shop.read_text().replace("agreements:\n", "agreements:\n" + SOLD))
    run(root, "apply")
    with opened(root) as instance:
        assert instance.book.own.planning is not None
        assert instance.book.own.planning.agreements[0].demand == "sales"


def test_a_plain_reorder_point_is_there_for_who_asks_for_it(root: Path) -> None:
    (root / "partners" / "self" / "planning.yaml").write_text("plain: true\n")
    run(root, "apply")
    with opened(root) as instance:
        assert instance.book.own.planning is None
    (root / "partners" / "self" / "planning.yaml").write_text("plain: true\nagreements: []\n")
    assert "agreements" in run(root, "check", code=3).output
