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
}
