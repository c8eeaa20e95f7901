"""Registers, surveys, matrices, reports and connectors of the customer record."""

from gateway.texts.entry import Entry


def _ours(en: str, zh: str, cure_en: str, cure_zh: str) -> Entry:
    return Entry(owner="us", en=en, zh=zh, cure_en=cure_en, cure_zh=cure_zh)


ERRORS: dict[str, Entry] = {
    "crm.register-unknown": _ours(
        "There is no register {value}.",
        "没有登记簿 {value}。",
        "See which registers there are with `gateway crm registers`.",
        "请用 `gateway crm registers` 查看有哪些登记簿。",
    ),
    "crm.entry-unknown": _ours(
        "The register {register} has no entry {value}.",
        "登记簿 {register} 中没有条目 {value}。",
        "List the entries with `gateway crm entries {register}`.",
        "请用 `gateway crm entries {register}` 列出条目。",
    ),
    "crm.entry-wrong": _ours(
        "The field {field} does not take “{value}”.",
        "字段 {field} 不接受“{value}”。",
        "Fill in required fields; write numbers with a point, days as 2026-11-20, and choices as they are listed.",
        "请填写必填字段；数字用小数点，日期写成 2026-11-20，选项按列表填写。",
    ),
    "crm.entry-changed": _ours(
        "Somebody has changed {value} since you opened it.",
        "在您打开之后，{value} 已被他人修改。",
        "Open it again and make your change once more.",
        "请重新打开并再次修改。",
    ),
    "survey.answer-wrong": _ours(
        "The question {question} does not take the answer “{value}”.",
        "问题 {question} 不接受答案“{value}”。",
        "Choose one of the numbers that are offered.",
        "请选择列出的数字。",
    ),
    "survey.link-unknown": _ours(
        "This link leads to no survey.",
        "此链接没有对应的调查。",
        "Ask the person who sent it for a new one.",
        "请向发送者索取新的链接。",
    ),
    "survey.link-used": _ours(
        "This survey has been answered, or its time is over.",
        "此调查已经回答过，或已过期。",
        "Nothing is left to do; ask for a new link to say more.",
        "无需再做任何操作；如需补充请索取新的链接。",
    ),
    "survey.asked-lately": _ours(
        "{value} has been asked within the last {days} days.",
        "{value} 在最近 {days} 天内已被询问过。",
        "Wait, or ask another person of the account.",
        "请稍后再询问，或询问该客户的其他人员。",
    ),
    "survey.not-running": _ours(
        "The survey {value} is not running.",
        "调查 {value} 未在进行。",
        "Set its state to running first.",
        "请先将其状态改为 running。",
    ),
    "matrix.setting-wrong": _ours(
        "The setting {field} of the matrices does not take “{value}”.",
        "矩阵的设置 {field} 不接受“{value}”。",
        "Name a cell by its advice, a preset as narrow or wide, and a cut as a number within the scale.",
        "单元格请填写建议名称，预设请填写 narrow 或 wide，分界线请填写量表范围内的数字。",
    ),
    "crm.setting-wrong": _ours(
        "The setting {field} of the service desk does not take “{value}”.",
        "服务台的设置 {field} 不接受“{value}”。",
        "Write hours as mon-fri=08:00-17:00, holidays as 2026-12-24 or 12-25, promises as high=2/9, types by name.",
        "营业时间写作 mon-fri=08:00-17:00，假日写作 2026-12-24 或 12-25，承诺写作 high=2/9，类型写作 complaint。",
    ),
    "report.unknown": _ours(
        "There is no report {value}.",
        "没有报表 {value}。",
        "List the reports with `gateway crm reports`.",
        "请用 `gateway crm reports` 列出报表。",
    ),
    "report.mail-missing": _ours(
        "The report {value} is to go by mail, but no mail server is set.",
        "报表 {value} 需要通过邮件发送，但尚未设置邮件服务器。",
        "Name a server in config.yaml under alerts, or send the report to the folder.",
        "请在 config.yaml 的 alerts 下设置服务器，或将报表发送到文件夹。",
    ),
    "connector.refused": _ours(
        "The connector {connector} was told by the other side: {value}.",
        "连接器 {connector} 收到对方答复：{value}。",
        "Mend what the other side names, then send the record again from the page of the connector.",
        "请按对方指出的问题修正，然后在连接器页面重新发送该记录。",
    ),
    "connector.key-missing": _ours(
        "The connector {value} names no key that the key store has.",
        "连接器 {value} 未指定密钥库中存在的密钥。",
        "Put the secret into the key store with `gateway keys add-secret`, and name it in the connector.",
        "请用 `gateway keys add-secret` 将密钥存入密钥库，并在连接器中指定其名称。",
    ),
}
