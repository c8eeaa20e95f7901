"""What planning asks a person to look at, and what is wrong with a planner's word."""

from gateway.texts.entry import Entry

_EXCEPTIONS: dict[str, Entry] = {
    "plan.no-count": Entry(
        severity="warning",
        en="Nobody has counted this item at this place: its position is not known.",
        zh="该地点的该商品从未盘点，库存位置未知。",
        cure_en="Ask the partner for a stock report, or order by hand for this once.",
        cure_zh="请向伙伴索取库存报告，或本次手工订货。",
    ),
    "plan.count-old": Entry(
        severity="warning",
        en="The last count is older than agreed; the plan covers the days since by its forecast.",
        zh="最近一次盘点已超过约定期限，其后的天数以预测代替。",
        cure_en="Ask the partner where its reports are; check the order before it goes out.",
        cure_zh="请询问伙伴报告延迟的原因，并在下单前核对数量。",
    ),
    "plan.stock-negative": Entry(
        severity="warning",
        en="The stock is below zero: a receipt was not booked or a sale was booked twice. The plan takes it as zero.",
        zh="库存为负：可能漏记收货或重复记录销售。计划按零处理。",
        cure_en="Ask the place for a count, and look for a despatch that nobody has received.",
        cure_zh="请要求该地点重新盘点，并查找尚未收货的发货。",
    ),
    "plan.order-unusual": Entry(
        severity="warning",
        en="The order is several times the usual one.",
        zh="订货量是平常的数倍。",
        cure_en="Look at the sales of the last days; approve the line, or change its quantity with a reason.",
        cure_zh="请查看最近几天的销售，批准该行，或注明原因后修改数量。",
    ),
    "plan.item-new": Entry(
        severity="warning",
        en="There is too little history for a forecast: the item is new at this place.",
        zh="历史数据不足以预测：该商品在此地点为新品。",
        cure_en="Set a forecast for its first weeks, or order its launch quantity by hand.",
        cure_zh="请为最初几周设定预测，或手工订购首批数量。",
    ),
    "plan.supply-overdue": Entry(
        severity="warning",
        owner="partner",
        en="Goods that were promised have not come; they are no longer counted.",
        zh="承诺的货物未到，已不再计入。",
        cure_en="Ask whoever ships them; cancel the order when they will not come, so that no goods come twice.",
        cure_zh="请询问发货方；若不再交付请取消订单，以免重复到货。",
    ),
    "plan.target-not-reached": Entry(
        severity="info",
        en="With this order the position stays below its target.",
        zh="即使按此订货，库存位置仍低于目标。",
        cure_en="Raise the capacity or the largest order of the item, or accept a lower service.",
        cure_zh="请提高该商品的容量或最大订货量，或接受较低的服务水平。",
    ),
    "plan.capacity-too-small": Entry(
        severity="info",
        en="The shelf holds less than the promised service needs.",
        zh="货架容量小于承诺服务水平所需。",
        cure_en="Order more often, or give the item more space.",
        cure_zh="请提高订货频率，或增加该商品的陈列空间。",
    ),
    "plan.stockout-ahead": Entry(
        severity="info",
        en="The item will probably run out before the goods ordered now arrive.",
        zh="在本次所订货物到达之前，该商品可能缺货。",
        cure_en="Ask for a faster delivery, or move goods from another place.",
        cure_zh="请要求加急交货，或从其他地点调货。",
    ),
    "plan.days-unknown": Entry(
        severity="info",
        owner="partner",
        en="Several days of the last week were not reported: they count as unknown, not as zero.",
        zh="最近一周有多天未上报：按未知处理，而非零销售。",
        cure_en="Ask the partner for the missing reports; each late day costs stock.",
        cure_zh="请向伙伴索取缺失的报告；每延迟一天都会增加库存。",
    ),
    "plan.quantity-overridden": Entry(
        severity="info",
        en="Somebody has set the quantity for this run.",
        zh="本次运行的数量由人工或伙伴指定。",
        cure_en="Nothing to do; the plan's own quantity stands beside it.",
        cure_zh="无需处理，系统数量列于旁边。",
    ),
    "plan.shortage-shared": Entry(
        severity="info",
        en="Our warehouse has too little for all places: each gets a fair share, the same chance of running out.",
        zh="本方仓库库存不足以满足所有门店：按公平份额分配，各店缺货概率相同。",
        cure_en="Order more for the warehouse, or give one place more by an override.",
        cure_zh="请为仓库补货，或通过人工指定为某个门店增加数量。",
    ),
    "plan.supplier-short": Entry(
        severity="info",
        owner="partner",
        en="The supplier has delivered short three times or more in 90 days: more safety stock is kept.",
        zh="供应商 90 天内至少三次短缺交货：已提高安全库存。",
        cure_en="Talk to the supplier; the customer record shows each short delivery.",
        cure_zh="请与供应商沟通；客户档案列出每次短缺交货。",
    ),
    "plan.load-waits": Entry(
        severity="info",
        en="The whole order is far below the supplier's minimum: it waits for a day with more need.",
        zh="整张订单远低于供应商最低订货额：留待需求更多之日再下单。",
        cure_en="Nothing to do, or approve the item by an override when it cannot wait.",
        cure_zh="无需处理；如不能等待，请用人工指定下单。",
    ),
    "plan.load-not-reached": Entry(
        severity="warning",
        en="The order does not come to the supplier's minimum, though everything that fits was added.",
        zh="已加入所有可加的商品，订单仍未达到供应商最低订货额。",
        cure_en="Approve it as it is, wait, or agree on another minimum.",
        cure_zh="请按原样批准、等待，或另行约定最低订货额。",
    ),
}

_WORDS: dict[str, Entry] = {
    "plan.parameter-unknown": Entry(
        owner="us",
        en="There is no parameter {value}.",
        zh="没有参数 {value}。",
        cure_en="Use one of: {known}.",
        cure_zh="请使用：{known}。",
    ),
    "plan.parameter-wrong": Entry(
        owner="us",
        en="{value} is no value for {name}.",
        zh="{value} 不是 {name} 的有效值。",
        cure_en="Shares lie between 0 and 1, quantities are zero or more; see docs/planning.md.",
        cure_zh="比例介于 0 与 1 之间，数量不得为负，参见 docs/planning.md。",
    ),
    "plan.word-unknown": Entry(
        owner="us",
        en="A planner's word of kind {value} is not known, or the word that it is about.",
        zh="未知的计划员指令 {value}，或其所指的指令不存在。",
        cure_en="Use one of the kinds {known}; an undo names the word to be taken back.",
        cure_zh="请使用以下类型之一：{known}；撤销时须指明要撤回的指令。",
    ),
    "plan.place-unknown": Entry(
        owner="us",
        en="The place {value} is not planned.",
        zh="地点 {value} 不在计划范围内。",
        cure_en="Add the place to an agreement in partners/self/planning.yaml.",
        cure_zh="请在 partners/self/planning.yaml 的协议中加入该地点。",
    ),
    "plan.override-wrong": Entry(
        owner="us",
        en="The override of {value} needs a quantity, a first and a last day, and a reason.",
        zh="{value} 的覆盖需要数量、起止日期和原因。",
        cure_en="Give all of them; the last day is when the override expires.",
        cure_zh="请全部填写；最后一天即失效日。",
    ),
    "plan.already-undone": Entry(
        owner="us",
        en="{value} was taken back already.",
        zh="{value} 已被撤销。",
        cure_en="Nothing to do.",
        cure_zh="无需处理。",
    ),
    "plan.line-unknown": Entry(
        owner="us",
        en="The proposal has no line {value}.",
        zh="建议中没有第 {value} 行。",
        cure_en="Load the page again: a newer run may have changed the proposal.",
        cure_zh="请刷新页面：新的运行可能已更改该建议。",
    ),
    "plan.quantity-wrong": Entry(
        owner="us",
        en="{value} is no quantity that can be ordered.",
        zh="{value} 不是可订购的数量。",
        cure_en="Give a number of base units, zero or more.",
        cure_zh="请输入不小于零的基本单位数量。",
    ),
    "plan.customer-unknown": Entry(
        owner="us",
        en="The customer {value} of an agreement on vendor managed stock is no partner.",
        zh="厂家管理库存协议中的客户 {value} 不是伙伴。",
        cure_en="Correct the partner in partners/self/planning.yaml, or add partners/{value}.",
        cure_zh="请更正 partners/self/planning.yaml 中的伙伴，或添加 partners/{value}。",
    ),
    "plan.file-wrong": Entry(
        owner="us",
        en="The list of parameters cannot be taken: {value} in line {line}.",
        zh="无法读取参数表：第 {line} 行 {value}。",
        cure_en="Give the columns place, gtin, name and value, or a column for each parameter; at most 20,000 values.",
        cure_zh="请提供 place、gtin、name、value 列，或每个参数一列；最多 20,000 个值。",
    ),
    "plan.history-short": Entry(
        owner="us",
        en="The history of {value} days is too short for a backtest of {needed} days.",
        zh="历史仅有 {value} 天，不足以进行 {needed} 天的回测。",
        cure_en="Give shorter windows with --tuning and --test, or wait for more reports.",
        cure_zh="请用 --tuning 和 --test 缩短窗口，或等待更多报告。",
    ),
    "plan.pair-unknown": Entry(
        owner="us",
        en="There is no plan of {value}.",
        zh="没有 {value} 的计划。",
        cure_en="Check the item and the place, and run a plan: gateway plan run.",
        cure_zh="请核对商品和地点，并运行计划：gateway plan run。",
    ),
}

_REPORTS: dict[str, Entry] = {
    "sales.function-unknown": Entry(
        owner="partner",
        en="A report of function {value} cannot be taken.",
        zh="无法处理功能为 {value} 的报告。",
        cure_en="Reports are original, replace, duplicate or cancel (BGM 1225: 9, 5, 7, 1); ask for one of them.",
        cure_zh="报告的功能应为原始、替换、副本或取消（BGM 1225：9、5、7、1），请要求对方改正。",
    ),
}

ERRORS: dict[str, Entry] = _EXCEPTIONS | _WORDS | _REPORTS
