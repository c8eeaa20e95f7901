"""Time zones by IANA name, as the machine's tz database has them."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from gateway.config.fields import Fields


class Zones(Mapping[str, tzinfo]):
    """Every zone there is; each is read when it is asked for."""

    def __getitem__(self, name: str) -> tzinfo:
        """Raises KeyError for a name that no zone has, or that would lead out of the tz database."""
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(available_timezones()))

    def __len__(self) -> int:
        return len(available_timezones())


def read_zone(fields: Fields) -> str:
    """Return the setting `zone`, UTC without one; a name that no zone has is reported."""
    found = fields.text("zone", "UTC")
    if found in Zones():
        return found
    fields.problems.add("config.bad-value", fields.place("zone"), found, key="zone", expected="Europe/Berlin")
    return "UTC"
