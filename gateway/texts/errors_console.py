"""console.*: what a person cannot do on a page."""

from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {
    "console.reason-missing": Entry(
        owner="us",
        en="A reason is missing.",
        zh="缺少原因。",
        cure_en="Go back and say in a few words why the file is changed; the partner may ask.",
        cure_zh="请返回并简要说明修改原因，伙伴可能会询问。",
    ),
    "console.nothing-edited": Entry(
        owner="us",
        en="Nothing was changed in the file.",
        zh="文件没有任何修改。",
        cure_en="To process the same bytes once more, use “Replay” on the message.",
        cure_zh="如需重新处理相同内容，请在报文页面使用“重新处理”。",
    ),
    "console.not-in-charset": Entry(
        owner="us",
        en="The character {value} does not exist in the character set of the file ({charset}).",
        zh="文件的字符集（{charset}）中没有字符 {value}。",
        cure_en="Take the character away, or send the document in a character set that has it.",
        cure_zh="请去掉该字符，或使用包含该字符的字符集发送单据。",
    ),
    "console.view-name": Entry(
        owner="us",
        en="A view needs a name of up to 60 characters and a query.",
        zh="视图需要名称（最多 60 个字符）和查询条件。",
        cure_en="Filter the list first, then give the view a short name.",
        cure_zh="请先筛选列表，再为视图取一个简短的名称。",
    ),
    "console.view-exists": Entry(
        owner="us",
        en="You already have a view called {value}.",
        zh="您已有名为 {value} 的视图。",
        cure_en="Choose another name, or remove the old view first.",
        cure_zh="请换一个名称，或先删除旧视图。",
    ),
    "console.view-many": Entry(
        owner="us",
        en="You have {value} views already; there can be no more.",
        zh="您已有 {value} 个视图，不能再增加。",
        cure_en="Remove one that you no longer use.",
        cure_zh="请删除不再使用的视图。",
    ),
}
