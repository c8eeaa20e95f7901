"""What people decide on invoices and buy from catalogues."""

from gateway.texts.entry import Entry


def _ours(en: str, zh: str, cure_en: str, cure_zh: str) -> Entry:
    return Entry(owner="us", en=en, zh=zh, cure_en=cure_en, cure_zh=cure_zh)


_INVOICES: dict[str, Entry] = {
    "invoice.not-known": _ours(
        "There is no supplier's invoice {value}.",
        "没有供应商发票 {value}。",
        "Look for its number with `gateway invoices list --side purchase`.",
        "请用 `gateway invoices list --side purchase` 查找发票号。",
    ),
    "invoice.refused": Entry(
        owner="partner",
        en="The invoice {value} is not accepted: {reason}",
        zh="发票 {value} 未被接受：{reason}",
        cure_en="Send a corrected invoice under a new number; nothing of this one is paid.",
        cure_zh="请以新的发票号发送更正后的发票；原发票不予支付。",
    ),
    "invoice.decision-unknown": _ours(
        "An invoice is approved or rejected, not {value}.",
        "发票只能批准或拒绝，不能是 {value}。",
        "Decide again with approve or reject.",
        "请重新选择批准或拒绝。",
    ),
    "invoice.decision-sender": Entry(
        en="{value} may not decide on invoices.",
        zh="{value} 无权对发票作出决定。",
        cure_en="Only our own people decide; take the agreement on this document away from the partner.",
        cure_zh="仅限本公司人员决定；请删除该伙伴对此单据的协议。",
    ),
    "invoice.already-decided": Entry(
        severity="warning",
        owner="us",
        en="The invoice {value} is decided already: {status}.",
        zh="发票 {value} 已处理：{status}。",
        cure_en="Nothing is to be done; to take the money back, ask the supplier for a credit note.",
        cure_zh="无需处理；如需退款，请向供应商索取贷项通知单。",
    ),
}

_ORDERS: dict[str, Entry] = {
    "order.changed-since": _ours(
        "The order {value} has changed since you looked at it.",
        "订单 {value} 在您查看后已发生变化。",
        "Look at it again, then decide.",
        "请重新查看后再作决定。",
    ),
    "order.decision-line-unknown": _ours(
        "The order that waits has no line {value}; it has {lines}.",
        "等待处理的订单没有行 {value}，现有：{lines}。",
        "Name a line of the order: `gateway orders show NUMBER` lists them.",
        "请使用订单中的行号：`gateway orders show 订单号` 可列出。",
    ),
    "return.not-known": _ours(
        "There is no return {value} of this customer.",
        "该客户没有退货 {value}。",
        "Look for its number with `gateway returns list`.",
        "请用 `gateway returns list` 查找退货号。",
    ),
    "return.instruction-unknown": _ours(
        "{value} is no instruction for returned goods; known: {known}.",
        "{value} 不是有效的退货指示，可用：{known}。",
        "Use one of them.",
        "请使用其中之一。",
    ),
    "return.line-unknown": _ours(
        "The return {number} has no line {value}.",
        "退货 {number} 没有行 {value}。",
        "Name a line of the return: `gateway returns show NUMBER` lists them.",
        "请使用退货中的行号：`gateway returns show 退货号` 可列出。",
    ),
}

_LISTS: dict[str, Entry] = {
    "api.too-large": _ours(
        "The file has more than {limit} bytes: {value} were sent and it went on.",
        "文件超过 {limit} 字节：已发送 {value} 字节仍未结束。",
        "Import large lists on the gateway's machine: `gateway import KIND FILE`.",
        "请在网关所在机器上导入大清单：`gateway import KIND FILE`。",
    ),
}

_BASKET: dict[str, Entry] = {
    "basket.empty": _ours(
        "The basket of {value} is empty.",
        "{value} 的购物篮为空。",
        "Add items with `gateway catalogue basket add`.",
        "请用 `gateway catalogue basket add` 添加商品。",
    ),
    "basket.changed": _ours(
        "The basket of {value} changed while it was being ordered; nothing was ordered.",
        "{value} 的购物篮在下单过程中发生了变化，未下任何订单。",
        "Look at the basket again, then order it.",
        "请重新查看购物篮后再下单。",
    ),
    "basket.not-orderable": _ours(
        "{value} lines of the basket cannot be ordered so.",
        "购物篮中有 {value} 行无法按此订购。",
        "Correct the lines that are named, then order again.",
        "请更正所列各行后重新订购。",
    ),
    "basket.no-terms": _ours(
        "Nothing is agreed on buying from {supplier}.",
        "尚未约定从 {supplier} 采购的条件。",
        "Add the supplier to partners/self/tables/suppliers.csv with lead time and approval limit.",
        "请在 partners/self/tables/suppliers.csv 中添加该供应商及其交货期和审批限额。",
    ),
    "basket.item-not-ours": _ours(
        "{value} is in the catalogue of {supplier}, but not among our items.",
        "{value} 在 {supplier} 的目录中，但不在本公司商品中。",
        "Add the item first (`gateway items add` or `gateway import items`), so that its receipt can be booked.",
        "请先添加该商品（`gateway items add` 或 `gateway import items`），以便入库记账。",
    ),
    "basket.not-offered": _ours(
        "{supplier} offers no {value} today.",
        "{supplier} 今天没有供应 {value}。",
        "Choose another supplier: `gateway catalogue show GTIN` lists who offers it.",
        "请选择其他供应商：`gateway catalogue show GTIN` 列出供应该商品的供应商。",
    ),
    "basket.withdrawn": _ours(
        "{supplier} has withdrawn {value} from its catalogue.",
        "{supplier} 已从目录中撤下 {value}。",
        "Choose another supplier, or ask for a new catalogue.",
        "请选择其他供应商，或索取新目录。",
    ),
    "basket.quantity-unusable": _ours(
        "{quantity} is no quantity that can be ordered of {value}.",
        "{quantity} 不是 {value} 可订购的数量。",
        "Give a number above 0.",
        "请输入大于 0 的数。",
    ),
    "basket.below-minimum": _ours(
        "{supplier} sells {value} from {minimum} units on, not {quantity}.",
        "{supplier} 供应 {value} 的起订量为 {minimum}，而非 {quantity}。",
        "Order at least the minimum.",
        "请至少按起订量订购。",
    ),
    "basket.not-in-increments": _ours(
        "{supplier} sells {value} in steps of {increment} units; {quantity} is none of them.",
        "{supplier} 按 {increment} 的倍数供应 {value}，{quantity} 不符合。",
        "Round the quantity to a whole step.",
        "请将数量取为该倍数。",
    ),
}

ERRORS: dict[str, Entry] = {**_INVOICES, **_ORDERS, **_LISTS, **_BASKET}
