"""Where a value stands in a JSON text: line and column of a pointer. Asked only for what is wrong, so the text is
walked once more then instead of keeping places for all values.

Source: RFC 8259; RFC 6901 (JSON Pointer).
"""

import re
from collections.abc import Sequence

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ATOM = re.compile(r"[^\s,\]}]+")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def steps_of(path: str) -> tuple[str | int, ...]:
    """Return the steps of a canonical path: lines[2].item.gtin -> ("lines", 2, "item", "gtin")."""
    return tuple(int(number) if number else name for name, number in _STEP.findall(path))


def pointer_of(path: str) -> str:
    """Return the JSON Pointer of a canonical path: lines[2].item.gtin -> /lines/2/item/gtin."""
    return "".join(f"/{str(each).replace('~', '~0').replace('/', '~1')}" for each in steps_of(path))


def place_of(text: str, steps: Sequence[str | int]) -> tuple[int, int]:
    """Return line and column (from 1) of the value that steps lead to, or of the innermost one that is there.

    text must be JSON that has been parsed; for anything else the place is where the walk ended.
    """
    at = _skip(text, 0)
    for step in steps:
        found = _member(text, at, step) if isinstance(step, str) else _element(text, at, step)
        if found < 0:
            break
        at = found
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _member(text: str, at: int, key: str) -> int:
    """Return where the value of key begins in the object at `at`, -1 when it has none."""
    if text[at : at + 1] != "{":
        return -1
    at = _skip(text, at + 1)
    while name := _STRING.match(text, at):
        at = _skip(text, _skip(text, name.end()) + 1)
        if name.group(1) == key:
            return at
        at = _next(text, at)
    return -1


def _element(text: str, at: int, number: int) -> int:
    if text[at : at + 1] != "[":
        return -1
    at = _skip(text, at + 1)
    for _ in range(number):
        at = _next(text, at)
        if at >= len(text):
            return -1
    return at if text[at : at + 1] not in ("]", "") else -1


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
