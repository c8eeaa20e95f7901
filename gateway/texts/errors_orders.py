"""What the rules on orders say: limits, changes, decisions of people, substitutes."""

from gateway.texts.entry import Entry

_WAIT_CURE_EN = "Open the order in the work list, accept it (with other quantities, days or prices) or reject it."
_WAIT_CURE_ZH = "请在工作清单中打开该订单，接受（可修改数量、日期或价格）或拒绝。"


def _waits(en: str, zh: str) -> Entry:
    return Entry(severity="warning", owner="us", en=en, zh=zh, cure_en=_WAIT_CURE_EN, cure_zh=_WAIT_CURE_ZH)


_LIMITS: dict[str, Entry] = {
    "order.waits": _waits(
        "The order {value} waits for a person: {reasons}.",
        "订单 {value} 等待人工处理：{reasons}。",
    ),
    "order.below-minimum": _waits(
        "The order is worth {value}, less than the agreed minimum of {limit}.",
        "订单金额为 {value}，低于约定的最低金额 {limit}。",
    ),
    "order.date-far": _waits(
        "Delivery is wanted on {value}; days after {limit} are not promised without a person.",
        "要求的交货日期为 {value}；晚于 {limit} 的日期须由人员确认。",
    ),
    "order.date-long-past": _waits(
        "Delivery is wanted on {value}, which is long past; days before {limit} wait for a person.",
        "要求的交货日期 {value} 早已过去；早于 {limit} 的日期须由人员确认。",
    ),
    "order.value-above-limit": _waits(
        "The order is worth {value}; only orders up to {limit} are taken without a person.",
        "订单金额为 {value}，超过自动受理上限 {limit}。",
    ),
    "order.quantity-above-limit": _waits(
        "A line orders {value} units; only up to {limit} are taken without a person.",
        "某行订购 {value} 个单位，超过自动受理上限 {limit}。",
    ),
    "order.credit-prepaid": _waits(
        "The account pays in advance: the order over {value} waits until it is released.",
        "该客户须预付款：金额 {value} 的订单等待放行。",
    ),
    "order.credit-exceeded": _waits(
        "With this order the account would owe {value}; its credit limit is {limit}.",
        "加上本订单，该客户的应收款将达 {value}，信用额度为 {limit}。",
    ),
}

_CHANGES: dict[str, Entry] = {
    "order.change-unknown": Entry(
        en="The order {value} that shall be changed is not known.",
        zh="要更改的订单 {value} 不存在。",
        cure_en="Ask the buyer for the right order number; if the order comes later, replay this message after it.",
        cure_zh="请向买方确认正确的订单号；若订单稍后到达，请在其后重新处理本报文。",
    ),
    "order.change-line-unknown": Entry(
        en="The line {value} that shall be changed is not in the order, or the item names several lines.",
        zh="要更改的行 {value} 不在该订单中，或该商品对应多行。",
        cure_en="Ask the buyer for the line's number as it stands in the order.",
        cure_zh="请让买方提供订单中的原行号。",
    ),
    "order.change-of-cancelled": Entry(
        en="The order {value} is cancelled and cannot be changed any more.",
        zh="订单 {value} 已取消，不能再更改。",
        cure_en="Ask the buyer for a new order with a new number.",
        cure_zh="请让买方以新号码下新订单。",
    ),
    "order.change-without-document": Entry(
        owner="us",
        en="The order {value} is kept without its document, so that it cannot be changed line by line.",
        zh="订单 {value} 未保存原始单据，无法逐行更改。",
        cure_en="Ask the buyer to send the whole order as a replacement.",
        cure_zh="请让买方发送完整的替换订单。",
    ),
    "order.change-too-late": Entry(
        severity="warning",
        en="More of {value} has been shipped than the change wants; the shipped quantity stands.",
        zh="{value} 的已发数量多于更改后的数量，以已发数量为准。",
        cure_en="Agree a return with the buyer if the goods are not wanted.",
        cure_zh="若买方不需要该商品，请与其商定退货。",
    ),
    "order.replace-unknown": Entry(
        severity="warning",
        en="The order {value} came as a replacement, but we have no order of that number; it is taken as new.",
        zh="订单 {value} 以替换订单发来，但我方没有该号码的订单，按新订单受理。",
        cure_en="Ask the buyer whether an earlier order got lost on the way.",
        cure_zh="请向买方确认是否有较早的订单丢失。",
    ),
    "order.substituted": Entry(
        severity="warning",
        owner="us",
        en="Another item is shipped in place of {value}.",
        zh="以其他商品替代 {value} 发货。",
        cure_en="Nothing: the buyer allows it and is told by the order response.",
        cure_zh="无需处理：买方允许替代，并已在订单应答中告知。",
    ),
    "order.splits-unequal": Entry(
        severity="warning",
        en="The split of {value} over places or dates does not add up to the line's quantity.",
        zh="{value} 按地点或日期的分拆数量之和与该行数量不一致。",
        cure_en="The line's quantity counts. Ask the buyer for the right split before the goods are packed.",
        cure_zh="以行数量为准；请在装箱前向买方确认正确的分拆。",
    ),
    "item.not-agreed": Entry(
        severity="warning",
        en="The item {value} is ours, but it is not agreed with this account.",
        zh="商品 {value} 属于我方，但未与该客户约定。",
        cure_en="Add it to the account's assortment table, or tell the buyer which item to order.",
        cure_zh="请将其加入该客户的商品清单，或告知买方应订购的商品。",
    ),
}

_PEOPLE: dict[str, Entry] = {
    "order.refused-by-person": Entry(
        severity="warning",
        owner="us",
        en="Our staff refused the line for {value}.",
        zh="我方人员拒绝了 {value} 一行。",
        cure_en="Nothing: the buyer is told by the order response.",
        cure_zh="无需处理：已在订单应答中告知买方。",
    ),
    "order.decision-sender": Entry(
        en="A decision on an order came from {value}; only our own people decide.",
        zh="订单决定来自 {value}；只有我方人员可以决定。",
        cure_en="Decide in the console, by the API or with gateway orders decide.",
        cure_zh="请在控制台、API 或用 gateway orders decide 作出决定。",
    ),
    "order.decision-unknown": Entry(
        owner="us",
        en="{value} is no decision on an order; accept or reject.",
        zh="{value} 不是有效的订单决定；应为 accept 或 reject。",
        cure_en="Use accept or reject.",
        cure_zh="请使用 accept 或 reject。",
    ),
    "order.not-known": Entry(
        owner="us",
        en="We have no order {value} of this account.",
        zh="该客户没有订单 {value}。",
        cure_en="Look for the number in the list of orders.",
        cure_zh="请在订单列表中查找该号码。",
    ),
    "order.already-decided": Entry(
        severity="warning",
        owner="us",
        en="The order {value} does not wait any more; it is {status}.",
        zh="订单 {value} 已不在等待，其状态为 {status}。",
        cure_en="Nothing. Open the order to see who decided.",
        cure_zh="无需处理。可打开订单查看由谁决定。",
    ),
}

_ABSENT: dict[str, Entry] = {
    "document.overdue": Entry(
        en="The expected {type} about {subject} has not come; it was due at {due}.",
        zh="预期的 {type}（{subject}）未到，应于 {due} 前收到。",
        cure_en="Ask the partner for the document. When it comes, this problem closes by itself.",
        cure_zh="请向伙伴索取该单据；收到后本问题会自动关闭。",
    ),
}

ERRORS: dict[str, Entry] = {**_LIMITS, **_CHANGES, **_PEOPLE, **_ABSENT}
