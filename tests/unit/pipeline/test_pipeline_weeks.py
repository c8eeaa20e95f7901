"""An order for a week is delivered in it: read, promised, answered."""

from datetime import date

from pipeline_scene import FLOUR, OATS, Line, envelope, message, order_body

BODY = order_body("W-1", ((OATS, "2"), (FLOUR, "2"))).replace("DTM+2:20261105:102", "DTM+2:202648:616")


def test_an_order_for_a_week_is_promised_within_it_and_a_line_for_another_in_that(line: Line) -> None:
    body = BODY.replace(f"{FLOUR}:EN'QTY+21:2'", f"{FLOUR}:EN'QTY+21:2'DTM+2:202650:616'")
    (applied,) = line.take(envelope(message("ORDERS", body)))
    assert applied.fault is None
    ((_, said),) = [each for each in line.parcels("nordmarkt") if each[0].endswith("/ORDRSP")]
    days = [each.split("+")[1].split(":")[1] for each in said.split("'") if each.startswith("DTM+69")]
    promised = [date(int(each[:4]), int(each[4:6]), int(each[6:])) for each in days]
    assert [each.isocalendar().week for each in promised[-2:]] == [48, 50]


def test_a_day_that_nobody_means_waits_and_is_not_answered(line: Line) -> None:
    body = BODY.replace("DTM+2:202648:616", "DTM+2:99991231:102")
    (applied,) = line.take(envelope(message("ORDERS", body)))
    assert applied.fault is None
    assert [name for name, _ in line.parcels("nordmarkt") if name.endswith("/ORDRSP")] == []
