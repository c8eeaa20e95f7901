"""What a supplier's catalogue says of an item we buy: price of the day, order step, case, lead time."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from gateway.domain.decision import Snapshot
from gateway.model.effects import OfferSaved
from gateway.model.partner import ItemRecord, SupplierTerms


def bought_as(item: ItemRecord, terms: SupplierTerms, snapshot: Snapshot, today: date) -> ItemRecord:
    """Return the item as its supplier sells it today: net price of his catalogue, and as order step the larger of what
    he sells in and the case that he packs. Without a catalogue the item is as our table says."""
    offer = offer_of(snapshot.offers.get(item.gtin, ()), terms, today)
    case = next((each.contents for each in snapshot.packs if each.inner == item.gtin and each.level == "case"), None)
    pack = max(item.pack, offer.increment if offer is not None else Decimal(1))
    if item.pack <= 1 and case is not None:
        pack = max(pack, case)
    found = item if pack == item.pack else replace(item, pack=pack)
    if offer is None:
        return found
    return replace(found, purchase_price=offer.price, currency=offer.currency)


def offer_of(offers: tuple[OfferSaved, ...], terms: SupplierTerms, today: date) -> OfferSaved | None:
    """Return the net price for the smallest quantity that holds today; of several the one that began last."""
    valid = [
        each
        for each in offers
        if each.supplier == terms.partner
        and each.kind == "net"
        and each.currency == terms.currency
        and not each.withdrawn
        and each.minimum <= 1
        and each.valid_from <= today
        and (each.valid_to is None or today <= each.valid_to)
    ]
    return max(valid, key=lambda each: (each.valid_from, each.key), default=None)
