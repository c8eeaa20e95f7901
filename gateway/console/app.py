"""The console as an aiohttp application: pages, API, assets, security headers. The shell gives it a listener."""

import logging
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any
from uuid import uuid4

import jinja2
from aiohttp import web
from jinja2.filters import do_urlencode

from gateway.api.problems import language_of, problem
from gateway.api.services import SERVICES, Handler, Services
from gateway.api.surface import mount_api
from gateway.console import (
    alerts,
    audit,
    bundles,
    business,
    catalogue,
    certificates,
    chain,
    connectors,
    crm,
    crm_matrices,
    crm_people,
    crm_privacy,
    crm_reports,
    crm_selling,
    expected,
    help_desk,
    imports,
    invoices,
    items,
    keys,
    lookup_tables,
    mapping_editor,
    mappings_list,
    message_list,
    messages,
    orders_work,
    partner_portal,
    partner_wizard,
    partners,
    plan,
    plan_accuracy,
    plan_agreements,
    plan_backtests,
    plan_events,
    plan_schedules,
    problems,
    queues,
    reference,
    returns,
    scorecards,
    sessions,
    sign_in,
    terms,
    users,
)
from gateway.console.live import mount_live
from gateway.console.pages import PageTable, fault_page
from gateway.console.reader import ASSETS, NAMES, TEMPLATES, ItemNames, reader_of, segment
from gateway.model.faults import Fault, OurFault

LOG = logging.getLogger("gateway.console")
BODY_LIMIT_BYTES = 65_536  # forms and small JSON only; documents come in at the partner port
TABLES = (  # the pages of the console
    crm_people.TABLE,  # /cases/new stands before /cases/{id}
    crm_privacy.TABLE,
    business.TABLE,
    crm.TABLE,
    crm_matrices.TABLE,
    connectors.TABLE,
    crm_reports.TABLE,
    crm_selling.TABLE,
    message_list.TABLE,
    messages.TABLE,
    problems.TABLE,
    queues.TABLE,
    alerts.TABLE,
    orders_work.TABLE,
    chain.TABLE,
    invoices.TABLE,
    returns.TABLE,
    expected.TABLE,
    imports.TABLE,
    items.TABLE,
    catalogue.TABLE,
    terms.TABLE,
    sign_in.TABLE,
    users.TABLE,
    sessions.TABLE,
    keys.TABLE,
    audit.TABLE,
    plan.TABLE,
    scorecards.TABLE,
    plan_events.TABLE,
    plan_agreements.TABLE,
    plan_schedules.TABLE,
    plan_accuracy.TABLE,
    plan_backtests.TABLE,
    reference.TABLE,
    help_desk.TABLE,
    partner_wizard.TABLE,
    bundles.TABLE,
    certificates.TABLE,
    partner_portal.TABLE,
    partners.TABLE,
    lookup_tables.TABLE,
    mapping_editor.TABLE,
    mappings_list.TABLE,
)
_ASSET_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


async def _secure(request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on every answer, those of streams and errors too, and name no software version."""
    for name, value in _SECURITY.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "edi-gateway"  # no software version
    if request.app[SERVICES].settings.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"


@web.middleware
async def _faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what no handler has answered into a page or a problem document; a bug is logged with a number and hidden."""
    try:
        if "%00" in request.raw_path:  # not every database keeps NUL
            raise web.HTTPBadRequest
        return await handler(request)
    except web.RequestPayloadError:  # cut off, or not compressed as it says
        return _refusal(request, OurFault("api.refused", status="400"), web.HTTPBadRequest())
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        known = {404: "api.no-such-address", 401: "access.not-signed-in"}
        return _refusal(request, OurFault(known.get(answer.status, "api.refused"), status=str(answer.status)), answer)
    except Exception:
        number = uuid4().hex[:12]
        LOG.exception("console request failed", extra={"request": number, "path": request.path})
        return _refusal(request, OurFault("api.internal", value=number), web.HTTPInternalServerError())


def _refusal(request: web.Request, fault: Fault, answer: web.HTTPException) -> web.Response:
    if request.path.startswith("/api/") or request.path in ("/livez", "/readyz"):
        response = problem(fault, language_of(request), answer.status)
    else:
        response = fault_page(reader_of(request, None), fault)
        response.set_status(answer.status)
    for name in ("Allow", "Retry-After"):
        if name in answer.headers:
            response.headers[name] = answer.headers[name]
    return response


def _mount_assets(app: web.Application) -> None:
    """Serve the static files from memory under an address that changes with their content."""
    addresses: dict[str, str] = {}
    for found in files("gateway.console").joinpath("static").iterdir():
        kind = _ASSET_TYPES.get(found.name.rpartition(".")[2])
        if kind is None:
            continue
        data = found.read_bytes()
        addresses[found.name] = f"/static/{sha256(data).hexdigest()[:12]}/{found.name}"
        app.router.add_get(addresses[found.name], _asset(data, kind))
    app[ASSETS] = addresses


def _asset(data: bytes, kind: str) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        response = web.Response(body=data, content_type=kind, charset="utf-8", headers=headers)
        response.enable_compression()
        return response

    return serve


def _address(value: Any) -> str:
    """The filter urlencode of templates: a mapping becomes a query, anything else one piece of an address."""
    return do_urlencode(value) if isinstance(value, Mapping) else segment(value)


def make_pages(services: Services, tables: Iterable[PageTable], *packages: str) -> web.Application:
    """Return an application of pages with its assets and its door. packages: whose templates; the first one wins."""
    app = web.Application(middlewares=[_faults], client_max_size=BODY_LIMIT_BYTES)
    app[SERVICES] = services
    app[NAMES] = ItemNames()
    app[TEMPLATES] = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(each) for each in packages]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    app[TEMPLATES].filters["urlencode"] = _address
    app.on_response_prepare.append(_secure)
    for table in tables:
        table.mount(app)
    sign_in.mount_door(app)
    _mount_assets(app)
    return app


def make_console(services: Services) -> web.Application:
    """Return the application of the console port: pages, API, health, assets."""
    app = make_pages(services, TABLES, "gateway.console")
    app[message_list.COUNTS] = {}
    mount_api(app)
    mount_live(app)
    return app
