"""Words of key figures and scorecards. Key -> (English, zh-CN)."""

from collections.abc import Mapping

_PAGE: dict[str, tuple[str, str]] = {
    "nav.scorecards": ("Scorecards", "记分卡"),
    "score.title": ("Scorecard", "记分卡"),
    "score.lead": (
        "Service, assets and cost from the documents of a period, as both sides can see them.",
        "根据该期间的单据计算服务、资产与成本，供双方共同查看。",
    ),
    "score.of": ("Scorecard of {partner}", "{partner} 的记分卡"),
    "score.partner": ("Partner", "伙伴"),
    "score.place": ("Place (GLN)", "地点 (GLN)"),
    "score.item": ("Item (GTIN)", "商品 (GTIN)"),
    "score.from": ("From", "自"),
    "score.until": ("Until", "至"),
    "score.side-service": ("Service", "服务"),
    "score.side-assets": ("Assets", "资产"),
    "score.side-cost": ("Cost", "成本"),
    "score.figure": ("Figure", "指标"),
    "score.value": ("Value", "数值"),
    "score.before": ("Period before", "上一期间"),
    "score.made-of": ("Made of", "构成"),
    "score.not-enough": ("not enough data", "数据不足"),
    "score.of-many": ("{top} of {bottom}", "{top} / {bottom}"),
    "score.parts": ("Documents behind it, the worst first", "相关单据（由差到好）"),
    "score.document": ("Document", "单据"),
    "score.day": ("Day", "日期"),
    "score.by-month": ("By month", "按月"),
    "score.by-place": ("By place", "按地点"),
    "score.by-item": ("By item", "按商品"),
    "score.csv": ("As CSV", "导出 CSV"),
    "score.formula": ("How it is computed", "计算方法"),
    "score.period-wrong": ("The period is the wrong way round or longer than two years.", "期间顺序颠倒或超过两年。"),
    "score.empty": ("No documents tell anything of this period", "该期间没有可用的单据"),
    "score.empty-hint": ("Choose another period or partner.", "请选择其他期间或伙伴。"),
    "score.days": ("{count} d", "{count} 天"),
    "score.turns": ("{count} a year", "每年 {count} 次"),
    "score.units": ("{count} units", "{count} 件"),
    "score.chart": ("The figure by month; the table beside it holds the values.", "按月的指标；数值见旁边表格。"),
    "score.better": ("better than before", "优于上期"),
    "score.worse": ("worse than before", "劣于上期"),
}

_MEASURES: dict[str, tuple[str, str]] = {
    "measure.fill-rate": ("Fill rate", "订单满足率"),
    "measure.otif-requested": ("On time in full, as requested", "按要求准时足量交付率"),
    "measure.otif-confirmed": ("On time in full, as confirmed", "按确认准时足量交付率"),
    "measure.on-time": ("Deliveries on time", "准时交付率"),
    "measure.confirmed-kept": ("Shipped as confirmed", "按确认发货率"),
    "measure.cycle-days": ("Order cycle time", "订货周期"),
    "measure.reaction-days": ("Reaction time, sale to order", "反应时间（销售到订货）"),
    "measure.asn-accuracy": ("Accuracy of despatch advices", "预先发货通知准确率"),
    "measure.asn-in-time": ("Despatch advice before the goods", "预先发货通知及时率"),
    "measure.in-stock": ("In stock", "有货率"),
    "measure.stockout-days": ("Days out of stock", "缺货天数占比"),
    "measure.shelf-fill": ("Demand served on the shelf", "货架需求满足率"),
    "measure.lost-sales": ("Lost sales", "销售损失率"),
    "measure.stock-days": ("Days of supply", "库存可供天数"),
    "measure.turns": ("Stock turns", "库存周转率"),
    "measure.mean-stock": ("Mean stock", "平均库存"),
    "measure.forecast-error": ("Forecast error (WAPE)", "预测误差 (WAPE)"),
    "measure.forecast-bias": ("Forecast bias", "预测偏差"),
    "measure.forecast-value-added": ("Value added by the forecast", "预测增值"),
    "measure.bullwhip": ("Bullwhip ratio", "牛鞭效应比"),
    "measure.bullwhip-together": ("Bullwhip ratio, all together", "牛鞭效应比（合计）"),
    "measure.touch-rate": ("Lines changed by planners", "计划员修改率"),
    "measure.untouched": ("Released without touch", "自动放行率"),
    "measure.report-age": ("Age of reports", "报告延迟"),
    "measure.days-missing": ("Days without a report", "缺报天数占比"),
}

_FORMULAS: dict[str, tuple[str, str]] = {
    "formula.fill-rate": (
        "Units of the first delivery, at most those ordered / units ordered; lines due in the period.",
        "首次交付数量（不超过订货量）/ 订货数量；取期间内到期的订单行。",
    ),
    "formula.otif-requested": (
        "Lines delivered whole by the day the buyer asked for, at most a day early / lines with such a day.",
        "在买方要求日前（最多提前一天）足量交付的行 / 有要求日的行。",
    ),
    "formula.otif-confirmed": (
        "Lines delivered as the seller confirmed, quantity and day / lines confirmed.",
        "按卖方确认的数量与日期交付的行 / 已确认的行。",
    ),
    "formula.on-time": ("Deliveries within the window / deliveries.", "在时间窗内的交付 / 全部交付。"),
    "formula.confirmed-kept": (
        "Lines despatched exactly as confirmed / lines answered.",
        "与确认完全一致的发货行 / 已答复的行。",
    ),
    "formula.reaction-days": (
        "Days from a sale to the next order from a plan of that item for that place, by units / units sold.",
        "从销售到该地点该商品下一张计划订单的天数（按数量加权） / 销售数量。",
    ),
    "formula.cycle-days": ("Days from order to first arrival / lines arrived.", "从订货到首次到货的天数 / 到货行数。"),
    "formula.asn-accuracy": (
        "Items received exactly as advised / items advised or received.",
        "收货与通知完全一致的商品 / 通知或收货的商品。",
    ),
    "formula.asn-in-time": (
        "Despatch advices known before the goods arrived / despatch advices received.",
        "到货前已收到的发货通知 / 已收货的发货通知。",
    ),
    "formula.in-stock": (
        "Items at places with stock at the close of the day / those counted.",
        "日终有库存的商品地点 / 已盘点的商品地点。",
    ),
    "formula.stockout-days": (
        "Days counted empty or asked for in vain / days known, item by place.",
        "盘点为零或有未满足需求的天数 / 已知天数（按商品与地点）。",
    ),
    "formula.shelf-fill": ("Units sold / units sold and lost.", "售出数量 /（售出 + 损失数量）。"),
    "formula.lost-sales": (
        "Units lost / units sold and lost; lost as reported (217), else what the weekday usually sells beyond what was "
        "sold on a day that ended empty.",
        "损失数量 /（售出 + 损失数量）；以上报 (217) 为准，否则取缺货日同一星期几的平均销量减去实际销量。",
    ),
    "formula.stock-days": (
        "Stock at the last count / mean units sold a day, at cost where every cost is known.",
        "最近盘点库存 / 日均销量；成本齐全时按成本加权。",
    ),
    "formula.turns": ("Units sold in a year at this pace / mean stock.", "按本期速度折算的年销量 / 平均库存。"),
    "formula.mean-stock": ("Mean units on hand over counted days, added up.", "盘点日平均在手数量之和。"),
    "formula.forecast-error": (
        "Sum of |forecast - sold| / sum of sold, over the interval of the order, as forecast when it was made.",
        "Σ|预测 - 实际| / Σ实际，取订货时冻结的预测及其保护期。",
    ),
    "formula.forecast-bias": (
        "Sum of (forecast - sold) / sum of sold: above 0 is too much.",
        "Σ(预测 - 实际) / Σ实际，正值为偏高。",
    ),
    "formula.forecast-value-added": (
        "By how much less it was wrong than the mean of four weeks / what that mean was wrong.",
        "比四周均值减少的误差 / 四周均值的误差。",
    ),
    "formula.bullwhip": (
        "Variance of weekly orders / variance of weekly sales, each item at each place; whole weeks.",
        "每周订货方差 / 每周销售方差，逐商品逐地点，取完整周。",
    ),
    "formula.bullwhip-together": (
        "The same of all items and places added up.",
        "所有商品与地点合计后的同一比值。",
    ),
    "formula.touch-rate": (
        "Lines with another quantity than proposed / lines ordered from plans.",
        "数量被修改的行 / 由计划生成的订单行。",
    ),
    "formula.untouched": (
        "Lines that nobody had to approve / lines ordered from plans.",
        "无需人工批准的行 / 由计划生成的订单行。",
    ),
    "formula.report-age": (
        "Days from the end of a day (UTC) until its first report came / days reported.",
        "从日终 (UTC) 到首份报告到达的天数 / 已上报天数。",
    ),
    "formula.days-missing": (
        "Days without a sales report / days, of each place since its first report.",
        "没有销售报告的天数 / 天数（各地点自首次报告起）。",
    ),
}

_CATEGORIES: dict[str, tuple[str, str]] = {
    "category.title": ("Categories", "商品类别"),
    "category.lead": (
        "What each category has sold and what is left. Sell-through: sold / (sold + left), where stock was counted.",
        "各类别的销售与剩余库存。售罄率：售出 /（售出 + 剩余），以已盘点者为准。",
    ),
    "category.name": ("Category", "类别"),
    "category.none": ("Without a category", "未分类"),
    "category.items": ("Items", "商品"),
    "category.sold": ("Sold", "售出"),
    "category.stock": ("Left", "剩余"),
    "category.lost": ("Lost", "损失"),
    "category.sell-through": ("Sell-through", "售罄率"),
    "category.empty": ("No shop has told its sales in this period", "该期间没有门店上报销售"),
}

_STOCKOUTS: dict[str, tuple[str, str]] = {
    "stockout.title": ("Why shelves were empty", "缺货原因"),
    "stockout.latest": ("Latest days", "最近的缺货日"),
    "stockout.cause": ("Cause", "原因"),
    "stockout.days": ("Days", "天数"),
    "stockout.share": ("Share", "占比"),
    "stockout.lost": ("Units lost", "损失数量"),
    "stockout.override": ("Less was ordered than proposed", "人工减少了订货量"),
    "stockout.supplier-cut": ("The seller confirmed less than was ordered", "卖方确认量不足"),
    "stockout.delivery-late": ("The delivery was late", "到货延迟"),
    "stockout.delivery-short": ("Less came than was confirmed", "到货数量不足"),
    "stockout.report-missing": ("A report was missing when it was ordered", "订货时缺少报告"),
    "stockout.forecast-low": ("The forecast was too low", "预测偏低"),
    "stockout.safety-low": ("The safety stock was too low", "安全库存不足"),
    "stockout.stock-wrong": ("The stock on record was not there", "账面库存与实物不符"),
    "stockout.not-ordered": ("No order was to cover the day", "没有覆盖该日的订单"),
}

LABELS: Mapping[str, tuple[str, str]] = {**_PAGE, **_CATEGORIES, **_STOCKOUTS, **_MEASURES, **_FORMULAS}
