"""Who trades in the demo, and when what happens: the season that its last thirty days tell.

The five who are there from the first day make the ground; the others come for the season, each with a habit that makes
work. Days of the season are counted from 0; it ends where the history ends, and a shorter history has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.demo.demand import PROMOTION_DAYS, on_promotion
from gateway.demo.settings import DemoItem

BEHAVIOUR = {
    "nordmarkt": "grocer",
    "stadtkette": "chain",
    "quellhof": "supplier",
    "warehouse": "depot",
    "guest": "guest",
    "seegarten": "returner",
    "krautwinkel": "oddity",
    "abendrot": "silent",
    "halbscheffel": "short-supplier",
    "stillfracht": "mute-supplier",
}
SEASONAL = frozenset({"seegarten", "krautwinkel", "abendrot", "halbscheffel", "stillfracht"})
SHARED_PROCESS = frozenset({"guest", "returner", "oddity", "silent", "short-supplier", "mute-supplier"})

SEASON_DAYS = 30
RANGE_ON = 0  # new items, the price list, the promotions that are planned
FALLS_SILENT_ON = 8
WRONG_COUNT_ON = 8
PRICE_CHANGE_ON = 11
RETURN_ON = 15
STOCK_COUNT_ON = 19
PROMOTIONS_AHEAD = timedelta(days=35)  # from the last day of the season on

PRICE_LIST = "RETAIL"
LOST_PIECES = 3  # fewer than on record, as the stock count finds


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An item that is new in the season. price: what our customers pay, cost: what we pay, in EUR; opening: units."""

    gtin: str
    name: str
    name_zh: str
    supplier: str
    number: str
    pack: int
    price: str
    cost: str
    opening: int

    def known(self) -> DemoItem:
        """Return it as the partners know it."""
        return DemoItem(
            gtin=self.gtin.zfill(14), name=self.name, supplier_item=self.number, pack=self.pack, opening=self.opening,
            price=self.price, cost=self.cost,
        )  # fmt: skip


SPELT = NewItem(
    gtin="9521001100304", name="Spelt flour 1 kg", name_zh="斯佩尔特小麦粉 1千克",
    supplier="halbscheffel", number="HS-01",
    pack=20, price="2.19", cost="1.30", opening=60,
)  # fmt: skip
RYE = NewItem(
    gtin="9521001100311", name="Rye flour 1 kg", name_zh="黑麦粉 1千克",
    supplier="halbscheffel", number="HS-02",
    pack=30, price="1.49", cost="0.80", opening=150,
)  # fmt: skip
RICE = NewItem(
    gtin="9521001100328", name="Jasmine rice 1 kg", name_zh="茉莉香米 1千克",
    supplier="stillfracht", number="SF-01",
    pack=24, price="2.79", cost="1.55", opening=72,
)  # fmt: skip
SOY = NewItem(
    gtin="9521001100335", name="Soy sauce 250 ml", name_zh="酱油 250毫升",
    supplier="stillfracht", number="SF-02",
    pack=24, price="2.49", cost="1.20", opening=144,
)  # fmt: skip
RANGE = (SPELT, RYE, RICE, SOY)
DEARER, DEARER_PRICE = RICE, "2.99"  # from PRICE_CHANGE_ON on


def goods_of(behaviour: str, partner: str, own: Sequence[DemoItem]) -> tuple[DemoItem, ...]:
    """Return what a partner trades in: all of our own items, or a few and what is new."""
    new = [each.known() for each in RANGE]
    match behaviour:
        case "returner":
            return (*own[:6], *new)
        case "oddity":
            return (*own[6:10], *new[:3])
        case "silent":
            return tuple(own[10:16])
        case "short-supplier" | "mute-supplier":
            return tuple(each.known() for each in RANGE if each.supplier == partner)
        case _:
            return tuple(own)


def season_from(first_day: date, last_day: date) -> date | None:
    """Return day 0 of the season in a history of these days, None when it is too short for one."""
    start = last_day - timedelta(days=SEASON_DAYS - 1)
    return start if start >= first_day else None


def day_number(season: date | None, day: date) -> int:
    """Return which day of the season it is; negative before it, and where there is none."""
    return (day - season).days if season else -1


def range_csv() -> bytes:
    """Return the new items as the list that is imported."""
    head = "gtin,name,name_zh,unit,supplier,supplier_item,pack,sales_price,purchase_price,currency,active"
    rows = [
        f"{each.gtin},{each.name},{each.name_zh},H87,{each.supplier},{each.number},{each.pack},{each.price},{each.cost},EUR,true"
        for each in RANGE
    ]
    return "\n".join([head, *rows, ""]).encode()


@dataclass(frozen=True, slots=True)
class Leaflet:
    """A week in which some items sell more, in the shops of those who print it."""

    first_day: date
    gtins: tuple[str, ...]

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=PROMOTION_DAYS - 1)


def leaflets(seed: int, items: Sequence[DemoItem], season: date) -> list[Leaflet]:
    """Return the promotions that begin in the season or are known by its end."""
    found = []
    last = season + timedelta(days=SEASON_DAYS) + PROMOTIONS_AHEAD
    for number in range((last - season).days):
        day = season + timedelta(days=number)
        gtins = tuple(each.gtin for each in items if on_promotion(seed, each.gtin, day))
        if gtins and not any(on_promotion(seed, each, day - timedelta(days=1)) for each in gtins):
            found.append(Leaflet(day, gtins))
    return found


def last_sunday(year: int, month: int) -> date:
    """Return the day on which Germany's clocks change in that month (March: forward, October: back)."""
    day = date(year, month, 31)
    return day - timedelta(days=day.isoweekday() % 7)


def clock_change(season: date) -> date | None:
    """Return the day of the season on which the clocks change; most seasons have none."""
    end = season + timedelta(days=SEASON_DAYS)
    days = (last_sunday(year, month) for year in {season.year, end.year} for month in (3, 10))
    return next((each for each in days if season <= each < end), None)
