"""Words of the console: partners, certificates, connections, the wizard. Key -> (English, zh-CN)."""

from collections.abc import Mapping

LABELS: Mapping[str, tuple[str, str]] = {}
