"""console.*: what a person cannot do on a page."""

from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {
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
