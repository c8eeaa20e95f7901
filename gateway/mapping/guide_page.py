"""The implementation guide as one HTML file: no script, nothing from the network, made to be read and printed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby

from gateway.mapping.guide import GuidePart, GuideRow, Meaning
from gateway.mapping.trace import Traced
from gateway.texts.catalogue import Lang
from gateway.texts.field_words import document_label, field_label, segment_label, value_label
from gateway.texts.guide_words import STYLE, words

MEANINGS_SHOWN = 12
CODES_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideFacts:
    """What the guide says besides the parts. direction: in: they send it to us; out: we send it; both: no partner.

    example: text of a message of ours; traced: where its values stand. labels: table -> canonical value -> words
    """

    name: str
    document: str
    kind: str
    format: str
    digest: str
    us: str
    partner: str | None = None
    direction: str = "both"
    example: str = ""
    traced: Sequence[Traced] = ()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cannot: Mapping[str, str] = field(default_factory=dict)


def page(facts: GuideFacts, parts: Sequence[GuidePart], lang: Lang) -> str:
    """Return the HTML document."""
    say = words(lang)
    shown = [part for part in parts if any(_shown(row, facts) for row in part.rows)]
    title = f"{facts.name} · {document_label(facts.document, lang)}"
    body = [
        _head(facts, lang),
        f"<h2>{escape(say['overview'])}</h2>",
        _overview(shown, facts, lang),
        f"<h2>{escape(say['details'])}</h2>",
        *(_part(number, part, facts, lang) for number, part in enumerate(shown, 1)),
        *_example(facts, lang),
        *_cannot(facts, lang),
        f"<footer>{escape(say['made'])} {escape(facts.digest[:16])}</footer>",
    ]
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><main>\n{chr(10).join(body)}\n</main></body></html>\n"
    )


def _shown(row: GuideRow, facts: GuideFacts) -> bool:
    return facts.direction == "both" or row.direction in ("both", facts.direction)


def _head(facts: GuideFacts, lang: Lang) -> str:
    say = words(lang)
    way = {"in": say["they-send"], "out": say["we-send"]}.get(facts.direction, say["both-ways"])
    between = f"{facts.partner} → {facts.us}" if facts.direction == "in" else f"{facts.us} → {facts.partner}"
    rows = [
        (say["message"], facts.format),
        (say["document"], document_label(facts.document, lang)),
        (say["direction"], way),
        (say["mapping"], facts.name),
    ]
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows)
    return (
        f"<header><p class=kicker>{escape(say['guide'])}</p><h1>{escape(document_label(facts.document, lang))}</h1>"
        f"<p class=between>{escape(between if facts.partner else facts.us)}</p><dl class=facts>{cells}</dl>"
        f"<p class=intro>{escape(say['intro'])}</p>{_legend(lang)}</header>"
    )


def _legend(lang: Lang) -> str:
    say = words(lang)
    pairs = (
        ("M", say["mandatory"]), ("C", say["conditional"]), (_badge("required", lang), say["required-long"]),
        (_badge("fixed", lang), say["fixed-long"]), (_badge("counted", lang), say["counted-long"]),
    )  # fmt: skip
    shown = "".join(f"<li>{mark if mark[0] == '<' else f'<b>{mark}</b>'} {escape(text)}</li>" for mark, text in pairs)
    return f"<ul class=legend>{shown}</ul>"


def _badge(use: str, lang: Lang) -> str:
    return f'<span class="use {use}">{escape(words(lang)[use])}</span>'


def _overview(parts: Sequence[GuidePart], facts: GuideFacts, lang: Lang) -> str:
    say = words(lang)
    rows = []
    for number, part in enumerate(parts, 1):
        depth = len(part.path)
        label = segment_label(part.name, lang) if facts.kind == "edifact" else ""
        fields = _field_list(part, facts, lang)
        rows.append(
            f'<tr><td class=tree style="--depth:{depth}"><a href="#p{number}">{_way(part)}</a></td>'
            f"<td class=mc>{_status(part)}</td><td>{escape(label or fields)}</td></tr>"
        )
    head = "".join(f"<th>{escape(say[each])}</th>" for each in ("place", "status", "meaning"))
    return f"<table class=overview><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _field_list(part: GuidePart, facts: GuideFacts, lang: Lang) -> str:
    keys = dict.fromkeys(m.key.partition(".")[0] for row in part.rows if _shown(row, facts) for m in row.meanings)
    return ", ".join(field_label(key.partition("[")[0], lang) for key in list(keys)[:4])


def _way(part: GuidePart) -> str:
    around = "".join(f"<i>{escape(each)}</i>" for each in part.path)
    return f"{around}<b>{escape(part.name)}</b>"


def _status(part: GuidePart) -> str:
    own = _times(part.status, part.repeats)
    if not part.groups:
        return escape(own)
    name, status, repeats = part.groups[-1]  # the groups around it have rows of their own
    return escape(f"{name} {_times(status, repeats)} · {part.name} {own}")


def _times(status: str, repeats: int | None) -> str:
    if repeats == 0:
        return status
    return f"{status} × {'∞' if repeats is None else f'{repeats:,}'}".strip()


def _part(number: int, part: GuidePart, facts: GuideFacts, lang: Lang) -> str:
    say = words(lang)
    names = ("place", "status", "format", "condition", "meaning", "values")
    hidden = facts.kind != "edifact" and not any(row.status for row in part.rows)
    listed = [row for row in part.rows if _shown(row, facts)]
    empty = {
        "format": facts.kind != "edifact",
        "status": hidden,
        "condition": not any(_shared(row.meanings) for row in listed),
    }
    columns = [each for each in names if not empty.get(each)]
    head = "".join(f"<th class={each}>{escape(say[each])}</th>" for each in columns)
    rows = "".join(_row(row, columns, facts, lang) for row in listed)
    label = segment_label(part.name, lang) if facts.kind == "edifact" else _field_list(part, facts, lang)
    return (
        f'<section id="p{number}"><h3>{_way(part)} <small>{escape(label)}</small>'
        f"<span class=mc>{_status(part)}</span></h3>"
        f"<table class='detail {facts.kind}'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _row(row: GuideRow, columns: Sequence[str], facts: GuideFacts, lang: Lang) -> str:
    cells = {
        "place": f"<code>{escape(row.place)}</code>",
        "status": escape(row.status),
        "format": f"<code>{escape(row.format)}</code>",
        "condition": _conditions(row.meanings, lang),
        "meaning": _meanings(row, lang),
        "values": _values(row, facts, lang),
    }
    return "<tr>" + "".join(f'<td class="{each}">{cells[each]}</td>' for each in columns) + "</tr>"


def _conditions(meanings: Sequence[Meaning], lang: Lang) -> str:
    """Return what chooses the fields; the part that all share once, the rest is told beside each field."""
    shared = _shared(meanings)
    return "<br>".join(_condition(name, codes, lang) for name, codes in shared)


def _shared(meanings: Sequence[Meaning]) -> list[tuple[str, tuple[str, ...]]]:
    first = meanings[0].qualifiers
    return [each for each in first if all(each in other.qualifiers for other in meanings)]


def _condition(name: str, codes: Iterable[str], lang: Lang) -> str:
    listed = [code if code else words(lang)["absent"] for code in codes]
    return f"<code>{escape(name)}</code> = {', '.join(f'<b>{escape(each)}</b>' for each in listed)}"


def _meanings(row: GuideRow, lang: Lang) -> str:
    shared = _shared(row.meanings)
    found = []
    for meaning in row.meanings[:MEANINGS_SHOWN]:
        own = [each for each in meaning.qualifiers if each not in shared]
        chosen = ", ".join(_condition(name, codes, lang) for name, codes in own)
        label = f"<span class=field title={_quoted(meaning.key)}>{escape(field_label(meaning.key, lang))}</span>"
        found.append(f"<li>{label}{f' <span class=when>{chosen}</span>' if chosen else ''}</li>")
    more = len(row.meanings) - MEANINGS_SHOWN
    found += [f"<li>+ {more}</li>"] if more > 0 else []
    badge = _badge(row.use, lang) if row.use != "optional" else ""
    return f"{badge}<ul>{''.join(found)}</ul>"


def _quoted(text: str) -> str:
    return f'"{escape(text)}"'


def _values(row: GuideRow, facts: GuideFacts, lang: Lang) -> str:
    say = words(lang)
    parts = []
    if row.constant is not None:
        parts.append(f"<b>{escape(row.constant)}</b>")
    if row.codes:
        labels = facts.labels.get(row.table.partition("/")[0], {})
        pairs = [(code, labels.get(value) or value_label(value, lang)) for code, value in row.codes[:CODES_SHOWN]]
        grouped = ((label, [code for code, _ in group]) for label, group in groupby(pairs, key=lambda pair: pair[1]))
        listed = "".join(
            f"<li>{' '.join(f'<b>{escape(code)}</b>' for code in codes)} {escape(label)}</li>"
            for label, codes in grouped
        )
        parts.append(f"<ul class=codes>{listed}</ul>")
        if len(row.codes) > CODES_SHOWN:
            parts.append(f"+ {len(row.codes) - CODES_SHOWN}")
    if row.default is not None:
        default = facts.labels.get(row.table.partition("/")[0], {}).get(row.default) or value_label(row.default, lang)
        parts.append(f"<span class=when>{escape(say['absent-means'])} <b>{escape(default)}</b></span>")
    return "".join(parts)


def _example(facts: GuideFacts, lang: Lang) -> Iterator[str]:
    """Yield the example, each line with the fields that stand in it."""
    if not facts.example:
        return
    say = words(lang)
    by_line: dict[int, list[Traced]] = {}
    for row in facts.traced:
        if row.where is not None and row.where.line and row.how == "read":
            by_line.setdefault(row.where.line, []).append(row)
    yield f"<h2>{escape(say['example'])}</h2><p class=intro>{escape(say['example-intro'])}</p>"
    lines = []
    for number, text in enumerate(facts.example.rstrip().split("\n"), 1):
        told = dict.fromkeys(field_label(row.field, lang) for row in by_line.get(number, ()))
        lines.append(f"<tr><td><code>{escape(text)}</code></td><td>{escape(', '.join(told))}</td></tr>")
    yield f"<table class=example><tbody>{''.join(lines)}</tbody></table>"


def _cannot(facts: GuideFacts, lang: Lang) -> Iterator[str]:
    if facts.cannot:
        say = words(lang)
        rows = "".join(
            f"<tr><td>{escape(field_label(key, lang))}</td><td>{escape(why)}</td></tr>"
            for key, why in facts.cannot.items()
        )
        yield f"<h2>{escape(say['cannot'])}</h2><table class=cannot><tbody>{rows}</tbody></table>"
