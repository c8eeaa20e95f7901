"""From order to cash: invoices, payments, returns, catalogues, places."""

from gateway.texts.entry import Entry


def _sender(en: str, zh: str, cure_en: str, cure_zh: str) -> Entry:
    return Entry(en=en, zh=zh, cure_en=cure_en, cure_zh=cure_zh)


def _repeat(en: str, zh: str) -> Entry:
    return Entry(
        severity="warning",
        en=en,
        zh=zh,
        cure_en="Nothing: the first one counts.",
        cure_zh="无需处理：以第一份为准。",
    )


_INVOICES: dict[str, Entry] = {
    "invoice.number-unusable": _sender(
        "The invoice number is empty or longer than 70 characters ({value}).",
        "发票号为空或超过 70 个字符（{value}）。",
        "Send the invoice with a number.",
        "请以有效号码发送发票。",
    ),
    "invoice.kind-unknown": _sender(
        "The document type {value} is neither an invoice nor a credit or debit note.",
        "单据类型 {value} 既不是发票，也不是贷记或借记通知单。",
        "Use UNCL 1001 code 380, 381, 383 or 389.",
        "请使用 UNCL 1001 代码 380、381、383 或 389。",
    ),
    "invoice.no-lines": _sender(
        "The invoice {value} has no lines.",
        "发票 {value} 没有行。",
        "Send the invoice with its lines.",
        "请发送含明细行的发票。",
    ),
    "invoice.sender-unexpected": _sender(
        "{value} is not a supplier and cannot invoice us.",
        "{value} 不是供应商，不能向我方开票。",
        "Correct the partner's role to supplier or both, then replay; or tell the sender.",
        "请将该伙伴的角色改为 supplier 或 both 后重新处理，或告知发送方。",
    ),
    "invoice.buyer-unknown": _sender(
        "The invoice names the buyer {value}, which is no customer of ours, and no order tells who is meant.",
        "发票中的买方 {value} 不是我方客户，也无法由订单判断。",
        "Name the buyer by its GLN, or refer to the order.",
        "请以 GLN 指明买方，或引用订单。",
    ),
    "invoice.order-unknown": _sender(
        "The invoice bills the order {value}, which is not known.",
        "发票所涉订单 {value} 不存在。",
        "Correct the order number; if the order comes later, replay this message after it.",
        "请更正订单号；若订单稍后到达，请在其后重新处理本报文。",
    ),
    "invoice.line-unknown": _sender(
        "The item {value} is not in the order {order} that the invoice bills.",
        "发票所涉订单 {order} 中没有商品 {value}。",
        "Correct the item or the order number of the line.",
        "请更正该行的商品或订单号。",
    ),
    "invoice.number-clash": _sender(
        "There is an invoice {value} already, with other content.",
        "已有发票 {value}，但内容不同。",
        "Use a new number; correct an invoice by a credit note.",
        "请使用新号码；更正发票请开贷记通知单。",
    ),
    "invoice.repeat": _repeat(
        "The invoice {value} came again with the same content.", "发票 {value} 以相同内容重复收到。"
    ),
    "invoice.more-than-shipped": _sender(
        "The invoice bills {value} units of a line of order {order}; only {allowed} shipped units are not billed yet.",
        "发票对订单 {order} 的一行开具 {value} 个单位，但已发未开票的只有 {allowed} 个。",
        "Bill what was shipped; if the despatch is missing, send it first and replay this message.",
        "请按已发数量开票；若缺少发货单，请先发送后重新处理本报文。",
    ),
    "invoice.credit-too-large": _sender(
        "The credit note takes back {value} units of a line of order {order}; only {allowed} were billed.",
        "贷记通知单冲回订单 {order} 一行的 {value} 个单位，但只开票了 {allowed} 个。",
        "Credit what was billed at most.",
        "冲回数量不得超过已开票数量。",
    ),
    "invoice.total-differs": Entry(
        severity="warning",
        en="The invoice states {value}, but its lines give {computed}.",
        zh="发票写明 {value}，但各行合计为 {computed}。",
        cure_en="Compare lines, allowances and charges with the totals, and ask the sender for a corrected invoice.",
        cure_zh="请核对各行、折扣和附加费与总额，并要求发送方更正。",
    ),
    "invoice.quantity-differs": Entry(
        severity="warning",
        en="The invoice bills more than arrived: {value}.",
        zh="发票数量多于收货数量：{value}。",
        cure_en="Ask the supplier for a credit note, or book the missing receipt; the invoice is then matched again.",
        cure_zh="请向供应商索取贷记通知单，或补登收货，之后发票会自动重新核对。",
    ),
    "invoice.price-differs": Entry(
        severity="warning",
        en="The invoice has other prices than the order: {value}.",
        zh="发票价格与订单不一致：{value}。",
        cure_en="Ask the supplier for a credit note over the difference, or agree on the new price.",
        cure_zh="请向供应商索取差额贷记通知单，或商定新价格。",
    ),
}

_PAYMENTS: dict[str, Entry] = {
    "payment.number-unusable": _sender(
        "The remittance advice has no number, or one longer than 70 characters ({value}).",
        "汇款通知没有号码，或号码超过 70 个字符（{value}）。",
        "Send the advice with a number.",
        "请以有效号码发送汇款通知。",
    ),
    "payment.no-lines": _sender(
        "The remittance advice {value} names no invoice.",
        "汇款通知 {value} 未列出任何发票。",
        "Name every invoice that the payment settles.",
        "请列出本次付款所结清的每张发票。",
    ),
    "payment.payee-unknown": _sender(
        "The payee {value} of the remittance advice is no partner of ours.",
        "汇款通知的收款方 {value} 不是我方伙伴。",
        "Name the supplier by its GLN.",
        "请以 GLN 指明供应商。",
    ),
    "payment.currency-differs": _sender(
        "The payment is in {value}, the invoice in {invoice}.",
        "付款币种为 {value}，发票币种为 {invoice}。",
        "Pay in the currency of the invoice, or settle the difference by hand.",
        "请以发票币种付款，或人工处理差额。",
    ),
    "payment.invoice-unknown": Entry(
        severity="warning",
        en="The payment settles {value}, which is no invoice that we know.",
        zh="付款所结清的 {value} 不是已知发票。",
        cure_en="Ask the payer which invoice is meant.",
        cure_zh="请向付款方确认所指发票。",
    ),
    "payment.already-paid": Entry(
        severity="warning",
        en="The invoice {value} was paid before.",
        zh="发票 {value} 此前已付清。",
        cure_en="Ask the payer whether it paid twice; agree on a credit or a refund.",
        cure_zh="请与付款方确认是否重复付款，并商定抵扣或退款。",
    ),
    "payment.short": Entry(
        severity="warning",
        en="The payment leaves a part open without saying why: {value}.",
        zh="付款不足且未说明原因：{value}。",
        cure_en="Ask the payer for the reason, or credit the difference.",
        cure_zh="请向付款方询问原因，或开具差额贷记通知单。",
    ),
    "payment.too-much": Entry(
        severity="warning",
        en="More was paid than is owed: {value}.",
        zh="付款超过应付金额：{value}。",
        cure_en="Agree with the payer on a credit or a refund.",
        cure_zh="请与付款方商定抵扣或退款。",
    ),
    "payment.adjusted": Entry(
        severity="warning",
        en="The payer took something off and gave a reason: {value}.",
        zh="付款方扣减了金额并说明了原因：{value}。",
        cure_en="Judge the reason; contradict it or issue the credit note.",
        cure_zh="请判断该原因：提出异议或开具贷记通知单。",
    ),
}

_RETURNS: dict[str, Entry] = {
    "return.number-unusable": _sender(
        "The return has no number, or one longer than 70 characters ({value}).",
        "退货单没有号码，或号码超过 70 个字符（{value}）。",
        "Send it with a number.",
        "请以有效号码发送。",
    ),
    "return.no-lines": _sender(
        "The return {value} has no lines.",
        "退货单 {value} 没有行。",
        "Name the goods that go back.",
        "请列出退回的商品。",
    ),
    "return.item-unknown": _sender(
        "The return names the item {value}, which is not ours.",
        "退货单中的商品 {value} 不属于我方。",
        "Name the item by its GTIN.",
        "请以 GTIN 指明商品。",
    ),
    "return.number-clash": _sender(
        "There is a return {value} already, with other goods.",
        "已有退货单 {value}，但商品不同。",
        "Announce other goods under a new number.",
        "请以新号码通知其他退货。",
    ),
    "return.repeat": _repeat("The return {value} was announced again.", "退货单 {value} 重复收到。"),
    "return.sender-unexpected": _sender(
        "A return of kind {value} is not expected from this sender.",
        "该发送方不应发送类型为 {value} 的退货单据。",
        "Customers announce; our own house gives instructions.",
        "由客户通知退货，由我方作出指示。",
    ),
    "return.unknown": _sender(
        "The instruction is about the return {value}, which is not known.",
        "指示所涉退货单 {value} 不存在。",
        "Name the number of the customer's announcement.",
        "请写明客户退货通知的号码。",
    ),
    "return.already-received": _sender(
        "The goods of the return {value} are booked already, or it was refused.",
        "退货单 {value} 的商品已入账，或已被拒绝。",
        "Book further goods under a return of their own.",
        "其他商品请另立退货单入账。",
    ),
    "return.waits": Entry(
        severity="warning",
        owner="us",
        en="The customer announced the return {value}; it waits for our instruction.",
        zh="客户通知了退货 {value}，等待我方指示。",
        cure_en="Say for every line what shall be done: return, destroy, keep or refuse.",
        cure_zh="请为每一行作出指示：退回、销毁、保留或拒绝。",
    ),
    "return.more-than-delivered": Entry(
        severity="warning",
        en="More of {value} is announced than the order delivered.",
        zh="{value} 的退货数量多于该订单的交货数量。",
        cure_en="Ask the customer, or allow only what was delivered.",
        cure_zh="请向客户确认，或只允许退回已交数量。",
    ),
    "return.differs": Entry(
        severity="warning",
        en="Of the return {value}, {received} units came back; {announced} were announced.",
        zh="退货 {value} 实收 {received} 个单位，通知为 {announced} 个。",
        cure_en="Credit what came back, and tell the customer the difference.",
        cure_zh="请按实收数量开贷记通知单，并告知客户差异。",
    ),
}

_CATALOGUES: dict[str, Entry] = {
    "catalogue.sender-unexpected": _sender(
        "{value} is neither our house nor a supplier; its catalogue is not taken.",
        "{value} 既非我方系统也非供应商，不接收其目录。",
        "Correct the partner's role, then replay.",
        "请更正该伙伴的角色后重新处理。",
    ),
    "catalogue.item-without-gtin": Entry(
        severity="warning",
        en="The line {value} names no GTIN and was left out.",
        zh="第 {value} 行没有 GTIN，已忽略。",
        cure_en="Ask the supplier to name the item by its GTIN.",
        cure_zh="请让供应商以 GTIN 指明商品。",
    ),
    "catalogue.price-unusable": Entry(
        severity="warning",
        en="The price of {value} is not a number above zero and was left out.",
        zh="{value} 的价格不是正数，已忽略。",
        cure_en="Ask the supplier for the price.",
        cure_zh="请向供应商索取价格。",
    ),
    "catalogue.price-up": Entry(
        severity="warning",
        en="The supplier raises prices of items that we buy: {value}.",
        zh="供应商提高了我方所购商品的价格：{value}。",
        cure_en="Compare with other suppliers in the catalogue, and correct the purchase price of the items.",
        cure_zh="请在目录中与其他供应商比较，并更新商品的采购价。",
    ),
    "place.gln-missing": Entry(
        severity="warning",
        en="The party {value} has no GLN and was left out.",
        zh="当事方 {value} 没有 GLN，已忽略。",
        cure_en="Ask the sender for the GLN of the place.",
        cure_zh="请向发送方索取该地点的 GLN。",
    ),
    "place.of-another": Entry(
        severity="warning",
        en="The place {value} belongs to another partner and was left as it is.",
        zh="地点 {value} 属于其他伙伴，保持不变。",
        cure_en="Correct the owner of the place in the list of places, then replay.",
        cure_zh="请在地点列表中更正其所属伙伴后重新处理。",
    ),
}

ERRORS: dict[str, Entry] = {**_INVOICES, **_PAYMENTS, **_RETURNS, **_CATALOGUES}
