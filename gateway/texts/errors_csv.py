"""csv.*: CSV files, and the words that describe them in a mapping."""

from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {
    "csv.too-large": Entry(
        en="The CSV file is larger than {limit} bytes.",
        zh="CSV 文件超过 {limit} 字节。",
        cure_en="Send it in several files, by shop or by day.",
        cure_zh="请按门店或日期拆分为多个文件发送。",
    ),
    "csv.too-many-cells": Entry(
        en="The CSV file has more than {limit} cells, or columns in one row.",
        zh="CSV 文件的单元格数（或单行列数）超过 {limit}。",
        cure_en="Check the delimiter, or send the data in several files.",
        cure_zh="请检查分隔符，或拆分为多个文件发送。",
    ),
    "csv.text-too-long": Entry(
        en="A cell holds more than {limit} characters.",
        zh="某单元格超过 {limit} 个字符。",
        cure_en="Check for a quote that is not closed; a cell of business data is never that long.",
        cure_zh="请检查是否有未闭合的引号；业务数据的单元格不会这么长。",
    ),
    "csv.encoding": Entry(
        en="The CSV file is not written in {value}.",
        zh="CSV 文件不是以 {value} 编码的。",
        cure_en="Save the file in that encoding, or change `encoding` in the mapping's syntax.",
        cure_zh="请以该编码保存文件，或修改映射 syntax 中的 encoding。",
    ),
    "csv.bad-character": Entry(
        en="The CSV file has the control character {value}.",
        zh="CSV 文件含有控制字符 {value}。",
        cure_en="Export the file again as text; binary files such as .xlsx are not CSV.",
        cure_zh="请重新导出为文本；.xlsx 等二进制文件不是 CSV。",
    ),
    "csv.syntax": Entry(
        en="The CSV file cannot be taken apart: {detail}.",
        zh="无法解析 CSV 文件：{detail}。",
        cure_en="Check the quotes at the named line: a quote inside a quoted cell is written twice.",
        cure_zh="请检查所示行的引号：带引号的单元格内的引号须写两次。",
    ),
    "csv.empty": Entry(
        en="The CSV file has no rows.",
        zh="CSV 文件没有数据行。",
        cure_en="Send the file with at least one row below the titles.",
        cure_zh="请发送标题行之下至少有一行数据的文件。",
    ),
    "csv.no-header": Entry(
        en="The first row has none of the agreed titles ({value}); expected: {expected}.",
        zh="首行不含任何约定的列标题（{value}）；应为：{expected}。",
        cure_en="Put the titles into the first row, with the agreed delimiter, or set `header: 'false'`.",
        cure_zh="请用约定的分隔符将列标题放在首行，或在映射中设置 header: 'false'。",
    ),
    "csv.unknown-column": Entry(
        severity="warning",
        en="The column {value} is not agreed and was not read (nearest: {nearest}).",
        zh="列 {value} 未经约定，未读取（最接近：{nearest}）。",
        cure_en="Correct the title, or add the column to the mapping.",
        cure_zh="请更正列标题，或将该列加入映射。",
    ),
    "csv.missing-column": Entry(
        severity="info",
        en="The column {value} is not in the file.",
        zh="文件中没有列 {value}。",
        cure_en="Add the column if it was left out by mistake; what is required and missing is told separately.",
        cure_zh="若是遗漏请补上该列；必填而缺失的内容会另行提示。",
    ),
    "csv.repeated-column": Entry(
        en="The column {value} stands in the file twice.",
        zh="列 {value} 在文件中出现两次。",
        cure_en="Leave one of the two out and send the file again.",
        cure_zh="请删除其中一列后重新发送文件。",
    ),
    "csv.row-long": Entry(
        en="The row has {found} cells, {expected} are agreed; {value} stands outside.",
        zh="该行有 {found} 个单元格，约定为 {expected} 个；{value} 超出范围。",
        cure_en="Check for a delimiter inside an unquoted text.",
        cure_zh="请检查未加引号的文本中是否含有分隔符。",
    ),
    "csv.row-short": Entry(
        severity="warning",
        en="The row has {found} cells, {expected} are agreed.",
        zh="该行有 {found} 个单元格，约定为 {expected} 个。",
        cure_en="Write a delimiter for each cell, also for empty ones at the end.",
        cure_zh="请为每个单元格写出分隔符，末尾的空单元格也不例外。",
    ),
    "csv.key-returns": Entry(
        en="Rows of {value} come again after rows of another document.",
        zh="{value} 的行在其他单据的行之后再次出现。",
        cure_en="Sort the file so that the rows of one document stand together, and send it again.",
        cure_zh="请将文件排序，使同一单据的行相邻，然后重新发送。",
    ),
    "csv.unknown-record": Entry(
        en="The record type {value} may not stand here; expected: {expected}.",
        zh="记录类型 {value} 不允许出现在此处；应为：{expected}。",
        cure_en="Correct the first cell of the row, or add the record type to the mapping.",
        cure_zh="请更正该行的首个单元格，或将该记录类型加入映射。",
    ),
    "csv.not-writable": Entry(
        owner="us",
        en="The document cannot be written as this CSV: {value}.",
        zh="无法将单据写成此 CSV：{value}。",
        cure_en="Choose another encoding (utf-8), or a quote character in the mapping, then replay it.",
        cure_zh="请在映射的 syntax 中选用其他编码（如 utf-8）或设置引号字符，然后重新处理报文。",
    ),
    "mapping.bad-csv": Entry(
        owner="us",
        en="{at}: this is no way to describe a CSV file ({value}).",
        zh="{at}：不能这样描述 CSV 文件（{value}）。",
        cure_en="See docs/xml.md for the words of `syntax: {{kind: csv}}` and their values.",
        cure_zh="syntax: {{kind: csv}} 的词及其取值见 docs/xml.md。",
    ),
}
