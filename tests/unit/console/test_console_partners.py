"""Every page of partners over a real instance: what is shown, what a form changes, who may see it."""

import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient
from partner_instance import House, houses, pem, private_pem

sys.path.insert(0, str(Path(__file__).parents[1] / "config"))
import strangers

PAGES = (
    "/partners",
    "/partners?health=bad&mode=test&text=x",
    "/partners/acme",
    "/partners/acme/edit",
    "/partners/acme/agreements",
    "/partners/acme/agreements?edit=1",
    f"/partners/acme/agreements?edit={'9' * 5000}",
    "/partners/acme/connections",
    "/partners/acme/connections?edit=as2",
    "/partners/acme/connections/add?name=http&kind=http",
    "/partners/acme/certificates",
    "/partners/acme/onboarding",
    "/partners/beta/onboarding",
    "/partners/acme/expected",
    "/partners/acme/history",
    "/partners/acme/sheet",
    "/partners/acme/clone",
    "/partners/new",
    "/partners/import",
    "/mappings",
    "/mappings?which=all&text=orders",
    "/mappings/eancom-1997/ORDERS",
    "/mappings/eancom-1997/ORDERS?partner=acme",
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from houses(tmp_path)


@pytest.fixture
async def client(house: House, aiohttp_client) -> TestClient:
    found = await aiohttp_client(house.app())
    await sign_in(found, house)
    return found


async def sign_in(client: TestClient, house: House, role: str = "admin", language: str = "en") -> None:
    now = house.instance.wall.now()
    house.instance.access.add_user(role, role, now, by="test")
    await client.get("/login?token=" + house.instance.access.make_login_link(role, now), allow_redirects=False)
    await client.get(f"/view?language={language}", allow_redirects=False)


async def page(client: TestClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    text = await answer.text()
    assert answer.status == status, (
        path,
        answer.status,
        re.findall(r"banner bad.*?</div>", text, re.DOTALL) or text[:500],
    )
    return text


async def csrf(client: TestClient, path: str = "/partners/new") -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', await page(client, path))
    assert found is not None
    return found.group(1)


async def send(client: TestClient, path: str, fields: dict[str, object] | FormData, status: int = 303) -> str:
    """Post a form; return where it leads, or the page that was answered."""
    token = await csrf(client)
    if isinstance(fields, FormData):
        fields.add_field("csrf", token)
        answer = await client.post(path, data=fields, allow_redirects=False)
    else:
        answer = await client.post(path, data={"csrf": token, **fields}, allow_redirects=False)
    text = await answer.text()
    assert answer.status == status, (
        path,
        answer.status,
        re.findall(r"banner bad.*?</div>", text, re.DOTALL) or text[:500],
    )
    return answer.headers["Location"] if status == 303 else text


def upload(name: str, data: bytes, **fields: str) -> FormData:
    form = FormData()
    form.add_field("file", data, filename=name, content_type="application/octet-stream")
    for key, value in fields.items():
        form.add_field(key, value)
    return form


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_every_page_is_there_in_both_languages_without_a_script_in_it(client: TestClient, language: str) -> None:
    await client.get(f"/view?language={language}", allow_redirects=False)
    for path in PAGES:
        html = await page(client, path)
        assert "style=" not in html, path
        assert not re.search(r"<script(?! type=\"module\" src=)", html), path
        assert f'lang="{language}"' in html


async def test_the_list_says_who_needs_somebody_and_why(client: TestClient) -> None:
    html = await page(client, "/partners")
    assert "the certificate ends in 19 days" in html
    assert html.index("Acme") < html.index("Beta")  # who needs somebody comes first
    assert "no documents in 7 days" in html
    assert "anna" in html


async def test_a_new_certificate_stands_beside_the_old_one_after_three_clicks(client: TestClient, house: House) -> None:
    shown = await page(client, "/partners/acme/certificates")  # the chip in the list
    assert "19 days" in shown
    looked = await send(client, "/partners/acme/certificates/as2/look", upload("new.cer", pem("Acme 2028")), 200)
    assert "CN=Acme 2028" in looked
    token = re.search(r'name="pem" value="([^"]+)"', looked)
    from_at = re.search(r'name="from_at"[^>]*value="([^"]+)"', looked)
    assert token is not None
    assert from_at is not None
    there = await send(client, "/partners/acme/certificates/as2", {"pem": token.group(1), "from_at": from_at.group(1)})
    assert there == "/partners/acme/certificates?done=certificate"
    told = house.file("partners/acme/partner.yaml")
    assert re.search(r'certificate: "acme, acme-20\d\d-[0-9a-f]{8} from 20\d\d-\d\d-\d\dT\d\d:\d\dZ"', told)
    assert told.startswith("# Acme, looked after by hand.")
    states = [(each.name.partition("-")[0], each.state) for each in house.desk.certificates("acme")]
    assert states == [("acme", "current"), ("acme", "future")]
    assert "still read with" not in await page(client, there)


async def test_a_private_key_an_old_and_a_known_certificate_are_refused(client: TestClient, house: House) -> None:
    for data, code in (
        (private_pem() + pem("x"), "There is a private key in this file"),
        (pem("x", days=-3, since=30), "This certificate ended on"),
        (b"hello", "neither PEM"),
    ):
        html = await send(client, "/partners/acme/certificates/as2/look", upload("x", data), 409)
        assert code in html
    kept = house.instance.keys.certificate("acme")
    html = await send(client, "/partners/acme/certificates/as2/look", upload("x", kept), 409)
    assert "already uses this certificate" in html


async def test_an_agreement_is_added_changed_and_removed_with_author_and_reason(
    client: TestClient, house: House
) -> None:
    values = {
        "direction": "receive",
        "mapping": "eancom-1997/INVRPT",
        "over": "as2",
        "contrl": "yes",
        "reason": "asked",
    }
    await send(client, "/partners/acme/agreements", values)
    assert '  - {receive: eancom-1997/INVRPT, over: as2, aperak: "false", backorder: "false"}\n' in house.file(
        "partners/acme/partner.yaml"
    ).replace("aperak: false, backorder: false", 'aperak: "false", backorder: "false"')
    await send(client, "/partners/acme/agreements", {**values, "place": "2", "mapping": "eancom-1997/SLSRPT"})
    assert [each.mapping for each in house.instance.book.partners["acme"].agreements][2] == "eancom-1997/SLSRPT"
    wrong = await send(client, "/partners/acme/agreements", {**values, "mapping": "eancom-1997/NOTHING"}, 409)
    assert "NOTHING" in wrong
    await send(client, "/partners/acme/agreements/2/remove", {})
    assert len(house.instance.book.partners["acme"].agreements) == 2
    history = await page(client, "/partners/acme/history")
    assert "asked" in history
    assert "<ins>  - {receive: eancom-1997/INVRPT" in history


async def test_an_agreement_is_shown_and_changed_with_its_first_and_last_day(client: TestClient, house: House) -> None:
    assert "always" in await page(client, "/partners/acme/agreements")
    values = {"direction": "receive", "mapping": "eancom-1997/ORDERS", "over": "as2", "contrl": "yes", "place": "0"}
    days = {"valid_from": "2000-01-01", "valid_to": "2001-12-31"}
    await send(client, "/partners/acme/agreements", {**values, **days})
    agreement = house.instance.book.partners["acme"].agreements[0]
    assert (agreement.valid_from, agreement.valid_to) == (date(2000, 1, 1), date(2001, 12, 31))
    shown = await page(client, "/partners/acme/agreements?edit=0")
    assert "from 1 Jan 2000 until 31 Dec 2001" in shown.replace("</small> <small>", " ")
    assert "ended" in shown
    assert 'value="2001-12-31"' in shown
    wrong = await send(client, "/partners/acme/agreements", {**values, **days, "valid_from": "2002-01-01"}, 409)
    assert "valid_to" in wrong
    await send(client, "/partners/acme/agreements", {**values, "valid_from": "2999-01-01", "valid_to": ""})
    assert "not yet" in await page(client, "/partners/acme/agreements")
    await send(client, "/partners/acme/agreements", {**values, "valid_from": "", "valid_to": ""})
    assert house.instance.book.partners["acme"].agreements[0].valid_from is None


async def test_an_earlier_version_is_put_back(client: TestClient, house: House) -> None:
    await send(client, "/partners/acme/edit", {"name": "Acme Group", "owner": "bert", "reason": "renamed"})
    assert house.instance.book.partners["acme"].owner == "bert"
    change = house.desk.changes("acme")[0]
    await send(client, f"/partners/acme/history/{change.id}/restore", {"reason": "was wrong"})
    assert house.instance.book.partners["acme"].name == "Acme"
    assert [each.reason for each in house.desk.changes("acme")] == ["was wrong", "renamed"]
    await send(client, "/partners/beta/history/999/restore", {"reason": ""}, 409)


async def test_a_connection_is_tested_rung_by_rung(client: TestClient, house: House) -> None:
    there = await send(client, "/partners/beta/connections/box/test", {})
    for _ in range(100):
        html = await page(client, there)
        if "Look again" not in html:
            break
    assert "proved" in html
    there = await send(client, "/partners/acme/connections/as2/test", {"echo": "yes"})
    for _ in range(200):
        html = await page(client, there)
        if "Look again" not in html:
            break
    assert "What to do" in html or "http.address-refused" in html
    assert house.desk.tests("acme")[0].good is False


async def test_nobody_goes_live_by_accident_and_everybody_gets_back_at_once(client: TestClient, house: House) -> None:
    refused = await send(client, "/partners/beta/go-live", {}, 409)
    assert "cannot go live" in refused
    await send(client, "/partners/beta/go-live", {"reason": "the old system ends today"})
    assert house.instance.book.partners["beta"].mode == "live"
    approval = house.desk.approval("beta")
    assert approval is not None
    assert (approval.approver, approval.reason) == ("admin", "the old system ends today")
    await send(client, "/partners/beta/back-to-test", {})
    assert house.instance.book.partners["beta"].mode == "test"


async def test_the_calendar_takes_a_report_that_is_due_on_some_days(client: TestClient, house: House) -> None:
    form = FormData()
    for name, value in (
        ("document", "InventoryReport"),
        ("by", "07:30"),
        ("zone", "UTC"),
        ("days", "1"),
        ("days", "4"),
    ):
        form.add_field(name, value)
    await send(client, "/partners/beta/expected", form)
    found = house.instance.book.partners["beta"].expects[0]
    assert (found.document, found.days, found.by) == ("InventoryReport", (1, 4), "07:30")
    await send(client, "/partners/beta/expected/0/remove", {})
    assert house.instance.book.partners["beta"].expects == ()


@pytest.mark.parametrize(
    ("filename", "data", "document"),
    [
        ("order.xml", strangers.OPENTRANS, "Order"),
        ("bestellung.csv", strangers.ORDER_CSV, "Order"),
        ("odd.edi", strangers.ODD_EDIFACT, "Order"),
    ],
    ids=["openTRANS", "CSV", "EDIFACT dialect"],
)
async def test_a_stranger_s_sample_becomes_a_live_partner_in_five_steps(
    client: TestClient, house: House, filename: str, data: bytes, document: str
) -> None:
    at = await send(client, "/partners/new", upload(filename, data))
    form = FormData()
    for name, value in (("name", "Tannhof"), ("id", "tannhof"), ("role", "customer"), ("gln", "4099990000042")):
        form.add_field(name, value)
    at = await send(client, at, form)
    assert at.endswith("/documents")
    at = await send(client, at, FormData())
    shown = await page(client, at)
    assert "read without an error" in shown, re.sub(r"<[^>]+>", " ", shown)[-3000:]
    at = await send(client, at, _unchanged(shown))
    at = await send(client, at, {"connection": "folder", "url": "", "as2_id": ""})
    assert "partners/tannhof/partner.yaml" in await page(client, at)
    at = await send(client, at, FormData())
    assert at == "/partners/tannhof/onboarding?done=created"
    partner = house.instance.book.partners["tannhof"]
    assert partner.mode == "test"
    assert (house.folder / "partners/tannhof/partner.yaml").is_file()
    await send(client, "/partners/tannhof/go-live", {"reason": "tried"})
    assert house.instance.book.partners["tannhof"].mode == "live"


async def test_a_way_that_lacks_its_id_is_told_at_its_step_and_not_at_the_end(client: TestClient, house: House) -> None:
    sample = house.desk.keep_sample("order.xml", strangers.OPENTRANS, "admin")
    sent = {"connection": "as2", "url": "https://their.example/as2", "as2_id": " "}
    told = await send(client, f"/partners/new/{sample}/connection", sent, status=409)
    assert ("AS2-ID" in told, "https://their.example/as2" in told) == (True, True)  # what was typed still stands
    assert house.desk.wizard(sample, "admin").answers.as2_id == ""


def _unchanged(html: str) -> FormData:
    """Return the form of the mapping step as it was proposed."""
    form = FormData()
    for name, options in re.findall(r'<select id="field-\d+" name="([^"]+)">(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        form.add_field(name, chosen.group(1) if chosen else "")
    if 'name="odd"' in html:
        form.add_field("odd", "yes")
        for name, value in re.findall(r'name="(tolerated|assumed)" type="checkbox" value="([^"]+)"', html):
            form.add_field(name, value)
    return form


async def test_a_partner_goes_from_one_instance_to_another_and_no_key_with_it(
    client: TestClient, house: House, tmp_path: Path
) -> None:
    token = await csrf(client)
    answer = await client.post("/partners/acme/export", data={"csrf": token})
    bundle = await answer.read()
    assert answer.status == 200
    assert b"PRIVATE" not in bundle
    assert house.instance.keys.certificate("acme") not in bundle
    looked = await send(client, "/partners/import", upload("acme.json", bundle), 200)
    assert "Nothing differs" in looked
    assert "signature of a known instance" in looked
    await send(client, "/partners/acme/edit", {"owner": "carla"})
    looked = await send(client, "/partners/import", upload("acme.json", bundle), 200)
    assert "<code>owner</code>" in looked
    data = re.search(r'name="data" value="([^"]+)"', looked)
    assert data is not None
    await send(client, "/partners/import/take", {"data": data.group(1), "take": "owner"})
    assert house.instance.book.partners["acme"].owner is None
    changed = bundle.replace(b"Acme", b"Acne")
    assert "was changed after it was written" in await send(client, "/partners/import", upload("x.json", changed), 409)


async def test_a_clone_has_the_agreements_and_none_of_the_identifiers(client: TestClient, house: House) -> None:
    await send(client, "/partners/acme/clone", {"name": "Gamma", "id": "gamma", "gln": "4099990000035"})
    partner = house.instance.book.partners["gamma"]
    assert [each.mapping for each in partner.agreements] == ["eancom-1997/ORDERS", "eancom-1997/ORDRSP"]
    assert (partner.gln, partner.mode, partner.channels["as2"].kind) == ("4099990000035", "test", "folder")


async def test_who_may_not_change_partners_sees_them_without_buttons(house: House, aiohttp_client) -> None:
    client = await aiohttp_client(house.app())
    await sign_in(client, house, "auditor")
    html = await page(client, "/partners/acme/certificates")
    assert "data-drop" not in html
    await page(client, "/partners/new", 403)
    token = re.search(r'name="csrf" value="([^"]+)"', html)
    assert token is not None
    answer = await client.post("/partners/acme/edit", data={"csrf": token.group(1), "name": "x"})
    assert answer.status == 403


async def test_a_partner_that_somebody_may_not_see_is_not_there(client: TestClient, house: House) -> None:
    await page(client, "/partners/nobody", 404)
    await page(client, "/partners/self", 404)


async def test_who_sees_some_partners_only_has_no_pages_of_set_up(house: House, aiohttp_client) -> None:
    now = house.instance.wall.now()
    house.instance.access.add_user("olga", "operator", now, by="test", partners=frozenset({"beta"}))
    client = await aiohttp_client(house.app())
    await client.get("/login?token=" + house.instance.access.make_login_link("olga", now), allow_redirects=False)
    for path in ("", "/acme", "/beta", "/acme/agreements", "/acme/certificates", "/acme/history", "/acme/sheet"):
        html = await page(client, f"/partners{path}", 403)
        assert "ACME" not in html
    assert (await client.get("/api/v1/partners")).status == 403
    assert (await client.get("/api/v1/partners/acme/certificates")).status == 403
    await page(client, "/mappings", 403)


async def test_another_filter_begins_at_the_first_page(client: TestClient) -> None:
    html = await (await client.get("/partners?text=a&page=3")).text()
    chips = re.findall(r'href="(/partners\?[^"]*health=[^"]*)"', html)
    assert len(chips) > 2
    assert not [each for each in chips if "page=" in each]
