"""as2.*: AS2 messages and receipts; http.*: connections and the HTTP channel; keys.*: the key store."""

from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {
    "as2.bad-header": Entry(
        en="The AS2 header field {field} is missing, repeated or not allowed.",
        zh="AS2 报头字段 {field} 缺失、重复或不合规。",
        cure_en=(
            "The partner must send {field} exactly once in the form of RFC 4130 (section 6.2 for AS2-From and AS2-To)."
        ),
        cure_zh="请伙伴按 RFC 4130 的格式只发送一次 {field}（AS2-From 与 AS2-To 见 6.2 节）。",
    ),
    "as2.unknown-partner": Entry(
        en="No trading relationship is known for this AS2-From and AS2-To.",
        zh="未找到与此 AS2-From 和 AS2-To 对应的贸易关系。",
        cure_en="Compare both identifiers with partner.yaml, letter by letter: capitals matter.",
        cure_zh="请逐字核对两个标识与 partner.yaml 是否一致，注意区分大小写。",
    ),
    "as2.bad-mime": Entry(
        en="The MIME structure cannot be read: {detail}.",
        zh="无法读取 MIME 结构：{detail}。",
        cure_en="Ask the partner to send the message again; if it happens again, send them the kept raw bytes.",
        cure_zh="请伙伴重新发送；若再次出现，请将保留的原始字节发给对方排查。",
    ),
    "as2.layers": Entry(
        en="The layers of the message ({layers}) are not a combination that AS2 allows.",
        zh="报文的封装层次（{layers}）不是 AS2 允许的组合。",
        cure_en="The partner must encrypt outermost, sign once and compress at most once.",
        cure_zh="请伙伴将加密置于最外层，仅签名一次，最多压缩一次。",
    ),
    "as2.cms-malformed": Entry(
        en="The cryptographic envelope is damaged: {detail}.",
        zh="加密信封已损坏：{detail}。",
        cure_en="Ask the partner to send the message again in binary form; a proxy on the way may have changed it.",
        cure_zh="请伙伴以二进制方式重新发送；途中的代理可能改动了内容。",
    ),
    "as2.algorithm-refused": Entry(
        en="The {kind} algorithm {value} is not accepted.",
        zh="不接受算法 {value}（用途：{kind}）。",
        cure_en=(
            "The partner must use SHA-256 or better, RSA or ECDSA, and AES (GCM only as AuthEnvelopedData). What they "
            "cannot change may be agreed in partner.yaml: legacy, accepted_ciphers."
        ),
        cure_zh=(
            "请伙伴改用 SHA-256 及以上的摘要、RSA 或 ECDSA 签名以及 AES 加密（GCM 仅限 AuthEnvelopedData）。"
            "对方无法更改时，可在 partner.yaml 的 legacy 或 accepted_ciphers 中约定。"
        ),
    ),
    "as2.decryption-failed": Entry(
        en="The message could not be decrypted.",
        zh="报文无法解密。",
        cure_en="Check that the partner encrypts with our present certificate, and give it to them again if not.",
        cure_zh="请确认伙伴使用的是我方当前证书，否则请重新提供证书。",
    ),
    "as2.not-for-us": Entry(
        en="The message is encrypted for another certificate than ours.",
        zh="报文使用的加密证书不是我方证书。",
        cure_en="Give the partner our present certificate; they still use an old or a foreign one.",
        cure_zh="请向伙伴提供我方当前证书；对方仍在使用旧证书或其他证书。",
    ),
    "as2.decompression-failed": Entry(
        en="The message could not be decompressed.",
        zh="报文无法解压缩。",
        cure_en="Ask the partner to send it again, or to switch compression off.",
        cure_zh="请伙伴重新发送，或关闭压缩。",
    ),
    "as2.too-large": Entry(
        en="The content is larger than the limit of {limit} bytes.",
        zh="内容超过 {limit} 字节的上限。",
        cure_en="Ask the partner to split the file, or raise the payload limit in config.yaml.",
        cure_zh="请伙伴拆分文件，或在 config.yaml 中提高有效载荷上限。",
    ),
    "as2.digest-mismatch": Entry(
        en="The content is not what was signed.",
        zh="内容与签名时不一致。",
        cure_en="Something on the way changed the message, often line ends: ask the partner to send it as binary.",
        cure_zh="报文在途中被改动，常见于换行符：请伙伴以二进制方式发送。",
    ),
    "as2.signature-invalid": Entry(
        en="The signature does not hold: {detail}.",
        zh="签名无效：{detail}。",
        cure_en="Check that the partner signs with the key of the certificate we hold, with signed attributes.",
        cure_zh="请确认伙伴使用我方所存证书对应的私钥签名，并带有签名属性。",
    ),
    "as2.signer-unknown": Entry(
        en="None of the {signers} signatures is of a certificate that we hold for this partner and that is valid.",
        zh="{signers} 个签名中没有一个出自我方为该伙伴保存且目前有效的证书。",
        cure_en=(
            "Look with `gateway keys list` whether the certificate we hold has ended. If the partner has a new one, "
            "get it over a trusted way and add it with `gateway keys add-certificate`; then replay."
        ),
        cure_zh=(
            "请用 `gateway keys list` 查看所存证书是否已到期。若伙伴更换了证书，"
            "请通过可信途径取得并用 `gateway keys add-certificate` 添加，然后重新处理。"
        ),
    ),
    "as2.protection-missing": Entry(
        en="The message is less protected than agreed: it is not {missing}.",
        zh="报文的保护低于约定：缺少 {missing}。",
        cure_en=(
            "The partner must protect the message as agreed, or the agreement (security in partner.yaml) must be "
            "changed by both sides."
        ),
        cure_zh="请伙伴按约定保护报文，或双方共同修改约定（partner.yaml 中的 security）。",
    ),
    "as2.id-reused": Entry(
        en="The Message-ID {value} was used before for other content.",
        zh="Message-ID {value} 曾用于其他内容。",
        cure_en="Ask the partner to send new content with a new Message-ID; the kept copy is in quarantine.",
        cure_zh="请伙伴为新内容使用新的 Message-ID；收到的副本已隔离保存。",
    ),
    "as2.receipt-unexpected": Entry(
        en="A receipt came on a connection of its own, but this system takes none.",
        zh="收到单独连接发来的回执，但本系统不接收此类回执。",
        cure_en="Ask the partner to answer with a synchronous MDN.",
        cure_zh="请伙伴改用同步 MDN 应答。",
    ),
    "as2.receipt-late": Entry(
        owner="network",
        en="The message was taken, but its receipt never came, although it was sent several times.",
        zh="报文已被接收，但多次发送后始终未收到回执。",
        cure_en=(
            "Ask the partner whether they can reach our AS2 address (partners/self, channels.as2.url) and whether "
            "they have the message; then resend the parcel: it keeps its Message-ID."
        ),
        cure_zh=(
            "请伙伴确认能否访问我方 AS2 地址（partners/self 的 channels.as2.url）以及是否已收到报文，"
            "然后重新发送该包裹：Message-ID 保持不变。"
        ),
    ),
    "as2.receipt-address": Entry(
        owner="us",
        en="The receipt was to go to {value}, which is no longer agreed with this partner.",
        zh="回执原应发往 {value}，但与该伙伴的约定已不包含此地址。",
        cure_en="Set receipt_url in partner.yaml to the address the partner really uses, then resend.",
        cure_zh="请将 partner.yaml 中的 receipt_url 改为伙伴实际使用的地址，然后重新发送。",
    ),
    "as2.mic-rule": Entry(
        en="The receipt's MIC {value} differs from ours {sent}: the partner computed it by the rule {rule}.",
        zh="回执的 MIC {value} 与我方 {sent} 不同：伙伴采用的计算规则是 {rule}。",
        cure_en=(
            "The bytes arrived; the partner's product digests others than the standard says (RFC 4130 section 7.3.1). "
            "Send the rule's name to their support; until then agree on another packaging or an unsigned receipt."
        ),
        cure_zh=(
            "字节已送达，但伙伴的产品未按标准（RFC 4130 第 7.3.1 节）计算摘要。请将规则名称告知其支持人员；"
            "在修正之前，可约定其他封装方式或未签名回执。"
        ),
    ),
    "as2.receipt-missing": Entry(
        owner="network",
        en="The partner took the request but sent no receipt (HTTP {status}, {value}).",
        zh="伙伴接受了请求，但未返回回执（HTTP {status}，{value}）。",
        cure_en=(
            "It is sent again with the same Message-ID. If it stays so, ask the partner to send synchronous MDNs."
        ),
        cure_zh="系统会以相同 Message-ID 重发。若持续如此，请伙伴启用同步 MDN。",
    ),
    "as2.receipt-unreadable": Entry(
        en="The partner's receipt cannot be read: {detail}.",
        zh="无法读取伙伴的回执：{detail}。",
        cure_en="Send the kept receipt to the partner's AS2 support; the delivery does not count as proved.",
        cure_zh="请将保留的回执发给伙伴的 AS2 支持人员；此次投递不算已证实。",
    ),
    "as2.receipt-unsigned": Entry(
        en="A signed receipt was asked for, an unsigned one came ({value}).",
        zh="要求签名回执，但收到未签名回执（{value}）。",
        cure_en="The partner must sign its receipts, or the agreement must say receipt: unsigned-sync.",
        cure_zh="请伙伴对回执签名，或将约定改为 receipt: unsigned-sync。",
    ),
    "as2.receipt-stranger": Entry(
        en="The receipt is for another message ({value}).",
        zh="回执对应的是另一条报文（{value}）。",
        cure_en="Report it to the partner: their system mixes up receipts. The delivery does not count as proved.",
        cure_zh="请通知伙伴其系统混淆了回执；此次投递不算已证实。",
    ),
    "as2.disposition-error": Entry(
        en="The partner refused the message: {value}.",
        zh="伙伴拒收报文：{value}。",
        cure_en=(
            "The text after the colon names the cause (decryption, signature, relationship): settle it with the "
            "partner, then resend the parcel."
        ),
        cure_zh="冒号后的文字说明了原因（解密、签名或贸易关系）：与伙伴解决后重新发送。",
    ),
    "as2.mic-mismatch": Entry(
        en="The receipt is for other bytes than we sent: MIC {value}, ours {sent}.",
        zh="回执对应的字节与我方发送的不同：MIC {value}，我方 {sent}。",
        cure_en=(
            "The partner received something else, or computes the MIC by another rule: compare with their "
            "support before resending."
        ),
        cure_zh="伙伴收到的内容不同，或采用了其他 MIC 规则：请先与其支持人员核对再重发。",
    ),
    "as2.setting-missing": Entry(
        owner="us",
        en="The setting {value} of the AS2 channel of {partner} is missing or wrong.",
        zh="{partner} 的 AS2 通道缺少设置 {value} 或其值有误。",
        cure_en="Complete it in partners/{partner}/partner.yaml and run `gateway apply`.",
        cure_zh="请在 partners/{partner}/partner.yaml 中补全，然后运行 `gateway apply`。",
    ),
    "as2.unreachable": Entry(
        owner="network",
        en="The AS2 address could not be reached: {value}.",
        zh="无法连接 AS2 地址：{value}。",
        cure_en="It is tried again by itself. If it stays so, check the address and the far end.",
        cure_zh="系统会自动重试。若持续失败，请检查地址和对端。",
    ),
    "as2.busy": Entry(
        owner="network",
        en="The AS2 server is not ready (HTTP {value}).",
        zh="AS2 服务器暂不可用（HTTP {value}）。",
        cure_en="It is tried again by itself; nothing to do unless it lasts for hours.",
        cure_zh="系统会自动重试；除非持续数小时，否则无需处理。",
    ),
    "http.unreachable": Entry(
        owner="network",
        en="No connection to {value} ({detail}).",
        zh="无法连接到 {value}（{detail}）。",
        cure_en=(
            "It is tried again by itself. If it stays so, check the address, the firewall and the partner's server."
        ),
        cure_zh="系统会自动重试。若持续失败，请检查地址、防火墙和伙伴的服务器。",
    ),
    "http.cut-off": Entry(
        owner="network",
        severity="warning",
        en="The connection to {value} broke before an answer came ({detail}).",
        zh="与 {value} 的连接在收到应答前中断（{detail}）。",
        cure_en="It is tried again with the same bytes. If it goes on, ask the partner what their server logs say.",
        cure_zh="系统会以相同内容自动重试；若持续发生，请伙伴查看其服务器日志。",
    ),
    "http.timeout": Entry(
        owner="network",
        en="{value} did not answer in time.",
        zh="{value} 未在规定时间内应答。",
        cure_en="It is tried again by itself. If it stays so, ask the partner about the load of their server.",
        cure_zh="系统会自动重试。若持续如此，请向伙伴了解其服务器负载。",
    ),
    "http.unavailable": Entry(
        owner="network",
        en="The far end is not ready (HTTP {status}).",
        zh="对端暂不可用（HTTP {status}）。",
        cure_en="It is tried again by itself; nothing to do unless it lasts for hours.",
        cure_zh="系统会自动重试；除非持续数小时，否则无需处理。",
    ),
    "http.refused": Entry(
        en="The far end refused the request (HTTP {status}): {value}.",
        zh="对端拒绝了请求（HTTP {status}）：{value}。",
        cure_en="Check address and credentials with the partner, then resend the parcel.",
        cure_zh="请与伙伴核对地址和凭据，然后重新发送。",
    ),
    "http.answer-too-large": Entry(
        owner="network",
        en="The answer of {value} is too long.",
        zh="{value} 的应答过长。",
        cure_en="Check with the partner that the address is that of their receiver and not of a web page.",
        cure_zh="请与伙伴确认该地址是接收端而不是网页。",
    ),
    "http.address-refused": Entry(
        owner="us",
        en="{value} leads to an address inside a network that is not allowed.",
        zh="{value} 指向未被允许的网络地址。",
        cure_en="If the partner really is there, list its network under allow_networks in config.yaml.",
        cure_zh="若伙伴确在该网络，请在 config.yaml 的 allow_networks 中列出其网络。",
    ),
    "http.bad-url": Entry(
        owner="us",
        en="{value} is not an http or https address.",
        zh="{value} 不是 http 或 https 地址。",
        cure_en="Correct url in the partner's partner.yaml; names and passwords do not belong into it.",
        cure_zh="请更正 partner.yaml 中的 url；其中不应包含用户名或密码。",
    ),
    "http.setting-missing": Entry(
        owner="us",
        en="The setting {value} of the HTTP channel of {partner} is missing.",
        zh="{partner} 的 HTTP 通道缺少设置 {value}。",
        cure_en="Complete it in partners/{partner}/partner.yaml and run `gateway apply`.",
        cure_zh="请在 partners/{partner}/partner.yaml 中补全，然后运行 `gateway apply`。",
    ),
    "http.unauthorized": Entry(
        en="The API key is missing, unknown or revoked, and no client certificate of a partner was shown.",
        zh="API 密钥缺失、未知或已被吊销，且未出示伙伴的客户端证书。",
        cure_en=(
            "Send the header Authorization: Bearer KEY with a key of `gateway api-keys issue`, or connect with the "
            "certificate that is agreed as client_certificate."
        ),
        cure_zh=(
            "请发送报头 Authorization: Bearer KEY（密钥由 `gateway api-keys issue` 签发），"
            "或使用约定为 client_certificate 的证书建立连接。"
        ),
    ),
    "http.content-type": Entry(
        en="Content-Type {value} is not accepted here.",
        zh="此处不接受 Content-Type {value}。",
        cure_en="Post the document itself as application/xml, application/edifact or application/json.",
        cure_zh="请将单据本身以 application/xml、application/edifact 或 application/json 提交。",
    ),
    "http.empty-body": Entry(
        en="The request has no body.",
        zh="请求没有正文。",
        cure_en="Post the document as the body of the request.",
        cure_zh="请将单据作为请求正文提交。",
    ),
    "http.bad-key": Entry(
        en="The Idempotency-Key is not allowed: {value}.",
        zh="Idempotency-Key 不合规：{value}。",
        cure_en="Use 1 to 255 printable ASCII characters without blanks, for example a UUID.",
        cure_zh="请使用 1 至 255 个不含空格的可打印 ASCII 字符，例如 UUID。",
    ),
    "http.id-reused": Entry(
        en="The Idempotency-Key {value} was used before for other content.",
        zh="Idempotency-Key {value} 曾用于其他内容。",
        cure_en="Use a new key for new content; repeat a key only with the same bytes.",
        cure_zh="新内容请使用新的键；同一键只能用于相同的字节。",
    ),
    "http.too-large": Entry(
        en="The body is larger than the limit of {limit} bytes.",
        zh="正文超过 {limit} 字节的上限。",
        cure_en="Split the file, or ask for a higher limit.",
        cure_zh="请拆分文件，或申请更高的上限。",
    ),
    "http.slow-body": Entry(
        owner="network",
        en="The body came too slowly.",
        zh="正文传输过慢。",
        cure_en="Send it again over a better connection.",
        cure_zh="请在更好的网络条件下重新发送。",
    ),
    "http.broken-body": Entry(
        owner="network",
        en="The body ended before its end.",
        zh="正文提前中断。",
        cure_en="Send it again.",
        cure_zh="请重新发送。",
    ),
    "http.not-found": Entry(
        en="There is no document {value} of yours.",
        zh="没有属于您的单据 {value}。",
        cure_en="Use the status_url of the 202 answer.",
        cure_zh="请使用 202 应答中的 status_url。",
    ),
    "http.bad-query": Entry(
        en="The query parameter {name} is not allowed: {value}.",
        zh="查询参数 {name} 不合规：{value}。",
        cure_en="Use a whole number from 1 to {most}, or leave it out.",
        cure_zh="请使用 1 至 {most} 的整数，或省略该参数。",
    ),
    "http.digest-differs": Entry(
        en="If-Match names other bytes than those of this document: {value}.",
        zh="If-Match 所示内容与该单据不符：{value}。",
        cure_en="Fetch the document again and compare its SHA-256 with the ETag before you confirm it.",
        cure_zh="请重新获取该单据，将其 SHA-256 与 ETag 比对后再确认。",
    ),
    "http.not-fetched": Entry(
        severity="warning",
        en="The partner has not fetched a document in the time agreed.",
        zh="伙伴未在约定时间内取走单据。",
        cure_en=(
            "Ask the partner whether its collection from /outbox runs; the document stays there, and a confirmation "
            "closes this case. fetch_within_h in partner.yaml sets the time."
        ),
        cure_zh=(
            "请确认伙伴从 /outbox 取件的任务是否运行；单据仍保留在原处，对方确认后此事项自动关闭。"
            "时限由 partner.yaml 的 fetch_within_h 设定。"
        ),
    ),
    "http.busy": Entry(
        owner="us",
        severity="warning",
        en="There is no room for more work just now.",
        zh="当前没有余量处理更多工作。",
        cure_en="Come back after the seconds named in Retry-After.",
        cure_zh="请在 Retry-After 所示秒数后重试。",
    ),
    "folder.empty": Entry(
        en="The file {value} is empty.",
        zh="文件 {value} 为空。",
        cure_en="Ask the partner to write the file under another name and rename it when it is whole.",
        cure_zh="请伙伴先以其他名称写入文件，完成后再改名。",
    ),
    "folder.not-written": Entry(
        owner="network",
        en="The file {value} could not be written: {detail}.",
        zh="无法写入文件 {value}：{detail}。",
        cure_en="Check the disk behind var/folders: space, rights, whether it is mounted. It is tried again.",
        cure_zh="请检查 var/folders 所在磁盘的空间、权限和挂载情况；系统会自动重试。",
    ),
    "folder.bad-name": Entry(
        owner="us",
        en="The folder {value} of {partner} is not a plain name.",
        zh="{partner} 的文件夹 {value} 不是简单名称。",
        cure_en="Write one name without slashes in partner.yaml; it stands below var/folders.",
        cure_zh="请在 partner.yaml 中填写不含斜杠的名称；该文件夹位于 var/folders 下。",
    ),
    "keys.missing": Entry(
        owner="us",
        en="The key store has no {kind} entry named {value}.",
        zh="密钥库中没有名为 {value} 的 {kind} 条目。",
        cure_en="Add it with `gateway keys`, or correct the name in partner.yaml.",
        cure_zh="请用 `gateway keys` 添加，或更正 partner.yaml 中的名称。",
    ),
    "keys.none-valid": Entry(
        owner="us",
        en="None of the certificates of {partner} is valid now ({value}).",
        zh="{partner} 的证书目前均无效（{value}）。",
        cure_en=(
            "Take in a new certificate with `gateway keys` and add its name in partners/{partner}/partner.yaml; old "
            "and new may stand side by side."
        ),
        cure_zh=(
            "请用 `gateway keys` 导入新证书，并在 partners/{partner}/partner.yaml 中添加其名称；新旧证书可以并存。"
        ),
    ),
    "keys.expires-soon": Entry(
        owner="us",
        severity="warning",
        en="The certificate {name} of {partner} expires in {days} days, on {on}.",
        zh="{partner} 的证书 {name} 将在 {days} 天后（{on}）到期。",
        cure_en=(
            "Agree on a day of change with the partner, take the new certificate in with `gateway keys`, and write "
            "`{name}, NEW from DATE` in partner.yaml. Both count until the old one ends."
        ),
        cure_zh=(
            "请与伙伴约定更换日期，用 `gateway keys` 导入新证书，并在 partner.yaml 中写入 `{name}, 新名称 from 日期`。"
            "旧证书到期前两者均有效。"
        ),
    ),
    "evidence.folder-there": Entry(
        owner="us",
        en="The folder {value} is already there.",
        zh="文件夹 {value} 已存在。",
        cure_en="Choose another one with --to; evidence is never mixed with other files.",
        cure_zh="请用 --to 指定其他文件夹；证据不会与其他文件混放。",
    ),
    "parcel.too-large": Entry(
        owner="us",
        en="The file {value} is larger than {limit} bytes.",
        zh="文件 {value} 超过 {limit} 字节。",
        cure_en="Split the file, or raise limits.payload_max_bytes in config.yaml.",
        cure_zh="请拆分文件，或提高 config.yaml 中的 limits.payload_max_bytes。",
    ),
    "keys.exists": Entry(
        owner="us",
        en="A key named {value} exists already.",
        zh="名为 {value} 的密钥已存在。",
        cure_en="Choose another name; keys are never replaced in place, so that a change of key can overlap.",
        cure_zh="请换用其他名称；密钥不会被就地替换，以便新旧密钥并行更换。",
    ),
    "keys.bad-name": Entry(
        owner="us",
        en="{value} is not a name for a key.",
        zh="{value} 不是合规的密钥名称。",
        cure_en="Use small letters, digits and single hyphens, for example nordmarkt or self-2027.",
        cure_zh="请使用小写字母、数字和单个连字符，例如 nordmarkt 或 self-2027。",
    ),
    "keys.bad-key": Entry(
        owner="us",
        en="The private key cannot be used: {detail}.",
        zh="私钥无法使用：{detail}。",
        cure_en="Give an RSA key as PEM with its right passphrase; for own keys, check var/keys/passphrase.",
        cure_zh="请提供口令正确的 PEM 格式 RSA 私钥；自有密钥请检查 var/keys/passphrase。",
    ),
    "keys.bad-certificate": Entry(
        owner="us",
        en="The certificate cannot be used: {detail}.",
        zh="证书无法使用：{detail}。",
        cure_en="Give the certificate as PEM (BEGIN CERTIFICATE) with an RSA key of 1024 bits or more.",
        cure_zh="请提供 PEM 格式（BEGIN CERTIFICATE）且 RSA 密钥不少于 1024 位的证书。",
    ),
    "keys.mismatch": Entry(
        owner="us",
        en="The private key does not belong to the certificate.",
        zh="私钥与证书不匹配。",
        cure_en="Give the key and the certificate that were made together.",
        cure_zh="请提供一同生成的私钥和证书。",
    ),
    "keys.bad-secret": Entry(
        owner="us",
        en="The secret {name} is empty or not a single line.",
        zh="机密 {name} 为空或不是单行文本。",
        cure_en="Give the token as one line of printable characters.",
        cure_zh="请以单行可打印字符提供令牌。",
    ),
}
