"""Metrics in Prometheus text: counters since this process began, and what waits at the moment of asking.

Names and labels are listed in docs/operations.md. The figures of the journal are those of the whole instance, whichever
node is asked: take the maximum over nodes, not the sum. Labels hold only what is configured: partners, channels, types.

Source: Prometheus text exposition format 0.0.4.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from gateway.store.view_metrics import MetricViews

_LABELS = ("direction", "partner", "channel", "type", "event")
_LOOK_EVERY_S = 1.0
_MOST_ROUNDS = 50  # of one scrape: a million events

_ENDS = {"in": ("done", "parked"), "out": ("sent", "acked")}  # whose duration is worth knowing


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """What only this process knows. Each gives a figure now; certificates: (partner, use) -> when it ends."""

    writer_queue: Callable[[], int] = lambda: 0
    refused: Callable[[], int] = lambda: 0
    loop_lag_s: Callable[[], float] = lambda: 0.0
    certificates: Callable[[], Mapping[tuple[str, str], datetime]] = dict
    rounds: Callable[[], Mapping[str, int]] = dict  # turns that failed, by name


@dataclass(kw_only=True, eq=False)
class JournalCollector(Collector):
    """views: of the whole journal. now: the gateway's time."""

    views: MetricViews
    now: Callable[[], datetime]
    probes: Probes = field(default_factory=Probes)
    build: str = ""
    after: int = 0  # the last event that was counted
    _counts: Counter[tuple[str, ...]] = field(default_factory=Counter)
    _seconds: dict[tuple[str, ...], list[float]] = field(default_factory=dict)
    _one: threading.Lock = field(default_factory=threading.Lock)

    def describe(self) -> Iterable[Metric]:
        """Nothing is read when the collector is registered."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """See prometheus_client: events since the last scrape, durations, and what stands open now."""
        with self._one:  # two scrapes at once would count the same events twice
            self._catch_up()
        yield self._events()
        yield self._durations()
        yield from self._gauges()
        yield from self._of_process()

    def _catch_up(self) -> None:
        for _ in range(_MOST_ROUNDS):
            last, found = self.views.happened(self.after)
            for each in found:
                self._counts[(each.direction, each.partner, each.channel, each.type, each.what)] += each.count
                if each.what in _ENDS[each.direction]:
                    kept = self._seconds.setdefault((each.direction, each.type, each.what), [0.0, 0.0])
                    kept[0] += each.count
                    kept[1] += each.seconds
            if last == self.after:
                return
            self.after = last

    def _events(self) -> Metric:
        family = CounterMetricFamily("gateway_messages", "What happened to messages, by event", labels=_LABELS)
        for labels, count in sorted(self._counts.items()):
            family.add_metric(labels, count)
        return family

    def _durations(self) -> Metric:
        family = SummaryMetricFamily(
            "gateway_message_duration_seconds",
            "From coming in (or being queued) to an event",
            labels=("direction", "type", "event"),
        )
        for labels, (count, seconds) in sorted(self._seconds.items()):
            family.add_metric(labels, count_value=int(count), sum_value=seconds)
        return family

    def _gauges(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily("gateway_queue_depth", "Records that wait", labels=("queue",))
        oldest = GaugeMetricFamily("gateway_queue_oldest_seconds", "Age of the oldest that waits", labels=("queue",))
        now = self.now()
        for each in self.views.waiting():
            depth.add_metric((each.queue,), each.count)
            age = (now - each.oldest_at).total_seconds() if each.oldest_at else 0.0
            oldest.add_metric((each.queue,), max(0.0, age))
        yield depth
        yield oldest
        overdue = GaugeMetricFamily("gateway_expected_overdue", "Documents that are overdue", labels=("type",))
        for kind, count in self.views.overdue(now):
            overdue.add_metric((kind,), count)
        yield overdue

    def _of_process(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("gateway_writer_queue", "Works queued for the writer", value=self.probes.writer_queue())
        yield CounterMetricFamily("gateway_refused", "Documents refused at the edge", value=self.probes.refused())
        failures = CounterMetricFamily("gateway_round_failures", "Turns of a loop that failed", labels=("round",))
        for name, count in sorted(self.probes.rounds().items()):
            failures.add_metric((name,), count)
        yield failures
        lag = self.probes.loop_lag_s()
        yield GaugeMetricFamily("gateway_loop_lag_seconds", "How late the event loop runs", value=lag)
        ends = GaugeMetricFamily(
            "gateway_certificate_expiry_timestamp_seconds", "When a certificate ends", labels=("partner", "use")
        )
        for labels, moment in sorted(self.probes.certificates().items()):
            ends.add_metric(labels, moment.timestamp())
        yield ends
        yield _build(self.build)


def _build(version: str) -> Metric:
    family = GaugeMetricFamily("gateway_build_info", "Constant 1", labels=("version",))
    family.add_metric((version,), 1)
    return family


def exposition(collector: JournalCollector) -> Callable[[], str]:
    """Return what a scrape is answered with. It counts from the present event on: call it once, at the start."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return lambda: generate_latest(registry).decode()


@dataclass(slots=True)
class LoopLag:
    """How late the event loop woke a sleeper, the latest of each second."""

    seconds: float = 0.0

    async def run(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            at = loop.time()
            await asyncio.sleep(_LOOK_EVERY_S)
            self.seconds = max(0.0, loop.time() - at - _LOOK_EVERY_S)
