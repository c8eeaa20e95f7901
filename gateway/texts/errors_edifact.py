"""Codes of this area."""

from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {}
