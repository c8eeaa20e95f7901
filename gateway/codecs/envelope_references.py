"""Which message references an interchange has used: constant memory for those that count up, as nearly all do."""

import re

_COUNTED = re.compile(r"(.*?)([0-9]{1,15})\Z", re.DOTALL)


class References:
    """Remembers references. Numbers in a row with the same text before them are kept as two ends."""

    def __init__(self) -> None:
        self._ranges: dict[tuple[str, int], tuple[int, int]] = {}  # (text, digits): first and last number
        self._others: set[str] = set()

    def seen(self, reference: str) -> bool:
        """Tell whether reference was given before, and remember it."""
        if reference in self._others:
            return True
        parts = _COUNTED.match(reference)
        if parts is None:
            self._others.add(reference)
            return False
        key, number = (parts[1], len(parts[2])), int(parts[2])
        first, last = self._ranges.setdefault(key, (number, number - 1))
        if first <= number <= last:
            return True
        if number == last + 1:
            self._ranges[key] = (first, number)
        else:
            self._others.add(reference)
        return False
