"""Who talked with whom about what, and the lists of words that people choose from.

Lists are data: the gateway comes with these, a person adds, renames or retires words. A word that was used is never
taken away, only no longer offered. Own fields of an interaction are a list as well, each with a type.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from gateway.domain.crm.contacts import TEXT, line, wrong
from gateway.model.values import plain_number

Lists = Literal["relation", "source", "intention", "status", "interaction", "topic", "task", "field"]
FIELD_TYPES = ("text", "number", "date")

# list -> code -> (English, Chinese)
PRESET: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "relation": {
        "customer": ("Customer", "客户"),
        "supplier": ("Supplier", "供应商"),
        "both": ("Customer and supplier", "客户兼供应商"),
        "competitor": ("Competitor", "竞争对手"),
        "partner": ("Business partner", "合作伙伴"),
    },
    "source": {
        "document": ("Their documents", "业务单据"),
        "recommendation": ("Recommendation", "他人推荐"),
        "fair": ("Trade fair", "展会"),
        "own-contact": ("Contacted by us", "主动联系"),
        "asked": ("They asked", "主动咨询"),
    },
    "intention": {
        "high": ("High", "意向高"),
        "medium": ("Medium", "意向中"),
        "low": ("Low", "意向低"),
        "none": ("None", "无意向"),
    },
    "status": {
        "prospect": ("Prospect", "潜在"),
        "negotiating": ("In negotiation", "洽谈中"),
        "trading": ("Trading", "合作中"),
        "paused": ("Paused", "暂停"),
        "ended": ("Ended", "已终止"),
    },
    "interaction": {
        "call": ("Call", "电话"),
        "visit": ("Visit", "拜访"),
        "mail": ("E-mail", "电子邮件"),
        "meeting": ("Meeting", "会议"),
        "chat": ("Chat", "即时通讯"),
        "note": ("Note", "备注"),
    },
    "topic": {
        "price": ("Price and terms", "价格与条件"),
        "delivery": ("Delivery", "交货"),
        "quality": ("Quality", "质量"),
        "assortment": ("Assortment", "品类"),
        "payment": ("Payment", "付款"),
        "promotion": ("Promotion", "促销"),
        "data": ("Data exchange", "数据交换"),
    },
    "task": {
        "call": ("Call", "致电"),
        "visit": ("Visit", "拜访"),
        "follow-up": ("Follow-up", "跟进"),
        "care": ("Customer care", "客户关怀"),
        "offer": ("Offer", "报价"),
        "renewal": ("Renewal", "续约"),
    },
    "field": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of a list. type: of an own field, text, number or date; "" in all other lists. active: is offered."""

    list: str
    code: str
    en: str
    zh: str
    type: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """at: when it took place. direction: who began it, "in" they, "out" we. message, case: what it was about."""

    id: str
    account: str
    at: datetime
    kind: str
    subject: str
    text: str = ""
    contact: str | None = None
    topic: str | None = None
    direction: Literal["in", "out"] = "out"
    fields: Mapping[str, str] = field(default_factory=dict)
    message: str | None = None
    case: str | None = None
    actor: str = ""


def words_of(own: Mapping[tuple[str, str], Word]) -> dict[str, dict[str, Word]]:
    """Return every list with its words, those of the gateway first. own: (list, code) -> what a person has made."""
    found = {
        name: {
            code: own.get((name, code)) or Word(list=name, code=code, en=en, zh=zh) for code, (en, zh) in codes.items()
        }
        for name, codes in PRESET.items()
    }
    for (name, code), word in own.items():
        found.setdefault(name, {})[code] = word
    return found


def checked_word(given: Word) -> Word:
    """Raises OurFault crm.value-wrong: no such list, a code that is no code, no words, no type of a field."""
    if given.list not in PRESET:
        raise wrong("list", given.list)
    code = given.code.strip()
    if not (0 < len(code) <= 40 and code.isascii() and code.replace("-", "").isalnum() and code == code.lower()):
        raise wrong("code", code)
    if (given.list == "field") != (given.type in FIELD_TYPES):
        raise wrong("type", given.type)
    return Word(
        list=given.list,
        code=code,
        en=line("en", given.en, needed=True, most=100),
        zh=line("zh", given.zh or given.en, needed=True, most=100),
        type=given.type,
        active=given.active,
    )


def checked_interaction(given: Interaction, words: Mapping[str, Mapping[str, Word]]) -> Interaction:
    """Return the interaction as it is kept. Raises OurFault crm.value-wrong."""
    if given.kind not in words["interaction"]:
        raise wrong("kind", given.kind)
    if given.topic and given.topic not in words["topic"]:
        raise wrong("topic", given.topic)
    if given.direction not in ("in", "out"):
        raise wrong("direction", given.direction)
    return Interaction(
        id=given.id,
        account=given.account,
        at=given.at,
        kind=given.kind,
        subject=line("subject", given.subject, needed=True, most=300),
        text=line("text", given.text, most=TEXT),
        contact=given.contact or None,
        topic=given.topic or None,
        direction=given.direction,
        fields=checked_fields(given.fields, words["field"]),
        message=given.message or None,
        case=given.case or None,
        actor=given.actor,
    )


def checked_fields(given: Mapping[str, str], known: Mapping[str, Word]) -> dict[str, str]:
    """Return own fields in the form of their types: numbers without blanks, dates in ISO 8601. Raises OurFault
    crm.value-wrong."""
    found: dict[str, str] = {}
    for name, value in given.items():
        text = value.strip()
        if not text:
            continue
        word = known.get(name)
        if word is None:
            raise wrong("field", name)
        found[name] = _typed(name, text, word.type)
    return found


def _typed(name: str, text: str, kind: str) -> str:
    try:
        if kind == "number":
            number = plain_number(text)
            if number is None or len(text) > 40:
                raise wrong(name, text)
            return format(number, "f")
        if kind == "date":
            return date.fromisoformat(text).isoformat()
    except ValueError as fault:
        raise wrong(name, text) from fault
    return line(name, text, most=1_000)
