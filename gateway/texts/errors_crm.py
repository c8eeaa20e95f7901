"""Cases, rules and accounts of the customer record."""

from gateway.texts.entry import Entry


def _ours(en: str, zh: str, cure_en: str, cure_zh: str) -> Entry:
    return Entry(owner="us", en=en, zh=zh, cure_en=cure_en, cure_zh=cure_zh)


ERRORS: dict[str, Entry] = {
    "crm.case-unknown": _ours(
        "There is no case {value}.",
        "没有个案 {value}。",
        "Look for it with `gateway crm cases`.",
        "请用 `gateway crm cases` 查找个案。",
    ),
    "crm.act-unknown": _ours(
        "A case knows no step {value}.",
        "个案没有步骤 {value}。",
        "Use assigned, answered, waiting, resumed, urgency, solved, reopened, closed or noted.",
        "请使用 assigned、answered、waiting、resumed、urgency、solved、reopened、closed 或 noted。",
    ),
    "crm.act-empty": _ours(
        "This step needs {value}.",
        "此步骤需要填写 {value}。",
        "Say the cause of a solved case, the text of a note, or an urgency: low, normal, high or critical.",
        "请填写已解决个案的原因、备注的内容，或紧急程度：low、normal、high 或 critical。",
    ),
    "crm.account-unknown": _ours(
        "Nothing is known of an account {value}.",
        "没有关于客户 {value} 的记录。",
        "Look for it with `gateway crm accounts`.",
        "请用 `gateway crm accounts` 查找客户。",
    ),
    "crm.rule-unknown": _ours(
        "There is no rule {value}.",
        "没有规则 {value}。",
        "Look for it with `gateway crm rules`.",
        "请用 `gateway crm rules` 查找规则。",
    ),
    "crm.rule-wrong": _ours(
        "A rule cannot say {value} in {field}.",
        "规则的 {field} 不能是 {value}。",
        "Use the words that `gateway crm rules --words` lists.",
        "请使用 `gateway crm rules --words` 列出的词。",
    ),
    "crm.value-wrong": _ours(
        "{field} cannot be {value}.",
        "{field} 不能是 {value}。",
        "Enter it in the usual form: a number with its country (+49 ...), an address with @, a code of the list.",
        "请按常用格式填写：带国家区号的电话（+86 …）、含 @ 的邮箱地址、列表中的代码。",
    ),
    "crm.party-unknown": _ours(
        "There is no party {value}.",
        "没有参与方 {value}。",
        "Look for it with `gateway crm candidates`.",
        "请用 `gateway crm candidates` 查找。",
    ),
    "crm.contact-unknown": _ours(
        "There is no contact {value}.",
        "没有联系人 {value}。",
        "Look for it with `gateway crm contacts`; it may have been erased.",
        "请用 `gateway crm contacts` 查找；该联系人可能已被删除。",
    ),
    "crm.task-unknown": _ours(
        "There is no task {value}.",
        "没有任务 {value}。",
        "Look for it with `gateway crm tasks`.",
        "请用 `gateway crm tasks` 查找任务。",
    ),
    "crm.decision-unknown": _ours(
        "No decision {value} is in force.",
        "没有生效中的决定 {value}。",
        "It may have been taken back already: see `gateway crm decisions`.",
        "该决定可能已被撤销，请查看 `gateway crm decisions`。",
    ),
}
