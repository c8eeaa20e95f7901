"""Calendar months in UTC as whole numbers, and where a month begins among ids that sort by time (UUIDv7).

Rows are grouped, moved away and dropped by the month of their id. Ids that are no UUIDv7 belong to no month.
"""

from datetime import UTC, datetime

NEVER = 999_999  # a month that no clock reaches: what it marks is kept
_MONTHS = 12


def month_of(instant: datetime) -> int:
    """Return the number of instant's month: year * 12 + month - 1, so that the next month is one more."""
    at = instant.astimezone(UTC)
    return at.year * _MONTHS + at.month - 1


def first_moment(month: int) -> datetime:
    """Return the instant at which month begins."""
    year, index = divmod(month, _MONTHS)
    return datetime(year, index + 1, 1, tzinfo=UTC)


def name_of(month: int) -> str:
    """Return month as in 2026_03: for names of tables and files."""
    year, index = divmod(month, _MONTHS)
    return f"{year:04d}_{index + 1:02d}"


def first_id(instant: datetime) -> str:
    """Return a text that sorts at or before every UUIDv7 made at instant or later, and after all earlier ones."""
    digits = f"{int(instant.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def bounds(month: int) -> tuple[str, str]:
    """Return the texts between which the ids of month sort: at or after the first, before the second."""
    return first_id(first_moment(month)), first_id(first_moment(month + 1))


def month_of_id(row_id: str) -> int | None:
    """Return the month in which an id was made; None for one that is no UUIDv7."""
    digits = row_id.replace("-", "")
    if len(row_id) != 36 or len(digits) != 32 or digits[12] != "7":
        return None
    try:
        milliseconds = int(digits[:12], 16)
        return month_of(datetime.fromtimestamp(milliseconds / 1000, UTC))
    except (ValueError, OverflowError, OSError):
        return None
