"""The house's pages on a real instance: orders decided line by line, the chain, invoices, returns, imports, buying."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from desk import Desk, desk_at, words_of
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
    order,
    receipt,
    remittance,
    send,
    stock,
)

from gateway.model.despatch_advice import LogisticUnit
from gateway.model.effects import ShipmentSaved
from gateway.store.view_rows import MessageFilter

PAGES = (
    "/orders",
    "/orders?status=waiting",
    "/orders?status=open&side=sale&partner=shop&number=A",
    "/orders/A1",
    "/orders/A2",
    "/invoices",
    "/invoices?status=disputed",
    "/invoices?side=sale",
    "/invoices/INV-1",
    "/returns",
    "/returns?status=announced",
    "/returns/R1",
    "/expected",
    "/expected?partner=shop",
    "/terms",
    "/terms/shop",
    "/items",
    "/items?text=oat",
    "/items?text=nothing",
    "/items/new?gtin=09521001109994",
    "/items/09521001100014",
    "/stock",
    "/shipments",
    "/shipments?side=sale",
    "/imports",
    "/imports?kind=stock",
    "/catalogue",
    "/catalogue?text=oats&supplier=farm",
    "/catalogue?text=nothing",
    "/catalogue/changes",
    "/basket",
    "/chain?side=sale&partner=shop&type=DespatchAdvice&number=D1",
)


def trade(root: Path) -> None:
    """A month in a minute: one order that waits, one shipped and billed, a return, two catalogues."""
    send(root, "house", stock(oats=500, flour=500))
    send(root, "shop", order("A1", (OATS, 60), (FLOUR, 20)), order("A2", (OATS, 30)))
    send(root, "house", despatch("D1", "A2", ("1", OATS, 30)))
    send(root, "house", invoice("INV-1", "A2", (OATS, 30, "2.00")))
    send(root, "shop", remittance("REM-1", ("INV-1", "60.00")), announcement("R1", "A2", (OATS, 4)))
    send(root, "farm", catalogue(FARM, "C1", (OATS, "1.20")))
    send(root, "mill", catalogue(MILL, "C2", (OATS, "1.10")))


@pytest.fixture
async def desk(root: Path, aiohttp_client: Any) -> AsyncIterator[Desk]:
    await asyncio.to_thread(trade, root)
    async with desk_at(root, aiohttp_client) as found:
        found.root = root  # type: ignore[attr-defined]
        yield found


@pytest.fixture
async def bare(root: Path, aiohttp_client: Any) -> AsyncIterator[Desk]:
    async with desk_at(root, aiohttp_client) as found:
        yield found


async def test_every_page_is_shown_in_both_languages_with_one_heading_and_named_fields(desk: Desk) -> None:
    for language in ("en", "zh-CN"):
        await desk.sign_in(language=language)
        for path in PAGES:
            html = await desk.page(path)
            assert len(re.findall(r"<h1\b", html)) == 1, path
            ids = re.findall(r'\bid="([^"]+)"', html)
            assert len(ids) == len(set(ids)), (path, [each for each in ids if ids.count(each) > 1])
            assert "style=" not in html, path
            for field in re.findall(r"<(?:input|select|textarea)\b[^>]*>", html):
                named = "aria-label=" in field or 'type="hidden"' in field or re.search(r'\bid="([^"]+)"', field)
                assert named, (path, field)


async def test_pages_without_anything_say_what_to_do_next(bare: Desk) -> None:
    for path in ("/orders", "/orders?status=waiting", "/invoices", "/invoices?status=disputed", "/returns", "/stock",
                 "/shipments", "/imports", "/catalogue", "/catalogue/changes", "/basket"):  # fmt: skip
        assert 'class="empty"' in await bare.page(path), path


async def test_what_is_not_there_is_not_found(bare: Desk) -> None:
    for path in ("/orders/none", "/invoices/none", "/returns/none", "/terms/none", "/items/none", "/imports/none",
                 "/chain?type=Order2&number=x&partner=shop", "/shipments/shop/none/labels"):  # fmt: skip
        await bare.page(path, 404)
    await bare.page("/imports/staged/" + "0" * 32, 409)
    await bare.page("/imports/staged/..%2f..%2fconfig", 409)


async def test_an_order_that_waits_is_decided_line_by_line(desk: Desk) -> None:
    html = await desk.page("/orders?status=waiting")
    assert "A1" in html
    assert "A2" not in words_of(html)
    html = await desk.page("/orders/A1")
    seen = re.search(r'name="seen" value="([^"]*)"', html)
    assert seen is not None
    said = {"partner": "shop", "seen": seen.group(1)}
    for wrong in (
        {"decision": "maybe"},
        {"decision": "accept", "quantity-1": "many"},
        {"decision": "accept", "promised-1": "soon"},
        {"decision": "accept", "substitute-1": "abc"},
    ):
        kept = await desk.send("/orders/A1/decide", status=400, **said, **{"reason": "kept text", **wrong})
        assert "kept text" in kept
    words = {"quantity-1": "40", "price-1": "1.95", "refuse-2": "yes", "promised-1": "2099-01-04"}
    html = await desk.send("/orders/A1/decide", **said, decision="accept", **words)
    assert "on its way" in words_of(html)
    await asyncio.to_thread(go_on, desk.root)  # type: ignore[attr-defined]
    (decided,) = desk.instance.views.order("A1")
    assert [(each.confirmed, each.status) for each in decided.lines][1] == (0, "rejected")
    assert decided.lines[0].confirmed == 40
    assert decided.lines[0].promised == "2099-01-04"
    await desk.send("/orders/A1/decide", status=409, **said, decision="reject")
    await desk.sign_in("planner")
    await desk.send("/orders/A1/decide", status=403, **said, decision="accept")


async def test_the_chain_of_an_order_shows_each_step_and_what_is_open(desk: Desk) -> None:
    text = words_of(await desk.page("/orders/A2"))
    for step in ("Ordered 30", "Confirmed 30", "Despatched 30", "Invoiced 30"):
        assert step in text
    assert re.search(r"Paid EUR\s60.00", text)
    for document in ("Order response", "Despatch advice", "Invoice", "Remittance advice", "Return notice"):
        assert document in text


async def test_an_announced_return_gets_an_instruction(desk: Desk) -> None:
    await desk.send("/returns/R1/instruct", status=409, partner="shop", instruction="eat")
    html = await desk.send("/returns/R1/instruct", partner="shop", instruction="destroy", note="no pallets")
    assert "on its way" in words_of(html)
    await asyncio.to_thread(go_on, desk.root)  # type: ignore[attr-defined]
    assert "Destroy" in words_of(await desk.page("/returns/R1"))
    await desk.send("/returns/R1/instruct", status=404, partner="mill", instruction="destroy")


async def test_a_suppliers_invoice_that_differs_is_approved(desk: Desk, root: Path) -> None:
    await desk.send("/basket/put", supplier="farm", gtin=OATS, quantity="10")
    await desk.send("/basket/order")

    def until_billed() -> str:
        go_on(root)
        bought = next(each for each in desk.instance.views.orders("purchase") if each.partner == "farm")
        send(root, "farm", despatch("FD1", bought.number, ("1", OATS, 10), seller=FARM, buyer=US))
        send(root, "house", receipt("GR1", "FD1", bought.number, (OATS, 10)))
        send(root, "farm", invoice("F-1", bought.number, (OATS, 10, "9.99"), seller=FARM, buyer=US))
        return bought.number

    await asyncio.to_thread(until_billed)
    assert "F-1" in await desk.page("/invoices?status=disputed&side=purchase")
    text = words_of(await desk.page("/invoices/F-1"))
    assert "Does not match order or receipt" in text
    await desk.send("/invoices/F-1/decide", status=400, partner="farm", decision="perhaps")
    await desk.send("/invoices/F-1/decide", status=404, partner="mill", decision="approve")
    html = await desk.send("/invoices/F-1/decide", partner="farm", decision="approve", reason="agreed by phone")
    assert "on its way" in words_of(html)
    await asyncio.to_thread(go_on, root)
    (approved,) = desk.instance.views.invoice("F-1")
    assert approved.status == "matched"


async def test_suppliers_are_compared_and_a_basket_becomes_orders(desk: Desk) -> None:
    html = await desk.page("/catalogue")
    assert "lowest" in words_of(html)
    assert "Mill" in html
    assert "Farm" in html
    await desk.send("/basket/put", status=409, supplier="nobody", gtin=OATS, quantity="5")
    await desk.send("/basket/put", status=400, supplier="farm", gtin="x", quantity="5")
    await desk.send("/basket/put", status=400, supplier="farm", gtin=OATS, quantity="")
    html = await desk.send("/basket/put", supplier="mill", gtin=OATS, quantity="10")
    assert "goes out at once" in words_of(html)
    assert "waits for approval" in words_of(await desk.send("/basket/put", supplier="mill", gtin=OATS, quantity="1000"))
    await desk.send("/basket/put", supplier="mill", gtin=OATS, quantity="0")
    assert 'class="empty"' in await desk.page("/basket")
    await desk.send("/basket/order", status=409)


async def upload(desk: Desk, kind: str, name: str, data: bytes, status: int = 200) -> str:
    csrf = re.search(r'name="csrf" value="([^"]+)"', await desk.page("/imports"))
    assert csrf is not None
    form = FormData()
    form.add_field("csrf", csrf.group(1))
    form.add_field("kind", kind)
    form.add_field("file", data, filename=name, content_type="text/csv")
    answer = await desk.client.post("/imports", data=form)
    html = await answer.text()
    assert answer.status == status, words_of(html)[:500]
    desk.at = str(answer.url.relative())
    return html


async def test_a_list_is_looked_at_matched_taken_in_and_undone(bare: Desk) -> None:
    rows = "code;what;\n9521001109994;Oat biscuits;\n9521001100014;Oats renamed;\n123;No GTIN;\n"
    html = await upload(bare, "items", "our-items.csv", rows.encode())
    assert "A column that every row needs was not recognised" in words_of(html)
    staged = bare.at
    html = await bare.page(f"{staged}?column-gtin=code&column-name=what")
    text = words_of(html)
    assert "Take 2 rows in" in text
    assert "line 4" in text.lower()
    assert bare.instance.views.kept_item("9521001109994") is None  # nothing is written yet
    await bare.send(staged, **{"column-gtin": "code", "column-name": "what"})
    assert bare.at.startswith("/imports/")
    text = words_of(await bare.page(bare.at))
    assert "our-items.csv" in text
    assert "Rows that are left out" in text
    kept = bare.instance.views.kept_item("9521001109994")
    assert kept is not None
    assert kept.name == "Oat biscuits"
    await bare.page(staged, 409)  # taken in once
    again = await upload(bare, "items", "more.csv", rows.encode())
    assert "Take 2 rows in" in words_of(again)  # how the columns were matched is remembered
    run = bare.instance.views.imports(1)[0]
    await bare.send(f"/imports/{run.id}/undo")
    assert bare.instance.views.kept_item("9521001109994") is None
    await bare.send(f"/imports/{run.id}/undo", status=409)


async def test_a_list_larger_than_a_form_can_be_handed_over_and_nonsense_is_refused(bare: Desk) -> None:
    rows = "gtin,name\n" + "".join(f"{n},x\n" for n in range(9000))
    assert "Rows" in words_of(await upload(bare, "items", "long.csv", rows.encode()))
    await upload(bare, "planets", "x.csv", b"a,b\n", 400)
    await upload(bare, "items", "x.xlsx", b"PK no book", 409)
    await upload(bare, "items", "empty.csv", b"", 409)


async def test_an_item_is_added_changed_and_checked(bare: Desk) -> None:
    said = {"gtin": "9521001109994", "name": "Oat biscuits", "active": "yes", "pack": "12", "currency": "EUR"}
    html = await bare.send("/items/save", status=409, **{**said, "gtin": "9521001109995", "sales_price": "cheap"})
    assert 'value="Oat biscuits"' in html
    assert 'class="error"' in html
    await bare.send("/items/save", **said, sales_price="2.49", new="yes")
    assert bare.at.startswith("/items/09521001109994")
    kept = bare.instance.views.kept_item("9521001109994")
    assert kept is not None
    assert (str(kept.sales_price), str(kept.pack), kept.active) == ("2.49", "12", True)
    await bare.send("/items/save", **{**said, "active": ""})
    changed = bare.instance.views.kept_item("9521001109994")
    assert changed is not None
    assert not changed.active
    assert len(bare.instance.views.imports()) == 2  # each can be undone
    await bare.sign_in("auditor")
    await bare.page("/items/new", 403)
    await bare.send("/items/save", status=403, **said)


async def test_labels_of_a_despatch_come_as_pdf_and_svg(desk: Desk, root: Path) -> None:
    answer = await desk.client.get("/shipments/shop/D1/labels")
    assert answer.status == 409  # the instance has no range of SSCCs: nothing is numbered
    assert "SSCC" in await answer.text()


async def test_numbered_units_get_labels_as_one_pdf_and_each_as_svg(desk: Desk, root: Path) -> None:
    codes = ("340999000000000019", "340999000000000026")
    units = tuple(LogisticUnit(id=str(n), sscc=each) for n, each in enumerate(codes, 2))
    advice = replace(despatch("D2", "A2", ("1", OATS, 3)), units=units)
    saved = ShipmentSaved(
        key="s", side="sale", partner="shop", number="D2", order="A2", status="despatched", document=advice
    )
    now = desk.instance.wall.now()
    await asyncio.to_thread(desk.instance.journal.write, lambda tx: tx.write_effects("m", [saved], now, test=False))
    answer = await desk.client.get("/shipments/shop/D2/labels?size=a5")
    assert (answer.status, answer.content_type) == (200, "application/pdf")
    assert (await answer.read()).count(b"/Type /Page ") == 2
    for number, code in enumerate(codes):
        answer = await desk.client.get(f"/shipments/shop/D2/labels?format=svg&unit={number}")
        assert (answer.status, answer.content_type) == (200, "image/svg+xml")
        assert "".join(re.findall(r">([^<]*)<", await answer.text())).replace(" ", "").count(f"(00){code}") == 1
    shown = await desk.page("/shipments?side=sale")
    assert "/shipments/shop/D2/labels" in shown


async def test_a_message_shows_the_whole_chain_with_quantities_and_where_it_stands_in_it(desk: Desk) -> None:
    found = desk.instance.views.messages(MessageFilter(), None, 100).lines
    advice = next(each for each in found if each.kind == "message" and each.document_type == "DespatchAdvice")
    html = await desk.page(f"/messages/{advice.id}")
    chain = html.partition('id="chain-title"')[2].partition("</section>")[0]
    said = words_of(chain)
    for document, number in (("Order", "A2"), ("Despatch advice", "D1"), ("Invoice", "INV-1"), ("Return notice", "R1")):
        assert re.search(rf"{document} {number}\b", said), (document, said)
    assert "30 units" in said
    assert re.search(r'class="here".*?<strong aria-current="true">D1</strong>', chain, re.DOTALL)
    parcels = {(each.partner, each.document_type): each for each in found if each.kind == "parcel"}
    sent = await desk.page(f"/parcels/{parcels['shop', 'OrderResponse'].id}")
    assert "INV-1" in words_of(sent.partition('id="chain-title"')[2].partition("</section>")[0])
    linked = dict(re.findall(r'href="/(messages|parcels)/[^"]+">([^<]+)</a>', chain))
    assert set(linked.values()) & {"A2", "INV-1", "R1"}


async def test_terms_that_our_house_has_told_are_shown_as_in_force(bare: Desk) -> None:
    await asyncio.to_thread(bare.actions.save_row, "customers", {"account": "shop", "payment_days": "77"}, "anna")
    assert "77" in words_of(await bare.page("/terms/shop"))
    row = words_of(await bare.page("/terms")).partition("Shop")[2]
    assert "77" in row


async def test_an_item_that_was_added_in_the_console_has_its_name_on_its_order(bare: Desk, root: Path) -> None:
    await bare.sign_in()
    said = {"gtin": "09521001109994", "name": "Rye flakes", "name_zh": "黑麦片", "unit": "H87", "active": "yes"}
    await bare.send("/items/save", **said, sales_price="2.49", new="yes")
    await asyncio.to_thread(send, root, "shop", order("N1", ("09521001109994", 3)))
    for _ in range(2):  # as looked up, and as remembered
        assert "Rye flakes" in words_of(await bare.page("/orders/N1"))
    await bare.sign_in(language="zh-CN")
    assert "黑麦片" in words_of(await bare.page("/orders/N1"))
