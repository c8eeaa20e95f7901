"""mapping.*: what is wrong with a mapping (owner us) and what a mapping finds in a document (owner partner)."""

from gateway.model.faults import Owner
from gateway.texts.entry import Entry


def _rules(en: str, zh: str, cure_en: str, cure_zh: str) -> Entry:
    owner: Owner = "us"
    return Entry(owner=owner, en=f"{{at}}: {en}", zh=f"{{at}}：{zh}", cure_en=cure_en, cure_zh=cure_zh)


_NEAREST_EN = "Correct the word; the nearest known one is {nearest}."
_NEAREST_ZH = "请更正该词；最接近的已知词为 {nearest}。"

ERRORS: dict[str, Entry] = {
    # a document, on reading
    "mapping.required-missing": Entry(
        en="The required field {field} is missing or could not be read.",
        zh="缺少必填字段 {field}，或其值无法读取。",
        cure_en="Ask the partner to send the field, or give it a default in the partner's mapping, then replay.",
        cure_zh="请让伙伴发送该字段，或在该伙伴的映射中为其设置默认值，然后重新处理。",
    ),
    "mapping.incomplete": Entry(
        severity="warning",
        en="A group of fields is left out because {field} is missing in it.",
        zh="由于缺少 {field}，一组字段被略去。",
        cure_en="Ask the partner to send the whole group if it is needed.",
        cure_zh="如果需要该组信息，请让伙伴完整发送。",
    ),
    "mapping.bad-value": Entry(
        en="{field} cannot be read from {value}.",
        zh="无法从 {value} 读取 {field}。",
        cure_en="Ask the partner for a right value, or name another converter in the partner's mapping, then replay.",
        cure_zh="请向伙伴索取正确的值，或在该伙伴的映射中换用其他转换器，然后重新处理。",
    ),
    "mapping.bad-number": Entry(
        en="{value} is not a number ({field}).",
        zh="{value} 不是数字（{field}）。",
        cure_en="Ask the partner to send digits with at most one decimal mark, then replay or resend.",
        cure_zh="请让伙伴发送仅含数字和最多一个小数点的值，然后重新处理或重发。",
    ),
    "mapping.bad-date": Entry(
        en="{value} is not a date in the format that it names ({field}).",
        zh="{value} 不是其所标格式的日期（{field}）。",
        cure_en="Ask the partner to correct the date or its format code (2379) and to send the document again.",
        cure_zh="请让伙伴更正日期或其格式代码（2379）后重新发送。",
    ),
    "mapping.bad-gtin": Entry(
        en="{value} is not a GTIN: it needs 8, 12, 13 or 14 digits ({field}).",
        zh="{value} 不是 GTIN：应为 8、12、13 或 14 位数字（{field}）。",
        cure_en="Ask the partner for the item's GTIN, or map the number as the buyer's or seller's item number.",
        cure_zh="请向伙伴索取该商品的 GTIN，或将该编号映射为买方或卖方商品编号。",
    ),
    "mapping.check-digit": Entry(
        severity="warning",
        en="The check digit of {value} is wrong ({field}).",
        zh="{value} 的校验位错误（{field}）。",
        cure_en="Compare the number with the master data; tell the partner if it is mistyped.",
        cure_zh="请与主数据核对该编号；若录入有误，请告知伙伴。",
    ),
    "mapping.check-digit-written": Entry(
        owner="us",
        en="The check digit of {value} is wrong ({field}): it is not sent.",
        zh="{value} 的校验位错误（{field}），未予发送。",
        cure_en="Correct the number in the master data and replay; or allow it for this partner: severities, "
        "mapping.check-digit-written: warning.",
        cure_zh="请在主数据中更正该编号后重新处理；或对该伙伴放行：在 severities 中设置 "
        "mapping.check-digit-written: warning。",
    ),
    "mapping.check-digit-echoed": Entry(
        severity="warning",
        en="The check digit of {value} is wrong ({field}); the partner sent it, and got it back as it came.",
        zh="{value} 的校验位错误（{field}）；这是伙伴自己的编号，已按原样返回。",
        cure_en="Tell the partner which number is mistyped.",
        cure_zh="请告知伙伴哪个编号录入有误。",
    ),
    "mapping.not-a-gln": Entry(
        severity="warning",
        en="{value} is sent as a GLN and is none ({field}); it is kept as an identifier of its own.",
        zh="{value} 以 GLN 身份发送但并非 GLN（{field}）；已作为其他标识保留。",
        cure_en="List the identifier in the partner file, or ask the partner for the 13-digit GLN.",
        cure_zh="请将该标识列入伙伴文件，或向伙伴索取 13 位 GLN。",
    ),
    "mapping.not-a-gs1-number": Entry(
        severity="warning",
        en="{value} does not have the length of a GS1 number ({field}).",
        zh="{value} 的长度不符合 GS1 编码（{field}）。",
        cure_en="Ask the partner for the right number if the place or unit cannot be found.",
        cure_zh="如果找不到对应地点或单元，请向伙伴索取正确编号。",
    ),
    "mapping.unknown-code": Entry(
        en="The code {value} is not in the table {table} ({field}).",
        zh="代码 {value} 不在代码表 {table} 中（{field}）。",
        cure_en="Add the code to the table, or to the partner's mapping, then replay.",
        cure_zh="请在该代码表或该伙伴的映射中加入此代码，然后重新处理。",
    ),
    "mapping.code-kept": Entry(
        severity="warning",
        en="The code {value} is not in the table {table} ({field}): it is kept as {taken} and plans nothing.",
        zh="代码 {value} 不在代码表 {table} 中（{field}）：保留为 {taken}，不参与计划。",
        cure_en="Ask the partner what it means; add it to the table, or to the partner's mapping, if it should count.",
        cure_zh="请向伙伴询问其含义；如需使用，请加入代码表或该伙伴的映射。",
    ),
    "mapping.code-dropped": Entry(
        severity="warning",
        en="The code {value} is not in the table {table} ({field}): the field is left empty.",
        zh="代码 {value} 不在代码表 {table} 中（{field}）：该字段留空。",
        cure_en="Nothing depends on it; add the code to the table, or to the partner's mapping, to have it read.",
        cure_zh="该字段不影响处理；如需读取，请将此代码加入代码表或该伙伴的映射。",
    ),
    "mapping.code-taken": Entry(
        severity="warning",
        en="The code {value} is not in the table {table} ({field}): it is taken as {taken}.",
        zh="代码 {value} 不在代码表 {table} 中（{field}）：按 {taken} 处理。",
        cure_en="Ask the partner for a code of the table, or add theirs to the partner's mapping.",
        cure_zh="请要求伙伴使用表中的代码，或将其代码加入该伙伴的映射。",
    ),
    "mapping.bad-range": Entry(
        severity="warning",
        en="{value} is no range of numbers that can be counted up ({field}): both ends are kept, nothing between them.",
        zh="{value} 不是可展开的编号区间（{field}）：仅保留首尾两个编号。",
        cure_en="Ask the partner to send each number, or ranges of at most {limit} with right check digits.",
        cure_zh="请要求伙伴逐一发送编号，或发送校验位正确且不超过 {limit} 个的区间。",
    ),
    "mapping.quantity-shared": Entry(
        severity="warning",
        en="The quantity {value} is told of several numbers together ({field}): it stands at none of them.",
        zh="数量 {value} 由多个编号共用（{field}）：不记入其中任何一个。",
        cure_en="The line has the whole quantity; ask the partner to tell the quantity of each batch.",
        cure_zh="行上保留总数量；请要求伙伴按批次分别发送数量。",
    ),
    "mapping.too-many-values": Entry(
        en="There are more than {limit} values for one field ({field}).",
        zh="同一字段的值超过 {limit} 个（{field}）。",
        cure_en="Ask the partner to send less at once: several messages, or fewer notes and numbers in one.",
        cure_zh="请要求伙伴减少单次发送的内容：拆分为多个报文，或减少单个报文中的备注和编号。",
    ),
    "mapping.lookup-missing": Entry(
        owner="us",
        en="The partner's table {table} has no row for {value} ({field}).",
        zh="伙伴的对照表 {table} 中没有 {value} 的行（{field}）。",
        cure_en="Add the row: `gateway lookups add PARTNER {table} {value} ...`, then replay the message. Alike in the"
        " table: {nearest}.",
        cure_zh="请添加该行：`gateway lookups add 伙伴 {table} {value} ...`，再重新处理。表中相近的键：{nearest}。",
    ),
    "mapping.repeated": Entry(
        severity="error",
        en="{field} is sent more than once with different values; the first is read, {value} would be lost.",
        zh="{field} 被多次发送且取值不同；读取了首个值，{value} 将会丢失。",
        cure_en="Ask the partner which value is meant. A condition (where) in the partner's mapping can choose it, and"
        " `twice: warning` on the rule lets the document pass without the other.",
        cure_zh="请向伙伴核实应采用哪个值。可在该伙伴的映射中用条件（where）选择；"
        "在该规则上写 `twice: warning` 可让单据在舍弃其他值的情况下通过。",
    ),
    "mapping.constant-differs": Entry(
        severity="info",
        en="{field} is {value}, expected {expected}.",
        zh="{field} 为 {value}，应为 {expected}。",
        cure_en="Nothing to do if the document is the right one.",
        cure_zh="如果单据无误，则无需处理。",
    ),
    "mapping.count-differs": Entry(
        severity="warning",
        en="The control count of {field} says {value}, there are {counted}.",
        zh="{field} 的控制计数为 {value}，实际有 {counted} 个。",
        cure_en="Ask the partner whether lines got lost before the document was sent.",
        cure_zh="请询问伙伴在发送前是否丢失了行。",
    ),
    "mapping.wrong-root": Entry(
        en="The document element is {value}, expected {expected}.",
        zh="文档根元素为 {value}，应为 {expected}。",
        cure_en="Send the document under the agreement for its own type.",
        cure_zh="请按该单据类型对应的协议发送。",
    ),
    "mapping.wrong-document": Entry(
        en="This is a {value}, expected is a {expected}.",
        zh="这是 {value}，应为 {expected}。",
        cure_en="Use the mapping of the right document type.",
        cure_zh="请使用正确单据类型的映射。",
    ),
    "mapping.too-many-findings": Entry(
        en="There are more than {value} findings; the rest is not listed.",
        zh="问题超过 {value} 条；其余未列出。",
        cure_en="Correct what is listed first; the rest often has the same cause.",
        cure_zh="请先更正已列出的问题；其余往往出于同一原因。",
    ),
    # a document, on writing
    "mapping.no-code": Entry(
        owner="us",
        en="{at}: {value} has no code in the table {table}.",
        zh="{at}：{value} 在代码表 {table} 中没有代码。",
        cure_en="Add a code for it to the table, then release the document again.",
        cure_zh="请在该代码表中为其加入代码，然后重新放行单据。",
    ),
    "mapping.too-long": Entry(
        owner="us",
        en="{at}: {value} is longer than the {limit} characters that fit.",
        zh="{at}：{value} 超出可容纳的 {limit} 个字符。",
        cure_en="Shorten the value in the master data, or split it in the mapping (join), then replay.",
        cure_zh="请在主数据中缩短该值，或在映射中拆分（join），然后重新处理。",
    ),
    "mapping.bad-text": Entry(
        owner="us",
        en="{value} holds control characters that XML cannot carry.",
        zh="{value} 含有 XML 无法承载的控制字符。",
        cure_en="Correct the value where it comes from, then replay.",
        cure_zh="请在来源处更正该值，然后重新处理。",
    ),
    "mapping.one-only": Entry(
        en="The document has {value} of {field}, the format has room for one.",
        zh="单据中 {field} 有 {value} 项，该格式只能容纳一项。",
        cure_en="Agree with the partner on another format for such documents, or send them as several lines.",
        cure_zh="与合作伙伴约定用另一种格式发送此类单据，或拆成多行发送。",
        owner="us",
    ),
    "mapping.currency-missing": Entry(
        owner="us",
        en="{at}: an amount has no currency and the document names none.",
        zh="{at}：金额没有币种，单据也未指明币种。",
        cure_en="Give the document a currency: in the item table, or as a default in the partner's mapping.",
        cure_zh="请为单据指定币种：在商品表中，或在该伙伴映射中设置默认值。",
    ),
    # the rules themselves
    "mapping.missing": Entry(
        owner="us",
        en="There is no mapping {value} for partner {partner}.",
        zh="伙伴 {partner} 没有映射 {value}。",
        cure_en="Add an agreement that names it to the partner file, or correct the name there.",
        cure_zh="请在伙伴文件中加入引用该映射的协议，或更正其名称。",
    ),
    "mapping.unknown-word": _rules(
        "{value} is not a word of the mapping language.", "{value} 不是映射语言的词。", _NEAREST_EN, _NEAREST_ZH
    ),
    "mapping.unknown-field": _rules(
        "the canonical document has no field {value}.", "规范单据没有字段 {value}。", _NEAREST_EN, _NEAREST_ZH
    ),
    "mapping.unknown-document": _rules(
        "there is no canonical document {value}.", "没有规范单据 {value}。", _NEAREST_EN, _NEAREST_ZH
    ),
    "mapping.unknown-list": _rules(
        "{value} is not a list of this mapping.", "{value} 不是此映射中的列表。", _NEAREST_EN, _NEAREST_ZH
    ),
    "mapping.not-a-list": _rules(
        "{value} is not a list in the canonical document.",
        "{value} 在规范单据中不是列表。",
        "Remove `each`, or use the name of a list.",
        "请去掉 each，或使用列表的名称。",
    ),
    "mapping.list-needs-each": _rules(
        "{value} is a list of objects and needs `each` and `fields`.",
        "{value} 是对象列表，需要 each 和 fields。",
        "Write `each:` with the repeated group or element and put the fields below.",
        "请写出 each: 及重复的段组或元素，并在其下列出字段。",
    ),
    "mapping.unknown-path": _rules(
        "{value} is not in the format's definition.", "格式定义中没有 {value}。", _NEAREST_EN, _NEAREST_ZH
    ),
    "mapping.unknown-prefix": _rules(
        "the namespace prefix {value} is not declared.", "未声明命名空间前缀 {value}。", _NEAREST_EN, _NEAREST_ZH
    ),
    "mapping.unknown-code-value": _rules(
        "{value} is not in the code list of the directory.", "目录代码表中没有 {value}。", _NEAREST_EN, _NEAREST_ZH
    ),
    "mapping.condition-elsewhere": _rules(
        "the condition {value} does not lie on the way to the value.",
        "条件 {value} 不在取值路径上。",
        "Use the same segment, or the first segment of an enclosing group; nearest: {nearest}.",
        "请使用同一段，或外层段组的首段；最接近的为 {nearest}。",
    ),
    "mapping.unknown-block": _rules("there is no block {value}.", "没有名为 {value} 的块。", _NEAREST_EN, _NEAREST_ZH),
    "mapping.unknown-table": _rules("there is no table {value}.", "没有对照表 {value}。", _NEAREST_EN, _NEAREST_ZH),
    "mapping.unknown-converter": _rules(
        "there is no converter {value} for this syntax.", "此语法没有转换器 {value}。", _NEAREST_EN, _NEAREST_ZH
    ),
    "mapping.unknown-function": _rules("there is no function {value}.", "没有函数 {value}。", _NEAREST_EN, _NEAREST_ZH),
    "mapping.unknown-directory": _rules(
        "there is no EDIFACT directory {value}.",
        "没有 EDIFACT 目录 {value}。",
        "Import it with `gateway schemas import`, or correct the name; the nearest known one is {nearest}.",
        "请用 gateway schemas import 导入，或更正名称；最接近的为 {nearest}。",
    ),
    "mapping.unknown-message": _rules(
        "the directory has no message {value}.", "目录中没有报文 {value}。", _NEAREST_EN, _NEAREST_ZH
    ),
    "mapping.no-converter": _rules(
        "no converter gives a value for {value}; name one with `as`.",
        "没有转换器可为 {value} 取值；请用 as 指定。",
        "Add `as:` with a converter, or map the fields inside it one by one.",
        "请用 as: 指定转换器，或逐一映射其内部字段。",
    ),
    "mapping.no-path": _rules(
        "the rule for {value} has no path.", "{value} 的规则没有 path。", "Add `path:`.", "请加入 path:。"
    ),
    "mapping.bad-shape": _rules(
        "{value} has the wrong form here (text, list or table).",
        "{value} 的形式不正确（文本、列表或表）。",
        "Compare with a standard mapping of the same kind.",
        "请与同类标准映射对照。",
    ),
    "mapping.bad-default": _rules(
        "the default {value} cannot be read by its own converter.",
        "默认值 {value} 无法被其转换器读取。",
        "Write the default as it would stand in the canonical document.",
        "请按规范单据中的形式书写默认值。",
    ),
    "mapping.incomplete-head": Entry(
        owner="us",
        en="The mapping {value} names no document or no syntax.",
        zh="映射 {value} 未指明单据或语法。",
        cure_en="Add `document:` and `syntax:`, or `extends:` with a standard mapping.",
        cure_zh="请加入 document: 和 syntax:，或用 extends: 引用标准映射。",
    ),
    "mapping.too-many-rules": Entry(
        owner="us",
        en="{at}: {value} rules are more than a mapping may have.",
        zh="{at}：{value} 条规则超出映射允许的数量。",
        cure_en="Remove rules that no document needs.",
        cure_zh="请删除单据不需要的规则。",
    ),
    "mapping.too-deep": Entry(
        owner="us",
        en="{at}: {value} is nested too deeply.",
        zh="{at}：{value} 嵌套过深。",
        cure_en="Write the inner fields with their full names instead of nesting.",
        cure_zh="请用完整名称书写内部字段，不要嵌套。",
    ),
    "mapping.code-clash": Entry(
        owner="us",
        en="The table {table} gives the code {value} two meanings.",
        zh="代码表 {table} 中代码 {value} 有两种含义。",
        cure_en='Keep one row that is read; put ">" before the code in the others, which are then only written.',
        cure_zh="请只保留一行用于读取；其余行在代码前加“>”，仅用于写出。",
    ),
    "mapping.table-column": Entry(
        owner="us",
        en="A table has no column {value}.",
        zh="对照表没有列 {value}。",
        cure_en="Correct the column's name in the mapping or in the first line of the table.",
        cure_zh="请在映射或对照表首行中更正列名。",
    ),
    "mapping.type-clash": Entry(
        owner="us",
        en="{at}: {field} holds a {kind}; the converter {value} does not make one.",
        zh="{at}：{field} 的类型为 {kind}，转换器 {value} 不产生该类型。",
        cure_en="Write `as: {nearest}`, or leave `as` out: the type of the field chooses the converter.",
        cure_zh="请写 `as: {nearest}`，或省略 `as`：系统会按字段类型选择转换器。",
    ),
    "mapping.one-way": Entry(
        owner="us",
        en="{at}: {field} looks up table {value}, which works for reading only, but the rule is for both directions.",
        zh="{at}：{field} 使用查找表 {value}，只能用于读取，但该规则为双向。",
        cure_en="Add `direction: in`, and a rule with `direction: out` if the field must be written.",
        cure_zh="请加上 `direction: in`；如需写出该字段，请另加一条 `direction: out` 的规则。",
    ),
    "mapping.format-clash": Entry(
        owner="us",
        en="{at}: {field} asks for {name} = {value}, which the converter does not write.",
        zh="{at}：{field} 要求 {name} = {value}，但转换器不会写出该值。",
        cure_en="Leave the condition out (the converter reads and writes {name} itself), or add `direction: in`.",
        cure_zh="请去掉该条件（转换器会自行读写 {name}），或加上 `direction: in`。",
    ),
    "mapping.required-unmapped": Entry(
        owner="us",
        en="{at}: no rule reads {value}, which every document of this type must have.",
        zh="{at}：没有规则读取 {value}，而此类单据必须包含该字段。",
        cure_en="Add a rule for it, or a `default`.",
        cure_zh="请为其添加规则，或提供 `default`。",
    ),
    "mapping.same-place": Entry(
        owner="us",
        en="{at}: {field} is written to the same place as {other} ({value}); one would overwrite the other.",
        zh="{at}：{field} 与 {other} 写入同一位置（{value}），其中一个会覆盖另一个。",
        cure_en="Give one of them another place or condition, `direction: in`, or a `when`.",
        cure_zh="请为其中之一指定其他位置或条件，或加上 `direction: in`，或加上 `when`。",
    ),
    "mapping.constant-alone": Entry(
        owner="us",
        severity="warning",
        en="{at}: the constant {value} stands in an optional group that no field fills; it is never written.",
        zh="{at}：常量 {value} 位于没有任何字段填写的可选段组中，永远不会被写出。",
        cure_en="Map a field of that group, or take the constant out.",
        cure_zh="请映射该段组的某个字段，或删除该常量。",
    ),
    "mapping.repeated-unguarded": Entry(
        owner="us",
        severity="warning",
        en="{at}: {value} may be sent several times, and nothing says which one {field} is.",
        zh="{at}：{value} 可能出现多次，但没有说明 {field} 取哪一个。",
        cure_en="Add a condition (`where`), make it a list (`each`), or say `twice: warning`.",
        cure_zh="请添加条件（`where`），或改为列表（`each`），或写明 `twice: warning`。",
    ),
    "mapping.constant-group": Entry(
        owner="us",
        severity="warning",
        en="{at}: the constant {value} makes {group}, which no field fills; it would stand in every document.",
        zh="{at}：常量 {value} 会生成 {group}，但没有任何字段填写它；每份单据中都会出现该元素。",
        cure_en="Map a field inside {group}, or take the constant out.",
        cure_zh="请映射 {group} 内的某个字段，或删除该常量。",
    ),
    "mapping.out-of-order": Entry(
        owner="us",
        severity="warning",
        en="{at}: {value} would be written after {other}, but the schema wants it before.",
        zh="{at}：{value} 将写在 {other} 之后，但模式（XSD）要求它在前面。",
        cure_en="Move the rule in front of the one that writes {other}. In a partner's file: write the standard's rule"
        " that it follows once more above it, then it is placed behind that.",
        cure_zh="请将该规则移到写出 {other} 的规则之前。在伙伴文件中：在其上方重复写出标准映射中它应紧随的那条规则，"
        "它就会被放在那条规则之后。",
    ),
    "mapping.no-cases": Entry(
        owner="us",
        severity="warning",
        en="{at}: there are no cases for this mapping.",
        zh="{at}：该映射没有测试用例。",
        cure_en="Put at least one sample into {value} (in.*), then run `gateway mappings test --update`.",
        cure_zh="请在 {value} 中放入至少一个样例（in.*），然后运行 `gateway mappings test --update`。",
    ),
    "mapping.case-leftover": Entry(
        owner="us",
        severity="warning",
        en="{at}: {percent} % of the values in the cases are read by no rule, for example {value}.",
        zh="{at}：用例中有 {percent} % 的值没有规则读取，例如 {value}。",
        cure_en="Map the value, or list its segment under `ignore`.",
        cure_zh="请映射该值，或将其段列入 `ignore`。",
    ),
    "mapping.rule-untested": Entry(
        owner="us",
        severity="info",
        en="{at}: no case has a value for {value}.",
        zh="{at}：没有任何用例包含 {value} 的值。",
        cure_en="Add a sample that has it.",
        cure_zh="请添加包含该值的样例。",
    ),
    "mapping.case-differs": Entry(
        owner="us",
        en="Case {value}: {what} differs from {file}.",
        zh="用例 {value}：{what} 与 {file} 不一致。",
        cure_en="If the new result is right, run again with `--update` and look at the difference.",
        cure_zh="若新结果正确，请使用 `--update` 重新运行，并在提交前查看差异。",
    ),
    "mapping.none-fits": Entry(
        owner="us",
        en="No mapping reads {value}.",
        zh="没有映射可以读取 {value}。",
        cure_en="There are mappings for: {known}. Name a partner (--partner) whose agreements include it, or add one.",
        cure_zh="现有映射：{known}。请指定协议中包含该报文的伙伴（--partner），或添加映射。",
    ),
    "mapping.no-target": Entry(
        owner="us",
        en="The family {value} has no mapping for a {document}.",
        zh="{value} 系列中没有用于 {document} 的映射。",
        cure_en="Choose another family: {known}.",
        cure_zh="请选择其他系列：{known}。",
    ),
    "mapping.field-uncovered": Entry(
        owner="us",
        severity="warning",
        en="{at}: no rule maps {value}, and `cannot` gives no reason.",
        zh="{at}：没有规则映射 {value}，`cannot` 中也没有说明原因。",
        cure_en="Map the field, or write under `cannot` why this format does not carry it.",
        cure_zh="请映射该字段，或在 `cannot` 中说明该格式为何无法承载。",
    ),
    "mapping.currency-lost": Entry(
        owner="us",
        en="{at}: the amount {value} is not in the document's currency, and there is no place for its own.",
        zh="{at}：金额 {value} 的币种与单据币种不同，且该处没有存放币种的位置。",
        cure_en="Send a document in one currency, or map the currency beside the amount (for a price: CUX).",
        cure_zh="请使单据只使用一种币种，或映射金额旁的币种（价格使用 CUX）。",
    ),
    # lookup tables
    "lookup.bad-name": Entry(
        owner="us",
        en="{value} cannot be the name of a lookup table.",
        zh="{value} 不能作为对照表名称。",
        cure_en="Use lower-case letters, digits and hyphens. Our own items and suppliers have commands of their own.",
        cure_zh="请使用小写字母、数字和连字符。本公司的 items 和 suppliers 表有各自的命令。",
    ),
    "lookup.no-table": Entry(
        owner="us",
        en="There is no lookup table {value}.",
        zh="没有对照表 {value}。",
        cure_en="`gateway lookups list PARTNER` names the tables; `gateway lookups import` makes one from a CSV file.",
        cure_zh="用 `gateway lookups list 伙伴` 查看对照表；用 `gateway lookups import` 可由 CSV 文件创建。",
    ),
    "lookup.bad-header": Entry(
        owner="us",
        en="{at}: the first line ({value}) does not name each column once.",
        zh="{at}：首行（{value}）没有为每列各给出一个不重复的名称。",
        cure_en="Write the names of the columns into the first line, parted by commas; the first one is the key.",
        cure_zh="请在首行写出各列名称，以逗号分隔；第一列为键。",
    ),
    "lookup.bad-row": Entry(
        owner="us",
        en="{at}: the row for {value} does not have one value for each column ({columns}).",
        zh="{at}：{value} 的行没有为每一列（{columns}）提供一个值。",
        cure_en="Give the key and then one value for every other column, in this order.",
        cure_zh="请先给出键，再按此顺序为其余每列各给一个值。",
    ),
    "lookup.key-there": Entry(
        owner="us",
        en="{at}: there is a row for {value} already ({row}).",
        zh="{at}：{value} 已有一行（{row}）。",
        cure_en="Use --change to replace it.",
        cure_zh="如需替换，请使用 --change。",
    ),
    "lookup.key-missing": Entry(
        owner="us",
        en="{at}: there is no row for {value}.",
        zh="{at}：没有 {value} 的行。",
        cure_en="Correct the key; the nearest one is {nearest}.",
        cure_zh="请更正该键；最接近的为 {nearest}。",
    ),
    "definitions.busy": Entry(
        owner="us",
        en="The definitions were changed by others while {value} was being changed.",
        zh="更改 {value} 时，其他人也在更改定义。",
        cure_en="Look at what is in force now, then try again.",
        cure_zh="请查看当前生效的内容后重试。",
    ),
    # previews and shadow runs
    "preview.too-large": Entry(
        owner="us",
        en="The draft or the sample is too large for a preview ({limit}).",
        zh="草稿或样例过大，无法预览（{limit}）。",
        cure_en="Try a sample with fewer lines; the mapping itself is not limited by it.",
        cure_zh="请使用行数较少的样例；映射本身不受此限制。",
    ),
    "preview.too-slow": Entry(
        owner="us",
        en="The preview took longer than {limit} seconds and was stopped.",
        zh="预览超过 {limit} 秒，已被终止。",
        cure_en="Take a smaller sample, and look at what was changed last in the draft.",
        cure_zh="请使用较小的样例，并检查草稿中最近的改动。",
    ),
    "preview.too-much-memory": Entry(
        owner="us",
        en="The preview asked for more memory than it may have and was stopped.",
        zh="预览申请的内存超出限额，已被终止。",
        cure_en="Take a smaller sample, and look at what was changed last in the draft.",
        cure_zh="请使用较小的样例，并检查草稿中最近的改动。",
    ),
    "mapping.extends-other": Entry(
        owner="us",
        en="{at}: the file extends {value}, but the mapping that is tried is {name}.",
        zh="{at}：该文件扩展的是 {value}，而正在试用的映射是 {name}。",
        cure_en="Write `extends: {name}`, or try the other mapping.",
        cure_zh="请写为 `extends: {name}`，或改为试用另一映射。",
    ),
    "shadow.nothing-stored": Entry(
        owner="us",
        severity="info",
        en="No stored message of partner {partner} went through {value}.",
        zh="没有伙伴 {partner} 经由 {value} 处理的已存报文。",
        cure_en="Try the draft on a sample instead: `gateway mappings preview`.",
        cure_zh="请改用样例试用草稿：`gateway mappings preview`。",
    ),
    "guide.no-rules": Entry(
        owner="us",
        en="{value} is our own canonical JSON and has no rules.",
        zh="{value} 是我方的规范 JSON，没有映射规则。",
        cure_en="Its JSON Schema stands in schemas/canonical; give that to the partner.",
        cure_zh="其 JSON Schema 位于 schemas/canonical，请将其提供给伙伴。",
    ),
    "guide.choose": Entry(
        owner="us",
        en="Partner {value} has several documents.",
        zh="伙伴 {value} 有多个单据。",
        cure_en="Name one: {known}.",
        cure_zh="请指定其一：{known}。",
    ),
}
