"""RetailEvent: a promotion or an introduction of items, as trade partners plan it together. GS1 XML Retail Event."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.model.values import Amount, Item, Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class RetailEvent:
    """What happens with which items at which places on which days, both days included.

    kind       promotion or introduction
    places     GLNs; none: every planned place of whom the event concerns
    partner    partner id whose places it concerns, in an event of our own; None: all
    mechanic   price, multi-buy, display, leaflet, coupon, sampling or other
    uplift     expected units beyond the usual ones, as a share of these: 0.5 is half as much again; None: not said
    price      sales price while it lasts
    like       of an introduction: GTIN of the item that it is expected to sell like
    launch     of an introduction: units that each place starts with
    function   original, replace (of the event of the same number) or cancel
    """

    id: str
    issued_at: Moment
    kind: str
    name: str
    first_day: Moment
    last_day: Moment
    items: tuple[Item, ...]
    places: tuple[str, ...] = ()
    partner: str | None = None
    mechanic: str = "other"
    uplift: Decimal | None = None
    price: Amount | None = None
    like: str | None = None
    launch: Decimal | None = None
    function: str = "original"
    user: str | None = None
    notes: tuple[str, ...] = ()
