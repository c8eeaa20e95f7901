"""Where values stand in a JSON text: line and column of a pointer. Asked only for what is wrong, so the text is
walked once more then instead of keeping places for all values.

Source: RFC 8259; RFC 6901 (JSON Pointer).
"""

import re
from collections.abc import Sequence

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)
_ATOM = re.compile(r"[^\s,\]}]+")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def steps_of(path: str) -> tuple[str | int, ...]:
    """Return the steps of a canonical path: lines[2].item.gtin -> ("lines", 2, "item", "gtin")."""
    return tuple(int(number) if number else name for name, number in _STEP.findall(path))


def pointer_of(path: str) -> str:
    """Return the JSON Pointer of a canonical path: lines[2].item.gtin -> /lines/2/item/gtin."""
    return "".join(f"/{str(each).replace('~', '~0').replace('/', '~1')}" for each in steps_of(path))


class JsonText:
    """A JSON text that is asked where its values stand. What it was walked through for once is remembered: fifty
    faults in a long document cost one walk."""

    def __init__(self, text: str) -> None:
        """text must be JSON that has been parsed; in anything else a place is where the walk ended."""
        self._text = text
        self._members: dict[int, dict[str, int]] = {}  # by start of an object: where the value of each key begins
        self._elements: dict[int, list[int]] = {}  # by start of an array: where its elements begin, as far as walked

    def place(self, steps: Sequence[str | int]) -> tuple[int, int]:
        """Return line and column (from 1) of the value that steps lead to, or of the innermost one that is there."""
        text, at = self._text, _skip(self._text, 0)
        for step in steps:
            found = self._member(at, step) if isinstance(step, str) else self._element(at, step)
            if found < 0:
                break
            at = found
        return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)

    def _member(self, start: int, key: str) -> int:
        """Return where the value of key begins in the object at start, -1 when it has none."""
        text = self._text
        if text[start : start + 1] != "{":
            return -1
        known = self._members.get(start)
        if known is None:
            known = self._members[start] = {}
            at = _skip(text, start + 1)
            while name := _STRING.match(text, at):
                at = _skip(text, _skip(text, name.end()) + 1)
                known.setdefault(name.group(1), at)
                at = _next(text, at)
        return known.get(key, -1)

    def _element(self, start: int, number: int) -> int:
        text = self._text
        if text[start : start + 1] != "[":
            return -1
        known = self._elements.setdefault(start, [_skip(text, start + 1)])
        while len(known) <= number and known[-1] < len(text):
            known.append(_next(text, known[-1]))
        at = known[min(number, len(known) - 1)]
        return at if text[at : at + 1] not in ("]", "") else -1


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _next(text: str, at: int) -> int:
    """Return where the value behind the one at `at` begins, or the bracket that closes them."""
    at = _skip(text, _end(text, at))
    return _skip(text, at + 1) if text[at : at + 1] == "," else at


def _end(text: str, at: int) -> int:
    """Return where the value at `at` ends. Brackets are counted, so depth costs no stack."""
    depth = 0
    while at < len(text):
        sign = text[at]
        if sign == '"':
            string = _STRING.match(text, at)
            at = string.end() if string else len(text)
        elif sign in "{[":
            depth, at = depth + 1, at + 1
        elif sign in "}]":
            depth, at = depth - 1, at + 1
        elif depth and sign in " \t\r\n,:":
            at += 1
            continue
        else:
            atom = _ATOM.match(text, at)
            at = atom.end() if atom else at + 1
        if depth <= 0:
            return at
    return at
