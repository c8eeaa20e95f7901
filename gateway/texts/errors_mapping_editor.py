"""Faults of mappings being written and brought into force."""

from collections.abc import Mapping

from gateway.texts.entry import Entry

ERRORS: Mapping[str, Entry] = {
    "mapping.no-draft": Entry(
        owner="us",
        en="You have no draft of {value} for {partner}.",
        zh="您没有 {partner} 的 {value} 草稿。",
        cure_en="Open the editor, change something and save it; then publish.",
        cure_zh="请打开编辑器，修改并保存后再发布。",
    ),
    "mapping.nothing-changed": Entry(
        owner="us",
        severity="info",
        en="The draft of {value} is what is in force already.",
        zh="{value} 的草稿与当前生效内容相同。",
        cure_en="Nothing needs to be done; the draft can be discarded.",
        cure_zh="无需操作，可放弃该草稿。",
    ),
    "mapping.draft-stale": Entry(
        owner="us",
        en="Somebody has changed {value} of {partner} since this draft was begun.",
        zh="自本草稿开始后，{partner} 的 {value} 已被他人更改。",
        cure_en="Compare with what is in force now, take over what is missing, then publish it over the other version.",
        cure_zh="请与当前生效内容比较并补上缺少的部分，然后覆盖发布。",
    ),
    "mapping.red-case": Entry(
        owner="us",
        en="Cases read otherwise with this draft: {value}.",
        zh="使用此草稿时以下用例的读取结果不同：{value}。",
        cure_en="Mend the draft or the case; or say in the comment why it is right so.",
        cure_zh="请修正草稿或用例；若确认无误，请在说明中写明原因。",
    ),
    "mapping.past-date": Entry(
        owner="us",
        en="{value} is not in the future.",
        zh="{value} 不是将来的时间。",
        cure_en="Choose a later moment, or leave the field empty to publish at once.",
        cure_zh="请选择更晚的时间；留空则立即发布。",
    ),
    "mapping.no-such-version": Entry(
        owner="us",
        en="{mapping} of {partner} has no version {value}.",
        zh="{partner} 的 {mapping} 没有版本 {value}。",
        cure_en="Choose one of the versions that the page of the mapping lists.",
        cure_zh="请从映射页面列出的版本中选择。",
    ),
    "mapping.no-such-plan": Entry(
        owner="us",
        en="There is no planned version {value} that still waits.",
        zh="没有仍在等待的计划版本 {value}。",
        cure_en="Look at the versions: it has come into force, was refused, or was withdrawn.",
        cure_zh="请查看版本列表：它已生效、被拒绝或已撤回。",
    ),
    "mapping.no-such-test": Entry(
        owner="us",
        en="There is no back-test {value}.",
        zh="没有回测 {value}。",
        cure_en="Begin one in the mapping editor.",
        cure_zh="请在映射编辑器中开始一次回测。",
    ),
    "mapping.no-such-sample": Entry(
        owner="us",
        en="There is no message {value} of this partner to try the mapping on, or its bytes are not kept any more.",
        zh="没有可用于试用映射的该伙伴消息 {value}，或其原始字节已不再保存。",
        cure_en="Choose another message; the editor takes the last one by itself.",
        cure_zh="请选择其他消息；编辑器会自动采用最近一条。",
    ),
    "mapping.no-such-value": Entry(
        owner="us",
        en="The sample has no value {value}.",
        zh="样例中没有第 {value} 个值。",
        cure_en="Load the page again and choose a value of the sample that is shown.",
        cure_zh="请刷新页面并选择当前样例中的值。",
    ),
    "mapping.source-elsewhere": Entry(
        owner="us",
        en="{value} does not stand within {scope}, where the elements of {field} are read.",
        zh="{value} 不在 {scope} 之内，而 {field} 的元素正是从那里读取的。",
        cure_en="Choose a field of the list that the value belongs to, or a field of the document's head.",
        cure_zh="请选择该值所属列表中的字段，或单证抬头的字段。",
    ),
    "mapping.not-overridable": Entry(
        owner="us",
        en="{value} is no field with rules of its own.",
        zh="{value} 不是具有自身规则的字段。",
        cure_en="Choose a field that has a path; lists and substitutes are written in the text.",
        cure_zh="请选择带路径的字段；列表和替代规则请直接在文本中编写。",
    ),
    "mapping.bad-case-name": Entry(
        owner="us",
        en="{value} is no name for a case.",
        zh="{value} 不能作为用例名称。",
        cure_en="Use letters a to z, digits and hyphens, at most 60 characters.",
        cure_zh="请使用字母 a 至 z、数字和连字符，最多 60 个字符。",
    ),
    "mapping.case-there": Entry(
        owner="us",
        en="There is a case {value} already.",
        zh="用例 {value} 已存在。",
        cure_en="Choose another name.",
        cure_zh="请使用其他名称。",
    ),
    "mapping.case-unreadable": Entry(
        owner="us",
        en="The message cannot be a case: the mapping in force does not read it without errors ({value}).",
        zh="该消息不能作为用例：当前生效的映射读取它时有错误（{value}）。",
        cure_en="Publish a mapping that reads it, then make the case.",
        cure_zh="请先发布能读取它的映射，再建立用例。",
    ),
    "mapping.case-unwritten": Entry(
        owner="us",
        en="The case {value} could not be written beside the mapping: {detail}.",
        zh="无法在映射旁写入用例 {value}：{detail}。",
        cure_en="Make the partners' folder writable for the gateway, or add the case there by hand.",
        cure_zh="请允许网关写入伙伴文件夹，或手工添加该用例。",
    ),
}
