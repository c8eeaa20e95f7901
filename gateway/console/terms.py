"""Terms: what is agreed with each account, in force today and in every version."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from decimal import Decimal

from aiohttp import web

from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.console.words import Words
from gateway.model.partner import Partner, Terms

TABLE = PageTable()
_SPAN = ("valid_from", "valid_to")
_MONEY = ("minimum_value", "credit_limit", "auto_value")


def shown(terms: Terms, name: str, words: Words) -> str:
    """Return one value of a version in words; "–" where nothing is agreed."""
    value = getattr(terms, name)
    if value is None or value == ():
        return "–"
    if isinstance(value, bool):
        return words("terms.yes" if value else "terms.no")
    if name == "delivery_days":
        return ", ".join(words(f"weekday.{each}") for each in value)
    if name in _MONEY:
        return words.money(value, terms.currency)
    if isinstance(value, date):
        return words.day(value)
    if isinstance(value, Decimal | int):
        return words.number(value)
    return str(value)


def _versions(partner: Partner) -> list[Terms]:
    return sorted(partner.terms, key=lambda each: each.valid_from, reverse=True)


def _differs(versions: list[Terms]) -> Iterator[tuple[Terms, frozenset[str]]]:
    """Yield each version with the names of what is not as in the one before."""
    for n, each in enumerate(versions):
        before = versions[n + 1] if n + 1 < len(versions) else None
        names = (field.name for field in fields(Terms) if field.name not in _SPAN)
        yield each, frozenset(name for name in names if before and getattr(each, name) != getattr(before, name))


@TABLE.get("/terms", "terms.read")
async def terms_page(reader: Reader) -> web.StreamResponse:
    today = reader.words.now.astimezone(reader.words.zone).date()
    partners = [each for each in reader.services.book().partners.values() if each.kind == "partner"]
    rows = [(each, each.terms_on(today), len(each.terms)) for each in partners]
    return reader.page("terms.html", rows=sorted(rows, key=lambda each: reader.words.partner(each[0].id)), shown=shown)


@TABLE.get("/terms/{id}", "terms.read")
async def partner_terms(reader: Reader) -> web.StreamResponse:
    partner = reader.services.book().partners.get(reader.request.match_info["id"])
    if partner is None:
        return not_found(reader, "partner", reader.request.match_info["id"])
    today = reader.words.now.astimezone(reader.words.zone).date()
    versions = _versions(partner) or [Terms()]
    return reader.page(
        "partner_terms.html",
        partner=partner,
        in_force=partner.terms_on(today),
        versions=list(_differs(versions)),
        names=[each.name for each in fields(Terms) if each.name not in _SPAN],
        shown=shown,
    )
