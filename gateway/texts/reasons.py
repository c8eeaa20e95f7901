"""Why a line is not taken as ordered, in the words a partner reads: our own codes never leave the house.

The catalogue's texts tell our people what happened; these tell the buyer.
"""

from dataclasses import dataclass

from gateway.texts.catalogue import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """en, zh: one short sentence to the partner. change: UNCL 4295, in D.96A and D.01B; None: no code says it."""

    en: str
    zh: str
    change: str | None = None


REASONS: dict[str, Reason] = {
    "item.unknown": Reason(en="We do not know this item.", zh="我方没有该商品。"),
    "item.inactive": Reason(en="The item is no longer sold.", zh="该商品已停售。", change="AS"),
    "item.not-agreed": Reason(
        en="The item is not in the assortment agreed with you.", zh="该商品不在双方约定的品种范围内。", change="AR"
    ),
    "order.stock-short": Reason(en="There is not enough stock.", zh="库存不足。", change="AV"),
    "order.date-too-soon": Reason(
        en="We cannot deliver by the requested day.", zh="无法在要求的日期交货。", change="DC"
    ),
    "order.price-differs": Reason(en="The price agreed is another one.", zh="约定价格与订单不同。", change="UP"),
    "order.substituted": Reason(
        en="Another item is delivered in its place.", zh="以其他商品代替交货。", change="PS"
    ),
    "order.unit-not-sold": Reason(
        en="The item is not sold in the unit ordered.", zh="该商品不按订单所用的单位销售。", change="UM"
    ),
    "order.quantity-zero": Reason(en="The line orders nothing.", zh="该行的订购数量为零。"),
    "order.quantity-fraction": Reason(en="The item is sold in whole pieces only.", zh="该商品只按整件销售。"),
    "order.change-too-late": Reason(
        en="The goods had left when the change arrived.", zh="更改到达时货物已发出。"
    ),
    "order.refused-by-person": Reason(en="We cannot deliver this line.", zh="该行无法供货。"),
    "invoice.refused": Reason(en="No reason was given.", zh="未说明原因。"),
}  # fmt: skip


def in_words(code: str | None, lang: Lang) -> str | None:
    """Return the reason in words; what is no code of ours (a person's text) stays as it is."""
    found = REASONS.get(code or "")
    if found is None:
        return code
    return found.zh if lang == "zh-CN" else found.en
