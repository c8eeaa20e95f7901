"""Words, numbers, times and names for one reader: language, zone and the names in the book."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from markupsafe import Markup

from gateway.api.rendering import iso
from gateway.api.services import Definitions
from gateway.console.effect_words import sentence
from gateway.model.findings import Finding, Where
from gateway.store.view_rows import EffectLine, MessageLine
from gateway.texts import catalogue
from gateway.texts.catalogue import Lang
from gateway.texts.labels import label, label_or

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_RATES = ("confirmed_rate", "shipped_rate", "late_rate", "return_rate", "supplier_rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """now: the gateway's time, which decides what is today.

    names: of items that the tables in the book do not have, by GTIN, English and Chinese; missed: GTINs that were asked
    for and found in neither
    """

    lang: Lang
    zone: ZoneInfo
    now: datetime
    book: Definitions
    names: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    missed: set[str] = field(default_factory=set)

    def __call__(self, label_key: str, /, **params: object) -> str:
        return label(label_key, self.lang, **params)

    def count(self, key: str, number: int) -> str:
        """KEY-one for one, KEY with {count} for any other number."""
        return label(f"{key}-one", self.lang) if number == 1 else label(key, self.lang, count=self.number(number))

    def term(self, group: str, value: str | None) -> str:
        """Return a state, type, activity, ... in words; one that we do not know as it is written."""
        return label_or(f"{group}.{value}", self.lang, (value or "").replace("_", " ").replace("-", " "))

    # --- names from the book ---

    def partner(self, partner_id: str) -> str:
        """Return the name of a partner, else its id."""
        found = self.book.partners.get(partner_id)
        if found is None:
            return partner_id
        return (found.name_zh if self.lang == "zh-CN" else None) or found.name

    def partners(self, partner_ids: Iterable[str]) -> str:
        """Return the names of several, as a list in a sentence."""
        return ("、" if self.lang == "zh-CN" else ", ").join(self.partner(each) for each in partner_ids)

    def item(self, gtin: str | None) -> str:
        """Return the name of an item, else its number."""
        kept = self.names.get(gtin or "")
        if kept is not None:  # our house's word goes before the table, as in decisions
            return (kept[1] if self.lang == "zh-CN" else None) or kept[0]
        found = self.book.own.items.get(gtin or "")
        if found is not None:
            return (found.name_zh if self.lang == "zh-CN" else None) or found.name
        if gtin:
            self.missed.add(gtin)
        return gtin or "?"

    def place(self, gln: str | None) -> str:
        """Return who owns the place with that GLN, or the GLN itself."""
        if not gln:
            return ""
        found = (each for each in self.book.partners.values() if any(known.value == gln for known in each.ids))
        owner = next(found, None)
        return self.partner(owner.id) if owner else gln

    # --- numbers and times ---

    def number(self, value: Decimal | int | str | None) -> str:
        """Group thousands; decimals as exact as they are; a text that is no number unchanged."""
        if value is None:
            return ""
        try:
            exact = Decimal(value)
        except ArithmeticError:
            return str(value)
        return f"{exact:,f}".replace("-", "−")

    def up_to(self, count: int, most: int) -> str:
        """Return a count of rows that were read up to most of them: there may be more."""
        return f"{self.number(count)}+" if count >= most else self.number(count)

    def rounded(self, value: Decimal | str | None, places: int = 1) -> str:
        """Return value rounded for reading; the exact one is in the API."""
        if value is None:
            return ""
        shown = round(Decimal(value), places)
        return self.number(shown.to_integral_value() if shown == shown.to_integral_value() else shown)

    def money(self, value: Decimal | str | None, currency: str | None) -> str:
        """Return an amount with its currency."""
        if value is None:
            return ""
        return f"{currency or ''}\u00a0{Decimal(value):,.2f}".strip()

    def rate(self, name: str, value: Decimal | None) -> str:
        """Return a figure: a share in per cent, anything else rounded; None was too little to tell."""
        if value is None:
            return self("accounts.not-enough")
        return f"{value * 100:.1f}\u00a0%" if name in _RATES else self.rounded(value, 2)

    def day(self, value: date | str) -> str:
        """Return a day as the reader's language writes it."""
        found = date.fromisoformat(value[:10]) if isinstance(value, str) else value
        if self.lang == "zh-CN":
            return found.isoformat()
        return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"

    def full_time(self, moment: datetime) -> str:
        """Return day and time to the second, in the reader's zone."""
        local = moment.astimezone(self.zone)
        return f"{self.day(local.date())}, {local:%H:%M:%S}" if self.lang == "en" else f"{local:%Y-%m-%d %H:%M:%S}"

    def _short_time(self, moment: datetime) -> str:
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone).date()
        if local.date() == today:
            return f"{local:%H:%M:%S}"
        if local.year == today.year:
            day = f"{local:%m-%d}" if self.lang == "zh-CN" else f"{local.day} {_MONTHS[local.month - 1]}"
            return f"{day} {local:%H:%M}"
        return self.day(local.date())

    def when(self, moment: datetime | None) -> Markup:
        """Return a <time> element: short text, the full time with zone as title, ISO 8601 for machines."""
        if moment is None:
            return Markup("")
        title = f"{self.full_time(moment)} {moment.astimezone(self.zone):%Z}"
        element = Markup('<time datetime="{}" title="{}">{}</time>')
        return element.format(iso(moment), title, self._short_time(moment))

    def passed(self, moment: datetime, span: timedelta | None) -> Markup:
        """Return the time that has passed when it is short, else the time itself."""
        return self.since(None if span is None else moment - span, moment)

    def since(self, before: datetime | None, moment: datetime) -> Markup:
        """Return the time that has passed since before when it is short, else the time itself."""
        passed = (moment - before).total_seconds() if before else None
        if passed is None or not 0 <= passed < 3600:
            return self.when(moment)
        shown = (
            f"{passed * 1000:.0f} ms" if passed < 1 else f"{passed:.1f} s" if passed < 60 else f"{passed / 60:.0f} min"
        )
        title = f"{self.full_time(moment)} {moment.astimezone(self.zone):%Z}"
        return Markup('<time datetime="{}" title="{}">+{}</time>').format(iso(moment), title, shown)

    # --- messages and findings ---

    def document(self, line: MessageLine) -> str:
        """Return what the line is, in words."""
        if line.document_type:
            return self.term("type", line.document_type)
        return self("type.unread") if line.type == "?" else label_or(f"type.{line.type}", self.lang, line.type)

    def code(self, code: str) -> str:
        """Return a catalogue code (or state.X) as one sentence without its values."""
        if code.startswith("state."):
            return self.term("state", code.removeprefix("state."))
        found = catalogue.entry(code)
        return _PLACEHOLDER.sub("…", found.zh if self.lang == "zh-CN" else found.en)

    def finding(self, finding: Finding) -> str:
        return self.plain(catalogue.text(finding, self.lang))

    def plain(self, text: str) -> str:
        """Replace control characters that a partner's value may bring along."""
        return "".join(each if each.isprintable() else "·" for each in text)

    def cure(self, finding: Finding) -> str:
        return self.plain(catalogue.cure(finding, self.lang))

    def where(self, where: Where) -> str:
        """Return the place in words, the widest part first; "" when it is not known."""
        parts = [where.tag] if where.tag else []
        for name in ("segment", "element", "component"):
            if getattr(where, name) is not None:
                parts.append(self(f"message.{name}", number=getattr(where, name)))
        if where.segment is None and where.line is not None:
            parts.append(self("message.line", number=where.line))
            if where.column is not None:
                parts.append(self("message.column", number=where.column))
        if where.offset is not None:
            parts.append(self("message.offset", number=self.number(where.offset)))
        if not parts and where.path:
            parts.append(where.path)
        return " · ".join(parts)

    def effect(self, effect: EffectLine) -> str:
        """Return one effect as a sentence."""
        return sentence(self, effect)

    def signed(self, value: object) -> str:
        """Return a number with its sign."""
        text = self.number(str(value))
        return text if text.startswith("−") else f"+{text}"
