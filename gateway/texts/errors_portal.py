"""portal.*, access.portal-only, access.console-only: what a partner's people may get wrong on the portal's pages."""

from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {
    "access.portal-only": Entry(
        owner="partner",
        en="People of partners sign in at the portal, not here.",
        zh="合作伙伴人员请在门户登录，而非此处。",
        cure_en="Go to the portal: {value}.",
        cure_zh="请前往门户：{value}。",
    ),
    "access.console-only": Entry(
        owner="us",
        en="The portal is for people of partners; you work in the console.",
        zh="门户仅供合作伙伴人员使用；您应使用控制台。",
        cure_en="Sign in at the console.",
        cure_zh="请登录控制台。",
    ),
    "portal.not-served": Entry(
        owner="us",
        en="This instance serves no portal.",
        zh="本实例未提供门户。",
        cure_en="Write `portal: {{host: 127.0.0.1, port: 8082}}` below `listen` in config.yaml and start again.",
        cure_zh="请在 config.yaml 的 `listen` 下写入 `portal: {{host: 127.0.0.1, port: 8082}}` 并重新启动。",
    ),
    "portal.no-role": Entry(
        owner="us",
        en="{value} is neither customer nor supplier: there is nothing it could do in the portal.",
        zh="{value} 既非客户也非供应商：在门户中没有可执行的操作。",
        cure_en="Set its role (partner page, Edit), then open the portal for it.",
        cure_zh="请先设置其角色（伙伴页面，编辑），再为其启用门户。",
    ),
    "portal.not-agreed": Entry(
        owner="us",
        en="It is not agreed that {value} comes over the portal.",
        zh="未约定通过门户提交 {value}。",
        cure_en='Ask us to open it; we do it with "Works in the portal" on the partner\'s page, or by an agreement '
        "{{receive: canonical/{value}, over: portal}}.",
        cure_zh="请联系我方开通；我方可在伙伴页面启用“在门户中工作”，或添加协议 "
        "{{receive: canonical/{value}, over: portal}}。",
    ),
    "portal.line-unknown": Entry(
        owner="partner",
        en="Order {order} has no line {value}.",
        zh="订单 {order} 没有第 {value} 行。",
        cure_en="Open the order again and answer its lines as they are shown.",
        cure_zh="请重新打开订单，按所示行答复。",
    ),
    "portal.more-than-ordered": Entry(
        owner="partner",
        en="{value} is more than the {ordered} that were ordered.",
        zh="{value} 超过订购数量 {ordered}。",
        cure_en="Confirm at most what was ordered.",
        cure_zh="确认数量不得超过订购数量。",
    ),
    "portal.nothing-packed": Entry(
        owner="partner",
        en="No quantity is said for any line of order {value}.",
        zh="订单 {value} 的任何一行均未填写数量。",
        cure_en="Enter how many units of at least one line leave.",
        cure_zh="请至少为一行填写发货数量。",
    ),
    "portal.more-than-left": Entry(
        owner="partner",
        en="{value} units of line {line} are more than the {left} that are still to be shipped.",
        zh="第 {line} 行的 {value} 件超过尚待发货的 {left} 件。",
        cure_en="Ship at most what is confirmed and not shipped yet.",
        cure_zh="发货数量不得超过已确认且未发货的数量。",
    ),
    "portal.unit-number": Entry(
        owner="partner",
        en="{value} is no number of a unit.",
        zh="{value} 不是有效的单元号。",
        cure_en="Number pallets and cartons from 1 to {most}.",
        cure_zh="请将托盘和纸箱编号为 1 至 {most}。",
    ),
    "portal.sscc-count": Entry(
        owner="partner",
        en="{value} SSCCs are given for {units} units.",
        zh="{units} 个单元却提供了 {value} 个 SSCC。",
        cure_en="Give one SSCC for each unit number, in their order.",
        cure_zh="请按单元号顺序为每个单元提供一个 SSCC。",
    ),
    "portal.no-range": Entry(
        owner="us",
        en="The buyer has no range of SSCCs to give numbers from.",
        zh="买方没有可供分配的 SSCC 号段。",
        cure_en="Use SSCCs of your own or none; we set `sscc: {{prefix: ...}}` in partners/self/partner.yaml.",
        cure_zh="请使用贵方 SSCC 或不编号；我方在 partners/self/partner.yaml 中设置 `sscc: {{prefix: ...}}`。",
    ),
    "portal.list-too-long": Entry(
        owner="partner",
        en="The list has more than {most} rows.",
        zh="列表超过 {most} 行。",
        cure_en="Hand it over in parts, for example one file a week.",
        cure_zh="请分批提交，例如每周一个文件。",
    ),
    "portal.no-rows": Entry(
        owner="partner",
        en="No row of {value} can be used.",
        zh="{value} 中没有可用的行。",
        cure_en="Correct the rows that are named, then hand the list over again.",
        cure_zh="请更正所列各行后重新提交。",
    ),
}
