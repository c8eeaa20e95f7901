"""Help for partners' people. key -> (title en, title zh, body en, body zh)."""

from collections.abc import Mapping

PORTAL_PAGES: Mapping[str, tuple[str, str, str, str]] = {
    "portal-documents": (
        "Did my document arrive?",
        "我的单据到了吗？",
        """\
[Documents](/documents) shows everything you have sent and everything that was sent to you, the newest first. Type a
number into the search field to find one.

- **Being read**: it has arrived; seconds more.
- **Taken in**: it is right and counts.
- **Please correct**: something in it cannot be used. Open it: the page says what, where in your file, and what to do.
  Correct it in your system and send it again.
- **We are looking at it**: the problem is on our side. Nothing to do for you.
- **Delivered**: a document of ours has reached you.

Documents with the mark *Test* change nothing.
""",
        """\
[单据](/documents) 列出贵方发送及收到的全部单据，最新的在前。在搜索框输入编号即可查找。

- **读取中**：已到达，几秒后完成。
- **已受理**：内容正确并已生效。
- **请更正**：有内容无法使用。打开后可看到问题、在文件中的位置以及处理办法。请在贵方系统更正后重新发送。
- **我方处理中**：问题在我方，贵方无需操作。
- **已送达**：我方单据已送达贵方。

带“测试”标记的单据不产生任何影响。
""",
    ),
    "portal-try": (
        "Check a file before it counts",
        "正式发送前检查文件",
        """\
1. Open [Check a file](/try) and choose a document as your system writes it: EDIFACT, XML, CSV or JSON.
2. The page shows each document in it, what we read, and every mistake with its place and cure.
3. Choose *Send it as a test too* when you want it to go all the way: it is marked as a test, answered like a real
   one, and
   counts for the go-live list.

Without that choice nothing of the file is kept.
""",
        """\
1. 打开[检查文件](/try)，选择贵方系统生成的单据：EDIFACT、XML、CSV 或 JSON。
2. 页面显示其中每份单据、读取内容以及每处错误的位置和处理办法。
3. 如需走完全流程，请勾选“同时作为测试发送”：单据带测试标记，按正式单据答复，并计入上线清单。

不勾选则不保留文件的任何内容。
""",
    ),
    "portal-orders": (
        "Confirm an order",
        "确认订单",
        """\
1. Open [Orders](/orders) and the order that says *Please confirm*.
2. *Confirm as ordered* says yes to every line.
3. Otherwise change quantities and days, mark lines that do not come, and choose *Confirm with these changes*.

The buyer gets an order response, as from any other supplier. Sent twice it counts once. An answer can be changed
with a
new one until the first goods have left.
""",
        """\
1. 打开[订单](/orders)，选择标有“请确认”的订单。
2. “按订单确认”即同意全部行。
3. 否则请更改数量和日期，勾选无法供货的行，再选择“按以上更改确认”。

买方会收到订单答复，与其他供应商一致。重复发送仅计一次。首批货物发出前可用新的答复更改。
""",
    ),
    "portal-despatch": (
        "Ship: despatch advice and labels",
        "发货：预先发货通知与标签",
        """\
1. On the order choose *Make a despatch advice*.
2. Say for each line how much leaves, its batch and best-before date, and on which pallet or carton it stands: the unit
   number, from 1. *Another batch* adds a row for the same line.
3. SSCCs: take numbers of the buyer's range, or give your own, one per unit.
4. *Send the despatch advice*, then *Print labels (PDF)*: a GS1 logistic label for each unit with an SSCC, in A6 or A5.
""",
        """\
1. 在订单中选择“创建预先发货通知”。
2. 为每行填写发货数量、批号、最佳食用日期以及所在托盘或纸箱的单元号（从 1 开始）。“增加批次”可为同一行添加一行。
3. SSCC：使用买方号段，或按单元逐一填写贵方编号。
4. 点击“发送预先发货通知”，然后“打印标签（PDF）”：每个带 SSCC 的单元一张 GS1 物流标签，A6 或 A5。
""",
    ),
    "portal-lists": (
        "Sales and stock as a file",
        "以文件提交销售与库存",
        """\
1. Open [Sales and stock](/lists), choose what it is and a CSV or Excel file with a line of titles.
2. The columns are matched by their titles; say yourself which column holds what where that fails. It is remembered.
3. Rows that are wrong are named with the reason; the others can be taken in.

The rows become a sales report or an inventory report. [Sell-through](/sell-through) shows what you have sold of what
you had.
""",
        """\
1. 打开[销售与库存](/lists)，选择类型以及含标题行的 CSV 或 Excel 文件。
2. 按标题自动匹配列；无法匹配时请自行指定，系统会记住。
3. 有误的行会注明原因；其余行可以受理。

这些行将成为销售报告或库存报告。[售罄率](/sell-through)显示销量占比。
""",
    ),
    "portal-scorecard": (
        "The scorecard",
        "记分卡",
        """\
[Scorecard](/scorecard) covers the last 90 days without tests.

- **Documents right at once**: those that need no correction.
- **Received as announced**: order lines of which exactly as much came as your despatch advices said.
- **Order lines in full**: lines of which at least the ordered quantity came.
- **In time**: documents that were due, and whether they came before that.
""",
        """\
[记分卡](/scorecard)统计最近 90 天的数据，不含测试。

- **单据一次正确率**：无需更正的单据。
- **与预先发货通知相符率**：实收与通知完全一致的订单行。
- **订单行足量率**：实收不少于订购数量的订单行。
- **及时性**：到期单据是否按时到达。
""",
    ),
    "portal-account": (
        "Signing in and your account",
        "登录与账户",
        """\
You come in by an invitation that works once, within seven days, and choose a password. Under your name at the foot of
the menu you change it, add a second factor with an authenticator app, and end sessions on other devices.

A new invitation comes from whoever invited you; it closes the earlier one.
""",
        """\
通过邀请链接进入，链接七天内有效且仅可使用一次，并设置密码。点击菜单底部的姓名可更改密码、启用身份验证器双重验证以及结束其他设备上的会话。

新的邀请请向邀请人索取；旧邀请随之失效。
""",
    ),
}
