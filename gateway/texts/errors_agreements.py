"""What is wrong with calendars and customers, as documents and as lists."""

from gateway.texts.entry import Entry

_CALENDAR_EN = "Correct the calendar and send it again; nothing of the message was taken."
_CALENDAR_ZH = "请更正日历后重新发送；本报文未受理任何内容。"


def _calendar(en: str, zh: str) -> Entry:
    return Entry(owner="partner", en=en, zh=zh, cure_en=_CALENDAR_EN, cure_zh=_CALENDAR_ZH)


ERRORS: dict[str, Entry] = {
    "calendar.weekday-wrong": _calendar(
        "{value} is no week day: 1 is Monday, 7 Sunday.", "{value} 不是星期：1 为星期一，7 为星期日。"
    ),
    "calendar.time-wrong": _calendar("{value} is no time of day as HH:MM.", "{value} 不是 HH:MM 形式的时间。"),
    "calendar.zone-unknown": _calendar(
        "There is no time zone {value}; use an IANA name such as Europe/Berlin.",
        "没有时区 {value}；请使用 IANA 名称，例如 Asia/Shanghai。",
    ),
    "calendar.period-wrong": _calendar(
        "The calendar ends on {value}, before it begins.", "日历的结束日期 {value} 早于开始日期。"
    ),
    "calendar.too-many-days": _calendar(
        "The calendar lists {value} days; at most {most} are taken.", "日历列出 {value} 天，最多 {most} 天。"
    ),
    "calendar.of-another": Entry(
        severity="warning",
        owner="partner",
        en="The calendar of {value} is not taken: the sender may speak for itself and its own places only.",
        zh="未采用 {value} 的日历：发送方只能提供自身及其场所的日历。",
        cure_en="Tell us the place first (PARTIN), or let our house send the calendar.",
        cure_zh="请先通过 PARTIN 报送该场所，或由我方系统发送日历。",
    ),
    "calendar.twice": Entry(
        severity="warning",
        owner="partner",
        en="The calendar {value} stands in the message twice; the last one counts.",
        zh="日历 {value} 在报文中出现两次，以最后一个为准。",
        cure_en="Send each calendar once.",
        cure_zh="每个日历请只发送一次。",
    ),
    "customer.unknown-partner": Entry(
        severity="warning",
        owner="us",
        en="The customer {value} is none of our partners; its record was left out.",
        zh="客户 {value} 不是已有伙伴，其记录未采用。",
        cure_en="Create the partner with this GLN or number among its ids, then send or replay the message.",
        cure_zh="请创建伙伴并在其标识中加入该 GLN 或编号，然后重发或重新处理报文。",
    ),
    "customer.sender": Entry(
        severity="warning",
        owner="partner",
        en="What is said of the customer {value} was left out: only our house tells customers and their terms.",
        zh="未采用关于客户 {value} 的内容：客户及其条款只能由我方系统提供。",
        cure_en="Send places and companies with another role; terms are agreed with your contact.",
        cure_zh="请以其他角色发送场所和公司；条款请与联系人商定。",
    ),
    "customer.terms-wrong": Entry(
        owner="us",
        en="The terms of a customer say {value} for {field}, which no agreement can.",
        zh="客户条款中 {field} 的值 {value} 无效。",
        cure_en="Correct the customer in our ERP and send it again.",
        cure_zh="请在 ERP 中更正该客户后重新发送。",
    ),
    "customer.period-wrong": Entry(
        owner="us",
        en="The customer's terms end on {value}, before they begin.",
        zh="客户条款的结束日期 {value} 早于开始日期。",
        cure_en="Correct the days in our ERP and send the customer again.",
        cure_zh="请在 ERP 中更正日期后重新发送该客户。",
    ),
    "import.week-day": Entry(
        owner="us",
        en="{value} in column {column} names no week days.",
        zh="列 {column} 的 {value} 不是星期。",
        cure_en="Write them as {expected}.",
        cure_zh="请写成 {expected}。",
    ),
    "import.time": Entry(
        owner="us",
        en="{value} in column {column} is no time of day.",
        zh="列 {column} 的 {value} 不是时间。",
        cure_en="Write it as {expected}.",
        cure_zh="请写成 {expected}。",
    ),
    "import.partner-unknown": Entry(
        owner="us",
        en="{value} in column {column} is no partner, by its id or by one of its identifiers.",
        zh="列 {column} 的 {value} 不是任何伙伴的编号或标识。",
        cure_en="Write the partner's id or GLN (gateway partners list); for a calendar the GLN of a place or self too.",
        cure_zh="请填写伙伴编号或 GLN（gateway partners list）；日历也可填写场所的 GLN 或 self。",
    ),
    "import.zone-unknown": Entry(
        owner="us",
        en="There is no time zone {value}.",
        zh="没有时区 {value}。",
        cure_en="Use an IANA name, for example Europe/Berlin, or leave the column empty for UTC.",
        cure_zh="请使用 IANA 名称，例如 Asia/Shanghai；留空表示 UTC。",
    ),
}
