"""GS1-128: data to bars, in the fewest symbol characters.

Code set C writes two digits in one character, set B any printable ASCII; which is used where is found by going through
the data from its end and keeping the cheaper way for each set. Source: ISO/IEC 15417 section 4.3; GS1 General
Specifications section 5.4.
"""

from gateway.codecs.gs1 import FNC1

START_B, START_C, STOP = 104, 105, 106
CODE_B, CODE_C, FNC1_VALUE = 100, 99, 102
MOST_CHARACTERS = 48  # data characters of a symbol, GS1 General Specifications section 5.4.4.3

# Widths of bar, space, bar, space, bar, space (, bar) of each symbol character, 0 to 106.
_TABLE = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
)
_WIDTHS = _TABLE.split()

_NEVER = 10**6


def symbol_characters(data: str) -> list[int]:
    """Return the values of the symbol, start, FNC1, check and stop included. data: an element string, printable ASCII
    with FNC1 between elements."""
    cost_b, cost_c = _costs(data)
    in_c = cost_c[0] <= cost_b[0]
    values = [START_C if in_c else START_B, FNC1_VALUE]
    place = 0
    while place < len(data):
        stay, change = (cost_c, cost_b) if in_c else (cost_b, cost_c)
        step, value = _next(data, place, in_c=in_c)
        if step and 1 + stay[place + step] <= 1 + change[place]:
            values.append(value)
            place += step
        else:
            in_c = not in_c
            values.append(CODE_C if in_c else CODE_B)
    check = (values[0] + sum(n * value for n, value in enumerate(values[1:], start=1))) % 103
    return [*values, check, STOP]


def modules(data: str) -> list[int]:
    """Return the widths of bars and spaces in modules, a bar first."""
    return [int(width) for value in symbol_characters(data) for width in _WIDTHS[value]]


def _costs(data: str) -> tuple[list[int], list[int]]:
    """Return for each place how many characters the rest takes when it begins in set B, and in set C."""
    cost_b, cost_c = [0] * (len(data) + 2), [0] * (len(data) + 2)
    for place in reversed(range(len(data))):
        in_b = 1 + cost_b[place + 1]
        step, _ = _next(data, place, in_c=True)
        in_c = 1 + cost_c[place + step] if step else _NEVER
        cost_b[place], cost_c[place] = min(in_b, 1 + in_c), min(in_c, 1 + in_b)
    return cost_b, cost_c


def _next(data: str, place: int, *, in_c: bool) -> tuple[int, int]:
    """Return how much of data the next character takes in a set, and its value; (0, 0) when the set cannot say it."""
    if data[place] == FNC1:
        return 1, FNC1_VALUE
    if not in_c:
        return 1, ord(data[place]) - 32
    pair = data[place : place + 2]
    return (2, int(pair)) if len(pair) == 2 and pair.isascii() and pair.isdigit() else (0, 0)
