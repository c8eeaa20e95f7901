"""Words of the console: users, roles, sessions, keys, audit. Key -> (English, zh-CN)."""

from collections.abc import Mapping

LABELS: Mapping[str, tuple[str, str]] = {}
