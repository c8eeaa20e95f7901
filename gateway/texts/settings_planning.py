"""Settings of partners/self/planning.yaml in English and Chinese. See texts.settings_words."""

from collections.abc import Mapping

PLANNING: Mapping[str, tuple[str, str]] = {
    "plain": (
        "true, and nothing else in the file: our warehouse alone, by a reorder point over four weeks, without forecast",
        "true（文件中不得有其他内容）：仅我方仓库，按四周销售的再订货点补货，不做预测",
    ),
    "history_days": ("of sales that a forecast is made from; up to 27 more", "预测所用的销售历史天数；至多再加 27 天"),
    "agreements[].id": ("name; without it method and partner", "名称；不写则由方式和伙伴组成"),
    "agreements[].method": (
        "purchase: we buy for our warehouse; vmi: we decide what a customer gets; cmi: the customer answers first",
        "purchase：为我方仓库采购；vmi：我方决定客户的补货；cmi：客户先答复",
    ),
    "agreements[].partner": ("of vmi and cmi: the customer", "vmi 和 cmi：客户"),
    "agreements[].places": ("GLNs that are planned; of purchase our warehouse", "计划的地点 GLN；purchase 为我方仓库"),
    "agreements[].demand": (
        "told from what places sell, or from what customers order",
        "需求依据：地点的销售，或客户的订货",
    ),
    "agreements[].forecast": (
        "partner: orders follow the partner's forecast where it has told one",
        "partner：伙伴提供了预测时以其为准",
    ),
    "agreements[].in_transit": (
        "asn: goods on their way are known from our despatches; report: from the place's report",
        "asn：在途按我方发货；report：按地点的报告",
    ),
    "agreements[].report_days": ("a count that is older is an exception", "更旧的库存数视为例外"),
    "agreements[].overdue_days": ("an open order that late is no longer counted", "逾期如此天数的未清订单不再计入"),
    "agreements[].usual_times": (
        "an order of more than so many times the usual one waits for a planner",
        "超过平常数量若干倍的订单等待计划员",
    ),
    "agreements[].approval": ("planner: nothing goes out by itself", "planner：一律不自动发出"),
    "agreements[].value_limit": (
        "orders above it wait; without it the supplier's `approval_limit`",
        "超过此金额的订单等待；不写则用供应商的 `approval_limit`",
    ),
    "agreements[].item_service.CLASS": (
        "service of the item's value class there (A, B, C)",
        "商品在该地价值等级（A、B、C）的服务水平",
    ),
    "agreements[].customer_service.CLASS": (
        "service by the customer's class or segment; the higher of the two counts",
        "按客户等级或细分的服务水平；两者取高",
    ),
    "agreements[].holidays.DAY": (
        "day as 2026-12-24: name that its effect goes by",
        "日期如 2026-12-24：其影响所归的名称",
    ),
    "agreements[].echelon": (
        "our warehouse sees what its places have, expect and want",
        "我方仓库计入其所供地点的现有、在途和需求",
    ),
    "agreements[].quick": (
        "runs that a report sets off order too; false: only the nightly ones",
        "报告触发的计算也订货；false 则仅夜间",
    ),
    "agreements[].cross_dock": (
        "suppliers whose goods are bought for the shops that wait, not for stock",
        "其货物为等待的门店采购而不入库的供应商",
    ),
    "agreements[].calendar.order_days": (
        "mon to sun, on which is ordered; without it every day",
        "订货的星期几；不写则每天",
    ),
    "agreements[].calendar.cut_off": (
        "local time; later waits for the next order day",
        "当地截止时刻；之后等下一个订货日",
    ),
    "agreements[].calendar.zone": ("time zone of `cut_off`", "`cut_off` 的时区"),
    "agreements[].calendar.lead_days": (
        "working days of the supplier from order to arrival",
        "从订货到到货的供应商工作日数",
    ),
    "agreements[].calendar.lead_deviation": ("standard deviation of it, in days", "其标准差（天）"),
    "agreements[].calendar.work_days": ("of the supplier, mon to sun", "供应商的工作日（mon 至 sun）"),
    "agreements[].calendar.closed": (
        "days on which the supplier does not work, as 2026-12-25",
        "供应商不工作的日期，如 2026-12-25",
    ),
    "agreements[].calendar.receiving_days": ("mon to sun, on which the place takes goods in", "地点收货的星期几"),
    "agreements[].calendar.place_closed": ("days on which it does not", "不收货的日期"),
    "agreements[].calendar.sold_after_days": ("from arrival until goods can be sold", "从到货到可售的天数"),
    "agreements[].calendar.open_days": (
        "mon to sun, on which the place sells; on others no report is missing",
        "地点营业的星期几；其他日子不缺报告",
    ),
    "agreements[].parameters.rule": (
        "order-up-to: to the target each order day; min-max: to maximum from minimum down; reorder-lot: a lot at the "
        "reorder point; reorder-up-to: by lots above it",
        "order-up-to：每个订货日补到目标；min-max：降到最小时补到最大；reorder-lot：到订货点订一批；"
        "reorder-up-to：按批补到订货点以上",
    ),
    "agreements[].parameters.service": ("the promise, above 0 and below 1", "服务承诺，大于 0 小于 1"),
    "agreements[].parameters.measure": (
        "share of units from stock; share of cycles without a stock-out; or the least stock whose next unit would "
        "hardly be sold",
        "有货满足的数量比例；无缺货的周期比例；或最低库存（再多一个几乎卖不出）",
    ),
    "agreements[].parameters.lot": ("units of a lot", "批量"),
    "agreements[].parameters.minimum": ("units, of min-max", "min-max 的最小库存"),
    "agreements[].parameters.maximum": ("units, of min-max", "min-max 的最大库存"),
    "agreements[].parameters.presentation": (
        "units that stand on the shelf beyond the expected demand",
        "预期需求之外的陈列数量",
    ),
    "agreements[].parameters.capacity": ("most units in the position", "位置最多容纳数量"),
    "agreements[].parameters.shelf_life_days": (
        "from arrival in which all must be sold; 0: no limit",
        "到货后须售完的天数；0 为不限",
    ),
    "agreements[].parameters.layer": ("units of a layer", "一层的数量"),
    "agreements[].parameters.pallet": ("units of a pallet", "一托盘的数量"),
    "agreements[].parameters.round_up": (
        "share of a layer or pallet from which an order becomes a whole one",
        "达到一层或一托的此比例即进为整",
    ),
    "agreements[].parameters.round_down": ("share up to which it is left out", "不超过此比例即舍去"),
    "agreements[].parameters.minimum_order": ("least units of one order", "单次订货的最少数量"),
    "agreements[].parameters.trigger": (
        "share of the first pack below which nothing is ordered while stock lasts",
        "库存足够时，不足首包的此比例则不订",
    ),
    "agreements[].parameters.model": (
        "of the forecast; auto: what does best for the class",
        "预测模型；auto：该类别表现最好者",
    ),
    "agreements[].loads[].supplier": ("whose orders", "供应商"),
    "agreements[].loads[].measure": ("what the next figures count", "以下数字的计量"),
    "agreements[].loads[].minimum": (
        "least order; a smaller one is raised by what is needed next",
        "最低订货；不足则提前补足后续需要",
    ),
    "agreements[].loads[].wait_below": (
        "share of the minimum below which it waits for another day",
        "低于最低的此比例则改日再订",
    ),
    "agreements[].loads[].truck": ("what fits; 0: no limit", "一车容量；0 为不限"),
    "agreements[].loads[].fill_from": ("share of a truck from which it is filled up", "达到一车的此比例即装满"),
    "agreements[].schedules[].supplier": ("who gets delivery schedules (DELFOR)", "接收交货计划（DELFOR）的供应商"),
    "agreements[].schedules[].horizon_days": ("how far ahead planned quantities go", "计划数量的展望天数"),
    "agreements[].schedules[].every_days": (
        "a schedule that old is renewed though nothing has changed",
        "无变化也更新的间隔天数",
    ),
    "agreements[].supplier_plans[].supplier": ("who plans what our warehouse gets", "为我方仓库做计划的供应商"),
    "agreements[].supplier_plans[].mode": (
        "vmi: what he raises is an order; cmi: inside minimum and maximum it is, else we decide",
        "vmi：其提出即为订单；cmi：在最小与最大之间即为订单，否则由我方决定",
    ),
    "agreements[].supplier_plans[].report_days": (
        "mon to sun, on which he gets our stock and sales",
        "向其发送库存和销售的星期几",
    ),
    "agreements[].supplier_plans[].sales_days": (
        "last days that each sales report tells",
        "每份销售报告所含的最近天数",
    ),
}
