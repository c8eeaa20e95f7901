"""Back-tests: a draft over the last stored messages, in a thread of its own and a child process, told as it goes."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.app.preview import PreviewPool
from gateway.app.shadow import ShadowLine, ShadowReport, shadow
from gateway.config.preview import Direction, Draft
from gateway.model.faults import OurFault
from gateway.store.mapping_versions import MappingRows
from gateway.store.view_mappings import BackTest, MappingViews

log = logging.getLogger(__name__)

MOST = 1_000
TOLD_EVERY = 5  # messages
LINES_KEPT = 200  # that differ
LOST_AFTER = timedelta(minutes=2)  # without a word: its process has ended
WAITING_WORD_S = 20.0  # between two words of one that waits for its turn


@dataclass(kw_only=True)
class BackTests:
    """pool: makes the pool of child processes when the first one begins."""

    instance: Instance
    views: MappingViews
    rows: MappingRows
    pool: Callable[[], PreviewPool]
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def start(self, partner: str, name: str, text: str, user: str, count: int, direction: Direction = "in") -> str:
        """Begin; return the id."""
        now = self.instance.clock.now()
        self.rows.end_tests(now, now - LOST_AFTER)
        test_id = uuid7(self.instance.wall.now())
        digest = sha256(text.encode()).hexdigest()
        count = max(1, min(count, MOST))
        self.rows.begin_test(test_id, partner, name, user, digest, count, now)
        draft = Draft(name=name, text=text, partner=partner, direction=direction, output=direction == "out")
        threading.Thread(target=self._run, args=(test_id, draft, count), daemon=True).start()
        return test_id

    def find(self, test_id: str) -> BackTest:
        """Raises OurFault mapping.no-such-test."""
        found = self.views.test(test_id)
        if found is None:
            raise OurFault("mapping.no-such-test", value=test_id[:40])
        return found

    def cancel(self, test_id: str) -> BackTest:
        """End it; one that is over stays as it is. Raises OurFault mapping.no-such-test."""
        self.find(test_id)
        self.rows.cancel_test(test_id, self.instance.clock.now())
        return self.find(test_id)

    def _run(self, test_id: str, draft: Draft, count: int) -> None:
        while not self._turn.acquire(timeout=WAITING_WORD_S):  # one at a time on this node
            if not self._tell(test_id, "running", 0, count, ShadowReport(), []):
                return
        try:
            self._play(test_id, draft, count)
        finally:
            self._turn.release()

    def _play(self, test_id: str, draft: Draft, count: int) -> None:
        report, lines = ShadowReport(), list[dict[str, Any]]()
        done = total = 0
        try:
            for line in shadow(self.instance.views, self.pool(), draft, count):
                report.add(line)
                done, total = line.done, line.total
                if line.outcome != "same" and len(lines) < LINES_KEPT:
                    lines.append(_plain(line))
                if done % TOLD_EVERY == 0 and not self._tell(test_id, "running", done, total, report, lines):
                    return
            self._tell(test_id, "done", done, total, report, lines)
        except OurFault as fault:
            self._tell(test_id, "failed", done, total, report, lines, fault)
        except Exception:
            log.exception("back-test")
            self._tell(test_id, "failed", done, total, report, lines, OurFault("message.bug"))

    def _tell(
        self,
        test_id: str,
        state: str,
        done: int,
        total: int,
        report: ShadowReport,
        lines: list[dict[str, Any]],
        fault: OurFault | None = None,
    ) -> bool:
        told = {
            "outcomes": dict(report.outcomes),
            "fields": dict(report.fields.most_common(50)),
            "alarms": sorted(report.alarms),
            "lines": lines,
            "fault": None if fault is None else {"code": fault.code, "value": fault.value or "",
                                                 "params": {key: str(each) for key, each in fault.params.items()}},
        }  # fmt: skip
        now = self.instance.clock.now()
        return self.rows.note_test(test_id, state=state, done=done, total=total, report=told, now=now)


def _plain(line: ShadowLine) -> dict[str, Any]:
    """Return what is kept of one message that reads otherwise."""
    return {
        "id": line.id,
        "number": line.number,
        "outcome": line.outcome,
        "differences": [[each.field, each.before, each.after] for each in line.differences[:10]],
        "more": max(0, len(line.differences) - 10),
        "codes": [each.code for each in line.findings[:5]],
    }
