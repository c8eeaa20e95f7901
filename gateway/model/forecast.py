"""Forecast: what somebody expects to sell or to need. EDIFACT SLSFCT, UBL Forecast-2."""

from dataclasses import dataclass

from gateway.model.values import Amount, Item, Moment, Party, Period, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastLine:
    """One expected quantity of one item at one place in one period. location: GLN; None: all places of the sender.

    bucket  length of the period: day, week, month, ...
    type    what the quantity is: base, promotion, order, ... (UBL ForecastTypeCode)
    """

    item: Item
    quantity: Quantity
    location: str | None = None
    period: Period | None = None
    bucket: str | None = None
    type: str | None = None
    value: Amount | None = None
    price: Amount | None = None
    promotion: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """basis_agreed: both sides stand behind the figures. previous: number of the forecast that this one replaces."""

    id: str
    issued_at: Moment
    sender: Party
    receiver: Party
    lines: tuple[ForecastLine, ...]
    function: str = "original"
    period: Period | None = None
    previous: str | None = None
    basis_agreed: bool | None = None
    purpose: str | None = None
    currency: str | None = None
    notes: tuple[str, ...] = ()
