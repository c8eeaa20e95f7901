"""Demand classes: how often something is sold and how much the quantity varies when it is.

Source: A. A. Syntetos, J. E. Boylan, J. D. Croston, On the categorization of demand patterns, Journal of the
Operational Research Society 56 (2005): cut-off values ADI 1.32 and CV2 0.49.
"""

from dataclasses import dataclass

import numpy as np

from gateway.domain.replenishment.series import Floats, Ints, SeriesBlock

SMOOTH, ERRATIC, INTERMITTENT, LUMPY, NEW = range(5)
CLASS_NAMES = ("smooth", "erratic", "intermittent", "lumpy", "new")
ADI_CUT = 1.32
CV2_CUT = 0.49
LEAST_DAYS = 28  # known days; with fewer an item is new and borrows from its like
LEAST_SALES = 2  # days with sales; a spread needs two


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Of each series. adi: known days per day with sales (inf without sales); cv2: squared coefficient of variation of
    the quantities of days with sales; code: index into CLASS_NAMES."""

    adi: Floats
    cv2: Floats
    code: Ints


def classify(block: SeriesBlock) -> Classes:
    """Return the class of each series over the days of the block. Unknown days count neither as sales nor as none."""
    known = np.zeros(block.series)
    sold = np.zeros(block.series)
    total = np.zeros(block.series)
    squares = np.zeros(block.series)
    for row in block.units:
        units = np.nan_to_num(row)
        known += ~np.isnan(row)
        sold += units > 0
        total += units
        squares += units * units
    with np.errstate(divide="ignore", invalid="ignore"):
        adi = np.where(sold > 0, known / sold, np.inf)
        mean = total / sold
        cv2 = np.where(sold > 0, np.maximum(squares / sold / (mean * mean) - 1.0, 0.0), 0.0)
    rare, uneven = adi >= ADI_CUT, cv2 >= CV2_CUT
    code = np.where(rare, np.where(uneven, LUMPY, INTERMITTENT), np.where(uneven, ERRATIC, SMOOTH))
    code = np.where((known < LEAST_DAYS) | (sold < LEAST_SALES), NEW, code)
    return Classes(adi=adi, cv2=cv2, code=code.astype(np.int64))
