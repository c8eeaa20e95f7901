"""What goes wrong with the methods of replenishment: offers to answer, delivery schedules, cross docks."""

from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {
    "plan.customer-answers": Entry(
        severity="warning",
        owner="partner",
        en="We have proposed this; the customer decides whether it becomes an order.",
        zh="这是我方的补货建议，由客户决定是否成为订单。",
        cure_en="Wait for the answer, or ask for it; what the customer says by phone is entered here, line by line.",
        cure_zh="请等待或催促客户答复；客户电话答复时，可在此逐行录入。",
    ),
    "order.splits-missing": Entry(
        severity="warning",
        owner="partner",
        en="The cross-docking order does not say which shops get {value}.",
        zh="交叉运送订单未说明 {value} 分配给哪些门店。",
        cure_en="Ask the buyer for LOC+7 with QTY+11 at each line; taken as it is, goods leave without store marks.",
        cure_zh="请买方在每行给出 LOC+7 与 QTY+11；若直接接受，货物将不带门店标记发出。",
    ),
    "despatch.supplier-raised": Entry(
        severity="info",
        en="The supplier plans for us: {value} stands in our books as raised by him.",
        zh="由供应商计划补货：{value} 已作为供应商发起的订单记入我方账册。",
        cure_en="Nothing to do.",
        cure_zh="无需处理。",
    ),
    "despatch.store-missing": Entry(
        severity="warning",
        owner="partner",
        en="Our cross-docking order {order} names shops for {value}; the despatch advice marks none.",
        zh="本方交叉运送订单 {order} 为 {value} 指定了门店，但发货通知未标明门店。",
        cure_en="The goods are shared out as ordered. Ask the supplier for LOC+7 at each line of the DESADV.",
        cure_zh="货物将按订单分配。请要求供应商在 DESADV 每行给出 LOC+7。",
    ),
    "schedule.sender-unexpected": Entry(
        owner="partner",
        en="{value} is no customer: delivery schedules are taken from who buys from us.",
        zh="{value} 不是客户：交货计划只接受购买方发送的。",
        cure_en="Check the role of the partner, and who is named as buyer.",
        cure_zh="请核对伙伴的角色，以及单据中写明的购买方。",
    ),
    "schedule.no-lines": Entry(
        owner="partner",
        en="The delivery schedule {value} has no lines.",
        zh="交货计划 {value} 没有任何行。",
        cure_en="Ask for the schedule with its items; one without any cancels nothing.",
        cure_zh="请对方重发含商品行的计划；空计划不会取消任何内容。",
    ),
    "schedule.too-long": Entry(
        owner="partner",
        en="The delivery schedule has more than {value} deliveries.",
        zh="交货计划的交货次数超过 {value}。",
        cure_en="Ask for a schedule for each place, or for a shorter horizon.",
        cure_zh="请对方按地点分别发送，或缩短计划期。",
    ),
    "schedule.day-missing": Entry(
        owner="partner",
        en="A delivery of {value} has neither a day nor a period.",
        zh="数量为 {value} 的交货既无日期也无期间。",
        cure_en="Ask for DTM with 2 (day), or 64 and 63 (first and last day), behind each quantity.",
        cure_zh="请对方在每个数量后给出 DTM 2（日期），或 64 与 63（起止日期）。",
    ),
    "schedule.older": Entry(
        severity="warning",
        owner="partner",
        en="The delivery schedule {value} is older than the one that counts; it changes nothing.",
        zh="交货计划 {value} 早于当前有效的计划，未作任何更改。",
        cure_en="Nothing to do. When the older one shall count, ask for it anew with a later date.",
        cure_zh="无需处理。若应以旧计划为准，请对方以更新的日期重发。",
    ),
    "schedule.cumulative-differs": Entry(
        severity="warning",
        owner="partner",
        en="The buyer has received {value} of {item} under {order}, but we have sent only {sent}.",
        zh="买方称订单 {order} 下商品 {item} 累计已收 {value}，但我方仅发出 {sent}。",
        cure_en="Agree with the buyer when the count began, and look for a despatch booked twice or not at all.",
        cure_zh="请与买方核对累计起始日，并查找重复登记或漏登的发货。",
    ),
}
