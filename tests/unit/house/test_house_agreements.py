"""Customers and calendars that our house tells, as documents and as lists, decide on the next order."""

import csv
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from house_scene import OATS, SHOP, opened, order, run, send, stock, today, told

from gateway.model.account_terms import AccountTerms
from gateway.model.calendar_info import CalendarEntry, CalendarInfo
from gateway.model.party_info import PartyInfo, PartyRecord
from gateway.model.values import party
from gateway.store.sight import Sight

PLACE = "9521002000016"


def listed(path: Path, *rows: tuple[str, ...]) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return str(path)


def test_a_credit_limit_told_by_our_house_holds_the_next_order_and_a_day_off_moves_the_promise(root: Path) -> None:
    send(root, "house", stock(oats=100))
    customer = PartyRecord(
        role="customer", party=party(SHOP, "The Shop"), account="4711", terms=AccountTerms(credit_limit=Decimal(15))
    )
    promised = today() + timedelta(days=2)
    closed = CalendarEntry(kind="holiday", party=party(SHOP), closed=(promised, promised + timedelta(days=1)))
    send(
        root,
        "house",
        PartyInfo(id="C-1", issued_at=today(), parties=(customer,)),
        CalendarInfo(id="K-1", issued_at=today(), calendars=(closed,)),
    )
    send(root, "shop", order("A1", (OATS, 6)), order("A2", (OATS, 8)))
    (first,), (second,) = told(root, "orders", "show", "A1"), told(root, "orders", "show", "A2")
    assert first["order"]["lines"][0]["promised"] == (promised + timedelta(days=2)).isoformat()
    assert (second["order"]["status"], second["order"]["waits"]) == ("waiting", ["order.credit-exceeded"])
    shown = told(root, "customers", "show", "shop")
    assert (shown["in_force"]["credit_limit"], shown["in_force"]["auto_value"]) == ("15", "100")
    assert [(each["number"], each["name"]) for each in shown["told"]] == [("4711", "The Shop")]
    assert [(each["owner"], each["kind"]) for each in told(root, "calendars", "list")] == [("shop", "holiday")]
    with opened(root) as instance:
        narrow = instance.views.seen_by(Sight(partners=frozenset({"shop"})))
        assert len(narrow.customers()) == len(narrow.calendars()) == 1
        other = instance.views.seen_by(Sight(partners=frozenset({"farm"})))
        assert (other.customers(), other.calendars(), other.told_terms("shop")) == ((), (), ())
    assert "credit_limit=15" in run(root, "customers", "list").output


def test_lists_of_customers_and_calendars_name_partners_by_id_or_gln_and_are_undone(root: Path, tmp_path: Path) -> None:
    names = ("GLN", "credit limit", "Zahlungsziel", "delivery")
    customers = listed(tmp_path / "customers.csv", names, (SHOP, "5000", "14", "Mo, Do"), ("nobody", "1", "2", ""))
    columns = ("--column", "payment_days=Zahlungsziel")
    dry = run(root, "import", "customers", customers, "--dry-run", *columns, code=3)
    assert "import.partner-unknown" in dry.output
    assert told(root, "customers", "list") == []
    done = run(root, "import", "customers", customers, *columns, "--json", code=8)
    shown = told(root, "customers", "show", "shop")["in_force"]
    assert (shown["credit_limit"], shown["payment_days"], shown["delivery_days"]) == ("5000", 14, [1, 4])
    days = listed(
        tmp_path / "calendars.csv",
        ("owner", "type", "days", "holidays", "cutoff", "time zone"),
        ("self", "ordering", "mon-fri", "", "14:30", "Europe/Berlin"),
        (PLACE, "receiving", "1-3", "2026-12-24; 25.12.2026", "", ""),
        ("shop", "delivery", "mon", "", "", "Mars/Base"),
    )
    assert "import.zone-unknown" in run(root, "import", "calendars", days, code=8).output
    assert told(root, "calendars", "list", "--owner", PLACE) == [
        {
            "owner": PLACE,
            "kind": "receiving",
            "from": "2000-01-01",
            "to": None,
            "weekdays": "1 2 3",
            "closed": "2026-12-24 2026-12-25",
            "opened": "",
            "cut_off": None,
            "zone": "UTC",
        }
    ]
    run_id = done.stdout.split('"id": "')[1].split('"')[0]
    run(root, "import", "--undo", run_id)
    assert told(root, "customers", "list") == []
