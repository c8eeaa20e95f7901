"""json.*: canonical JSON; xml.*: XML documents."""

from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {
    "json.syntax": Entry(
        en="The JSON cannot be read: {detail}.",
        zh="无法读取 JSON：{detail}。",
        cure_en="Correct the JSON at the named line and column and send it again.",
        cure_zh="请在所示行列处更正 JSON 后重新发送。",
    ),
    "json.not-a-document": Entry(
        en="The JSON names no document type we know ({value}).",
        zh="JSON 未指明已知的单据类型（{value}）。",
        cure_en='Set the key "document" to one of the types in schemas/canonical.',
        cure_zh="请将“document”键设为 schemas/canonical 中的一种类型。",
    ),
    "json.unknown-key": Entry(
        en="The key {key} is not known here.",
        zh="此处不认识键 {key}。",
        cure_en="Remove the key, or correct its spelling by the schema in schemas/canonical.",
        cure_zh="请删除该键，或按 schemas/canonical 中的模式更正拼写。",
    ),
    "json.missing": Entry(
        en="The key {key} is missing.",
        zh="缺少键 {key}。",
        cure_en="Add the key and send the document again.",
        cure_zh="请补上该键后重新发送单据。",
    ),
    "json.bad-value": Entry(
        en="{value} is not a value of type {expected}.",
        zh="{value} 不是 {expected} 类型的值。",
        cure_en="Correct the value and send the document again.",
        cure_zh="请更正该值后重新发送单据。",
    ),
    "json.too-large": Entry(
        en="The JSON is larger than {limit} bytes.",
        zh="JSON 超过 {limit} 字节。",
        cure_en="Ask the partner to send it in several documents; the limit is the same for everyone.",
        cure_zh="请要求伙伴分为多个单据发送；该限额对所有伙伴相同。",
    ),
    "xml.syntax": Entry(
        en="The XML is not well-formed: {detail}.",
        zh="XML 格式不正确：{detail}。",
        cure_en="Correct the document at the named line and column and send it again.",
        cure_zh="请在所示行列处更正文档后重新发送。",
    ),
    "xml.dtd": Entry(
        en="The XML has a document type declaration or entities, which are not accepted.",
        zh="XML 含有文档类型声明或实体，不予接受。",
        cure_en="Send the document without DOCTYPE and with plain characters instead of entities.",
        cure_zh="请去掉 DOCTYPE，并以普通字符代替实体后发送。",
        cause_en="Declarations can read files or grow without bound; business documents need none.",
        cause_zh="此类声明可能读取文件或无限膨胀；业务单据不需要它们。",
    ),
    "xml.too-large": Entry(
        en="The XML is larger than {limit} bytes.",
        zh="XML 超过 {limit} 字节。",
        cure_en="Ask the partner to send it in several documents; the limit is the same for everyone.",
        cure_zh="请要求伙伴分为多个单据发送；该限额对所有伙伴相同。",
    ),
    "xml.too-deep": Entry(
        en="The XML is nested deeper than {limit} elements.",
        zh="XML 嵌套超过 {limit} 层。",
        cure_en="Check whether this is the intended document; business documents are not that deep.",
        cure_zh="请确认是否为预期文档；业务单据不会嵌套这么深。",
    ),
    "xml.too-many-elements": Entry(
        en="The XML has more than {limit} elements.",
        zh="XML 元素超过 {limit} 个。",
        cure_en="Ask the partner to send it in several documents; the limit is the same for everyone.",
        cure_zh="请要求伙伴分为多个单据发送；该限额对所有伙伴相同。",
    ),
    "xml.schema-unreadable": Entry(
        owner="us",
        en="The schema file {value} cannot be read ({detail}).",
        zh="无法读取模式文件 {value}（{detail}）。",
        cure_en="Import the schema again from the publisher's package with `gateway schemas import`.",
        cure_zh="请使用 gateway schemas import 从发布方的软件包重新导入该模式。",
    ),
}
