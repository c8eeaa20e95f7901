"""What a form has sent, as text; numbers and days are read with the words of the form when they are wrong."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from gateway.api.given import YEARS, amount_of, bad, day_of
from gateway.console.reader import Reader

LONGEST = 4000


async def texts(reader: Reader) -> dict[str, str]:
    """Return every text field, without blanks around it; files are left out."""
    form = await reader.request.post()
    return {name: value.strip()[:LONGEST] for name, value in form.items() if isinstance(value, str)}


def number(given: Mapping[str, str], name: str) -> Decimal | None:
    """Return a number that is not negative, None when the field is empty. Raises OurFault api.bad-value."""
    found = signed(given, name)
    if found is not None and found < 0:
        raise bad(name, given[name], "1.25")
    return found


def signed(given: Mapping[str, str], name: str) -> Decimal | None:
    """Return a number as people type it, with a comma or a point; None for nothing. Raises OurFault api.bad-value."""
    text = given.get(name, "")
    if not text:
        return None
    return amount_of(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text, name)


def day(given: Mapping[str, str], name: str) -> date | None:
    """Return a day, None when the field is empty. Raises OurFault api.bad-value."""
    return day_of(given.get(name), name)


def moment(text: str, name: str, zone: tzinfo) -> datetime | None:
    """Return an instant, UTC, that was entered in a person's zone; None for nothing. Raises OurFault api.bad-value."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise bad(name, text, "2026-12-01T08:00") from None
    if found.year not in YEARS:
        raise bad(name, text, "2026-12-01T08:00")
    return (found.replace(tzinfo=zone) if found.tzinfo is None else found).astimezone(UTC)
