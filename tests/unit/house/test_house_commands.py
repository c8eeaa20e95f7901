"""The work of our house by the command line, on a real instance: what people say goes through the pipeline."""

from datetime import timedelta
from pathlib import Path

from house_scene import (
    FARM,
    FLOUR,
    MILL,
    OATS,
    US,
    announcement,
    catalogue,
    despatch,
    go_on,
    invoice,
    opened,
    order,
    receipt,
    remittance,
    run,
    send,
    stock,
    today,
    told,
    units,
)

from gateway.domain.expectations import due_by_calendar


def test_an_order_above_the_limit_waits_and_is_decided_line_by_line(root: Path) -> None:
    send(root, "house", stock(oats=100, flour=100))
    send(root, "shop", order("A1", (OATS, 60), (FLOUR, 50)), order("A2", (FLOUR, 5)))
    (waiting,) = told(root, "orders", "list", "--status", "waiting")
    assert (waiting["number"], waiting["partner"]) == ("A1", "shop")
    (shown,) = told(root, "orders", "show", "A1")
    assert shown["order"]["waits"] == ["order.value-above-limit"]
    assert [line["open"]["to_decide"] for line in shown["order"]["lines"]] == ["60", "50"]
    assert "order.value-above-limit" in run(root, "orders", "show", "A1").output
    wrong = ("orders", "decide", "A1", "--partner", "shop", "--accept", "--line")
    assert "order.decision-line-unknown" in run(root, *wrong, "9:refuse", code=4).output
    assert "item.unknown" in run(root, *wrong, "1:substitute=9521001100999", code=3).output
    for nonsense in ("1", "1:quantity=x", "1:quantity=-1", "1:colour=red", ":refuse", "1:promised=soon"):
        run(root, *wrong, nonsense, code=2)
    run(root, "orders", "decide", "A1", "--partner", "shop", code=2)
    words = ("--line", "1:quantity=40,price=1.90", "--line", "2:refuse")
    run(root, "orders", "decide", "A1", "--partner", "shop", "--accept", *words, "--reason", "credit checked")
    again = run(root, "orders", "decide", "A1", "--partner", "shop", "--reject", code=3).output
    assert "order.already-decided" in again, "one word is on its way"
    go_on(root)
    (shown,) = told(root, "orders", "show", "A1")
    first, second = shown["order"]["lines"]
    assert (shown["order"]["status"], first["confirmed"], first["price"]) == ("amended", "40", "1.90")
    assert (second["status"], second["reason"]) == ("rejected", "order.refused-by-person")
    assert (first["open"]["refused"], first["open"]["to_despatch"], second["open"]["refused"]) == ("20", "40", "50")
    assert told(root, "orders", "list", "--status", "waiting") == []
    assert (
        "order.already-decided" in run(root, "orders", "decide", "A1", "--partner", "shop", "--accept", code=3).output
    )
    assert "order.not-known" in run(root, "orders", "decide", "A9", "--partner", "shop", "--accept", code=4).output
    run(root, "orders", "show", "A9", code=4)


def test_a_rejected_order_is_answered_and_takes_nothing(root: Path) -> None:
    send(root, "house", stock(oats=100))
    send(root, "shop", order("A1", (OATS, 60)))
    run(root, "orders", "decide", "A1", "--partner", "shop", "--reject", "--reason", "no credit")
    go_on(root)
    (shown,) = told(root, "orders", "show", "A1")
    assert (shown["order"]["status"], shown["order"]["lines"][0]["confirmed"]) == ("rejected", "0")
    answer = next(each for each in shown["chain"]["nodes"] if each["type"] == "OrderResponse")
    assert (answer["status"], answer["messages"][0]["direction"]) == ("rejected", "out")


def test_the_chain_goes_from_order_to_cash_and_back(root: Path) -> None:
    send(root, "house", stock(oats=100))
    send(root, "shop", order("A1", (OATS, 20)), order("A2", (OATS, 10)))
    send(root, "house", despatch("D1", "A1", ("1", OATS, 12)), despatch("D2", "A1", ("1", OATS, 8)))
    send(root, "house", despatch("D3", "A2", ("1", OATS, 10)))
    send(root, "house", invoice("R1", "A1", (OATS, 20, "2.00")), invoice("R2", "A2", (OATS, 10, "2.00")))
    send(root, "shop", remittance("P1", ("R1", 40), ("R2", 20)), announcement("B1", "A1", (OATS, 3)))
    (shown,) = told(root, "orders", "show", "A1")
    line = shown["order"]["lines"][0]
    assert [line[step] for step in ("ordered", "despatched", "invoiced")] == ["20", "20", "20"]
    chain = shown["chain"]
    nodes = {each["key"]: each for each in chain["nodes"]}
    assert set(nodes) - {key for key in nodes if key.startswith("OrderResponse")} == {
        "Order:A1",
        "DespatchAdvice:D1",
        "DespatchAdvice:D2",
        "Invoice:R1",
        "RemittanceAdvice:P1",
        "ReturnNotice:B1",
    }, "the other order that the payment is about does not belong to this chain"
    assert [nodes[f"DespatchAdvice:{each}"]["units"] for each in ("D1", "D2")] == ["12", "8"]
    assert (nodes["RemittanceAdvice:P1"]["amount"], nodes["Invoice:R1"]["status"]) == ("40", "paid")
    assert {each["direction"] for each in nodes["DespatchAdvice:D1"]["messages"]} == {"in", "out"}
    assert all(each["messages"] for each in nodes.values())
    steps = {(each["source"], each["to"]) for each in chain["links"]}
    assert {
        ("Order:A1", "DespatchAdvice:D2"),
        ("Order:A1", "Invoice:R1"),
        ("Invoice:R1", "RemittanceAdvice:P1"),
    } <= steps
    from_the_end = told(root, "orders", "chain", "Invoice", "R1", "--partner", "shop")
    assert {each["key"] for each in from_the_end["nodes"]} == set(nodes)
    assert "RemittanceAdvice P1" in run(root, "orders", "show", "A1").output
    run(root, "orders", "chain", "Invoice", "R9", "--partner", "shop", code=4)


def test_invoices_payments_and_returns_are_listed_and_shown(root: Path) -> None:
    send(root, "house", stock(oats=100))
    send(root, "shop", order("A1", (OATS, 20)))
    send(root, "house", despatch("D1", "A1", ("1", OATS, 20)), invoice("R1", "A1", (OATS, 20, "2.00")))
    send(root, "shop", remittance("P1", ("R1", 30)), announcement("B1", "A1", (OATS, 3)))
    (listed,) = told(root, "invoices", "list", "--side", "sale", "--order", "A1")
    assert (listed["number"], listed["gross"], listed["open"], listed["lines"]) == ("R1", "40.00", "10.00", [])
    assert told(root, "invoices", "list", "--side", "purchase") == []
    (shown,) = told(root, "invoices", "show", "R1")
    assert [line["quantity"] for line in shown["lines"]] == ["20"]
    assert [(paid["remittance"], paid["paid"]) for paid in shown["payments"]] == [("P1", "30")]
    assert "P1" in run(root, "invoices", "show", "R1").output
    assert [each["invoice"] for each in told(root, "invoices", "payments", "--remittance", "P1")] == ["R1"]
    (back,) = told(root, "returns", "list", "--status", "announced")
    assert (back["number"], back["order"]) == ("B1", "A1")
    wrong = ("returns", "instruct", "B1", "--partner", "shop")
    assert "return.line-unknown" in run(root, *wrong, "--line", "7=keep", code=4).output
    run(root, *wrong, "--line", "1=burn", code=2)
    run(root, *wrong, "--do", "destroy", "--note", "not worth the freight")
    go_on(root)
    (back,) = told(root, "returns", "show", "B1")
    assert (back["status"], [line["instruction"] for line in back["lines"]]) == ("instructed", ["destroy"])
    assert "return.not-known" in run(root, "returns", "instruct", "B9", "--partner", "shop", code=4).output
    run(root, "returns", "show", "B9", code=4)
    run(root, "invoices", "show", "R9", code=4)


def test_a_disputed_invoice_is_approved_or_rejected(root: Path) -> None:
    buy(root, "farm", OATS, "100")
    (bought,) = told(root, "orders", "list", "--side", "purchase")
    number = bought["number"]
    send(root, "farm", despatch("S1", number, ("1", OATS, 100), seller=FARM, buyer=US))
    send(root, "house", receipt("W1", "S1", number, (OATS, 90)))
    send(root, "farm", invoice("F1", number, (OATS, 100, "1.20"), seller=FARM, buyer=US))
    (disputed,) = told(root, "invoices", "list", "--status", "disputed")
    assert disputed["number"] == "F1"
    (shown,) = told(root, "invoices", "show", "F1")
    assert [code for code, _ in shown["differences"]] == ["invoice.quantity-differs"]
    assert "100 / 90" in run(root, "invoices", "show", "F1").output
    assert "invoice.not-known" in run(root, "invoices", "approve", "F9", "--partner", "farm", code=4).output
    run(root, "invoices", "reject", "F1", "--partner", "farm", "--reason", "ten short")
    go_on(root)
    (shown,) = told(root, "invoices", "show", "F1")
    assert (shown["status"], shown["open"], shown["differences"]) == ("refused", "0", [])
    assert "invoice.already-decided" in run(root, "invoices", "approve", "F1", "--partner", "farm", code=3).output
    send(root, "farm", invoice("F2", number, (OATS, 91, "1.20"), seller=FARM, buyer=US))
    run(root, "invoices", "approve", "F2", "--partner", "farm")
    go_on(root)
    assert told(root, "invoices", "show", "F2")[0]["status"] == "matched"
    ((order_shown),) = told(root, "orders", "show", number)
    line = order_shown["order"]["lines"][0]
    assert (line["invoiced"], line["open"]["to_credit"], line["open"]["to_invoice"]) == ("91", "1", "0")


def buy(root: Path, supplier: str, gtin: str, quantity: str) -> None:
    send(root, "farm", catalogue(FARM, "C1", (OATS, "1.20"), begins=today() - timedelta(days=5)))
    run(root, "catalogue", "basket", "add", supplier, gtin, quantity)
    run(root, "catalogue", "basket", "order")
    go_on(root)


def test_catalogues_are_compared_and_bought_from_one_order_per_supplier(root: Path) -> None:
    earlier = today() - timedelta(days=30)
    send(root, "farm", catalogue(FARM, "C1", (OATS, "1.10"), (FLOUR, "0.60"), begins=earlier))
    send(root, "farm", catalogue(FARM, "C2", (OATS, "1.21"), order_increment=units(12), minimum_order=units(24)))
    send(root, "mill", catalogue(MILL, "M1", (OATS, "1.15"), begins=earlier))
    (item,) = told(root, "catalogue", "show", "9521001100014")
    found = {each["supplier"]: each for each in item["offers"]}
    assert [tier["price"] for tier in found["farm"]["tiers"]] == ["1.10", "1.21"]
    assert (found["farm"]["increment"], found["mill"]["tiers"][0]["price"]) == ("12", "1.15")
    assert [each["gtin"] for each in told(root, "catalogue", "compare", "--search", "rolled")] == [OATS, FLOUR]
    assert [each["gtin"] for each in told(root, "catalogue", "compare", "--supplier", "mill")] == [OATS]
    assert "1.15 from 0" in run(root, "catalogue", "compare").output
    assert told(root, "catalogue", "compare", "--search", "%") == []
    run(root, "catalogue", "show", "9521001100038", code=4)
    assert "basket.no-terms" in run(root, "catalogue", "basket", "add", "shop", OATS, "1", code=3).output
    assert "basket.not-offered" in run(root, "catalogue", "basket", "add", "mill", FLOUR, "1", code=3).output
    assert "basket.empty" in run(root, "catalogue", "basket", "order", code=3).output
    run(root, "catalogue", "basket", "add", "mill", OATS, "10")
    run(root, "catalogue", "basket", "add", "farm", OATS, "30")
    shown = told(root, "catalogue", "basket", "add", "farm", FLOUR, "500")
    assert [(each["supplier"], each["value"], each["approval"]) for each in shown["suppliers"]] == [
        ("farm", "336.30", True),
        ("mill", "11.50", False),
    ]
    assert "basket.not-in-increments" in run(root, "catalogue", "basket", "order", code=3).output
    run(root, "catalogue", "basket", "add", "farm", OATS, "36")
    run(root, "catalogue", "basket", "order")
    assert told(root, "catalogue", "basket", "show")["lines"] == []
    go_on(root)
    (bought,) = told(root, "orders", "list", "--side", "purchase")
    assert (bought["partner"], bought["status"]) == ("mill", "open")
    (proposal,) = told(root, "proposals", "list", "--status", "proposed")
    assert (proposal["supplier"], proposal["value"]) == ("farm", "343.56")
    run(root, "proposals", "approve", proposal["id"])
    go_on(root)
    assert {each["partner"] for each in told(root, "orders", "list", "--side", "purchase")} == {"mill", "farm"}


def test_price_changes_are_told_with_what_was_before(root: Path) -> None:
    first = today() - timedelta(days=30)
    for number, price, begins in (
        ("C1", "1.00", first),
        ("C2", "1.25", today() - timedelta(days=3)),
        ("C3", "1.25", today()),
    ):
        send(root, "farm", catalogue(FARM, number, (OATS, price), begins=begins))
    changes = told(root, "catalogue", "changes", "--item", "9521001100014")
    assert [(each["before"], each["after"], each["percent"]) for each in changes] == [
        ("1.00", "1.25", "25.0"),
        (None, "1.00", None),
    ]
    since = (today() - timedelta(days=10)).isoformat()
    assert [each["after"] for each in told(root, "catalogue", "changes", "--since", since)] == ["1.25"]


def test_expected_documents_terms_and_price_lists_are_shown(root: Path, tmp_path: Path) -> None:
    with opened(root) as instance:
        now = instance.clock.now()
        owed = due_by_calendar(instance.book.partners["shop"], now - timedelta(days=3), {})
        instance.journal.write(lambda tx: tx.expect(owed))
        instance.journal.write(lambda tx: tx.overdue(now, 100))
    late = told(root, "expected", "list", "--overdue")
    assert late
    assert {(each["partner"], each["document_type"], each["state"]) for each in late} == {
        ("shop", "SalesReport", "overdue")
    }
    assert told(root, "expected", "list", "--partner", "farm") == []
    assert "SalesReport" in run(root, "expected", "list").output
    shown = run(root, "partners", "show", "shop").output
    assert "terms in force" in shown
    assert "retail" in shown
    assert "2024-01-01" in shown
    prices = tmp_path / "prices.csv"
    prices.write_text(
        "price_list,gtin,price,valid_from\nretail,9521001100014,1.80,2024-01-01\nretail,9521001100014,1.70,2025-01-01\n"
    )
    run(root, "import", "prices", str(prices))
    assert told(root, "prices", "lists") == [{"price_list": "retail", "prices": 2, "items": 1}]
    assert [each["price"] for each in told(root, "prices", "show", "retail")] == ["1.70"]
    assert [each["price"] for each in told(root, "prices", "show", "retail", "--on", "2024-06-01")] == ["1.80"]
    assert len(told(root, "prices", "show", "retail", "--all")) == 2
