"""Words of the console: orders at work, the chain, agreements, imports, catalogue. Key -> (English, zh-CN)."""

from collections.abc import Mapping

LABELS: Mapping[str, tuple[str, str]] = {}
