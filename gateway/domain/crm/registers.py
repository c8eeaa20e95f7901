"""The registers that people keep beside the record: which fields an entry has, which values they take, which states.

An entry is plain text by field, checked on entry; whatever is kept has passed `checked`. What documents tell is never
entered: an opportunity's result, a campaign's effect and the measured half of a score are computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from gateway.model.faults import OurFault

Form = Literal["text", "long", "number", "day", "choice", "account", "yes"]
TEXT_LONGEST, LONG_LONGEST = 200, 4_000
NUMBER_LARGEST = Decimal(10) ** 12
_MOST_DECIMALS = 40  # 1E-9999999 is ten characters here and megabytes where it is written out
OPEN_STAGES = ("lead", "qualified", "proposed", "negotiation")
STAGES = (*OPEN_STAGES, "won", "lost")
# How likely a stage ends won, and after how many days in it somebody should look; settings of an entry win
CHANCE: Mapping[str, Decimal] = {
    "lead": Decimal("0.1"),
    "qualified": Decimal("0.3"),
    "proposed": Decimal("0.5"),
    "negotiation": Decimal("0.75"),
    "won": Decimal(1),
    "lost": Decimal(0),
}
STALLED_DAYS: Mapping[str, int] = {"lead": 30, "qualified": 30, "proposed": 21, "negotiation": 14}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """low, high: of a number, both included. choices: of a choice, in their order."""

    name: str
    form: Form = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """states: in their order, the first is that of a new entry. closed: those in which an entry is over.

    permission: to change entries; reading needs accounts.read, or what `reading` names. single: one entry only.
    """

    name: str
    fields: tuple[Field, ...]
    states: tuple[str, ...] = ("active", "ended")
    closed: frozenset[str] = frozenset({"ended"})
    permission: str = "cases.write"
    reading: str = "accounts.read"

    def field(self, name: str) -> Field | None:
        return next((each for each in self.fields if each.name == name), None)


def _text(name: str, *, required: bool = False) -> Field:
    return Field(name=name, required=required)


def _number(name: str, low: str | None = "0", high: str | None = None, *, required: bool = False) -> Field:
    ends = [None if each is None else Decimal(each) for each in (low, high)]
    return Field(name=name, form="number", required=required, low=ends[0], high=ends[1])


def _choice(name: str, *choices: str, required: bool = False) -> Field:
    return Field(name=name, form="choice", choices=choices, required=required)


TITLE, ACCOUNT, NOTE = (
    _text("title", required=True),
    Field(name="account", form="account"),
    Field(name="note", form="long"),
)
CADENCES = ("daily", "weekly", "monthly")
_EACH = (
    Register(
        name="opportunity",
        states=STAGES,
        closed=frozenset({"won", "lost"}),
        fields=(
            TITLE,
            Field(name="account", form="account", required=True),
            _number("expectedRevenue"),
            _number("probability", "0", "1"),
            Field(name="expectedOn", form="day"),
            _text("item"),
            _text("place"),
            _text("competitor"),
            _text("owner"),
            _text("source"),
            _text("reason"),  # asked for when it ends
            NOTE,
        ),
    ),
    Register(
        name="campaign",
        states=("planned", "running", "ended"),
        fields=(
            TITLE,
            _choice("segment", "all", "A", "B", "C"),
            ACCOUNT,
            _text("items", required=True),  # GTINs, separated by spaces
            Field(name="since", form="day", required=True),
            Field(name="until", form="day", required=True),
            _number("budget"),
            _text("owner"),
            NOTE,
        ),
    ),
    Register(
        name="competitor",
        fields=(
            TITLE,
            _text("website"),
            _text("region"),
            _number("marketShare", "0", "1"),
            _text("strengths"),
            _text("weaknesses"),
            NOTE,
        ),
    ),
    Register(
        name="product",
        states=("listed", "planned", "ended"),
        fields=(
            TITLE,
            _text("item", required=True),
            _text("category"),
            _number("ourShare", "0", "1"),  # of the market, as asked or bought
            _text("against"),  # competitors' products
            _choice("market", "competitive", "protected"),
            NOTE,
        ),
    ),
    Register(
        name="call",
        states=("logged", "done"),
        closed=frozenset({"done"}),
        fields=(
            TITLE,
            Field(name="account", form="account", required=True),
            _choice("way", "in", "out", required=True),
            _text("person"),
            Field(name="on", form="day"),
            _number("minutes", "0", "1440"),
            _text("topic"),
            _text("case"),
            NOTE,
        ),
    ),
    Register(
        name="survey",
        states=("draft", "running", "ended"),
        fields=(
            TITLE,
            _choice("form", "csat", "nps", "value", "audit", required=True),
            Field(name="afterCase", form="yes"),  # asked by mail when a case of the account is over
            _text("address"),  # of the partners' port as accounts reach it, for links in mail
            _choice("direction", "customer", "supplier"),
            _number("days", "1", "365"),
            NOTE,
        ),
        permission="rules.write",
    ),
    Register(
        name="element",
        fields=(
            TITLE,
            _text("titleZh"),
            _choice("direction", "customer", "supplier", required=True),
            _text("measure"),  # of the record, by which performance is measured; empty: only asked
            _choice("good", "high", "low"),  # whether a large value of the measure is good
            _number("target"),
            _number("tolerance", "0.000001"),
        ),
        permission="rules.write",
    ),
    Register(
        name="potential",  # what an account buys of our goods from anybody, in a year
        fields=(
            Field(name="account", form="account", required=True),
            TITLE,
            _number("yearlyValue", required=True),
            NOTE,
        ),
    ),
    Register(
        name="report",
        fields=(
            TITLE,
            _text("report", required=True),
            _choice("cadence", *CADENCES),
            _choice("to", "folder", "mail"),
            _text("address"),
            _choice("format", "csv", "xlsx"),
            ACCOUNT,
            _text("item"),
            _number("days", "1", "3650"),
            _choice("language", "en", "zh-CN"),
        ),
        permission="rules.write",
    ),
    Register(
        name="setting",  # formulas and matrices: ids are fixed, see scores and matrices
        fields=(Field(name="value", form="long", required=True),),
        permission="rules.write",
    ),
    Register(
        name="connector",
        states=("paused", "running"),
        closed=frozenset(),
        fields=(
            TITLE,
            _choice("kind", "cloudevents", "tryton", required=True),
            _text("address", required=True),
            _text("database"),
            _text("user"),
            _text("key"),  # name in the key store: the secret itself is never kept here
            _text("objects"),  # account, case, opportunity; empty: all
            _text("processor"),  # who it is, for the register of processors
            _text("agreement"),
            Field(name="agreementOn", form="day"),
        ),
        permission="keys.write",
        reading="keys.read",
    ),
)
REGISTERS: Mapping[str, Register] = {each.name: each for each in _EACH}


def register_of(name: str) -> Register:
    """Raises OurFault crm.register-unknown."""
    if name not in REGISTERS:
        raise OurFault("crm.register-unknown", value=name[:60])
    return REGISTERS[name]


def checked(register: Register, given: Mapping[str, object]) -> dict[str, str]:
    """Return the entry with empty fields left out and numbers in canonical form.

    Raises OurFault crm.entry-wrong (a value that its field does not take, a field that there is not).
    """
    kept: dict[str, str] = {}
    for name, told in given.items():
        found = register.field(name)
        if found is None:
            raise OurFault("crm.entry-wrong", value=str(name)[:60], field=str(name)[:60])
        text = str(told).strip() if told is not None and told is not False else ""
        if text:
            kept[name] = _value(found, text)
    for each in register.fields:
        if each.required and each.name not in kept:
            raise OurFault("crm.entry-wrong", value="", field=each.name)
    if "since" in kept and "until" in kept and kept["since"] > kept["until"]:
        raise OurFault("crm.entry-wrong", value=kept["until"], field="until")
    return kept


def _value(field: Field, text: str) -> str:
    try:
        match field.form:
            case "number":
                return format(_in_range(field, text), "f")
            case "day":
                return date.fromisoformat(text).isoformat()
            case "yes":
                return "yes"
            case "choice" if text not in field.choices:
                raise ValueError(text)
    except (ArithmeticError, ValueError):
        raise OurFault("crm.entry-wrong", value=text[:60], field=field.name) from None
    longest = LONG_LONGEST if field.form == "long" else TEXT_LONGEST
    if len(text) > longest or "\0" in text:
        raise OurFault("crm.entry-wrong", value=text[:60], field=field.name)
    return text


def _in_range(field: Field, text: str) -> Decimal:
    number = Decimal(text)  # a JSON number may have come with an exponent
    low = -NUMBER_LARGEST if field.low is None else field.low
    high = NUMBER_LARGEST if field.high is None else field.high
    short = number.is_finite() and int(number.as_tuple().exponent) >= -_MOST_DECIMALS
    if not short or not low <= number <= high:
        raise ValueError(text)
    return number


def next_state(register: Register, state: str, entry: Mapping[str, str]) -> str:
    """Return state when an entry may be in it. Raises OurFault crm.entry-wrong: an unknown state, an end of an
    opportunity without its reason."""
    if state not in register.states:
        raise OurFault("crm.entry-wrong", value=state[:60], field="state")
    if register.name == "opportunity" and state == "lost" and not entry.get("reason"):
        raise OurFault("crm.entry-wrong", value="", field="reason")
    return state


def stalled(state: str, since: date, today: date) -> bool:
    """Tell whether an opportunity has stood in its stage for longer than such stages should take."""
    return state in STALLED_DAYS and (today - since).days > STALLED_DAYS[state]


def weighted_revenue(state: str, entry: Mapping[str, str]) -> Decimal | None:
    """Return the expected revenue times how likely it is; None without a revenue."""
    revenue = entry.get("expectedRevenue")
    if revenue is None:
        return None
    told = entry.get("probability")
    chance = Decimal(told) if told is not None and state not in ("won", "lost") else CHANCE[state]
    return (Decimal(revenue) * chance).quantize(Decimal("0.01"))
