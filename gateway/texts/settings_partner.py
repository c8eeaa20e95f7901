"""Settings of partners/ID/partner.yaml and of our own company, in English and Chinese. See texts.settings_words."""

from collections.abc import Mapping

PARTNER: Mapping[str, tuple[str, str]] = {
    "name": ("as people call the company", "公司名称"),
    "name_zh": ("the same in Chinese", "中文名称"),
    "role": ("what it is to us", "与我方的关系"),
    "kind": (
        "house: our own ERP or warehouse, which gets what partners do not",
        "house：我方自己的 ERP 或仓库，接收伙伴不接收的单据",
    ),
    "gln": ("its GLNs, one or a list; we address the first", "其 GLN，一个或多个；我方以第一个为地址"),
    "ids.SCHEME": (
        "other identifiers by scheme (ISO 6523 code, ZZZ, ...)",
        "其他标识，按体系（ISO 6523 代码、ZZZ 等）",
    ),
    "country": (
        "two letters: whose mappings lie between the standard's and the partner's",
        "两个字母：位于标准与伙伴之间的国家层映射",
    ),
    "language": ("of the words in what we send", "我方所发内容中文字的语言"),
    "owner": ("who looks after this partner in our house", "我方负责该伙伴的人员"),
    "contact.name": ("whom we ask", "联系人"),
    "contact.email": ("mail", "电子邮箱"),
    "contact.phone": ("telephone", "电话"),
    "mode": ("test: everything is marked as a test and changes nothing", "test：一切标记为测试，不产生任何影响"),
    "order": (
        "strict: a failed message holds those behind it; loose: it steps aside; none: eight lanes side by side",
        "strict：失败的报文阻挡其后的报文；loose：让到一旁；none：分散到八条并行通道，不保顺序",
    ),
    "order_per": ("type: a lane of its own for each document type", "type：每种单据类型各有一条有序通道"),
    "orders_for": (
        "partners whose orders it may send: booked on the buyer, by the buyer's terms, prices and credit",
        "可代其发送订单的伙伴：记入买方，按买方的条款、价格和信用",
    ),
    "other_buyer": (
        "an order that names another partner as buyer, without orders_for: park: waits; sender: booked on the sender",
        "订单以另一伙伴为买方而无 orders_for 时：park 等待；sender 记入发送方",
    ),
    "severities.CODE": (
        "of this finding for this partner; a whole family by its beginning (xml.schema)",
        "该伙伴的此项发现的严重级别；可用开头指整族（xml.schema）",
    ),
    "channels.NAME.kind": (
        "as2, http, folder, via, portal; without it NAME is the kind",
        "as2、http、folder、via、portal；不写则以 NAME 为种类",
    ),
    "channels.NAME.fallback": ("another channel, for when this one fails", "本通道失败时的备用通道"),
    "channels.NAME.fallback_after": ("failed attempts in a row before it is used", "连续失败多少次后启用备用"),
    "channels.NAME.fallback_uncertain": (
        "yes: also what may have arrived already goes over it",
        "yes：可能已送达的也经备用通道发送",
    ),
    "channels.NAME.carries": (
        "partners that come over this connection, separated by commas",
        "经此连接收发的伙伴，以逗号分隔",
    ),
    "channels.as2.id": ("their AS2-From", "对方的 AS2-From"),
    "channels.as2.url": ("where we send", "发送地址"),
    "channels.as2.certificate": (
        "names of certificates with windows: verify what comes, encrypt for them",
        "证书名称及时段：验证来件，为其加密",
    ),
    "channels.as2.receipt": ("the receipt that we ask for; it alone is proof", "我方要求的回执；仅此为凭"),
    "channels.as2.security": ("sending: exactly so; receiving: at least so", "发送时恰好如此；接收时至少如此"),
    "channels.as2.compression": ("of what we send; both are read", "我方发送的压缩方式；两种都可读取"),
    "channels.as2.digest": ("of our signatures", "我方签名的摘要算法"),
    "channels.as2.cipher": (
        "that we encrypt with; GCM as AuthEnvelopedData",
        "我方加密算法；GCM 采用 AuthEnvelopedData",
    ),
    "channels.as2.accepted_ciphers": (
        "that we decrypt, separated by commas; without it all",
        "可接受的加密算法，以逗号分隔；不写则全部",
    ),
    "channels.as2.key_transport": (
        "how the content key is wrapped for an RSA certificate",
        "为 RSA 证书包装内容密钥的方式",
    ),
    "channels.as2.signature": ("padding of our RSA signatures", "我方 RSA 签名的填充方式"),
    "channels.as2.legacy": ("sha-1: signatures with SHA-1 count when they come", "sha-1：接受以 SHA-1 签名的来件"),
    "channels.as2.receipt_url": (
        "where their own asynchronous receipts may go; without it they are answered at once",
        "对方异步回执的允许地址；不写则在同一连接上答复",
    ),
    "channels.as2.chunked": ("sending without Content-Length", "发送时不带 Content-Length"),
    "channels.http.url": ("where we post", "推送地址"),
    "channels.http.token": ("name of the secret that we present as Bearer", "作为 Bearer 出示的机密名称"),
    "channels.http.webhook_secret": (
        "names of secrets that posts are signed with (Standard Webhooks)",
        "推送签名所用机密的名称（Standard Webhooks）",
    ),
    "channels.http.delivery": (
        "fetch: the partner takes what is for it from /outbox",
        "fetch：伙伴自行从 /outbox 取走",
    ),
    "channels.http.fetch_within_h": ("then a case is opened", "超过此时限未取则立案"),
    "channels.http.client_certificate": (
        "names of certificates with windows that prove the partner in TLS",
        "在 TLS 中证明伙伴身份的证书名称及时段",
    ),
    "channels.http.client_name": (
        "the certificate named is an authority; this is the common or DNS name of theirs",
        "所列证书为签发机构；此为对方证书的通用名或 DNS 名",
    ),
    "channels.folder.folder": (
        "name below var/folders, with in, out, archive and error",
        "var/folders 下的名称，含 in、out、archive、error",
    ),
    "channels.via.partner": ("the provider that carries this partner", "承载该伙伴的服务商"),
    "channels.via.over": ("its channel", "其通道"),
    "agreements[].receive": (
        "mapping of what they send: eancom-1997/ORDERS, ubl-2.1/Order, ...",
        "对方所发单据的映射：eancom-1997/ORDERS、ubl-2.1/Order 等",
    ),
    "agreements[].send": ("or of what we send; one of the two", "或我方所发单据的映射；二者择一"),
    "agreements[].over": ("name of the channel", "通道名称"),
    "agreements[].contrl": (
        "received: answered with a CONTRL; sent: a CONTRL is expected",
        "接收：以 CONTRL 答复；发送：等待 CONTRL",
    ),
    "agreements[].contrl_within_h": ("then what was sent counts as expired", "超过则所发视为逾期"),
    "agreements[].aperak": ("content that is refused is told as APERAK", "被拒的内容以 APERAK 告知"),
    "agreements[].unknown_item": ("orders: park the message, or refuse the line", "订单：搁置报文，或拒绝该行"),
    "agreements[].backorder": (
        "orders: what is not there follows later; false: it is cut",
        "订单：缺货部分后补；false 则删减",
    ),
    "agreements[].test": ("this document as a test only", "该单据仅作测试"),
    "agreements[].envelope": (
        "XML that we send: inside a StandardBusinessDocument",
        "我方所发 XML：置于 StandardBusinessDocument 之内",
    ),
    "agreements[].valid_from": ("first day (UTC), as 2026-01-31", "首日（UTC），如 2026-01-31"),
    "agreements[].valid_to": ("last day", "末日"),
    "edifact.read.charset": ("overrules UNB 0001", "优先于 UNB 0001"),
    "edifact.read.max_age_days": (
        "from UNB S004 to arrival; older is rejected (24)",
        "自 UNB S004 至到达；更旧的被拒绝（24）",
    ),
    "edifact.read.guide": (
        "overlay that they are held against, instead of the one by association code",
        "据以校验的叠加规则，代替按协会代码选择的",
    ),
    "edifact.read.password": (
        "that UNB 0022 must hold, 1 to 14 characters; no secret, it travels in clear",
        "UNB 0022 须含的口令，1 至 14 个字符；明文传输，并非机密",
    ),
    "edifact.read.tests": (
        "refuse: interchanges with the test indicator are rejected (25)",
        "refuse：带测试标志的交换被拒绝（25）",
    ),
    "edifact.read.unagreed": (
        "a type without agreement: waits for us, or is rejected (17)",
        "无协议的类型：等待我方，或被拒绝（17）",
    ),
    "edifact.read.contrl": ("on-request: only where UNB 0031 asks for it", "on-request：仅当 UNB 0031 要求时"),
    "edifact.read.read_as.DIRECTORY": (
        "hold what names this directory (d99b) against another one (d01b)",
        "将注明此目录（d99b）者按另一目录（d01b）校验",
    ),
    "edifact.write.level": ("UNB S001: character set", "UNB S001：字符集"),
    "edifact.write.version": ("UNB S001: syntax", "UNB S001：语法版本"),
    "edifact.write.transliterate": (
        "what the level cannot hold loses its accents; false: the document is parked",
        "字符集容纳不下的去掉变音符号；false 则搁置单据",
    ),
    "edifact.write.line_ends": ("CR LF behind each segment", "每段之后加 CR LF"),
    "edifact.write.decimal": ("decimal mark", "小数点符号"),
    "edifact.write.una": ("a UNA always", "始终写 UNA"),
    "edifact.write.password": ("UNB 0022", "UNB 0022"),
    "edifact.write.ask_contrl": ("UNB 0031 = 1 where a CONTRL is expected", "需要 CONTRL 时 UNB 0031 = 1"),
    "edifact.write.references.first": ("first interchange reference", "首个交换参考号"),
    "edifact.write.references.last": ("last one; then the first comes again", "末个；之后从首个重新开始"),
    "edifact.write.batch.count": ("messages that go in one interchange", "一个交换中的报文数"),
    "edifact.write.batch.wait_s": ("that the first of them waits at most", "其中第一条最长等待时间"),
    "terms[].valid_from": ("first day of this version; without it always", "此版本的首日；不写则一直有效"),
    "terms[].valid_to": ("last day", "末日"),
    "terms[].price_list": (
        "one of our lists (`gateway prices`); without it the item's sales price",
        "我方价目表之一（`gateway prices`）；不写则为商品售价",
    ),
    "terms[].currency": ("three letters", "三个字母的币种"),
    "terms[].minimum_value": ("of an order; below it the order waits for a person", "订单最低金额；低于则等待人工"),
    "terms[].lead_time_days": (
        "from order to delivery when stock is there; without it `delivery_days` of our company",
        "有货时从订单到交货的天数；不写则用本公司的 `delivery_days`",
    ),
    "terms[].delivery_days": (
        "mon to sun, on which we deliver; without it any",
        "送货的星期几（mon 至 sun）；不写则任意",
    ),
    "terms[].response_h": (
        "within which an order is answered, and its answer expected when we order",
        "订单的答复时限；我方订货时亦为期待答复的时限",
    ),
    "terms[].credit_class": (
        "A: no limit; B: open receivables up to `credit_limit`; C: every order waits (prepaid)",
        "A：无限额；B：应收款不超过 `credit_limit`；C：每张订单等待（预付）",
    ),
    "terms[].credit_limit": ("of class B", "B 级的限额"),
    "terms[].items": ("all, or the name of a table of GTINs that may be ordered", "all，或列出可订 GTIN 的表名"),
    "terms[].auto_value": ("an order above it waits for a person", "超过此金额的订单等待人工"),
    "terms[].auto_quantity": ("a line of more units waits for a person", "超过此数量的行等待人工"),
    "terms[].price_tolerance": ("percent by which the buyer's price may differ", "买方价格允许的差异百分比"),
    "terms[].quantity_tolerance": ("percent by which a delivery or invoice may differ", "交货或发票允许的差异百分比"),
    "terms[].substitutes": ("another item may be shipped", "可发替代商品"),
    "terms[].partial": ("a part may be shipped now and the rest later", "可先发部分，其余后补"),
    "terms[].payment_days": ("from invoice to due date", "从发票到到期日的天数"),
    "expects[].document": (
        "canonical type that the partner owes us (OrderResponse, SalesReport, ...)",
        "伙伴应提供的单据类型（OrderResponse、SalesReport 等）",
    ),
    "expects[].after": ("type that starts the clock; else by `days`", "启动计时的单据类型；否则按 `days`"),
    "expects[].hours": ("after that, or before the arrival", "此后的小时数，或到货前的小时数"),
    "expects[].before_arrival": (
        "counts back from the planned arrival (despatch advice)",
        "从计划到货时间倒推（发货通知）",
    ),
    "expects[].days": ("mon to sun, on which it is due", "应收到的星期几（mon 至 sun）"),
    "expects[].by": ("time of day, in `zone`", "当天时刻，按 `zone`"),
    "expects[].zone": ("time zone", "时区"),
    "expects[].about": ("the day that the report is about", "报告所涉的日期"),
}

OWN_COMPANY: Mapping[str, tuple[str, str]] = {
    "warehouse": (
        "GLN of the place whose stock we sell from; without it our first GLN",
        "我方售货库存所在地的 GLN；不写则为我方第一个 GLN",
    ),
    "delivery_days": ("from order to promised delivery when stock is there", "有货时从订单到承诺交货的天数"),
    "backorder_days": ("the same when it is not", "无货时的天数"),
    "sscc.prefix": (
        "our GS1 company prefix, 4 to 12 digits, for numbers of logistic units",
        "我方 GS1 公司前缀，4 至 12 位，用于物流单元编号",
    ),
    "sscc.extension": ("digit before it that only the gateway uses", "其前的扩展位，仅供网关使用"),
    "channels.as2.id": ("our AS2-From", "我方的 AS2-From"),
    "channels.as2.key": ("own keys with windows: sign and decrypt", "自有密钥及时段：签名与解密"),
    "channels.as2.url": ("where asynchronous receipts reach us", "异步回执送达我方的地址"),
}
