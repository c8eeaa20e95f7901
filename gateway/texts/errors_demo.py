"""demo.*: the simulated partners and the scene."""

from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {
    "demo.no-clock": Entry(
        owner="us",
        en="{value} names no clock file, so the demo cannot step the time.",
        zh="{value} 未指定时钟文件，演示无法推进时间。",
        cure_en="Add `clock: {{file: var/clock.json}}` to config.yaml, or start the demo in a folder of its own.",
        cure_zh="请在 config.yaml 中加入 `clock: {{file: var/clock.json}}`，或在单独的文件夹中启动演示。",
    ),
    "demo.journal-not-empty": Entry(
        owner="us",
        en="There is a journal in {value} that the demo has not made.",
        zh="{value} 中已有并非由演示创建的日志库。",
        cure_en="Start the demo in a folder of its own (--instance), or delete that folder if nothing in it is needed.",
        cure_zh="请用 --instance 在单独的文件夹中启动演示；若其中内容不再需要，也可删除该文件夹。",
    ),
    "demo.still-running": Entry(
        owner="us",
        en="The demo of {value} is running.",
        zh="{value} 的演示正在运行。",
        cure_en="Stop it with Ctrl-C in its terminal first.",
        cure_zh="请先在其终端按 Ctrl-C 停止。",
    ),
    "demo.never-started": Entry(
        owner="us",
        en="The demo has never been started here: {value} does not exist.",
        zh="此处从未启动过演示：{value} 不存在。",
        cure_en="Start it with `gateway demo`.",
        cure_zh="请用 `gateway demo` 启动。",
    ),
    "demo.not-running": Entry(
        owner="us",
        en="The simulated partner {value} does not answer.",
        zh="模拟伙伴 {value} 没有响应。",
        cure_en="Start the demo with `gateway demo` in another terminal and try again.",
        cure_zh="请在另一个终端用 `gateway demo` 启动演示后重试。",
    ),
    "demo.no-such-partner": Entry(
        owner="us",
        en="The demo has no partner {value}; it has {known}.",
        zh="演示中没有伙伴 {value}；现有：{known}。",
        cure_en="Name one of these with --as. `guest` is there for documents of your own.",
        cure_zh="请用 --as 指定其中之一。`guest` 专用于您自己的单据。",
    ),
    "demo.cannot-start": Entry(
        owner="us",
        en="{value} does not start: {detail}",
        zh="{value} 无法启动：{detail}",
        cure_en="Read its log in var/log or var/demo. Is another program using its port?",
        cure_zh="请查看 var/log 或 var/demo 中的日志。端口是否被其他程序占用？",
    ),
}
