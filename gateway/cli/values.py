"""Values of options and arguments: days, instants and numbers, with the bounds that the API has."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

LIST_LIMIT_BYTES = 4_000_000


class _Bounded(click.DateTime):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from gateway.api.given import YEARS  # only here: help loads no API

        found: datetime = super().convert(value, param, ctx)
        if found.year not in YEARS:
            self.fail(f"{value}: the year must be {YEARS.start} to {YEARS.stop - 1}.", param, ctx)
        return found


class _Amount(click.ParamType):  # type: ignore[type-arg]  # generic in later releases only
    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        from gateway.api.given import is_amount

        try:
            found = Decimal(str(value).strip())
        except InvalidOperation:
            found = Decimal("NaN")
        if not is_amount(found):
            self.fail(f"{value} is no number.", param, ctx)
        return found


DAY = _Bounded(["%Y-%m-%d"])
MOMENT = _Bounded(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"])  # without zone
INSTANT = _Bounded(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"])
AMOUNT = _Amount()


def amount(text: str, name: str) -> Decimal:
    """Return a number that stands within another value. Raises click.BadParameter."""
    try:
        return AMOUNT.convert(text, None, None)
    except click.BadParameter as error:
        raise click.BadParameter(f"{name}: {error.message}") from None


def text_of(file: Path, limit_bytes: int) -> str:
    """Return a file of text as it was given. Raises OurFault config.unreadable, config.too-large."""
    from gateway.config.settings import read_text

    return read_text(file, str(file), limit_bytes)
