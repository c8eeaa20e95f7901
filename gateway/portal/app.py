"""The portal as an aiohttp application. The shell gives it a listener of its own."""

from aiohttp import web

from gateway.api.identity import DOOR, Door
from gateway.api.services import Services
from gateway.console import help_desk, sign_in, users
from gateway.console.app import make_pages
from gateway.console.pages import PageTable
from gateway.console.reader import TEMPLATES
from gateway.portal import agreed, documents, files, lists, orders
from gateway.portal.desk import PORTAL_DESK, PortalDesk
from gateway.portal.invitation import mount_invitation
from gateway.portal.menu import MENU, plain_state, tone_of

PORTAL_DOOR = Door(cookie="gateway_portal", outside=True)
ACCOUNT = PageTable()  # one's own account is the console's page, at this door
ACCOUNT.routes = [each for each in users.TABLE.routes if each.path == "/me" or each.path.startswith("/me/")]
TABLES = (
    documents.TABLE,
    orders.TABLE,
    lists.TABLE,
    agreed.TABLE,
    files.TABLE,
    help_desk.TABLE,
    sign_in.TABLE,
    ACCOUNT,
)


def make_portal(services: Services, desk: PortalDesk) -> web.Application:
    """Return the application of the portal's port: pages and assets, no JSON interface, no word of the console."""
    app = make_pages(services, TABLES, "gateway.portal", "gateway.console")
    app[DOOR] = PORTAL_DOOR
    app[PORTAL_DESK] = desk
    app[TEMPLATES].globals.update(portal_menu=MENU, plain_state=plain_state, tone_of=tone_of)
    mount_invitation(app)
    return app
