"""Words of the console: how good the forecasts were. Key -> (English, zh-CN)."""

from collections.abc import Mapping

LABELS: Mapping[str, tuple[str, str]] = {
    "nav.accuracy": ("Forecast accuracy", "预测准确度"),
    "accuracy.title": ("Forecast accuracy", "预测准确度"),
    "accuracy.lead": (
        "Each week the last eight weeks are forecast anew from day to day, with what was known by then, and held"
        " against what was sold.",
        "系统每周用当时已知的数据逐日重新预测最近八周，并与实际销售对照。",
    ),
    "accuracy.of": ("From {first} to {last}, {series} items at places.", "{first} 至 {last}，{series} 个门店单品。"),
    "accuracy.agreement": ("Agreement", "协议"),
    "accuracy.ahead": ("Days ahead", "预测天数"),
    "accuracy.by-ahead": ("By days ahead", "按预测天数"),
    "accuracy.by-class": ("By kind of demand", "按需求类型"),
    "accuracy.by-place": ("By place, the largest errors first", "按门店（误差最大者在前）"),
    "accuracy.by-item": ("By item, the largest errors first", "按商品（误差最大者在前）"),
    "accuracy.class": ("Demand", "需求类型"),
    "accuracy.place": ("Place", "门店"),
    "accuracy.item": ("Item", "商品"),
    "accuracy.class-smooth": ("smooth", "平稳"),
    "accuracy.class-erratic": ("erratic", "波动"),
    "accuracy.class-intermittent": ("intermittent", "间歇"),
    "accuracy.class-lumpy": ("lumpy", "块状"),
    "accuracy.class-new": ("new", "新品"),
    "accuracy.wape": ("Error (WAPE)", "误差 (WAPE)"),
    "accuracy.bias": ("Bias", "偏差"),
    "accuracy.value-added": ("Better than last week", "优于上周同日"),
    "accuracy.mase": ("Scaled error (MASE)", "标度误差 (MASE)"),
    "accuracy.units": ("Units sold", "销售数量"),
    "accuracy.runs": ("Run by run", "历次结果"),
    "accuracy.through": ("Through", "截至"),
    "accuracy.none": ("No figures yet", "暂无数据"),
    "accuracy.none-hint": (
        "They come with the weekly learning run, from a history of fourteen weeks on.",
        "历史满十四周后，随每周学习运行产生。",
    ),
}
