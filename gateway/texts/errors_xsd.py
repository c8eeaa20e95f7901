"""xml.schema*: what an XML Schema says about a document, and the schemas themselves; sbdh.*: the business header."""

from gateway.texts.entry import Entry

_CURE_EN = "Correct the document at the named line and path by the sender's schema and send it again."
_CURE_ZH = "请按该模式在所示行与路径处更正单据后重新发送。"

ERRORS: dict[str, Entry] = {
    "xml.schema": Entry(
        en="The document breaks its XML schema: {detail}",
        zh="单据不符合其 XML 模式：{detail}",
        cure_en=_CURE_EN,
        cure_zh=_CURE_ZH,
        cause_en="In a partner's severities this code stands for every code that begins with xml.schema.",
        cause_zh="在伙伴的严重级别设置中，此代码代表所有以 xml.schema 开头的代码。",
    ),
    "xml.schema-unexpected": Entry(
        en="The element {element} may not stand here; allowed here: {expected} (nearest: {nearest}).",
        zh="元素 {element} 不允许出现在此处；此处允许：{expected}（最接近：{nearest}）。",
        cure_en="Put the elements into the order of the schema, or correct the name, and send the document again.",
        cure_zh="请按模式规定的顺序排列元素或更正元素名后重新发送单据。",
    ),
    "xml.schema-incomplete": Entry(
        en="Something is missing at the end of {element}: {expected}.",
        zh="{element} 末尾缺少内容：{expected}。",
        cure_en="Add what is missing and send the document again.",
        cure_zh="请补上缺少的内容后重新发送单据。",
    ),
    "xml.schema-value": Entry(
        en="{value} is not a value of type {expected} ({element}).",
        zh="{value} 不是 {expected} 类型的值（{element}）。",
        cure_en=_CURE_EN,
        cure_zh=_CURE_ZH,
    ),
    "xml.schema-attribute": Entry(
        en="The attribute {attribute} of {element} is not allowed, or not with this value.",
        zh="{element} 的属性 {attribute} 不被允许，或其值不被允许。",
        cure_en="Remove or correct the attribute and send the document again.",
        cure_zh="请删除或更正该属性后重新发送单据。",
    ),
    "xml.schema-attribute-missing": Entry(
        en="The element {element} needs the attribute {attribute}.",
        zh="元素 {element} 需要属性 {attribute}。",
        cure_en="Add the attribute and send the document again.",
        cure_zh="请补上该属性后重新发送单据。",
    ),
    "xml.schema-more": Entry(
        en="The document breaks its schema in more than {value} places; the rest is not listed.",
        zh="单据有超过 {value} 处不符合模式；其余未列出。",
        cure_en="Correct the places listed, then look at what is left.",
        cure_zh="请先更正已列出之处，再查看其余问题。",
    ),
    "xml.schema-absent": Entry(
        severity="warning",
        owner="us",
        en="There is no XML schema for {value}: the document was read without being checked by one.",
        zh="没有 {value} 的 XML 模式：该单据未经模式检查即被读取。",
        cure_en="Take the schemas in with `gateway schemas import PACKAGE`, or set xml.schema-absent to off for the"
        " partner.",
        cure_zh="请用 gateway schemas import PACKAGE 导入模式，或将该伙伴的 xml.schema-absent 设为 off。",
    ),
    "xml.schema-import": Entry(
        owner="us",
        en="{value} holds no XML schema.",
        zh="{value} 中没有 XML 模式。",
        cure_en="Name a .xsd file, a folder, or a zip or wheel that has .xsd files in it.",
        cure_zh="请指定 .xsd 文件、文件夹，或含有 .xsd 文件的 zip 或 wheel。",
    ),
    "xml.schema-name": Entry(
        owner="us",
        en="{value} cannot be the name of a set of schemas.",
        zh="{value} 不能用作模式集的名称。",
        cure_en="Give a name of lower-case letters, digits, points and hyphens with --as, for example gs1-3.4.",
        cure_zh="请用 --as 指定由小写字母、数字、点和连字符组成的名称，例如 gs1-3.4。",
    ),
    "xml.unknown-root": Entry(
        owner="us",
        en="No agreement with {partner} reads a document named {value} (nearest: {nearest}).",
        zh="与 {partner} 的协议均不能读取名为 {value} 的单据（最接近：{nearest}）。",
        cure_en="Add an agreement that receives it, or tell the partner which document is agreed; then replay it.",
        cure_zh="请添加接收该单据的协议，或告知伙伴约定的单据类型；然后重新处理。",
    ),
    "xml.version": Entry(
        severity="warning",
        en="The document says version {value}; it is read and checked as {expected}.",
        zh="单据标明版本 {value}；按 {expected} 读取和检查。",
        cure_en="Nothing, as long as the fields of that version are not needed.",
        cure_zh="只要不需要该版本的新增字段，则无需处理。",
    ),
    "xml.include": Entry(
        en="The XML asks for another file to be included, which is not done.",
        zh="XML 要求包含其他文件，网关不予执行。",
        cure_en="Send the document complete, without XInclude.",
        cure_zh="请发送完整的单据，不使用 XInclude。",
    ),
    "xml.encoding": Entry(
        en="The XML is not in the encoding it names ({detail}), or in one that is not accepted.",
        zh="XML 与其声明的编码不符（{detail}），或使用了不被接受的编码。",
        cure_en="Send the document in UTF-8 and declare it so.",
        cure_zh="请以 UTF-8 发送单据并如此声明。",
    ),
    "xml.too-many-attributes": Entry(
        en="The XML has more than {limit} attributes.",
        zh="XML 的属性超过 {limit} 个。",
        cure_en="Check whether this is the intended document; business documents have far fewer.",
        cure_zh="请确认是否为预期文档；业务单据的属性要少得多。",
    ),
    "xml.text-too-long": Entry(
        en="A text or name in the XML is longer than the limit ({detail}).",
        zh="XML 中的文本或名称超过限制（{detail}）。",
        cure_en="Send attachments by themselves, not inside the document.",
        cure_zh="请单独发送附件，不要嵌入单据。",
    ),
    "sbdh.no-document": Entry(
        en="The business document header is not followed by a document.",
        zh="业务单据头之后没有单据。",
        cure_en="Put exactly one business document behind the header and send it again.",
        cure_zh="请在单据头之后放置且仅放置一个业务单据后重新发送。",
    ),
    "sbdh.type-differs": Entry(
        severity="warning",
        en="The business document header announces {value}, the document is {expected}.",
        zh="业务单据头标明为 {value}，而单据为 {expected}。",
        cure_en="Correct the header's DocumentIdentification; the document itself was read.",
        cure_zh="请更正单据头的 DocumentIdentification；单据本身已被读取。",
    ),
    "sbdh.bad-date": Entry(
        severity="info",
        en="The creation time {value} in the business document header is no date.",
        zh="业务单据头中的创建时间 {value} 不是日期。",
        cure_en="Write CreationDateAndTime as ISO 8601, for example 2026-03-02T09:00:00Z.",
        cure_zh="请按 ISO 8601 填写 CreationDateAndTime，例如 2026-03-02T09:00:00Z。",
    ),
}
