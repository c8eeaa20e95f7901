"""message.*, interchange.*, agreement.*, parcel.*: what the pipeline itself finds."""

from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {
    "message.syntax-unknown": Entry(
        en="This is neither EDIFACT nor XML nor JSON: it begins with {value}.",
        zh="内容既不是 EDIFACT，也不是 XML 或 JSON：开头为 {value}。",
        cure_en="Ask the partner what was sent; if it is right, add the syntax to the agreement.",
        cure_zh="请向合作伙伴确认所发内容；若内容无误，请在协议中补充该语法。",
    ),
    "message.unreadable": Entry(
        en="No document could be made of this message.",
        zh="无法从此报文生成单据。",
        cure_en="Look at the other findings of the message; they say which field is missing.",
        cure_zh="请查看该报文的其他发现项，其中说明了缺少哪个字段。",
    ),
    "message.poison": Entry(
        owner="us",
        en="Reading this file ended the worker process {attempts} times; it is parked.",
        zh="读取此文件已导致工作进程结束 {attempts} 次，报文已搁置。",
        cure_en="Keep the file and report it to the makers of the gateway; replay it after an update.",
        cure_zh="请保留该文件并报告给网关开发者；更新后可重新处理。",
    ),
    "message.bug": Entry(
        owner="us",
        en="An error in the gateway itself stopped this message; nothing of it was carried out.",
        zh="网关自身的错误中止了此报文；未执行任何操作。",
        cure_en="The log names the error under this message's id. Replay the message after an update.",
        cure_zh="日志中以该报文的编号记录了错误。更新后请重新处理报文。",
    ),
    "interchange.sender-not-allowed": Entry(
        iso="23",
        en="The interchange names {value} as sender; the connection was made by {partner}, which may not speak for it.",
        zh="交换头中的发送方为 {value}，而连接方 {partner} 无权代其发送。",
        cure_en="If it is right, add the identifier to the partner's ids; else ask the partner to correct UNB.",
        cure_zh="如属正常，请将该标识加入合作伙伴的 ids；否则请对方更正 UNB。",
    ),
    "interchange.receiver-not-us": Entry(
        severity="warning",
        iso="7",
        en="The interchange is addressed to {value}, which is none of our identifiers.",
        zh="交换的接收方为 {value}，不是本公司的标识。",
        cure_en="Add the identifier to partners/self when it is ours, else tell the partner.",
        cure_zh="若为本公司标识，请加入 partners/self；否则请告知合作伙伴。",
    ),
    "interchange.empty": Entry(
        en="The interchange holds no message.",
        zh="交换中没有任何报文。",
        cure_en="Ask the partner whether something was lost before sending.",
        cure_zh="请向合作伙伴确认发送前是否有内容丢失。",
    ),
    "interchange.repeat": Entry(
        severity="info",
        en="Interchange {value} came before; its messages are kept and not carried out again.",
        zh="交换 {value} 此前已收到；其报文已保存，不再重复执行。",
        cure_en="Nothing to do when it is a repeat. If the content is new, ask the partner for a new reference.",
        cure_zh="若为重复发送则无需处理；若内容是新的，请对方使用新的参考号重新发送。",
    ),
    "interchange.reference-reused": Entry(
        en="Reference {value} was used before by this sender for other content; these messages are kept apart.",
        zh="该发送方此前已将参考号 {value} 用于其他内容；这些报文已单独保存。",
        cure_en="Ask the partner which of the two counts, and to send the other under a new reference.",
        cure_zh="请向合作伙伴确认以哪一份为准，并请对方以新的参考号重新发送另一份。",
    ),
    "agreement.missing": Entry(
        owner="us",
        en="Nothing is agreed with {partner} about receiving {value}.",
        zh="与 {partner} 之间没有接收 {value} 的协议。",
        cure_en="Add an agreement to partners/{partner}/partner.yaml, run gateway apply, and replay the message.",
        cure_zh="请在 partners/{partner}/partner.yaml 中添加协议，执行 gateway apply 后重新处理报文。",
    ),
    "agreement.nothing-to-send": Entry(
        severity="warning",
        owner="us",
        en="{partner} would be owed a {document}, but nothing is agreed about sending it.",
        zh="应向 {partner} 发送 {document}，但没有相应的发送协议。",
        cure_en="Add a send agreement to partners/{partner}/partner.yaml if the partner wants it.",
        cure_zh="如对方需要，请在 partners/{partner}/partner.yaml 中添加发送协议。",
    ),
    "agreement.test-stays-here": Entry(
        severity="info",
        owner="us",
        en="This is test traffic: nothing was sent to {partner}, which would have carried it out.",
        zh="这是测试数据：未发送给 {partner}，否则对方会实际执行。",
        cure_en="Nothing to do. Live documents go there.",
        cure_zh="无需处理。正式单据会发送到那里。",
    ),
    "instance.not-empty": Entry(
        owner="us",
        en="The folder {value} is not empty.",
        zh="目录 {value} 不为空。",
        cure_en="Name a new folder, or empty this one yourself: nothing is overwritten.",
        cure_zh="请指定新目录，或自行清空该目录：不会覆盖任何内容。",
    ),
    "instance.running": Entry(
        owner="us",
        en="A gateway is already running on {value}.",
        zh="{value} 上已有网关在运行。",
        cure_en="Stop the other one first, or use another instance folder.",
        cure_zh="请先停止另一个网关，或使用其他实例文件夹。",
    ),
    "instance.part-ended": Entry(
        owner="us",
        en="A part of the gateway has ended by itself, so the whole was stopped: {detail}.",
        zh="网关的某个部分意外终止，因此整个网关已停止：{detail}。",
        cure_en="Start the gateway again (a service manager does so by itself); nothing that was acknowledged is lost. "
        "Report the log to the makers of the gateway.",
        cure_zh="请重新启动网关（服务管理器会自动重启）；已确认的内容不会丢失。请将日志报告给网关开发者。",
    ),
    "parcel.no-channel": Entry(
        owner="us",
        en="{partner} has no channel named {value} any more.",
        zh="{partner} 已没有名为 {value} 的通道。",
        cure_en="Define the channel in partners/{partner}/partner.yaml, run gateway apply, and resend the parcel.",
        cure_zh="请在 partners/{partner}/partner.yaml 中定义通道，执行 gateway apply 后重新发送。",
    ),
    "parcel.breaker-open": Entry(
        owner="network",
        en="The partner could not be reached {failures} times in a row ({fault}); only one probe a minute is sent.",
        zh="连续 {failures} 次无法连接伙伴（{fault}）；现在每分钟只发送一次探测。",
        cure_en="Ask the partner whether their server runs and whether its address changed. What waits goes out by "
        "itself as soon as one probe succeeds.",
        cure_zh="请向伙伴确认其服务器是否运行、地址是否变更。任一探测成功后，等待中的发件会自动发出。",
    ),
    "parcel.bug": Entry(
        owner="us",
        en="An error in the gateway itself stopped the sending of parcel {value}.",
        zh="网关自身的错误中止了包裹 {value} 的发送。",
        cure_en="The log names the error. Resend the parcel after an update.",
        cure_zh="日志中记录了错误。更新后请重新发送。",
    ),
}
