"""Suppliers' catalogues side by side, what their prices were, and what a person has put into the basket."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import Connection, Engine, or_, select

from gateway.domain.basket import tiers
from gateway.model.effects import OfferSaved
from gateway.model.values import gtin14
from gateway.store import house_records
from gateway.store import tables as t
from gateway.store.forms import units
from gateway.store.view_house_rows import BasketRow, CatalogueItemView, OfferView, PriceChange, PriceTier
from gateway.store.view_reading import contains

NET = "net"
_TENTH = Decimal("0.1")


class CatalogueViews:
    """day: on which prices are looked at. GTINs of any length are taken as 14 digits."""

    _engine: Engine

    def catalogue(
        self,
        day: date,
        *,
        text: str | None = None,
        supplier: str | None = None,
        gtins: Iterable[str] = (),
        limit: int = 100,
        after: str = "",
    ) -> tuple[CatalogueItemView, ...]:
        """Return items by GTIN with every supplier's offer. text: part of a name, or the beginning of a GTIN.

        supplier: only items that it offers (the others' offers are shown beside). after: GTIN to go on behind
        """
        wanted = [gtin14(each) for each in gtins]
        columns = t.offer.c
        query = select(columns.gtin).where(columns.gtin > after).distinct().order_by(columns.gtin).limit(limit)
        if wanted:
            query = query.where(columns.gtin.in_(wanted))
        if supplier:
            query = query.where(columns.supplier == supplier)
        if text:
            begins = contains(text.lstrip("0"))[1:]  # GTINs are kept with leading zeros
            query = query.where(
                or_(
                    columns.name.ilike(contains(text), escape="\\"),
                    columns.gtin.like(begins, escape="\\"),
                    columns.gtin.like("0" + begins, escape="\\"),
                )
            )
        with self._engine.connect() as connection:
            found = [row.gtin for row in connection.execute(query)]
            offers = house_records.offers(connection, found)
            names = _names(connection, found)
        return tuple(_item(gtin, names.get(gtin), offers.get(gtin, ()), day) for gtin in found)

    def price_changes(
        self, *, gtin: str | None = None, supplier: str | None = None, since: date | None = None, limit: int = 200
    ) -> tuple[PriceChange, ...]:
        """Return how net prices have changed, the newest first day first. since: by the day from which they count."""
        columns = t.offer.c
        query = select(t.offer).where(columns.kind == NET)
        for column, value in ((columns.gtin, gtin14(gtin) if gtin else None), (columns.supplier, supplier)):
            if value:
                query = query.where(column == value)
        if since is not None:
            changed = select(columns.gtin).where(columns.kind == NET, columns.valid_from >= since.isoformat())
            query = query.where(columns.gtin.in_(changed))
        query = query.order_by(columns.supplier, columns.gtin, columns.minimum, columns.valid_from)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        history: dict[tuple[str, str, int], list[PriceChange]] = defaultdict(list)
        last: dict[tuple[str, str, int], Decimal | None] = {}
        for row in rows:
            key = (row.supplier, row.gtin, row.minimum)
            before, after = last.get(key), None if row.withdrawn else Decimal(row.price)
            if key in last and before == after:
                continue
            last[key] = after
            change = PriceChange(
                supplier=row.supplier,
                gtin=row.gtin,
                name=row.name,
                minimum=units(row.minimum),
                valid_from=row.valid_from,
                currency=row.currency,
                before=before,
                after=after,
                percent=_percent(before, after),
                message=row.message,
            )
            if since is None or row.valid_from >= since.isoformat():
                history[key].append(change)
        found = [each for several in history.values() for each in several]
        found.sort(key=lambda each: (each.gtin, each.supplier, each.minimum))
        found.sort(key=lambda each: each.valid_from, reverse=True)
        return tuple(found[:limit])

    def basket(self, user: str) -> tuple[BasketRow, ...]:
        """Return the lines of a user's basket."""
        columns = t.basket_line.c
        query = select(t.basket_line).where(columns.user == user).order_by(columns.supplier, columns.gtin)
        with self._engine.connect() as connection:
            return tuple(
                BasketRow(supplier=row.supplier, gtin=row.gtin, quantity=units(row.quantity))
                for row in connection.execute(query)
            )

    def offers(self, gtins: Iterable[str]) -> dict[str, tuple[OfferSaved, ...]]:
        """Return the offers themselves, for what is worked out of them, by GTIN-14."""
        with self._engine.connect() as connection:
            return house_records.offers(connection, [gtin14(each) for each in gtins])


def _names(connection: Connection, gtins: list[str]) -> dict[str, str]:
    return {gtin: each.name for gtin, each in house_records.items(connection, gtins).items()}


def _percent(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    if not before or after is None:
        return None
    return ((after - before) * 100 / before).quantize(_TENTH, ROUND_HALF_UP)


def _item(gtin: str, name: str | None, offers: tuple[OfferSaved, ...], day: date) -> CatalogueItemView:
    shown = [_offer(supplier, offers, day) for supplier in sorted({each.supplier for each in offers})]
    return CatalogueItemView(
        gtin=gtin,
        name=name or next((each.name for each in shown if each.name), ""),
        offers=tuple(_with_cheapest(shown)),
    )


def _offer(supplier: str, offers: tuple[OfferSaved, ...], day: date) -> OfferView:
    own = [each for each in offers if each.supplier == supplier]
    valid = tiers(own, supplier, day)
    live = [each for each in valid if not each.withdrawn]
    newest = (live or valid or own)[-1]
    return OfferView(
        supplier=supplier,
        supplier_item=newest.supplier_item,
        name=newest.name,
        status="offered" if live else "withdrawn" if valid else "ended",
        currency=newest.currency,
        tiers=tuple(
            PriceTier(
                minimum=each.minimum,
                price=each.price,
                valid_from=each.valid_from.isoformat(),
                valid_to=each.valid_to.isoformat() if each.valid_to else None,
            )
            for each in live
        ),
        increment=newest.increment,
        lead_time_days=newest.lead_time_days,
    )


def _with_cheapest(offers: list[OfferView]) -> Iterator[OfferView]:
    """Mark the lowest first price of each currency: amounts of different currencies are not compared."""
    lowest: dict[str, Decimal] = {}
    for each in offers:
        if each.tiers:
            price = each.tiers[0].price
            lowest[each.currency] = min(price, lowest.get(each.currency, price))
    for each in offers:
        yield replace(each, cheapest=bool(each.tiers) and each.tiers[0].price == lowest[each.currency])
