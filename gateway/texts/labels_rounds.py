"""What a node does again and again, by name: key -> (English, Chinese). Shown when it fails."""

LABELS: dict[str, tuple[str, str]] = {
    "overview.failing": ("A part of the gateway fails: {what}.", "网关的一个部分出错：{what}。"),
    "overview.failing-times": (
        "Since {since}, tries that failed in a row: {times}. It goes on trying; the log of this node says why.",
        "自 {since} 起，连续失败次数：{times}。系统会继续重试；原因见本节点的日志。",
    ),
    "round.alert-rules": ("looking at the alert rules", "检查告警规则"),
    "round.alerts": ("telling alerts", "发送告警"),
    "round.batches": ("sending collected messages", "发送汇总报文"),
    "round.beat": ("the sign of life of this node", "本节点的心跳"),
    "round.certificates": ("watching certificates", "检查证书"),
    "round.claims": ("delivery to partners", "向伙伴投递"),
    "round.connectors": ("telling other systems", "通知其他系统"),
    "round.customer-record": ("the customer record", "客户档案"),
    "round.desk-mail": ("mailing surveys and reminders", "发送调查和提醒邮件"),
    "round.expectations": ("finding what has not come", "查找未到达的单据"),
    "round.going-live": ("switching partners to live", "伙伴切换到正式运行"),
    "round.housekeeping": ("housekeeping of the log", "日志整理"),
    "round.planned-mappings": ("bringing planned mappings into force", "计划映射的生效"),
    "round.planning": ("replenishment on plan", "定时补货计划"),
    "round.planning-changes": ("replenishment on changes", "变动触发的补货计划"),
    "round.replays": ("replays of many messages", "批量重放"),
    "round.reports": ("planned reports", "定时报表"),
    "round.stock-agreements": ("looking at stock agreements", "检查库存协议"),
    "round.sweep": ("looking for work and new definitions", "查找待处理工作和新定义"),
    "round.timers": ("time limits", "到期处理"),
}
