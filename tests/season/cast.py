"""Who trades: five customers and three suppliers of one distributor, each with the habits that make trouble."""

from dataclasses import dataclass

PREFIX = "952"


def with_check_digit(body: str) -> str:
    """Complete a GTIN or GLN (GS1 General Specifications 7.9)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


@dataclass(frozen=True)
class Player:
    """One company. syntax: d96a, d01b or ubl; line: as2 or http."""

    id: str
    name: str
    role: str
    gln: str
    syntax: str
    line: str
    shop: str = ""

    @property
    def as2_id(self) -> str:
        return f"{self.id.upper()}-AS2"


def _player(number: int, name: str, role: str, syntax: str, line: str) -> Player:
    gln, shop = (with_check_digit(f"{PREFIX}8{number:03d}0000{n}") for n in (0, 1))
    return Player(name.split()[0].lower(), name, role, gln, syntax, line, shop)


OURS = with_check_digit(f"{PREFIX}800000000")
WAREHOUSE = with_check_digit(f"{PREFIX}800000001")

REGULAR = _player(1, "Steinfurt Handel AG", "customer", "d96a", "as2")
MODERN = _player(2, "Marienau eG", "customer", "d01b", "as2")
WEB = _player(3, "Lindenpark Märkte", "customer", "ubl", "http")
ODD = _player(4, "Kauzberg & Söhne", "customer", "d96a", "as2")
SILENT = _player(5, "Stillwasser KG", "customer", "d96a", "http")
SHORT = _player(6, "Knapphof Mühlen", "supplier", "d96a", "as2")
MUTE = _player(7, "Stummel Import", "supplier", "ubl", "http")
SOLID = _player(8, "Verlass Lebensmittel", "supplier", "ubl", "http")
HOUSE = Player("lager", "Unser Lager", "house", WAREHOUSE, "json", "http")

CUSTOMERS = (REGULAR, MODERN, WEB, ODD, SILENT)
SUPPLIERS = (SHORT, MUTE, SOLID)
EVERYBODY = (*CUSTOMERS, *SUPPLIERS, HOUSE)


@dataclass(frozen=True)
class Item:
    """What is traded. sales and cost: prices in EUR; pack: units in a case; stock: on the shelf on the first day."""

    gtin: str
    name: str
    supplier: str
    pack: int
    sales: str
    cost: str
    stock: int


def _item(number: int, name: str, supplier: Player, pack: int, sales: str, cost: str, stock: int) -> Item:
    return Item(with_check_digit(f"{PREFIX}80100{number:04d}"), name, supplier.id, pack, sales, cost, stock)


ITEMS = (
    _item(1, "Spelt flour 1 kg", SHORT, 10, "2.19", "1.30", 60),
    _item(2, "Rye flour 1 kg", SHORT, 10, "1.49", "0.80", 50),
    _item(3, "Semolina 500 g", SHORT, 12, "1.19", "0.60", 45),
    _item(4, "Green tea 100 g", MUTE, 6, "3.90", "2.10", 40),
    _item(5, "Jasmine rice 1 kg", MUTE, 12, "2.79", "1.55", 70),
    _item(6, "Soy sauce 250 ml", MUTE, 6, "2.49", "1.20", 30),
    _item(7, "Tomato paste 200 g", SOLID, 20, "0.99", "0.45", 80),
    _item(8, "Olive oil 750 ml", SOLID, 6, "7.90", "4.80", 35),
    _item(9, "Penne 500 g", SOLID, 20, "1.29", "0.62", 70),
)
ITEM = {each.gtin: each for each in ITEMS}
