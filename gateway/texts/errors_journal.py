"""journal.*: what the memory of the gateway refuses or finds."""

from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {
    "journal.lost-claim": Entry(
        owner="us",
        severity="warning",
        en="Another worker has taken over {value}; this one's result was not written.",
        zh="{value} 已由另一个工作进程接管，本次结果未写入。",
        cure_en="Nothing to do: the other worker finishes it. If it happens often, a worker is too slow for its lease.",
        cure_zh="无需处理：另一个工作进程会完成。若频繁出现，说明工作进程处理时间超过租约时长。",
    ),
    "journal.dedupe-clash": Entry(
        owner="partner",
        en="A message with an identifier used before came with other content; the first one is {first}.",
        zh="收到的消息使用了已用过的标识，但内容不同；首次收到的是 {first}。",
        cure_en="Ask the partner which content counts. Replay this one to process it, or leave it in quarantine.",
        cure_zh="请与伙伴确认以哪份内容为准。若以此份为准请重放，否则留在隔离区。",
    ),
    "journal.answer-unmatched": Entry(
        owner="partner",
        severity="warning",
        en="The partner acknowledged something we have not sent: {value}.",
        zh="伙伴确认了我们从未发送的内容：{value}。",
        cure_en="Compare the reference with what was sent to this partner; ask the partner which document was meant.",
        cure_zh="请将该参考号与发给此伙伴的单据核对，并询问伙伴所指的是哪份单据。",
    ),
    "journal.not-found": Entry(
        owner="us",
        en="Nothing in the journal has the id {value}.",
        zh="日志中没有标识为 {value} 的记录。",
        cure_en="Check the id: copy it from the list of messages.",
        cure_zh="请核对标识：可从消息列表复制。",
    ),
    "journal.not-replayable": Entry(
        owner="us",
        en="{value} cannot be replayed: it is {state}.",
        zh="{value} 无法重放：当前状态为 {state}。",
        cure_en="Only parked, quarantined and held messages are replayed. Wait until it parks, or leave it as it is.",
        cure_zh="只有已搁置、已隔离或已挂起的消息可以重放。请等待其被搁置，或保持原样。",
    ),
    "journal.not-resendable": Entry(
        owner="us",
        en="{value} cannot be sent again: it is {state}.",
        zh="{value} 无法重新发送：当前状态为 {state}。",
        cure_en="Only parked, refused and expired parcels are sent again. One that is on its way is retried by itself.",
        cure_zh="只有已搁置、被拒收或已过期的发件可以重新发送；在途的发件会自动重试。",
    ),
    "journal.quantity-not-storable": Entry(
        owner="us",
        en="The quantity {value} cannot be kept exactly: more than 3 decimals, or too large.",
        zh="数量 {value} 无法精确保存：小数超过 3 位，或数值过大。",
        cure_en="Correct the quantity or its unit (a smaller unit needs fewer decimals), then replay the message.",
        cure_zh="请更正数量或其单位（较小的单位所需小数位更少），然后重放该消息。",
    ),
    "journal.effect-key-twice": Entry(
        owner="us",
        en="Two different effects of kind {kind} have the same key {value}: one of them would be lost.",
        zh="两个不同的 {kind} 类效果使用了相同的键 {value}，其中一个会丢失。",
        cure_en="This is an error in the gateway: report it with the message's id.",
        cure_zh="这是网关自身的错误：请附上消息标识报告。",
    ),
    "journal.busy": Entry(
        owner="us",
        severity="warning",
        en="The journal has more work waiting than it may hold.",
        zh="日志等待写入的任务已达上限。",
        cure_en="Try again in a moment. If it stays, the disk is too slow or too many documents come at once.",
        cure_zh="请稍后再试。若持续出现，说明磁盘过慢或同时到达的单据过多。",
    ),
    "journal.commit-failed": Entry(
        owner="us",
        en="The journal could not be written: {detail}.",
        zh="无法写入日志：{detail}。",
        cure_en="Check free space, the health of the disk and that no other program locks the file. Nothing was "
        "acknowledged; senders repeat by themselves.",
        cure_zh="请检查磁盘剩余空间、磁盘健康状况以及是否有其他程序锁定该文件。未向对方确认任何内容，发送方会自动重发。",
    ),
    "journal.closed": Entry(
        owner="us",
        en="The journal is closed: the gateway is stopping.",
        zh="日志已关闭：网关正在停止。",
        cure_en="Try again when the gateway runs.",
        cure_zh="请在网关运行后重试。",
    ),
    "journal.not-durable": Entry(
        owner="us",
        en="The file {value} cannot be kept safely: journal mode is {mode}, synchronous is {synchronous}.",
        zh="文件 {value} 无法安全保存：文件系统提供的日志模式为 {mode}，同步级别为 {synchronous}。",
        cure_en="Put the instance's var folder on a local disk. Network drives cannot hold it.",
        cure_zh="请将实例的 var 目录放在本地磁盘上，不能使用网络驱动器。",
    ),
    "journal.too-new": Entry(
        owner="us",
        en="The journal was written by a later version of the gateway ({value}).",
        zh="该日志由更新版本的网关写入（{value}）。",
        cure_en="Start the newer version, or restore a backup made before the upgrade.",
        cure_zh="请启动较新的版本，或恢复升级前的备份。",
    ),
    "journal.unreachable": Entry(
        owner="network",
        en="The database {value} cannot be reached: {detail}",
        zh="无法连接数据库 {value}：{detail}",
        cure_en="Check that PostgreSQL runs, that database.url names it, and that PGPASSWORD or ~/.pgpass holds the "
        "password.",
        cure_zh="请确认 PostgreSQL 正在运行、database.url 指向正确，且 PGPASSWORD 或 ~/.pgpass 中有密码。",
    ),
    "journal.blob-missing": Entry(
        owner="us",
        en="The bytes with digest {value} are not in the blob folder.",
        zh="存储目录中没有摘要为 {value} 的字节内容。",
        cure_en="Restore the folder var/blobs from the backup that belongs to this journal.",
        cure_zh="请从与此日志对应的备份中恢复 var/blobs 目录。",
    ),
    "journal.blob-damaged": Entry(
        owner="us",
        en="The bytes do not have the digest {value} under which they were to be kept.",
        zh="字节内容与其应有的摘要 {value} 不符。",
        cure_en="Check the disk and the memory of this machine, then ask the sender to send the document again.",
        cure_zh="请检查本机磁盘和内存，然后请发送方重新发送该单据。",
    ),
}
