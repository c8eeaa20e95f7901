"""Lists for spreadsheets: what a partner wrote is never run, numbers stay numbers."""

import csv
import io
from decimal import Decimal

import pytest

from gateway.api.csv_file import csv_file


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_is_kept_from_it(text: str) -> None:
    found = list(csv.reader(io.StringIO(csv_file(["name"], [[text]]).decode("utf-8-sig"), newline="")))
    assert found == [["name"], [f"'{text}"]]


def test_numbers_stand_in_plain_digits_and_nothing_stands_for_none() -> None:
    made = csv_file(["a", "b", "c", "d"], [[Decimal("-1E+3"), "-2.5", None, "说明"]])
    assert made == b"\xef\xbb\xbfa,b,c,d\r\n-1000,-2.5,," + "说明\r\n".encode()
