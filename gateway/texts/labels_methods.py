"""Words of the console: methods of replenishment: offers, delivery schedules, cross docks. Key -> (English, zh-CN)."""

from collections.abc import Mapping

LABELS: Mapping[str, tuple[str, str]] = {
    "nav.schedules": ("Delivery schedules", "交货计划"),
    "schedule.title": ("Delivery schedules", "交货计划"),
    "schedule.lead": (
        "What customers call off from us day by day, and what our suppliers know of our plans. Only what is firm is"
        " ordered.",
        "客户按日向我方催交的数量，以及供应商已获知的我方计划。确定量即订单，计划量不是。",
    ),
    "schedule.direction": ("Direction", "方向"),
    "schedule.direction-in": ("Called off by customer", "客户催交"),
    "schedule.direction-out": ("Told to supplier", "已告知供应商"),
    "schedule.issued": ("Of", "日期"),
    "schedule.firm": ("Firm", "确定量"),
    "schedule.planned": ("Planned", "计划量"),
    "schedule.changes": ("Days changed", "变更天数"),
    "schedule.count": ("Schedules so far", "累计计划份数"),
    "schedule.none": ("No delivery schedules", "没有交货计划"),
    "schedule.none-hint": (
        "They come as DELFOR from customers, and go to suppliers that planning.yaml names under schedules.",
        "客户以 DELFOR 发来；发往供应商的在 planning.yaml 的 schedules 中设置。",
    ),
    "schedule.firm-title": ("Firm, by day", "确定量（按日）"),
    "schedule.no-firm": ("Nothing firm", "没有确定量"),
    "schedule.said-by": ("As said by", "依据"),
    "schedule.call-off": ("Call-off order", "催交订单"),
    "schedule.day": ("Day", "日期"),
    "schedule.before": ("Before", "变更前"),
    "schedule.cumulative-title": ("Counted up since the start", "累计数量"),
    "schedule.cumulative-text": (
        "What is sent and not received is on the way: it is wanted no second time.",
        "已发未收的数量在途，不会重复发货。",
    ),
    "schedule.received": ("Received by the buyer", "买方已收"),
    "schedule.sent": ("Sent by us", "我方已发"),
    "schedule.on-the-way": ("On the way", "在途"),
    "schedule.planned-title": ("Planned, no order yet", "计划量（尚非订单）"),
    "schedule.planned-text": (
        "For capacity and material. It may change with every schedule.",
        "供安排产能与备料，可能随每份计划变化。",
    ),
    "orders.shops": ("for {count} shops", "分配给 {count} 家门店"),
    "state.offered": ("Offered", "已建议，待客户确认"),
}
