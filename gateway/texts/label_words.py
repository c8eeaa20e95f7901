"""Titles on a logistic label: GS1's data titles, which stay English, with Chinese beside them where that is wanted.

Source: GS1 General Specifications section 3.2 (data titles) and 6.6.4 (a second language may be added).
"""

from gateway.texts.catalogue import Lang

_CHINESE = {
    "FROM": "发货方",
    "TO": "收货方",
    "SSCC": "物流单元",
    "GTIN": "商品条码",
    "CONTENT": "内装商品",
    "COUNT": "数量",
    "ITEMS": "商品种类",
    "BEST BEFORE": "保质期至",
    "BATCH/LOT": "批号",
    "ORDER NUMBER": "订单号",
    "DESPATCH": "发货通知",
    "SHIP TO LOC": "收货地点",
    "SHIP FOR LOC": "最终门店",
    "SHIP TO POST": "邮编",
}


def title(name: str, lang: Lang) -> str:
    """Return the title as it is printed. Raises KeyError for one that is not in the catalogue: a mistake of ours."""
    chinese = _CHINESE[name]
    return f"{name} {chinese}" if lang == "zh-CN" else name
