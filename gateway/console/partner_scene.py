"""What the pages of one partner share: who may see it, its tabs, what a form has sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from gateway.api.given import is_count
from gateway.api.identity import Caller
from gateway.api.partner_desk import PartnerDesk, PartnerLine
from gateway.console import forms
from gateway.console.reader import Reader
from gateway.model.faults import Fault, OurFault
from gateway.model.partner import Partner

UPLOAD_LIMIT_BYTES = 6_000_000
BUNDLE_LIMIT_BYTES = 21_000_000
TABS = ("overview", "agreements", "connections", "certificates", "portal", "onboarding", "expected", "history")


def desk_of(reader: Reader) -> PartnerDesk:
    return reader.services.desk


def sees(caller: Caller | None, partner: str) -> bool:
    """Tell whether a caller sees a partner."""
    seen = caller.partners if caller is not None else frozenset()
    return seen is None or partner in seen


def partner_of(reader: Reader) -> Partner:
    """Return the partner of the address. One that the person may not see is not there.

    Raises OurFault api.not-found."""
    partner_id = reader.request.match_info["id"]
    found = reader.services.book().partners.get(partner_id)
    if found is None or found.kind == "self" or not sees(reader.caller, partner_id):
        raise OurFault("api.not-found", value=partner_id, kind="partner")
    return found


async def partner_page(
    reader: Reader, template: str, tab: str, *, fault: Fault | None = None, status: int = 200, **values: Any
) -> web.StreamResponse:
    """Render a page of a partner under its heading and tabs."""
    partner = partner_of(reader)
    line: PartnerLine = await reader.read(desk_of(reader).line, partner.id)
    tabs = [
        (f"/partners/{partner.id}" + ("" if name == "overview" else f"/{name}"), reader.words(f"partner-tab.{name}"),
         name == tab, None)
        for name in TABS
    ]  # fmt: skip
    finding = fault.as_finding() if fault is not None else None
    return reader.page(template, status=status, partner=partner, line=line, tabs=tabs, fault=finding, **values)


class Form:
    """What was sent, as text."""

    def __init__(self, sent: Any) -> None:
        self.sent = sent

    def text(self, name: str, longest: int = 500) -> str:
        """Return a text without blanks around it, "" where there is none."""
        value = self.sent.get(name, "")
        return value.strip()[:longest] if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        return [each for each in self.sent.getall(name, []) if isinstance(each, str)]

    def words(self, *names: str) -> dict[str, str]:
        """Return those that were sent at all."""
        return {name: self.text(name) for name in names if name in self.sent}

    def number(self, name: str) -> int | None:
        """Return a whole number, None where there is none."""
        value = self.text(name, 9)
        return int(value) if is_count(value) else None

    def moment(self, name: str, reader: Reader) -> datetime | None:
        """Return a date and time as the person's zone has it. Raises OurFault api.bad-value."""
        return forms.moment(self.text(name, 40), name, reader.words.zone)

    def file(self, name: str) -> tuple[str, bytes]:
        """Return name and bytes of an upload. Raises OurFault api.bad-value when there is none."""
        found = self.sent.get(name)
        if not isinstance(found, web.FileField) or not found.filename:
            raise OurFault("api.bad-value", name=name, value="", expected="a file")
        return found.filename, found.file.read(BUNDLE_LIMIT_BYTES)

    def prefixed(self, prefix: str) -> Mapping[str, str]:
        """Return what was sent under names that begin so, without it."""
        return {
            name[len(prefix) :]: value.strip()
            for name, value in self.sent.items()
            if name.startswith(prefix) and isinstance(value, str)
        }


async def form_of(reader: Reader) -> Form:
    return Form(await reader.request.post())
