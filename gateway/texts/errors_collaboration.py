"""What is wrong with what partners plan together: events, agreements on continuous replenishment, joint plans."""

from gateway.texts.entry import Entry

_EVENTS: dict[str, Entry] = {
    "event.unknown": Entry(
        en="Event {value} is not known: it cannot be cancelled.",
        zh="活动 {value} 未知，无法取消。",
        cure_en="Give the number under which the event was announced.",
        cure_zh="请使用公布活动时的编号。",
    ),
    "event.number-long": Entry(
        en="The number of the event is too long.",
        zh="活动编号过长。",
        cure_en="Use a number of at most 60 characters.",
        cure_zh="请使用不超过 60 个字符的编号。",
    ),
    "event.kind-unknown": Entry(
        en="{value} is no kind of event; known are {known}.",
        zh="{value} 不是已知的活动类型；可用：{known}。",
        cure_en="Name a promotion or an introduction.",
        cure_zh="请使用 promotion（促销）或 introduction（新品上市）。",
    ),
    "event.mechanic-unknown": Entry(
        en="{value} is no known mechanic; known are {known}.",
        zh="{value} 不是已知的促销方式；可用：{known}。",
        cure_en="Choose one of the list, or other.",
        cure_zh="请从列表中选择，或使用 other（其他）。",
    ),
    "event.days-wrong": Entry(
        en="The days {value} are the wrong way round, or more than {most}.",
        zh="日期 {value} 顺序颠倒，或超过 {most} 天。",
        cure_en="Give the first day before the last one.",
        cure_zh="首日须早于末日。",
    ),
    "event.too-much": Entry(
        en="An event needs 1 to 2,000 items and at most 5,000 places.",
        zh="一个活动须含 1 至 2,000 个商品，地点不超过 5,000 个。",
        cure_en="Split it into several events.",
        cure_zh="请拆分为多个活动。",
    ),
    "event.item-wrong": Entry(
        en="{value} is no GTIN.",
        zh="{value} 不是有效的 GTIN。",
        cure_en="Check the number and its check digit.",
        cure_zh="请核对编号及其校验位。",
    ),
    "event.place-wrong": Entry(
        en="{value} is no GLN, or a place of somebody else.",
        zh="{value} 不是有效的 GLN，或属于其他公司的地点。",
        cure_en="Name places of the partner that the event concerns.",
        cure_zh="请填写该活动所涉伙伴的地点。",
    ),
    "event.partner-unknown": Entry(
        en="There is no partner {value}.",
        zh="没有伙伴 {value}。",
        cure_en="Use the id of the partner's folder, or leave it out: then it concerns all.",
        cure_zh="请使用伙伴目录的标识；不填则适用于所有伙伴。",
    ),
    "event.uplift-wrong": Entry(
        en="The expected uplift {value} is no share from -1 to 100.",
        zh="预期增幅 {value} 不在 -1 到 100 之间。",
        cure_en="0.5 means half as much again, -1 means nothing is sold.",
        cure_zh="0.5 表示多售一半，-1 表示不售。",
    ),
    "event.file-wrong": Entry(
        owner="us",
        en="Line {line} of the file is not as expected: {value}",
        zh="文件第 {line} 行不符合要求：{value}",
        cure_en="Columns: id, kind, name, first_day, last_day, gtin, place, mechanic, uplift, price, partner. One line "
        "for each item and place; lines of one id make one event.",
        cure_zh="列：id, kind, name, first_day, last_day, gtin, place, mechanic, uplift, price, partner。"
        "每个商品与地点一行，相同 id 的行组成一个活动。",
    ),
}

ERRORS: dict[str, Entry] = {**_EVENTS}
