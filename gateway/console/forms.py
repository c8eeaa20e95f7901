"""What a form has sent, as text; numbers and days are read with the words of the form when they are wrong."""

from datetime import date
from decimal import Decimal, InvalidOperation

from gateway.console.reader import Reader
from gateway.model.faults import OurFault

LONGEST = 4000


async def texts(reader: Reader) -> dict[str, str]:
    """Return every text field, without blanks around it; files are left out."""
    form = await reader.request.post()
    return {name: value.strip()[:LONGEST] for name, value in form.items() if isinstance(value, str)}


def number(given: dict[str, str], name: str) -> Decimal | None:
    """Return a number that is not negative, None when the field is empty. Raises OurFault api.bad-value."""
    text = given.get(name, "")
    if not text:
        return None
    try:
        found = Decimal(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or found < 0 or len(text) > 30:
        raise OurFault("api.bad-value", name=name, value=text[:100], expected="1.25")
    return found


def day(given: dict[str, str], name: str) -> date | None:
    """Return a day, None when the field is empty. Raises OurFault api.bad-value."""
    try:
        return date.fromisoformat(given[name]) if given.get(name) else None
    except ValueError:
        raise OurFault("api.bad-value", name=name, value=given[name][:100], expected="2026-01-31") from None
