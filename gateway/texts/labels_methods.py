"""Words of the console: methods of replenishment: offers, delivery schedules, cross docks. Key -> (English, zh-CN)."""

from collections.abc import Mapping

LABELS: Mapping[str, tuple[str, str]] = {
    "state.offered": ("Offered", "已建议，待客户确认"),
}
