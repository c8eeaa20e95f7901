"""Words of the console: the message log and a message. Key -> (English, zh-CN)."""

from collections.abc import Mapping

LABELS: Mapping[str, tuple[str, str]] = {
    "app.menu-button": ("Menu", "菜单"),
    "messages.views": ("Views", "视图"),
    "messages.view-attention": ("Needs a person", "需人工处理"),
    "messages.view-open": ("In progress", "处理中"),
    "messages.view-undelivered": ("Not delivered", "未送达"),
    "messages.view-orders": ("Orders, 24 hours", "24 小时内订单"),
    "messages.view-keep": ("Keep as a view", "保存为视图"),
    "messages.view-name": ("Name", "名称"),
    "messages.view-share": ("Colleagues see it too", "同事也可见"),
    "messages.view-of": ("Shared by {name}", "由 {name} 共享"),
    "messages.view-remove": ("Remove the view “{name}”", "删除视图“{name}”"),
    "messages.age-1h": ("Last hour", "最近 1 小时"),
    "messages.age-24h": ("Last 24 hours", "最近 24 小时"),
    "messages.age-7d": ("Last 7 days", "最近 7 天"),
    "messages.age-30d": ("Last 30 days", "最近 30 天"),
    "messages.tail-on": ("Live", "实时"),
    "messages.tail-off": ("Stopped", "已暂停"),
    "messages.new-one": ("1 new", "1 条新报文"),
    "messages.new": ("{count} new", "{count} 条新报文"),
    "messages.only": ("Only", "仅此"),
    "messages.not": ("Not", "排除"),
    "messages.term-unknown": ("Not understood and left out: {term}", "无法识别，已忽略：{term}"),
    "messages.named-one": (
        "Nothing bears this number. Shown are all messages of a partner of that name:",
        "没有该编号。以下是该名称伙伴的全部报文：",
    ),
    "messages.named": (
        "Nothing bears this number. Shown are all messages of {count} partners of that name:",
        "没有该编号。以下是名称相符的 {count} 个伙伴的全部报文：",
    ),
    "messages.syntax": ("What can be written in the search box", "搜索框可以写什么"),
    "messages.syntax-1": (
        "the beginning of an order, despatch or invoice number, a reference, GTIN, GLN, file name or partner's name",
        "订单号、发货单号、发票号、参考号、GTIN、GLN、文件名或伙伴名称的开头",
    ),
    "messages.syntax-2": (
        "one of these states; attention, open and finished are groups",
        "状态为其中之一；attention、open、finished 为状态组",
    ),
    "messages.syntax-3": ("one partner; several with commas", "某个伙伴；多个以逗号分隔"),
    "messages.syntax-4": ("a type as on the wire, or canonical (Order)", "报文类型，或规范类型（Order）"),
    "messages.syntax-5": ("a minus leaves out", "减号表示排除"),
    "messages.syntax-6": ("the beginning of an error code", "错误代码的开头"),
    "messages.syntax-7": ("younger than two hours; > is older; m, h, d, w", "两小时以内；> 表示更早；单位 m、h、d、w"),
    "messages.syntax-8": ("one day; from..to for several", "某一天；多天写作 起..止"),
    "messages.syntax-9": ("sent; dir:in is received", "已发送；dir:in 为已接收"),
    "messages.syntax-10": ("test traffic only", "仅测试报文"),
}
