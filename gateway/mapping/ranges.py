"""Ranges of GS1 numbers that count up: first and last SSCC of the pallets of a delivery (EDIFACT GIN, C208)."""

from gateway.model.values import check_digit, has_valid_check_digit

RANGE_LIMIT = 1000  # numbers


def numbers_between(first: str, last: str) -> list[str] | None:
    """Return the numbers from first to last, check digits computed.

    None when these are not the ends of a range: of different length, with a wrong check digit, the wrong way round, or
    with more than RANGE_LIMIT numbers between them.
    """
    ends = (first, last)
    if not all(each.isascii() and each.isdigit() and has_valid_check_digit(each) for each in ends):
        return None
    start, end, width = int(first[:-1]), int(last[:-1]), len(first) - 1
    if len(last) != len(first) or not start <= end < start + RANGE_LIMIT:
        return None
    bodies = (f"{number:0{width}}" for number in range(start, end + 1))
    return [body + check_digit(body) for body in bodies]
