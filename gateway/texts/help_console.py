"""Help for our own people. key -> (title en, title zh, body en, body zh)."""

from collections.abc import Mapping

CONSOLE_PAGES: Mapping[str, tuple[str, str, str, str]] = {
    "find": (
        "Find a document",
        "查找单据",
        """\
Press `/` anywhere and paste any number: of an order, despatch, invoice, delivery note, GTIN, GLN, control reference
or file.
[Messages](/messages) takes the same text with filters, for example `status:failed partner:nordmarkt type:ORDERS
-test:yes`.
""",
        """\
在任意页面按 `/` 并粘贴编号：订单、发货、发票、送货单、GTIN、GLN、控制编号或文件名。
[报文](/messages)支持相同文本及筛选，例如 `status:failed partner:nordmarkt type:ORDERS -test:yes`。
""",
    ),
    "parked": (
        "A message is parked",
        "报文被搁置",
        """\
1. [Problems](/problems) groups what waits by its cause. Open the group, or the message.
2. The mistake is marked in the file, with a sentence, its cure, and who has to act: the partner, we, or the network.
3. Mend it: an item is added, a mapping changed, or the partner sends again.
4. *Replay* reads the kept bytes once more. *Replay all* does it for the whole group.

Nothing is lost meanwhile: the bytes are kept, and the partner was answered as agreed.
""",
        """\
1. [问题](/problems)按原因归类等待处理的内容。打开分组或报文。
2. 错误在文件中标出，附说明、处理办法以及责任方：伙伴、我方或网络。
3. 处理：添加商品、修改映射，或由伙伴重新发送。
4. “重新处理”重新读取保存的原始字节；“全部重新处理”处理整个分组。

期间不会丢失任何内容：字节已保存，并已按约定答复伙伴。
""",
    ),
    "certificates": (
        "Renew a certificate",
        "更换证书",
        """\
1. [Partners](/partners): click the days left of the certificate.
2. Choose the new file: PEM, DER or PKCS #7, never with a private key.
3. *Save*. Both are read with from then on; from the chosen moment on we encrypt with the new one.
""",
        """\
1. 在[伙伴](/partners)列表中点击证书剩余天数。
2. 选择新文件：PEM、DER 或 PKCS #7，绝不可含私钥。
3. 点击“保存”。此后新旧证书均可用于读取；自所选时刻起使用新证书加密。
""",
    ),
    "going-live": (
        "Take a partner live",
        "伙伴上线",
        """\
The tab *Onboarding* of a partner computes the checklist: identifiers, contact, agreements, connections proved,
certificates
valid, one document of each agreement passed. Open the entries that are not done; each leads to where it is settled.
*Go live* at once or at a time. *Back to test* is one click.
""",
        """\
伙伴的“接入”页计算检查清单：标识、联系人、协议、连接验证、证书有效、各协议均有一份单据通过。点击未完成项即可前往处理。
可立即或定时“上线”。一键“退回测试”。
""",
    ),
    "portal-invite": (
        "Let a partner into the portal",
        "邀请伙伴使用门户",
        """\
1. Open the partner, tab *Portal*, and type the e-mail address of the person. *Invite* shows a link: it works once,
   within
   seven days. Send it to that person only.
2. A partner without EDI: *Works in the portal*. Orders then wait for it there, and what it says there comes as
   documents.

`gateway users invite NAME --partner ID` does the same on the command line.
""",
        """\
1. 打开伙伴的“门户”页，输入对方人员的邮箱，点击“邀请”得到链接：七天内有效，仅可使用一次。请只发给本人。
2. 没有 EDI 的伙伴：点击“在门户中工作”。订单将在门户等待其处理，其答复以单据形式进入系统。

命令行：`gateway users invite 名称 --partner ID`。
""",
    ),
    "shortcuts": (
        "Keys",
        "快捷键",
        """\
- `/` goes to the search field.
- `Esc` closes what is open.

Every page works without a mouse: Tab goes on, Enter opens.
""",
        """\
- `/` 跳到搜索框。
- `Esc` 关闭已打开的内容。

所有页面均可不用鼠标操作：Tab 前进，Enter 打开。
""",
    ),
}
