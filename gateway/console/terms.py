"""Terms: what is agreed with each account, in force today and in every version, with what our house has told."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

from aiohttp import web

from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.console.words import Words
from gateway.domain.customers import with_terms
from gateway.model.account_terms import AccountTerms
from gateway.model.partner import Partner, Terms
from gateway.store.masking import masked

TABLE = PageTable()
_SPAN = ("valid_from", "valid_to")
_MONEY = ("minimum_value", "credit_limit", "auto_value")
SHOWN = 100
_MOST_VERSIONS = 100_000  # of all accounts together


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


def _masked(reader: Reader, partner: Partner) -> Partner:
    """Return partner with terms as the reader may see them: the book itself is not masked."""
    hidden = reader.caller.sight.hidden if reader.caller else frozenset[str]()
    return replace(partner, terms=masked(partner.terms, hidden)) if hidden else partner


@TABLE.get("/terms", "terms.read")
async def terms_page(reader: Reader) -> web.StreamResponse:
    today = reader.words.now.astimezone(reader.words.zone).date()
    told: defaultdict[str, list[tuple[date, date | None, AccountTerms]]] = defaultdict(list)
    for each in await reader.read(reader.services.views.customers, None, _MOST_VERSIONS):
        told[each.account].append((each.valid_from, each.valid_to, each.terms))
    known = [each for each in reader.services.book().partners.values() if each.kind == "partner"]
    known.sort(key=lambda each: (reader.words.partner(each.id), each.id))
    after = reader.query("after")
    start = next((n for n, each in enumerate(known, 1) if each.id == after), 0)
    partners = [_masked(reader, with_terms(each, told[each.id])) for each in known[start : start + SHOWN]]
    return reader.page(
        "terms.html",
        rows=[(each, each.terms_on(today), len(each.terms)) for each in partners],
        next=f"/terms?after={partners[-1].id}" if start + SHOWN < len(known) else None,
        first="/terms" if start else None,
        shown=shown,
    )


@TABLE.get("/terms/{id}", "terms.read")
async def partner_terms(reader: Reader) -> web.StreamResponse:
    partner = reader.services.book().partners.get(reader.request.match_info["id"])
    if partner is None:
        return not_found(reader, "partner", reader.request.match_info["id"])
    told = await reader.read(reader.services.views.told_terms, partner.id)
    partner = _masked(reader, with_terms(partner, told))
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
