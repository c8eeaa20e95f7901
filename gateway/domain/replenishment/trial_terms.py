"""What a backtest is asked, and the names of what it answers."""

from dataclasses import dataclass

from gateway.model.faults import OurFault
from gateway.model.findings import Where

BACKTEST = "backtest"  # records of planning of this kind
LATE_DAYS = (1, 3, 7)
OURS, MIN_MAX, TEXTBOOK, ORACLE = "ours", "min-max", "textbook", "oracle"
WAYS = (OURS, MIN_MAX, TEXTBOOK, ORACLE)
PRICES = (*(f"late-{days}" for days in LATE_DAYS), "cut-asn", "cut-no-asn")  # ours with late or missing data
STEPS = 1 + len(WAYS) + len(PRICES)  # fitting first
STATES = ("waiting", "running", "done", "cancelled", "failed")
CLASSES = ("A", "B", "C")
_BOUNDS = {"tuning": (56, 730), "test": (28, 730), "lead": (0, 30), "review": (1, 28)}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialTerms:
    """What is asked. places, items (GTINs), item_class (A, B, C): only those; empty: all of the agreement.

    fill: share of units served from stock; lead: days from order to arrival, review: days from one order to the next;
    None: as the agreement's calendar has it now. tuning, test: days to tune on, and after them to measure.
    """

    agreement: str
    places: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    item_class: str | None = None
    fill: float = 0.98
    lead: int | None = None
    review: int | None = None
    tuning: int = 120
    test: int = 120

    def checked(self) -> "TrialTerms":
        """Return self. Raises OurFault plan.backtest-wrong."""
        for name, (least, most) in _BOUNDS.items():
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                raise _wrong(name, str(value), str(least), str(most))
        if not 0.5 <= self.fill <= 0.999:
            raise _wrong("fill", f"{self.fill:g}", "0.5", "0.999")
        if self.item_class is not None and self.item_class not in CLASSES:
            raise _wrong("class", self.item_class[:20], CLASSES[0], CLASSES[-1])
        return self


def _wrong(name: str, value: str, least: str, most: str) -> OurFault:
    return OurFault("plan.backtest-wrong", Where(path=name), name=name, value=value, least=least, most=most)
