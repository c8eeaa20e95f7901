"""Pages of accounts and persons on documents that were taken in as they came: candidates, record, plans, privacy."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import TestClient

from gateway.api.services import ConsoleSettings, Services
from gateway.app.customer_record import AsyncCustomerRecord, CustomerRecord
from gateway.app.people import AsyncPeople
from gateway.app.privacy import AsyncPrivacy
from gateway.console.app import make_console
from gateway.store.access import Access
from gateway.store.journal import SqlJournal
from gateway.store.saved_views import SavedViews
from tests.contracts.people_desk import SHOP, SHOP_TOLD, Desk, order
from tests.stepped_clock import SteppedClock
from tests.unit.pipeline import pipeline_scene as scene_of

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
HREF = re.compile(r'href="(/accounts/nordmarkt/numbers/[^"]+)"')


class Acting(AsyncCustomerRecord, AsyncPeople, AsyncPrivacy):
    def __init__(self, record: CustomerRecord) -> None:
        self.record = record


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(CustomerRecord, "_certificate_days", lambda self, now: {})
    journal = SqlJournal.in_memory()
    found = Desk(journal)
    for number in range(3):
        found.take(order(f"PO{number}", SHOP_TOLD), reference=f"R{number}")
    found.settle()
    found.record.measure()
    yield found
    journal.close()


@pytest.fixture
async def client(desk: Desk, aiohttp_client) -> TestClient:
    access = Access(desk.journal.reader, desk.journal)
    services = Services(
        views=desk.views,
        access=access,
        saved=SavedViews(desk.journal.reader, desk.journal),
        actions=Acting(desk.record),  # type: ignore[arg-type]
        book=lambda: desk.line.book,
        clock=desk.clock,
        wall=SteppedClock(scene_of.NOW),  # a session outlives the days that the test lets pass
        settings=ConsoleSettings(title="Lindwerder"),
    )
    for name, role in (("mei", "admin"), ("omar", "planner")):
        access.add_user(name, role, desk.clock.now(), by="test")
    found = await aiohttp_client(make_console(services))
    await sign_in(found, access, desk, "mei")
    return found


async def sign_in(client: TestClient, access: Access, desk: Desk, name: str) -> None:
    await client.get("/login?token=" + access.make_login_link(name, scene_of.NOW), allow_redirects=False)


async def page(client: TestClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    text = await answer.text()
    assert answer.status == status, (path, answer.status, text[-800:])
    return text


async def post(client: TestClient, path: str, on: str, **form: str) -> str:
    token = CSRF.search(await page(client, on))
    assert token is not None
    answer = await client.post(path, data={"csrf": token.group(1), **form}, allow_redirects=False)
    assert answer.status == 303, (path, answer.status, (await answer.text())[-800:])
    return answer.headers.get("Location", "")


async def test_a_candidate_is_looked_at_accepted_and_the_decision_undone(client: TestClient, desk: Desk) -> None:
    shown = await page(client, "/candidates")
    assert "Nordmarkt Hafen" in shown
    [found] = desk.candidates()
    assert f"/messages/{found.party.last_message}" in shown
    await post(client, f"/candidates/{found.party.id}", "/candidates", what="accept", account="nordmarkt")
    assert SHOP in await page(client, "/accounts/nordmarkt/profile")
    [decision] = desk.views.crm_decisions()
    await post(client, f"/decisions/{decision.id}/undo", "/candidates", back="/accounts/nordmarkt/profile")
    assert SHOP not in await page(client, "/accounts/nordmarkt/profile")
    made = await post(
        client,
        f"/candidates/{found.party.id}",
        "/candidates",
        what="accept",
        account="",
        name="港口商店",
        kind="customer",
    )
    assert made == "/candidates?done=people"
    assert "港口商店" in await page(client, "/accounts")
    assert "No two accounts are alike" in await page(client, "/candidates?twins=yes")


async def test_every_number_of_an_account_leads_to_its_documents_and_sums_are_theirs(
    client: TestClient, desk: Desk
) -> None:
    shown = await page(client, "/accounts/nordmarkt")
    links = sorted(set(HREF.findall(shown)))
    line, record = desk.views.account("nordmarkt"), desk.views.account_record("nordmarkt")
    assert line is not None
    assert record is not None
    assert {each.rpartition("/")[2] for each in links} >= {*line.figures, *record.measures}
    for link in links:
        behind = await page(client, link)
        name = link.rpartition("/")[2]
        assert re.search(r'href="/messages/[^"]+"', behind) or "No document stands behind it" in behind, link
        found = desk.views.account_number("nordmarkt", name)
        assert found is not None
        for each in found.documents:
            assert each.message is None or desk.views.kind_of(each.message) is not None
        if name in line.figures:
            total = sum((Decimal(each.value) for each in found.documents if each.value is not None), Decimal(0))
            assert total == line.figures[name], name
    assert len(links) > 12
    await page(client, "/accounts/nordmarkt/numbers/nothing", 404)


async def test_the_record_tells_of_documents_talks_plans_and_what_is_open(client: TestClient, desk: Desk) -> None:
    people = "/accounts/nordmarkt/people"
    await post(client, "/words", "/words", list="topic", code="returns", en="Returns", zh="退货", active="yes")
    await post(client, "/words", "/words", list="field", code="mood", en="Mood", zh="情绪", type="number", active="yes")
    talk = {
        "kind": "visit",
        "subject": "Spring range",
        "topic": "returns",
        "field.mood": "4",
        "text": "wants <b>more</b>",
    }
    await post(client, "/accounts/nordmarkt/talks", people, **talk)
    assert "value-wrong" in await wrong(client, "/accounts/nordmarkt/talks", people, **{**talk, "field.mood": "good"})
    await post(client, "/tasks", people, kind="call", title="Call Anna", due="2026-11-03T10:00", account="nordmarkt")
    shown = await page(client, people)
    assert all(each in shown for each in ("Spring range", "Returns", "Mood: 4", "Call Anna", "Anna Brandt"))
    assert "<b>more" not in shown
    [task] = desk.views.crm_tasks()
    assert "Call Anna" in await page(client, "/my-day")
    desk.clock.advance(timedelta(days=3))
    assert "Overdue" in await page(client, "/my-day")
    await post(client, f"/tasks/{task.id}/done", "/my-day", result="wants a price", back="/my-day")
    timeline = await page(client, "/accounts/nordmarkt/timeline")
    assert all(each in timeline for each in ("wants a price", "Spring range", "PO2", "/messages/"))
    assert "PO2" in await page(client, "/accounts/nordmarkt/open")
    profile = {"name": "Nordmarkt AG", "kind": "both", "relation": "customer", "status": "trading", "owner": "mei"}
    await post(client, "/accounts/nordmarkt/profile", "/accounts/nordmarkt/profile", **profile, shared="omar, lin")
    assert "Nordmarkt" in await page(client, "/accounts?mine=yes")
    assert [each.shared for each in desk.views.crm_profiles("omar")] == [("omar", "lin")]


async def wrong(client: TestClient, path: str, on: str, **form: str) -> str:
    token = CSRF.search(await page(client, on))
    assert token is not None
    answer = await client.post(path, data={"csrf": token.group(1), **form}, allow_redirects=False)
    assert answer.status == 400
    return await answer.text()


async def test_a_person_is_found_copied_and_erased(client: TestClient, desk: Desk) -> None:
    [found] = desk.views.crm_contacts(text_part="brandt")
    assert found.contact.name in await page(client, "/contacts?text=BRANDT")
    contact = f"/contacts/{found.contact.id}"
    token = CSRF.search(await page(client, contact))
    assert token is not None
    answer = await client.post(f"{contact}/export", data={"csrf": token.group(1)})
    told = json.loads(await answer.text())
    assert {each["number"] for each in told["documents"]} >= {"PO0", "PO1", "PO2"}
    await post(client, f"{contact}/erase", contact, reason="asked by letter")
    await page(client, contact, 404)
    assert "asked by letter" in await page(client, "/privacy")
    message = next(each for each in desk.line.rows("message") if each["business_number"] == "PO1")
    assert "Anna Brandt" not in await page(client, f"/messages/{message['id']}")
    await post(client, "/privacy/terms", "/privacy", type="Order", months="24")
    await post(client, "/privacy/processors", "/privacy", id="crm", name="CRM host", purpose="sales", agreement="")
    assert "no agreement" in await page(client, "/privacy")


async def test_a_case_is_opened_by_hand_and_its_figures_and_place_are_shown(client: TestClient, desk: Desk) -> None:
    message = next(each for each in desk.line.rows("message") if each["business_number"] == "PO1")
    where = await post(
        client, "/cases", "/cases/new", account="nordmarkt", type="complaint", subject="Wet cartons", urgency="high",
        message=message["id"], place="lines[0].quantity", text="Two of ten",
    )  # fmt: skip
    shown = await page(client, where)
    assert "complaint" in shown
    assert re.search(rf'href="/messages/{message["id"]}#s\d+"', shown)
    cases = await page(client, "/cases")
    assert "Wet cartons" in cases
    assert "First answer" in cases
    figures = desk.views.crm_case_figures(ZoneInfo("UTC"), scene_of.NOW)
    assert (figures.open >= 1, figures.by_type["complaint"]) == (True, 1)


async def test_who_may_not_see_persons_sees_accounts_without_them(client: TestClient, desk: Desk) -> None:
    access = Access(desk.journal.reader, desk.journal)
    await sign_in(client, access, desk, "omar")
    assert "Anna Brandt" not in await page(client, "/accounts/nordmarkt/people")
    for path in ("/contacts", "/privacy", "/candidates", "/words"):
        await page(client, path, 403)


async def test_the_api_does_what_the_pages_do(client: TestClient, desk: Desk) -> None:
    token = CSRF.search(await page(client, "/words"))
    assert token is not None
    headers = {"X-CSRF-Token": token.group(1)}

    async def call(method: str, path: str, code: int = 200, **body: object):
        answer = await client.request(method, f"/api/v1{path}", json=body or None, headers=headers)
        assert answer.status == code, (path, answer.status, await answer.text())
        return await answer.json()

    [party] = await call("GET", "/crm/candidates")
    await call("POST", f"/crm/parties/{party['party']['id']}/decision", what="accept", account="nordmarkt")
    assert any(each["party"]["gln"] == SHOP for each in (await call("GET", "/records/nordmarkt/sheet"))["sites"])
    [decision] = await call("GET", "/crm/decisions")
    await call("POST", f"/crm/decisions/{decision['id']}/undo")
    merged = await call("POST", "/crm/merges", gone="stadtkette", kept="nordmarkt")
    await call("POST", f"/crm/decisions/{merged['id']}/undo")
    made = await call("POST", "/crm/contacts", account="nordmarkt", name="王芳", groups=["Buyers"])
    assert (await call("GET", f"/crm/contacts/{made['id']}"))["contact"]["name"] == "王芳"
    assert await call("GET", "/crm/groups") == {"Buyers": 1}
    await call("POST", "/crm/interactions", account="nordmarkt", kind="call", subject="Hello")
    task = await call(
        "POST", "/crm/tasks", kind="call", title="Call", dueAt="2026-12-01T09:00:00Z", account="nordmarkt"
    )
    assert [each["id"] for each in await call("GET", "/crm/tasks?owner=me")] == [task["id"]]
    await call("POST", f"/crm/tasks/{task['id']}/done", result="done")
    case = await call("POST", "/crm/cases", account="nordmarkt", type="complaint", subject="Wet", urgency="high")
    assert case["course"]["urgency"] == "high"
    assert (await call("GET", "/crm/case-figures"))["open"] >= 1
    assert (await call("GET", "/records/nordmarkt/numbers/orders"))["documents"]
    assert (await call("GET", "/records/nordmarkt/open"))["orders"]
    assert await call("GET", "/records/nordmarkt/timeline")
    await call("PUT", "/crm/profiles/nordmarkt", name="Nordmarkt", status="trading")
    await call("PUT", "/crm/words/topic/returns", en="Returns")
    await call("PUT", "/privacy/terms/Order", months=6)
    await call("PUT", "/privacy/processors/crm", name="CRM", purpose="sales")
    assert (await call("GET", "/privacy"))["terms"] == [{"type": "Order", "months": 6}]
    person = next(each["contact"]["id"] for each in await call("GET", "/crm/contacts?text=brandt"))
    assert (await call("POST", f"/crm/contacts/{person}/export"))["documents"]
    assert (await call("POST", f"/crm/contacts/{person}/erasure", reason="asked"))["held"] == 0
    assert await call("POST", "/privacy/terms") == {"documents": 0}
    await call("PUT", "/crm/profiles/nordmarkt", 400, name="Nordmarkt", status="nonsense")


async def test_a_merged_account_has_the_figures_and_documents_of_both(client: TestClient, desk: Desk) -> None:
    other = order("PO9", buyer=scene_of.STADTKETTE)
    desk.take(other, "stadtkette", "R9")
    await post(client, "/accounts/nordmarkt/merge", "/accounts/nordmarkt/profile", gone="stadtkette", reason="one")
    shown = await page(client, "/accounts/nordmarkt")
    assert re.search(r'numbers/orders">4<', shown)
    assert "PO9" in await page(client, "/accounts/nordmarkt/numbers/orders")
    assert "PO9" in await page(client, "/accounts/nordmarkt/open")
    assert "nordmarkt" in await page(client, "/accounts/stadtkette/profile")
