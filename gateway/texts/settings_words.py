"""What each setting of config.yaml, partner.yaml and planning.yaml means, in English and Chinese.

Keys as in config.known_settings; a test holds that each has its words. Units are those of the last part of the name:
_s seconds, _h hours, _days, _months, _bytes.
"""

from collections.abc import Mapping

from gateway.texts.settings_partner import OWN_COMPANY, PARTNER
from gateway.texts.settings_planning import PLANNING

CONFIG: Mapping[str, tuple[str, str]] = {
    "instance": (
        "name of this instance: right side of every Message-ID that we make",
        "本实例的名称：我方生成的每个 Message-ID 的右半部分",
    ),
    "language": (
        "of the command line, of mail and of what is written for nobody in particular",
        "命令行、邮件及不针对特定人员的文字所用语言",
    ),
    "zone": ("time zone in which people read times", "人员查看时间所用的时区"),
    "workers": (
        "processes that read, check and map documents; 0 is not allowed, one for each core is enough",
        "读取、检查和映射单据的进程数；每个核心一个即可",
    ),
    "allow_networks": (
        "private networks that we may send to, as 10.1.0.0/16; others are refused",
        "允许我方发送到的私有网络，如 10.1.0.0/16；其他一律拒绝",
    ),
    "listen.partners.host": (
        "address on which partners reach us (/as2, /inbox, /outbox)",
        "伙伴访问我方（/as2、/inbox、/outbox）的监听地址",
    ),
    "listen.partners.port": ("its port", "其端口"),
    "listen.partners.tls": (
        "own keys with windows that this port speaks TLS with; without it plain HTTP, behind a proxy",
        "该端口用于 TLS 的自有密钥及其时段；不写则为普通 HTTP，由前置代理加密",
    ),
    "listen.console.host": (
        "address of console and API; never reachable from outside",
        "控制台和接口的监听地址；不得从外部访问",
    ),
    "listen.console.port": ("its port", "其端口"),
    "listen.portal.host": (
        "address of the partners' portal; without `listen.portal` there is none",
        "伙伴门户的监听地址；不写 `listen.portal` 则不启用门户",
    ),
    "listen.portal.port": ("its port", "其端口"),
    "portal.url": ("the portal as partners reach it, for links in invitations", "伙伴访问门户的网址，用于邀请中的链接"),
    "folders.partners": (
        "folder of the partners, below the instance; other folders likewise",
        "伙伴文件夹，相对于实例；以下同",
    ),
    "folders.mappings": ("mappings that differ from what is shipped", "与随附不同的映射"),
    "folders.schemas": ("directories and schemas that were imported", "导入的目录和模式"),
    "folders.var": (
        "journal, keys, everything that is not written by people",
        "日志数据库、密钥及一切非人工编写的内容",
    ),
    "folders.blobs": (
        "payloads above 256 kB; nodes on several hosts share this folder",
        "大于 256 kB 的内容；多台主机的节点共享此文件夹",
    ),
    "database.url": (
        "PostgreSQL, as postgresql://user@host/name (password: PGPASSWORD or ~/.pgpass); without it SQLite in var",
        "PostgreSQL，如 postgresql://user@host/name（口令取自 PGPASSWORD 或 ~/.pgpass）；不写则为 var 中的 SQLite",
    ),
    "database.engine": (
        "what wakes other nodes; local: each finds work by its own look every second (SQLite: always)",
        "唤醒其他节点的方式；local：各节点每秒自行查找（SQLite 始终如此）",
    ),
    "limits.payload_max_bytes": ("of one received body; a larger one is refused", "单个接收内容的上限；更大的被拒绝"),
    "limits.backlog": (
        "documents that wait; above it partners are told to come back later (503)",
        "等待的单据数；超过则请伙伴稍后再来（503）",
    ),
    "limits.backlog_age_s": ("age of the oldest that waits; above it 503", "最旧等待者的时长；超过则 503"),
    "limits.disk_free_min_bytes": (
        "free space where `folders.var` lies; below it 503",
        "`folders.var` 所在磁盘的剩余空间；低于则 503",
    ),
    "limits.waiting_max_bytes": ("received and not yet kept; above it 503", "已接收但尚未落盘的字节数；超过则 503"),
    "limits.writer_wait_max_s": ("without an answer of the database; then 503", "数据库无应答的时长；超过则 503"),
    "limits.reading_max_s": (
        "that a worker has for one document; then it is ended and the document tried alone, in the end parked",
        "工作进程处理一份单据的时限；超时即终止，单独重试，最终搁置",
    ),
    "retry.attempts": ("after so many a parcel or message is parked", "达到此次数后发件或报文被搁置"),
    "retry.first_s": ("first pause; each further one is twice as long", "首次间隔；以后每次加倍"),
    "retry.longest_s": ("longest pause", "最长间隔"),
    "retention.keep_months": ("messages and parcels that are older are dropped", "早于此的报文和发件被清除"),
    "retention.archive_months": (
        "SQLite: finished months that are older move to an archive file; 0: never",
        "SQLite：早于此的已完成月份移入归档文件；0 为从不",
    ),
    "retention.dedupe_months": (
        "so long repeats are known, whatever becomes of the arrival",
        "重复内容在此期间可被识别，无论来件是否仍在",
    ),
    "retention.rules[].months": (
        "other time for what meets the rule; the most particular rule counts",
        "符合规则者的另一期限；以最具体的规则为准",
    ),
    "retention.rules[].partner": ("of this partner", "限该伙伴"),
    "retention.rules[].type": ("of this type, on the wire or canonical", "限该类型（线上或规范名称）"),
    "alerts.console_url": ("the console as people reach it, for links", "人员访问控制台的网址，用于链接"),
    "alerts.smtp.host": ("mail server; without it no mail leaves", "邮件服务器；不写则不发送邮件"),
    "alerts.smtp.port": ("its port", "其端口"),
    "alerts.smtp.security": ("how the connection is protected", "连接的保护方式"),
    "alerts.smtp.user": ("who signs in there", "登录用户"),
    "alerts.smtp.password": ("name of a secret (`gateway keys add-secret`)", "机密的名称（`gateway keys add-secret`）"),
    "alerts.smtp.from": ("sender", "发件人"),
    "planning.every_h": ("a planning run of itself; 0: only when somebody asks", "自动补货计算的间隔；0 为仅手动"),
    "planning.processes": (
        "that compute the shards of a night; without it one for each core but one",
        "夜间计算分片的进程数；不写则为核心数减一",
    ),
    "planning.executor": (
        "where shards are computed: processes of this machine, or a dask cluster",
        "分片的计算位置：本机进程或 dask 集群",
    ),
    "planning.scheduler": (
        "of the dask cluster: tcp://host:8786 or tls://host:8786",
        "dask 集群的调度地址：tcp://host:8786 或 tls://host:8786",
    ),
    "clock.file": ("time is read from this file: simulation and demo only", "从此文件读取时间：仅用于模拟和演示"),
}

WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "config.yaml": CONFIG,
    "partner.yaml": PARTNER,
    "self/partner.yaml": {**PARTNER, **OWN_COMPANY},
    "planning.yaml": PLANNING,
}


def setting_words(file: str, key: str) -> tuple[str, str] | None:
    """Return what a setting means, in English and Chinese; None when nobody has said so."""
    return WORDS[file].get(key)
