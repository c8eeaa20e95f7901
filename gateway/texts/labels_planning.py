"""Words of the console: replenishment: proposals, items at places, agreements, scorecards. Key -> (English, zh-CN)."""

from collections.abc import Mapping

LABELS: Mapping[str, tuple[str, str]] = {}
