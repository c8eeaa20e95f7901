"""Importing lists from CSV and Excel."""

from gateway.texts.entry import Entry


def _ours(en: str, zh: str, cure_en: str, cure_zh: str) -> Entry:
    return Entry(owner="us", en=en, zh=zh, cure_en=cure_en, cure_zh=cure_zh)


_CELL_EN = "Correct the cell and import the file again; rows that are right already change nothing."
_CELL_ZH = "请更正该单元格后重新导入；已正确的行不会再变。"

ERRORS: dict[str, Entry] = {
    "import.stage-gone": Entry(
        owner="us",
        en="This list is no longer here: it was taken in already, or has waited for more than a day.",
        zh="该列表已不存在：可能已导入，或等待超过一天。",
        cure_en="Hand the file over again.",
        cure_zh="请重新上传文件。",
    ),
    "import.row-refused": Entry(
        owner="us",
        en="This cannot be saved so.",
        zh="无法保存。",
        cure_en="Correct the fields that are named.",
        cure_zh="请更正所指出的字段。",
    ),
    "import.kind-unknown": _ours(
        "There is no list of kind {value}; nearest: {nearest}.",
        "没有类型为 {value} 的清单，最接近：{nearest}。",
        "Use items, packs, prices, places, stock, customers or calendars.",
        "请使用 items、packs、prices、places、stock、customers 或 calendars。",
    ),
    "import.file-missing": _ours(
        "There is no file {value}.", "文件 {value} 不存在。", "Check the path.", "请检查路径。"
    ),
    "import.not-readable": _ours(
        "The file cannot be read: {value}.",
        "无法读取文件：{value}。",
        "Save it as CSV (UTF-8) or as an Excel workbook (.xlsx), then import it again.",
        "请另存为 CSV（UTF-8）或 Excel 工作簿（.xlsx）后重新导入。",
    ),
    "import.empty": _ours(
        "The file {value} has no header line.",
        "文件 {value} 没有标题行。",
        "The first line must name the columns.",
        "第一行必须是列名。",
    ),
    "import.sheet-unknown": _ours(
        "The workbook has no sheet {value}; it has {sheets}.",
        "工作簿中没有工作表 {value}，现有：{sheets}。",
        "Name one of them with --sheet.",
        "请用 --sheet 指定其中之一。",
    ),
    "import.too-large": _ours(
        "The file is larger than a list may be: {value}.",
        "文件超出清单允许的大小：{value}。",
        "Split it, or export it as CSV.",
        "请拆分文件，或导出为 CSV。",
    ),
    "import.column-unknown": _ours(
        "--column {value} does not name a column of the list and one of the file; the file has: {header}.",
        "--column {value} 无法对应清单列与文件列，文件列为：{header}。",
        "Write OURS=THEIRS with a name from each side.",
        "请写成 清单列=文件列。",
    ),
    "import.column-missing": _ours(
        "No column of the file means {value}; the file has: {header}.",
        "文件中没有对应 {value} 的列，文件列为：{header}。",
        "Say which one it is: --column {value}=THEIRS. The answer is remembered.",
        "请指明对应列：--column {value}=文件列。系统会记住该对应关系。",
    ),
    "import.too-many-problems": _ours(
        "{value} rows are wrong, more than {limit}: this is probably not the right file.",
        "有 {value} 行错误，超过 {limit} 行：文件可能不对。",
        "Check file and columns with --dry-run. What was written can be undone: gateway import --undo ID.",
        "请用 --dry-run 检查文件和列。已写入的内容可撤销：gateway import --undo ID。",
    ),
    "import.cell-missing": _ours(
        "The column {column} is empty, but every row needs it.",
        "列 {column} 为空，但每行都必须填写。",
        _CELL_EN,
        _CELL_ZH,
    ),
    "import.too-long": _ours(
        "{value} is longer than the {expected} characters of {column}.",
        "{value} 超过列 {column} 的 {expected} 个字符。",
        _CELL_EN,
        _CELL_ZH,
    ),
    "import.check-digit": _ours(
        "{value} is no {expected}: its length or check digit is wrong.",
        "{value} 不是有效的 {expected}：长度或校验位错误。",
        "Correct it. In Excel, format the column as text, so that leading zeros stay.",
        "请更正。在 Excel 中请将该列设为文本格式，以保留前导零。",
    ),
    "import.number": _ours(
        "{value} in column {column} is not a number as expected ({expected}).",
        "列 {column} 的 {value} 不是符合要求的数字（{expected}）。",
        _CELL_EN,
        _CELL_ZH,
    ),
    "import.number-unclear": _ours(
        "{value} in column {column} can be read in two ways.",
        "列 {column} 的 {value} 有两种读法。",
        "Write it without thousands separators and with a point: {expected}.",
        "请不用千位分隔符，并以小数点书写：{expected}。",
    ),
    "import.flag": _ours(
        "{value} in column {column} says neither yes nor no.",
        "列 {column} 的 {value} 既不是“是”也不是“否”。",
        _CELL_EN,
        _CELL_ZH,
    ),
    "import.date": _ours(
        "{value} in column {column} is no date that everybody reads alike.",
        "列 {column} 的 {value} 不是无歧义的日期。",
        "Write it as {expected}.",
        "请写成 {expected}。",
    ),
    "import.currency": _ours(
        "{value} is no currency code of three letters.",
        "{value} 不是三字母币种代码。",
        "Use ISO 4217, for example {expected}.",
        "请使用 ISO 4217 代码，例如 {expected}。",
    ),
    "import.choice": _ours(
        "{value} in column {column} is none of {expected}.",
        "列 {column} 的 {value} 不在可选值 {expected} 之中。",
        _CELL_EN,
        _CELL_ZH,
    ),
    "import.unknown": _ours(
        "There is no import {value}.",
        "没有导入 {value}。",
        "gateway import list shows them.",
        "可用 gateway import list 查看。",
    ),
    "import.undone": _ours(
        "The import {value} is undone already.", "导入 {value} 已撤销。", "Nothing to do.", "无需处理。"
    ),
    "import.changed-since": Entry(
        severity="warning",
        owner="us",
        en="{value} rows were left as they are: something has changed them after the import.",
        zh="有 {value} 行保持不变：导入后它们又被修改过。",
        cure_en="Compare them with the file and correct them by hand or by another import.",
        cure_zh="请与文件比对，手工或通过另一次导入更正。",
    ),
}
