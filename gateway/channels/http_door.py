"""What every HTTP request of a partner passes: who it is, and how it is answered.

A partner proves itself by an API key, or by the client certificate of its connection (mutual TLS).
Source: RFC 6750 (Bearer), RFC 9457 (problem+json).
"""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

from gateway.channels.intake import status_of
from gateway.model.faults import Fault, PartnerFault
from gateway.ports.shell import Keys
from gateway.texts import catalogue

_BEARER = re.compile(r"Bearer ([!-~]{1,512})", re.IGNORECASE)
PartnerOf = Callable[[bytes], str | None]


class Door:
    """keys: knows API keys. certificate: partner of a client certificate (DER) verified by TLS, None: nobody's."""

    def __init__(self, keys: Keys, certificate: PartnerOf) -> None:
        self._keys = keys
        self._certificate = certificate

    async def partner(self, request: web.Request) -> str:
        """Return the partner's id. A key that is wrong is never made good by a certificate.

        Raises PartnerFault http.unauthorized."""
        if "Authorization" in request.headers:
            match = _BEARER.fullmatch(request.headers["Authorization"].strip())
            partner = await asyncio.to_thread(self._keys.partner_for_token, match.group(1)) if match else None
        else:
            shown = client_certificate(request)
            partner = await asyncio.to_thread(self._certificate, shown) if shown else None
        if partner is None:
            raise PartnerFault("http.unauthorized")
        return partner


def client_certificate(request: web.Request) -> bytes | None:
    """Return the certificate that the other end of the TLS connection has proved to hold, DER; None without one."""
    connection = request.transport.get_extra_info("ssl_object") if request.transport else None
    return connection.getpeercert(binary_form=True) if connection is not None else None


def json_answer(status: int, body: dict[str, Any], content_type: str = "application/json") -> web.Response:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True) + "\n"
    return web.Response(status=status, body=text.encode("utf-8"), content_type=content_type, charset="utf-8")


def problem(request: web.Request, fault: Fault) -> web.Response:
    """Return fault as RFC 9457 problem, in Chinese when the caller prefers it."""
    wants_chinese = request.headers.get("Accept-Language", "").strip().lower().startswith("zh")
    lang: catalogue.Lang = "zh-CN" if wants_chinese else "en"
    finding = fault.as_finding()
    status = status_of(fault)
    body = {
        "type": f"urn:edi-gateway:error:{fault.code}",
        "title": catalogue.text(finding, lang),
        "status": status,
        "code": fault.code,
        "cure": catalogue.cure(finding, lang),
    }
    response = json_answer(status, body, "application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="partners"'
    if status == 503:
        response.headers["Retry-After"] = fault.params.get("wait_s", "30")
    return response
