"""The words and the style of the implementation guide."""

from collections.abc import Mapping

from gateway.texts.catalogue import Lang

_WORDS: dict[str, tuple[str, str]] = {
    "guide": ("Implementation guide", "实施指南"),
    "intro": (
        "What stands in the message, in its order: every place that is read or written, what chooses it, its format"
        " and the codes. What is not listed is not used.",
        "按报文顺序列出其内容：每个被读取或写出的位置、选择条件、格式和代码。未列出的内容不使用。",
    ),
    "overview": ("The message at a glance", "报文概览"),
    "details": ("Places, formats and codes", "位置、格式与代码"),
    "example": ("Example", "示例"),
    "example-intro": (
        "A message as we write it, with the fields in each line.",
        "按本映射写出的报文，右侧为各行所含字段。",
    ),
    "cannot": ("Not carried by this format", "该格式无法承载的字段"),
    "message": ("Message", "报文"),
    "document": ("Document", "单据"),
    "direction": ("Direction", "方向"),
    "mapping": ("Mapping", "映射"),
    "they-send": ("you send it to us", "由贵方发送给我方"),
    "we-send": ("we send it to you", "由我方发送给贵方"),
    "both-ways": ("both directions", "双向"),
    "place": ("Place", "位置"),
    "status": ("Status", "状态"),
    "format": ("Format", "格式"),
    "condition": ("Where", "条件"),
    "meaning": ("Meaning", "含义"),
    "values": ("Values", "取值"),
    "mandatory": ("mandatory by the standard", "标准规定必填"),
    "conditional": ("conditional by the standard", "标准规定条件选填"),
    "required": ("required", "必需"),
    "required-long": ("we cannot process the message without it", "缺少时我方无法处理该报文"),
    "optional": ("optional", "可选"),
    "fixed": ("fixed", "固定"),
    "fixed-long": ("always the value shown", "始终为所示值"),
    "counted": ("count", "计数"),
    "counted-long": ("compared with what is there", "与实际数量核对"),
    "absent": ("absent", "不出现"),
    "absent-means": ("absent means", "未出现时视为"),
    "made": ("Made from the rules that are in force; version", "由现行规则生成；版本"),
}  # fmt: skip

STYLE = """
:root{--ink:#1b2430;--soft:#5d6b7a;--line:#dfe5ea;--tint:#f5f8f9;--accent:#0b6e6e;--warn:#8a4b00}
*{box-sizing:border-box}html{font:15px/1.5 "Inter","Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",
system-ui,sans-serif;color:var(--ink);background:#fff;-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{margin:0}main{max-width:66rem;margin:0 auto;padding:2.5rem 2rem 4rem}
.kicker{margin:0;color:var(--accent);font-weight:600;letter-spacing:.04em}h1{font-size:2.3rem;line-height:1.15;
margin:.2rem 0 .3rem;text-transform:none}h1::first-letter{text-transform:uppercase}.between{margin:0 0 1.4rem;
color:var(--soft);font-size:1.1rem}
h2{font-size:1.3rem;margin:2.8rem 0 .9rem;padding-bottom:.4rem;border-bottom:2px solid var(--accent)}
h3{font-size:1.02rem;margin:0 0 .5rem;display:flex;gap:.7rem;align-items:baseline;flex-wrap:wrap}
h3 small{font-weight:400;color:var(--soft);font-size:.95rem}h3 .mc{margin-left:auto}
.facts{display:grid;grid-template-columns:repeat(4,1fr);gap:0;margin:0;border:1px solid var(--line);
border-radius:8px;overflow:hidden}.facts div{padding:.7rem .9rem;background:var(--tint)}
.facts div+div{border-left:1px solid var(--line)}dt{color:var(--soft);font-size:.8rem}dd{margin:0;font-weight:600;
overflow-wrap:anywhere}
.intro{color:var(--soft);max-width:48rem}.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem 1.4rem;
padding:0;margin:0;font-size:.88rem;color:var(--soft)}.legend b{color:var(--ink)}
table{border-collapse:collapse;width:100%}th{text-align:left;font-size:.78rem;font-weight:600;color:var(--soft);
padding:.35rem .6rem;border-bottom:1px solid var(--line)}td{padding:.4rem .6rem;border-bottom:1px solid var(--line);
vertical-align:top}
code{font:.88em/1.45 "JetBrains Mono","Cascadia Mono","DejaVu Sans Mono",ui-monospace,monospace;overflow-wrap:anywhere}
.overview td{padding:.22rem .6rem}.tree a{padding-left:calc(var(--depth)*1.3rem);color:inherit;text-decoration:none}
.tree i,h3 i{font-style:normal;color:var(--soft);font-weight:400;margin-right:.35rem}
.tree b,h3 b{color:var(--accent);font-family:"JetBrains Mono","DejaVu Sans Mono",ui-monospace,monospace}
.mc{color:var(--soft);font-size:.85rem;font-weight:400;white-space:nowrap}
section{margin:0 0 1.6rem;padding:1rem 1.1rem .6rem;border:1px solid var(--line);border-radius:8px;break-inside:auto}
.detail{table-layout:fixed}.detail th.place{width:15%}.detail.xml th.place,.detail.csv th.place{width:38%}
.detail th.status{width:4.6rem}.detail th.format{width:5.4rem}.detail th.condition{width:19%}
.detail th.values{width:25%}.detail td.status,.detail td.format{white-space:nowrap}
.detail tr:last-child td{border-bottom:0}.detail ul{list-style:none;margin:0;padding:0}
.detail .use+ul{display:inline-block;vertical-align:top}.when{color:var(--soft);font-size:.88rem}
.use{display:inline-block;font-size:.74rem;line-height:1.5;padding:0 .5em;border-radius:1em;border:1px solid;
margin-right:.4em}.use.required{color:var(--accent)}.use.fixed{color:var(--soft)}.use.counted{color:var(--warn)}
.example td{border:0;padding:.08rem .6rem;vertical-align:baseline}.example td:first-child{background:var(--tint);
white-space:pre-wrap;width:60%}.example td:last-child{color:var(--soft);font-size:.85rem}
.cannot td:first-child{width:30%;font-weight:600}footer{margin-top:3rem;color:var(--soft);font-size:.82rem}
@media(max-width:46rem){.facts{grid-template-columns:1fr 1fr}main{padding:1.2rem}}
@media print{html{font-size:10.5px}main{max-width:none;padding:0}section{break-inside:avoid-page}
h2,h3{break-after:avoid}tr{break-inside:avoid}@page{margin:14mm 12mm}}
"""


def words(lang: Lang) -> Mapping[str, str]:
    """Return every word of the guide by its name."""
    column = 1 if lang == "zh-CN" else 0
    return {name: pair[column] for name, pair in _WORDS.items()}
