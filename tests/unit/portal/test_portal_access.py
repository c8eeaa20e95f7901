"""Who comes in where: every address of portal, console and API, asked by every role. A partner's person reaches
nothing of another partner and nothing of the console, by no address and no guess."""

import re
from string import Formatter

import pytest
from portal_scene import FREMD, OATS, PASSWORD, World, hidden

from gateway.api.permissions import ROLES
from gateway.api.surface import all_routes
from gateway.console.app import TABLES as CONSOLE
from gateway.portal.app import TABLES as PORTAL
from gateway.store.view_rows import MessageFilter

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN_ACCOUNT = ("/me", "/logout", "/help", "/view", "/login")  # of every person, and the same for all
STAFF = sorted(set(ROLES) - {"partner"})


def addresses(path: str, values: list[str]) -> list[str]:
    names = [name for _, name, _, _ in Formatter().parse(path) if name]
    if not names:
        return [path]
    return [path.format(**dict.fromkeys(names, value)) for value in values]


def console_addresses(values: list[str]) -> list[tuple[str, str]]:
    pages = [(each.method, each.path) for table in CONSOLE for each in table.routes]
    json = [(each.method, each.path) for each in all_routes() if each.permission is not None]
    return [(method, address) for method, path in (*pages, *json) for address in addresses(path, values)]


async def asked(world: World, who: object, base: str, method: str, address: str) -> tuple[int, str, str]:
    visitor = who
    data = {"csrf": visitor.csrf} if method == "POST" and "/api/" not in address else None  # type: ignore[attr-defined]
    headers = {"X-CSRF-Token": visitor.csrf}  # type: ignore[attr-defined]
    async with visitor.session.request(  # type: ignore[attr-defined]
        method, base + address, data=data, headers=headers, allow_redirects=False
    ) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.text(errors="replace")


async def test_a_partners_session_opens_no_page_and_no_address_of_the_console(world: World) -> None:
    visitor = await world.person("fremd", "fremd.console")
    cookie = next(each.value for each in visitor.session.cookie_jar if each.key == "gateway_portal")
    ids = [each.id for each in world.instance.views.messages(MessageFilter(), None, 3).lines]
    secret = {"Lindwerder", *ids}
    for name, values in (("gateway_portal", ["fremd"]), ("gateway_session", ["fremd", ids[0]])):
        visitor.session.cookie_jar.clear()
        visitor.session.cookie_jar.update_cookies({name: cookie})
        for method, address in console_addresses(values):
            status, where, text = await asked(world, visitor, world.console, method, address)
            assert (status, where) == (303, "/login") or status in (401, 403, 404, 429), (method, address, status)
            if status != 303:
                assert not {each for each in secret - {"Lindwerder"} if each in text and each not in address}
    # and by its password: told where the portal is, no session left
    page = await visitor.post("/login", {"name": "fremd.console", "password": PASSWORD})
    assert page == "/"
    visitor.base = world.console
    said = await visitor.post("/login", {"name": "fremd.console", "password": PASSWORD}, status=403)
    assert "access.portal-only" in said
    assert world.portal in said


async def test_an_api_key_of_a_partner_opens_no_page(world: World) -> None:
    access, now = world.instance.access, world.instance.wall.now()
    key = access.issue_key("fremd key", "partner", now, by="test", partner="fremd")
    token = key if isinstance(key, str) else key[0]
    visitor = await world.visitor(world.console)
    headers = {"Authorization": f"Bearer {token}"}
    pages = [each for table in CONSOLE for each in table.routes if each.method == "GET"]
    for base, routes in ((world.console, pages), (world.portal, [e for t in PORTAL for e in t.routes])):
        for route in routes:
            for address in addresses(route.path, ["fremd"]):
                async with visitor.session.request(
                    route.method, base + address, headers=headers, allow_redirects=False
                ) as answer:
                    assert answer.status == (403 if base == world.console else 303), (route.method, address)


@pytest.mark.parametrize("role", STAFF)
async def test_our_own_people_are_nobody_at_the_portal(world: World, role: str) -> None:
    staff = await world.staff(f"staff.{role}", role)
    cookie = next(each.value for each in staff.session.cookie_jar if each.key == "gateway_session")
    staff.session.cookie_jar.clear()
    staff.session.cookie_jar.update_cookies({"gateway_portal": cookie})
    for table in PORTAL:
        for route in table.routes:
            for address in addresses(route.path, ["x"]):
                status, where, _ = await asked(world, staff, world.portal, route.method, address)
                assert (status, where) == (303, "/login"), (role, address)


async def test_no_address_of_the_portal_shows_another_partners_record(world: World) -> None:
    """Everything that belongs to fremd, guessed by somebody of hof at every address of the portal."""
    instance = world.instance
    owner = await world.person("fremd", "fremd.owner")
    await owner.get("/lists")
    table = f"gtin,sold\n{OATS},1\n".encode()
    handed = (await owner.upload("/lists", "secret-list.csv", table, status=303, kind="sales")).rpartition("/")[2]
    order = instance.views.orders(side="purchase")[0].number
    lines = instance.views.messages(MessageFilter(partner="fremd"), None, 50).lines
    detail = [instance.views.message(each.id) for each in lines]
    ids = {each.id for each in lines} | {each.arrival.id for each in detail if each is not None}
    guesses = [*sorted(ids), order, handed, "fremd", FREMD, "fremd.owner", "0", "..%2ffremd", "' OR 1=1 --"]
    visitor = await world.person("hof", "hof.guesses")
    for tables in PORTAL:
        for route in tables.routes:
            for address in addresses(route.path, guesses):
                for query in ("", "?q=fremd", "?partner=fremd&side=purchase&mapping=canonical/SalesReport"):
                    if route.path == "/logout" or (query and "{" in route.path):
                        continue
                    status, _, text = await asked(world, visitor, world.portal, route.method, address + query)
                    assert status < 500, (route.method, address)
                    shown = re.sub(r'(href|action|value|content)="[^"]*"', "", text)
                    for secret in ("Fremd", "secret-list", "fremd.owner", order, *ids):
                        assert secret not in shown or secret in address, (route.method, address, secret)


async def test_a_stranger_gets_the_door_at_every_page_of_the_portal(world: World) -> None:
    visitor = await world.visitor(world.portal)
    for table in PORTAL:
        for route in table.routes:
            for address in addresses(route.path, ["x"]):
                status, where, _ = await asked(world, visitor, world.portal, route.method, address)
                assert (status, where) == (303, "/login"), address
    for path in ("/api/v1/messages", "/messages", "/metrics", "/livez", "/partners", "/static/../app.py"):
        status, _, _ = await asked(world, visitor, world.portal, "GET", path)
        assert status == 404, path


async def test_an_invitation_works_once_and_only_with_a_good_password(world: World) -> None:
    link = world.instance.invitation("once@hof.example", "hof", by="test")
    path = link.removeprefix(world.portal)
    visitor = await world.visitor(world.portal)
    for _ in range(2):  # looking does not use it up
        token = hidden(await visitor.get(path), "token")
    said = {"token": token, "new": "short", "again": "short"}
    await visitor.post("/invitation", said, status=400)
    await visitor.post("/invitation", {**said, "new": PASSWORD, "again": "other"}, status=400)
    assert await visitor.post("/invitation", {"token": token, "new": PASSWORD, "again": PASSWORD}) == "/"
    await visitor.get(path, status=403)
    await visitor.post("/invitation", {"token": token, "new": PASSWORD, "again": PASSWORD}, status=403)
    # a second invitation closes the first
    first = world.instance.invitation("two@hof.example", "hof", by="test").removeprefix(world.portal)
    second = world.instance.invitation("two@hof.example", "hof", by="test").removeprefix(world.portal)
    await visitor.get(first, status=403)
    await visitor.get(second)


async def test_staff_invite_from_the_partners_page_and_open_the_portal_for_it(world: World) -> None:
    staff = await world.staff()
    await staff.get("/partners/laden/portal")
    shown = await staff.post("/partners/laden/portal/invite", {"name": "lena@laden.example"}, status=200)
    found = re.search(r"http://[^<\s]+/invitation\?token=[\w-]+", shown)
    assert found
    visitor = await world.visitor(world.portal)
    await visitor.get(found[0].removeprefix(world.portal))
    assert await staff.post("/partners/laden/portal/open") == "/partners/laden/portal?done=saved"
    text = (world.instance.settings.partners / "laden" / "partner.yaml").read_text()
    assert "{receive: canonical/SalesReport, over: portal}" in text
    await staff.post("/partners/laden/portal/open")
    assert (world.instance.settings.partners / "laden" / "partner.yaml").read_text() == text
    shown = await staff.post("/users/lena@laden.example/link", status=200)
    assert f"{world.portal}/login?token=" in shown
    refused = await staff.post("/partners/fremd/portal/invite", {"name": "anna"}, status=409)
    assert "anna" in refused
    headers = {"X-CSRF-Token": staff.csrf}
    async with staff.session.post(
        f"{world.console}/api/v1/partners/laden/invitations", json={"name": "max@laden.example"}, headers=headers
    ) as answer:
        assert answer.status == 200
        assert "/invitation?token=" in (await answer.json())["link"]
