"""Words of the console: problems, alerts, pauses, queues. Key -> (English, zh-CN)."""

from collections.abc import Mapping

LABELS: Mapping[str, tuple[str, str]] = {}
