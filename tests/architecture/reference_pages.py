"""The pages of reference, made from the program itself. `pytest tests/architecture --update` writes them."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import get_args

import click

from gateway.api.routes import Route
from gateway.api.surface import all_routes
from gateway.cli.root import cli
from gateway.config.editing import targets
from gateway.config.known_settings import Setting, SettingsFile, known_settings
from gateway.mapping import rules
from gateway.mapping.converters import EDIFACT, XML
from gateway.mapping.functions import FUNCTIONS
from gateway.model.documents import DOCUMENTS
from gateway.texts.api_summaries import chinese_summary
from gateway.texts.catalogue import Lang
from gateway.texts.errors import ERRORS
from gateway.texts.field_words import document_label, field_label
from gateway.texts.settings_words import setting_words

ROOT = Path(__file__).parents[2]
MADE = {
    "en": "Made from the program (`pytest tests/architecture --update`); a test fails when it is stale.",
    "zh-CN": "由程序生成（`pytest tests/architecture --update`）；内容过时则测试失败。",
}
_PARTY = (".ids", ".name")
_COMMON = {"help", "as_json"}


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def row(*cells: str) -> str:
    return "| " + " | ".join(cell(each) for each in cells) + " |"


def table(*heads: str) -> list[str]:
    return [row(*heads), "|" + "---|" * len(heads)]


def page(title: str, lang: Lang, lines: Iterator[str], *, remark: str = "") -> str:
    parts = [f"# {title}", "", MADE[lang], *(["", remark] if remark else []), "", *lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


# --- the command line -------------------------------------------------------------------------------------------------


def commands_page() -> str:
    return page(
        "The command line",
        "en",
        _commands(),
        remark="`gateway COMMAND --help` says the same. Options of `gateway` itself stand before the command. "
        "How commands end, `--json` and `--output`: [running](../running.md#the-command-line-in-scripts).",
    )


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield (*path, name), command
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


def _commands() -> Iterator[str]:
    yield from _options(cli)
    yield ""
    for top, group in groupby(leaves(cli), lambda each: each[0][0]):
        yield from (f"## {top}", "")
        for path, command in group:
            yield f"**`gateway {' '.join(path)}{_usage(command)}`**"
            yield cell((command.help or "").partition("\b")[0])
            yield ""
            yield from _options(command)
            yield ""


def _usage(command: click.Command) -> str:
    words = []
    for each in command.params:
        if isinstance(each, click.Argument):
            name = (each.metavar or each.name or "").strip("[].").upper() + ("..." if each.nargs == -1 else "")
            words.append(name if each.required else f"[{name}]")
        elif isinstance(each, click.Option) and each.required:
            words.append(f"{each.opts[0]} {each.make_metavar(click.Context(command))}")
    return "".join(f" {each}" for each in words)


def _options(command: click.Command) -> Iterator[str]:
    context = click.Context(command)
    for each in command.params:
        if isinstance(each, click.Option) and each.name not in _COMMON and each.expose_value and not each.hidden:
            record = each.get_help_record(context)
            if record is not None:
                yield f"- `{cell(record[0])}` {cell(record[1])}".rstrip()


# --- settings ---------------------------------------------------------------------------------------------------------

_FILES: Mapping[SettingsFile, tuple[str, str]] = {
    "config.yaml": ("of the instance", "实例"),
    "partner.yaml": ("`partners/ID/partner.yaml`, one for each partner", "`partners/ID/partner.yaml`，每个伙伴一个"),
    "self/partner.yaml": (
        "`partners/self/partner.yaml`: our company; only what differs",
        "`partners/self/partner.yaml`：本公司；仅列不同之处",
    ),
    "planning.yaml": ("`partners/self/planning.yaml`", "`partners/self/planning.yaml`"),
}
_HEADS = {"en": ("setting", "what may stand there", "without it", "meaning"), "zh-CN": ("设置", "取值", "默认", "含义")}
_KINDS = {
    "en": {"text": "text", "list": "one or a list", "0.00": "number", "needed": "**needed**"},
    "zh-CN": {"text": "文本", "list": "一个或列表", "0.00": "数字", "needed": "**必填**"},
}
_ABOUT = {
    "en": "`gateway settings [WORD]` prints this too. The last part of a name is its unit: `_s` seconds, `_h` hours, "
    "`_bytes`, `_days`, `_months`. `[]` is each element of a list; a word in capitals is a name of your own. An "
    "unknown key is an error with line and column (`gateway check`).",
    "zh-CN": "`gateway --lang zh-CN settings [WORD]` 也打印本页内容。名称的末段为单位：`_s` 秒，`_h` 小时，"
    "`_bytes` 字节，`_days` 天，`_months` 月。`[]` 表示列表的每个元素；大写的词由您命名。未知的键是错误，并指出行和列"
    "（`gateway check`）。",
}


def settings_page(lang: Lang) -> str:
    return page({"en": "Settings", "zh-CN": "设置"}[lang], lang, _settings(lang), remark=_ABOUT[lang])


def _settings(lang: Lang) -> Iterator[str]:
    others = {each.key: each for each in known_settings("partner.yaml")}
    for file in get_args(SettingsFile):
        yield from (f"## {file}", "", _FILES[file][lang != "en"], "")
        yield from table(*_HEADS[lang])
        for each in known_settings(file):
            if file != "self/partner.yaml" or _is_own(each, others):
                words = setting_words(file, each.key)
                assert words is not None, f"{file}: {each.key} has no words in gateway/texts/settings_*.py"
                kinds = _KINDS[lang]
                default = kinds["needed"] if each.needed else f"`{each.default}`" if each.default else ""
                yield row(f"`{each.key}`", kinds.get(each.values, f"`{each.values}`"), default, words[lang != "en"])
        yield ""


def _is_own(setting: Setting, others: Mapping[str, Setting]) -> bool:
    """Tell whether a setting of our company is one that partners do not have, or means something else."""
    both = [setting_words(file, setting.key) for file in ("self/partner.yaml", "partner.yaml")]
    return setting.key not in others or both[0] != both[1]


# --- mappings ---------------------------------------------------------------------------------------------------------


def mappings_page() -> str:
    return page(
        "Words of mappings",
        "en",
        _mappings(),
        remark="What each word means: [mappings/README.md](../../mappings/README.md), those of `syntax` for XML and "
        "CSV: [XML, CSV and JSON](../xml.md).",
    )


def word_places() -> dict[str, tuple[str, ...]]:
    """Return where which words may stand."""
    return {
        "at the top of a file": rules._TOP,
        "in a rule": rules._RULE,
        "in a list": rules._LIST,
        "in a nested part or block": rules._BLOCK,
        **{f"in `syntax` of {kind}": words for kind, words in rules._SYNTAX.items()},
    }


def _mappings() -> Iterator[str]:
    yield from table("where", "words")
    for place, words in word_places().items():
        yield row(place, " ".join(f"`{each}`" for each in words))
    yield from ("", "## Converters (`as`)", "")
    yield from table("name", "EDIFACT, beside the value", "XML and CSV, beside the value", "when it does not fit")
    for name in sorted(EDIFACT.keys() | XML.keys()):
        both = [_companions(kind.get(name)) for kind in (EDIFACT, XML)]
        fault = (EDIFACT.get(name) or XML[name]).fault
        yield row(f"`{name}`", *both, f"`{fault}`")
    yield from ("", "CSV adds its own decimal marks and forms of dates; JSON is read as it is.", "")
    yield from ("## Functions (`fn`)", "")
    yield from table("name", "what it does")
    for name, function in FUNCTIONS.items():
        yield row(f"`{name}`", (function.__doc__ or "").partition("\n")[0])
    yield from ("", "## Code tables (`code: file/column`)", "")
    yield from table("file", "columns")
    for path in sorted((ROOT / "schemas" / "codes").glob("*.csv")):
        columns = path.read_text("utf-8").partition("\n")[0].split(",")
        others = [each for each in columns if each != "canonical" and not each.startswith("label")]
        yield row(f"`{path.stem}`", " ".join(f"`{each}`" for each in others))


def _companions(converter: object) -> str:
    found = getattr(converter, "companions", None)
    return "not there" if found is None else " ".join(f"`{each}`" for each in found) or "yes"


# --- documents --------------------------------------------------------------------------------------------------------


def documents_page() -> str:
    return page(
        "Documents and their fields",
        "en",
        _documents(),
        remark="The canonical form: what a mapping's rules are named after, and what a house reads and writes as JSON "
        "(`schemas/canonical`). `!` must be there; `[]` is each element of a list; a party has the fields of *Party*, "
        "at the end.",
    )


def _documents() -> Iterator[str]:
    party: dict[str, tuple[str, str]] = {}
    for name in DOCUMENTS:
        yield from (f"## {name} · {document_label(name, 'zh-CN')}", "")
        yield from table("field", "kind", "in words", "中文")
        fields = targets(name)
        keys = {each.key for each in fields}
        parties = {each.key.removesuffix(".ids") for each in fields if each.key.endswith(".ids")}
        parties = {each for each in parties if f"{each}.name" in keys and f"{each}.contact.name" in keys}
        told = set()
        for each in fields:
            inside = next((prefix for prefix in parties if each.key.startswith(f"{prefix}.")), None)
            if inside is None:
                yield _field(each.key, f"{each.kind}{'!' if each.required else ''}")
                continue
            party.setdefault(each.key.removeprefix(f"{inside}."), (each.key, each.kind))
            if inside not in told:
                told.add(inside)
                yield _field(inside, "party")
        yield ""
    yield from ("## Party · 参与方", "")
    yield from table("field", "kind", "in words", "中文")
    for key, (_, kind) in party.items():
        yield _field(key, kind)


def _field(key: str, kind: str) -> str:
    return row(f"`{key}`", kind, field_label(key, "en"), field_label(key, "zh-CN"))


# --- API --------------------------------------------------------------------------------------------------------------


def api_page(lang: Lang) -> str:
    title = {"en": "Operations of the API", "zh-CN": "接口一览"}[lang]
    remark = {
        "en": "On the console's port, below `/api/v1` unless it says otherwise. Parameters, bodies and answers: "
        "`/api/v1/openapi.json`, or the page *API reference* of the console. How to call it: [the API](../api.md).",
        "zh-CN": "位于控制台端口，除另有说明外均在 `/api/v1` 之下。参数、内容与应答见 `/api/v1/openapi.json`，"
        "或控制台的*接口参考*页。调用方法见 [The API](../../api.md)（英文）。",
    }[lang]
    return page(title, lang, _operations(lang), remark=remark)


def _operations(lang: Lang) -> Iterator[str]:
    routes = sorted(all_routes(), key=lambda each: (_area(each), each.path, each.method))
    heads = {"en": ("operation", "what", "permission"), "zh-CN": ("操作", "说明", "权限")}[lang]
    for area, group in groupby(routes, _area):
        yield from (f"## {area}", "")
        yield from table(*heads)
        for each in group:
            said = chinese_summary(each.method, each.path) if lang == "zh-CN" else each.summary
            assert said is not None, f"{each.method} {each.path} has no words in gateway/texts/api_summaries.py"
            yield row(
                f"`{each.method} {each.path.removeprefix('/api/v1')}`",
                said,
                f"`{each.permission}`" if each.permission else "",
            )
        yield ""


def _area(route: Route) -> str:
    return route.path.removeprefix("/api/v1").split("/")[1]


# --- errors -----------------------------------------------------------------------------------------------------------


_ERROR_HEADS = (
    ("code", "severity", "who acts", "what it says", "what to do"),
    ("代码", "级别", "由谁处理", "说明", "处理办法"),
)
_WORDS_ZH = {"error": "错误", "warning": "警告", "info": "提示", "partner": "伙伴", "us": "我方", "network": "网络"}


def errors_page(lang: Lang) -> str:
    zh = lang == "zh-CN"
    title = "错误代码" if zh else "Error codes"
    return page(title, lang, _errors(zh))


def _errors(zh: bool) -> Iterator[str]:
    yield from table(*_ERROR_HEADS[zh])
    for code, entry in sorted(ERRORS.items()):
        iso = f" (0085: {entry.iso})" if entry.iso else ""
        words = (entry.zh, entry.cure_zh) if zh else (entry.en, entry.cure_en)
        who = (_WORDS_ZH[entry.severity], _WORDS_ZH[entry.owner]) if zh else (entry.severity, entry.owner)
        yield row(f"`{code}`{iso}", *who, *words)


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/errors.md": lambda: errors_page("en"),
    "docs/reference/cli.md": commands_page,
    "docs/reference/settings.md": lambda: settings_page("en"),
    "docs/reference/mapping-words.md": mappings_page,
    "docs/reference/documents.md": documents_page,
    "docs/reference/api.md": lambda: api_page("en"),
    "docs/zh-CN/reference/settings.md": lambda: settings_page("zh-CN"),
    "docs/zh-CN/reference/api.md": lambda: api_page("zh-CN"),
    "docs/zh-CN/reference/errors.md": lambda: errors_page("zh-CN"),
}
