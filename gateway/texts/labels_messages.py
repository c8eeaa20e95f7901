"""Words of the console: the message log and a message. Key -> (English, zh-CN)."""

from collections.abc import Mapping

LABELS: Mapping[str, tuple[str, str]] = {
    "app.menu-button": ("Menu", "菜单"),
}
