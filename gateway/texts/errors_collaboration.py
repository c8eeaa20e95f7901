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

_STOCK: dict[str, Entry] = {
    "crp.sender-unexpected": Entry(
        en="A stock agreement is offered by us; a partner answers it.",
        zh="库存协议由我方提出，由伙伴答复。",
        cure_en="Answer the open proposal with accept or decline.",
        cure_zh="请以 accept（接受）或 decline（拒绝）答复当前建议。",
    ),
    "crp.unknown": Entry(
        en="There is no stock agreement {value}.",
        zh="没有库存协议 {value}。",
        cure_en="Use the number of the agreement as it was offered.",
        cure_zh="请使用协议的原始编号。",
    ),
    "crp.number-wrong": Entry(
        owner="us",
        en="The number of an agreement has 1 to 60 characters.",
        zh="协议编号须为 1 至 60 个字符。",
        cure_en="Choose a short number.",
        cure_zh="请使用较短的编号。",
    ),
    "crp.partner-unknown": Entry(
        owner="us",
        en="There is no partner {value}.",
        zh="没有伙伴 {value}。",
        cure_en="Use the id of the partner's folder.",
        cure_zh="请使用伙伴目录的标识。",
    ),
    "crp.partner-other": Entry(
        owner="us",
        en="The agreement is with another partner than {value}.",
        zh="该协议的对方不是 {value}。",
        cure_en="Use another number for an agreement with this partner.",
        cure_zh="与该伙伴的协议请使用其他编号。",
    ),
    "crp.terms-wrong": Entry(
        owner="us",
        en="An agreement needs items, delivery days from 1 to 7, a period, a step below 1 and a fill rate up to 1.",
        zh="协议须含商品、交货日 (1–7)、周期、小于 1 的步长及不超过 1 的满足率。",
        cure_en="Fill in what is missing.",
        cure_zh="请补全缺少的内容。",
    ),
    "crp.place-unknown": Entry(
        owner="us",
        en="{value} is no place that is planned for this partner.",
        zh="{value} 不是为该伙伴计划的地点。",
        cure_en="Add the place to partners/self/planning.yaml first.",
        cure_zh="请先将该地点加入 partners/self/planning.yaml。",
    ),
    "crp.level-wrong": Entry(
        owner="us",
        en="{value} is no GTIN of 14 digits with a level above nothing, or it is named twice.",
        zh="{value} 不是 14 位 GTIN 加正数水平，或重复出现。",
        cure_en="Name each item of a place once, with its units.",
        cure_zh="每个地点的每个商品填写一次及其数量。",
    ),
    "crp.act-unknown": Entry(
        en="{value} cannot be said of an agreement; known are {known}.",
        zh="不能对协议执行 {value}；可用：{known}。",
        cure_en="Say one of these.",
        cure_zh="请使用其中之一。",
    ),
    "crp.over": Entry(
        en="The agreement {value} is over.",
        zh="协议 {value} 已结束。",
        cure_en="Offer a new one.",
        cure_zh="请提出新的协议。",
    ),
    "crp.proposal-wrong": Entry(
        owner="us",
        en="Nothing can be proposed for {value} now, or the levels are not those of the agreement.",
        zh="目前不能对 {value} 提出建议，或所列水平不属于该协议。",
        cure_en="Wait for the answer to the open proposal; name items of the agreement.",
        cure_zh="请等待对当前建议的答复；只列协议中的商品。",
    ),
    "crp.proposal-gone": Entry(
        en="There is no open proposal {value}.",
        zh="没有待答复的建议 {value}。",
        cure_en="Look at the agreement: another proposal may be open, or it was answered already.",
        cure_zh="请查看协议：可能已有其他建议，或已答复。",
    ),
    "crp.nothing-before": Entry(
        en="There is no former level to go back to.",
        zh="没有可恢复的先前水平。",
        cure_en="Propose other levels instead.",
        cure_zh="请改为建议其他水平。",
    ),
}

_JOINT: dict[str, Entry] = {
    "cpfr.unknown": Entry(
        en="There is no joint plan {value}.",
        zh="没有联合计划 {value}。",
        cure_en="Use the number of the plan as it was offered.",
        cure_zh="请使用计划的原始编号。",
    ),
    "cpfr.number-wrong": Entry(
        en="The number of a joint plan has 1 to 60 characters.",
        zh="联合计划编号须为 1 至 60 个字符。",
        cure_en="Choose a short number.",
        cure_zh="请使用较短的编号。",
    ),
    "cpfr.partner-unknown": Entry(
        en="There is no partner {value}.",
        zh="没有伙伴 {value}。",
        cure_en="Use the id of the partner's folder.",
        cure_zh="请使用伙伴目录的标识。",
    ),
    "cpfr.criterion-unknown": Entry(
        en="{value} is no rule that both sides can apply; known metrics are {known}.",
        zh="{value} 不是双方可用的规则；已知指标：{known}。",
        cure_en="Name a known metric and a limit that is not negative.",
        cure_zh="请使用已知指标和非负限值。",
    ),
    "cpfr.place-unknown": Entry(
        en="{value} is no place that is planned for this partner.",
        zh="{value} 不是为该伙伴计划的地点。",
        cure_en="Name planned places, or none for all of them.",
        cure_zh="请填写已计划的地点，或留空表示全部。",
    ),
    "cpfr.terms-wrong": Entry(
        en="The joint plan {value} has no rule, or its frozen days exceed its horizon.",
        zh="联合计划 {value} 没有规则，或冻结天数超过计划期。",
        cure_en="Give at least one rule, and frozen days within the horizon of at most 366 days.",
        cure_zh="请至少给出一条规则，且冻结天数不超过计划期（最长 366 天）。",
    ),
    "cpfr.act-unknown": Entry(
        en="{value} cannot be said of a joint plan; known are {known}.",
        zh="不能对联合计划执行 {value}；可用：{known}。",
        cure_en="Say one of these.",
        cure_zh="请使用其中之一。",
    ),
    "cpfr.over": Entry(
        en="The joint plan {value} is over.",
        zh="联合计划 {value} 已结束。",
        cure_en="Offer a new one.",
        cure_zh="请提出新的计划。",
    ),
    "cpfr.note-wrong": Entry(
        en="A note needs an exception of an agreed plan (place/item/first day/last day) and a reason.",
        zh="说明须针对已商定计划的例外（地点/商品/首日/末日），并注明原因。",
        cure_en="Copy the exception from the list and say why.",
        cure_zh="请从列表复制例外并说明原因。",
    ),
}

ERRORS: dict[str, Entry] = {**_EVENTS, **_STOCK, **_JOINT}
