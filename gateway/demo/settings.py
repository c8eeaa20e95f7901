"""What a simulated partner knows of the world: one JSON file in its own folder, written by the scene."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

FILE_NAME = "settings.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoItem:
    """A trade item as the partners know it. pack: units per case; opening: units
    in our warehouse on the first day; price: what our customers pay, cost: what we pay."""

    gtin: str  # 14 digits
    name: str
    supplier_item: str = ""
    pack: int = 1
    opening: int = 0
    price: str = "1.00"
    cost: str = "0.60"

    @property
    def wire_gtin(self) -> str:
        """The number as it is printed: 13 digits when the leading digit is only padding."""
        return self.gtin[1:] if self.gtin.startswith("0") else self.gtin


@dataclass(frozen=True, slots=True, kw_only=True)
class As2Line:
    """Both ends of an AS2 relation. The keys are "self" and "gateway" in the partner's own key folder."""

    own_id: str
    gateway_id: str
    gateway_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLine:
    """Where we post, the API key that we show, and the SHA-256 of the one the gateway must show to us."""

    gateway_url: str
    token: str
    expected_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSettings:
    """name: partner id. behaviour: gateway.demo.behaviours has them.

    gln, places   our own number; numbers of our shops
    deliver_to    where goods are delivered to: a distribution centre, or a shop
    first_day     the first day on which we trade: sums of sales start here
    run           a word that is new after every reset, so that no Message-ID ever comes back
    season        day 0 of the season (gateway.demo.cast); None: the history has none
    directory     of the EDIFACT that we write: 96A or 01B
    billed        of the warehouse: GLNs of customers whom our house sends invoices
    """

    name: str
    behaviour: str
    port: int
    control_token: str
    seed: int
    run: str
    first_day: date
    gln: str
    places: tuple[str, ...]
    deliver_to: str
    gateway_gln: str
    warehouse_gln: str
    items: tuple[DemoItem, ...]
    season: date | None = None
    directory: str = "96A"
    billed: tuple[str, ...] = ()
    as2: As2Line | None = None
    http: HttpLine | None = None

    def to_json(self) -> str:
        days = {"first_day": self.first_day.isoformat(), "season": self.season and self.season.isoformat()}
        return json.dumps(asdict(self) | days, indent=1, ensure_ascii=False)

    @staticmethod
    def from_json(text: str) -> "PartnerSettings":
        """Raises KeyError or TypeError when the file is not what the scene writes. What came later may be missing."""
        data: dict[str, Any] = json.loads(text)
        return PartnerSettings(
            **{each.name: data[each.name] for each in fields(PartnerSettings) if each.name not in _TYPED},
            first_day=date.fromisoformat(data["first_day"]),
            season=date.fromisoformat(data["season"]) if data.get("season") else None,
            directory=data.get("directory", "96A"),
            billed=tuple(data.get("billed", ())),
            places=tuple(data["places"]),
            items=tuple(DemoItem(**each) for each in data["items"]),
            as2=As2Line(**data["as2"]) if data["as2"] else None,
            http=HttpLine(**data["http"]) if data["http"] else None,
        )


_TYPED = ("first_day", "season", "directory", "billed", "places", "items", "as2", "http")


def read_settings(folder: Path) -> PartnerSettings:
    return PartnerSettings.from_json((folder / FILE_NAME).read_text("utf-8"))
