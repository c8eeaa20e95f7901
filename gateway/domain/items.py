"""Which of our items a document's line means, and whether its quantity can be taken."""

from decimal import Decimal

from gateway.model.faults import PartnerFault
from gateway.model.findings import Where
from gateway.model.partner import ItemRecord, OwnCompany
from gateway.model.values import Item, Quantity, gtin14, has_valid_check_digit

# Codes that all say "one piece": UN/ECE Rec 20 H87, C62, EA, NAR, and PCE, PC of older EDIFACT users.
PIECES = frozenset({"H87", "C62", "EA", "NAR", "PCE", "PC"})
LARGEST = Decimal(10) ** 12  # units in one line; beyond it a sum could leave the range of the stock records
SMALLEST = Decimal("0.001")
_GTIN_LENGTHS = (8, 12, 13, 14)


class ItemFinder:
    """Finds items by GTIN, or by a number when no GTIN was sent: a GTIN in the wrong place, or the maker's number.

    supplier: partner id, when the document is about goods of that supplier; its own item numbers then count first.
    """

    def __init__(self, own: OwnCompany, supplier: str | None = None) -> None:
        self._items = own.items
        self._supplier = supplier
        self._numbers: dict[str, list[ItemRecord]] | None = None

    def find(self, item: Item) -> ItemRecord | None:
        """Return our item, or None. A GTIN that we do not know is unknown whatever other numbers say."""
        if item.gtin:
            return self._items.get(gtin14(item.gtin))
        for number in (item.seller_id, item.buyer_id):
            if number and len(number) in _GTIN_LENGTHS and has_valid_check_digit(number):
                found = self._items.get(gtin14(number))
                if found is not None:
                    return found
        return self._by_number(item.seller_id) if item.seller_id else None

    def _by_number(self, number: str) -> ItemRecord | None:
        if self._numbers is None:
            self._numbers = {}
            for each in self._items.values():
                if each.supplier_item and self._supplier in (None, each.supplier):
                    self._numbers.setdefault(each.supplier_item, []).append(each)
        found = self._numbers.get(number, [])
        return found[0] if len(found) == 1 else None  # two items under one number: neither is meant for sure


def identifier(item: Item) -> str:
    """Return how the document names the item, for messages."""
    return item.gtin or item.seller_id or item.buyer_id or item.description or "?"


def item_path(line: str, item: Item) -> str:
    """Return the canonical path of the identifier that names the item, line being "lines[n]"."""
    if item.gtin:
        return f"{line}.item.gtin"
    if item.seller_id:
        return f"{line}.item.sellerId"
    return f"{line}.item.buyerId" if item.buyer_id else f"{line}.item"


def record_gtin(item: Item) -> str:
    """Return the GTIN-14 for the records of a line whose item we do not know; "" when it has none."""
    gtin = gtin14(item.gtin) if item.gtin else ""
    return gtin if len(gtin) == 14 else ""


def is_unit_of(quantity: Quantity, item: ItemRecord) -> bool:
    """Tell whether quantity counts what our records count."""
    unit = quantity.unit
    return unit is None or unit == item.unit or (unit in PIECES and item.unit in PIECES)


def amount_of(quantity: Quantity, path: str) -> Decimal:
    """Return the value when our records can hold it exactly: thousandths of a unit, below 10**12.

    Raises PartnerFault item.quantity-unusable.
    """
    value = quantity.value
    if not value.is_finite() or abs(value) >= LARGEST or value != value.quantize(SMALLEST):
        raise PartnerFault("item.quantity-unusable", Where(path=path), value=str(value)[:40])
    return value


def positive_amount(quantity: Quantity, path: str) -> Decimal:
    """Return the value of a quantity that must not be negative. Raises PartnerFault item.quantity-unusable."""
    value = amount_of(quantity, path)
    if value < 0:
        raise PartnerFault("item.quantity-unusable", Where(path=path), value=str(value)[:40])
    return value
