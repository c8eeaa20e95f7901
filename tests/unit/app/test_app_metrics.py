"""Metrics of a journal that lives: counters by partner, what waits, and lines of the log as JSON."""

import json
import logging
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

sys.path.append(str(Path(__file__).parents[1] / "console"))

from console_scene import NOW, Scene, fill, scenes

from gateway.app.logs import JsonLines
from gateway.app.metrics import JournalCollector, Probes, exposition


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    yield from scenes(tmp_path)


def figures(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_happens_is_counted_once_by_partner_channel_and_type(scene: Scene) -> None:
    probes = Probes(writer_queue=lambda: 3, refused=lambda: 2, certificates=lambda: {("shop", "sign"): NOW})
    scrape = exposition(JournalCollector(views=scene.views, now=lambda: NOW, probes=probes, build="1.2"))
    assert not [key for key in figures(scrape()) if key[0] == "gateway_messages_total"]
    fill(scene)
    found = figures(scrape())
    done = {key[1:]: value for key, value in found.items() if key[0] == "gateway_messages_total"}
    assert done["as2", "in", "parked", "nordmarkt", "ORDERS"] == 1
    assert done["as2", "out", "acked", "nordmarkt", "OrderResponse"] == 7
    assert found["gateway_queue_depth", "attention"] == 1
    assert found["gateway_queue_oldest_seconds", "attention"] == timedelta(minutes=6).total_seconds()
    assert found["gateway_message_duration_seconds_count", "out", "acked", "OrderResponse"] == 7
    assert found["gateway_writer_queue",] == 3
    assert found["gateway_refused_total",] == 2
    assert found["gateway_certificate_expiry_timestamp_seconds", "shop", "sign"] == NOW.timestamp()
    assert found["gateway_build_info", "1.2"] == 1
    again = figures(scrape())
    assert {key: value for key, value in again.items() if key[0] == "gateway_messages_total"} == {
        ("gateway_messages_total", *key): value for key, value in done.items()
    }


def test_a_process_counts_from_its_own_beginning(scene: Scene) -> None:
    fill(scene)
    scrape = exposition(JournalCollector(views=scene.views, now=lambda: NOW, after=scene.views.latest_event()))
    assert not [key for key in figures(scrape()) if key[0] == "gateway_messages_total"]


def test_a_line_of_the_log_names_the_message_it_is_about() -> None:
    number = "019c0000-0000-7000-8000-000000000001"
    try:
        raise ValueError("odd")
    except ValueError:
        record = logging.LogRecord("gateway.app", logging.ERROR, "x", 1, "message %s", (number,), sys.exc_info())
    record.partner = "shop"
    line = json.loads(JsonLines().format(record))
    assert (line["message_id"], line["partner"], line["level"], line["event"]) == (
        number,
        "shop",
        "error",
        "gateway.app",
    )
    assert "ValueError: odd" in line["exception"]
    assert line["time"].endswith("Z")
