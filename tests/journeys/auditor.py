"""Judges a gateway by what its partners hold: their mailboxes, and what they were told. Shares no code with the store.

Every order whose sender was told that it is kept has one response and one CONTRL; nothing came twice with other bytes;
each partner's orders were decided in the order in which they were taken in, whichever node took them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Mailboxes:
    """folder: one folder per partner, a file per delivery; answered-*: numbers of acknowledged orders, line by line;
    taken-*: number, when it was first sent and when it was acknowledged, in seconds of a clock that all senders share.
    """

    folder: Path
    partners: Sequence[str]

    def answered(self) -> set[int]:
        """Numbers of the orders whose senders have been told that they are kept."""
        return {int(line) for path in self.folder.glob("answered-*") for line in path.read_text().split()}

    def texts(self) -> list[tuple[str, str]]:
        return [
            (partner, path.read_bytes().decode())
            for partner in self.partners
            for path in (self.folder / partner).glob("*")
            if not path.suffix
        ]

    def responses(self) -> list[tuple[str, int, int, str]]:
        """Return (partner, response number, order number, promised dates) of every ORDRSP."""
        found = []
        for partner, text in self.texts():
            if "ORDRSP:" not in text:
                continue
            response, ordered = re.search(r"BGM\+\d+\+\D*(\d+)[^']*'", text), re.search(r"RFF\+ON:PO-(\d+)", text)
            assert response is not None, text
            assert ordered is not None, text
            dates = ",".join(re.findall(r"DTM\+(?:2|67|69):(\d+)", text))
            found.append((partner, int(response[1]), int(ordered[1]), dates))
        return found

    def controls(self) -> Counter[int]:
        """Count the CONTRL per order."""
        return Counter(int(m[1]) for _, text in self.texts() if (m := re.search(r"UCI\+R(\d+)\+", text)))

    def faults(self, shares: Sequence[tuple[int, int]]) -> list[str]:
        """Return what is wrong. shares: first and last order number of each sender, who sends one after the other."""
        wanted = {n for first, last in shares for n in range(first, last + 1)}
        acknowledged, responses, controls = self.answered(), self.responses(), self.controls()
        found = [f"never acknowledged: {n}" for n in sorted(wanted - acknowledged)]
        counts = Counter(order for _, _, order, _ in responses)
        for n in sorted(acknowledged):
            if counts[n] != 1:
                found.append(f"order {n} has {counts[n]} responses")
            if controls[n] != 1:
                found.append(f"order {n} has {controls[n]} CONTRL")
        found += [f"response to an order nobody sent: {n}" for n in sorted(set(counts) - wanted)]
        found += [f"bytes changed under one Message-ID: {path.name}" for path in self.folder.glob("*/*.changed")]
        found += [f"response {number} used twice" for number, times in _numbers(responses).items() if times > 1]
        found += self._order_faults(responses, shares)
        found += self._lane_faults(responses)
        return found

    def _lane_faults(self, responses: list[tuple[str, int, int, str]]) -> list[str]:
        """What was acknowledged before another order of its partner was first sent, to whichever node, comes first."""
        taken = self.taken()
        found = []
        for partner in self.partners:
            decided = [o for p, _, o, _ in sorted(responses, key=lambda r: r[1]) if p == partner and o in taken]
            latest, which = 0.0, 0
            for order in decided:
                sent, acknowledged = taken[order]
                if acknowledged < latest:
                    found.append(f"{partner}: order {which} was decided before {order}, which was there first")
                if sent > latest:
                    latest, which = sent, order
        return found

    def taken(self) -> dict[int, tuple[float, float]]:
        """When each order was first sent, and when its sender first knew that it is kept."""
        found: dict[int, tuple[float, float]] = {}
        for path in self.folder.glob("taken-*"):
            for line in path.read_text().splitlines():
                number, sent, acknowledged = line.split()
                before = found.get(int(number), (float(sent), float(acknowledged)))
                found[int(number)] = (min(before[0], float(sent)), min(before[1], float(acknowledged)))
        return found

    def _order_faults(self, responses: list[tuple[str, int, int, str]], shares: Sequence[tuple[int, int]]) -> list[str]:
        found = []
        for partner in self.partners:
            for first, last in shares:
                decided = [
                    o for p, _, o, _ in sorted(responses, key=lambda r: r[1]) if p == partner and first <= o <= last
                ]
                for before, after in pairwise(decided):
                    if before > after:
                        found.append(f"{partner}: order {before} was decided before {after}")
        return found


def _numbers(responses: list[tuple[str, int, int, str]]) -> Counter[int]:
    return Counter(number for _, number, _, _ in responses)
