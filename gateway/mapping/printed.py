"""An effective mapping as text: one entry a line, in canonical order of the table, to read and to compare."""

from collections.abc import Iterator

from gateway.mapping.rules import Conditions, Effective, Entry, Fallback, ListHead, Rule, When

_WORDS = (
    "code", "const", "default", "lookup", "column", "join", "check", "time", "twice", "unknown",
)  # fmt: skip


def printed(effective: Effective, *, origins: bool = True) -> list[str]:
    """Return the mapping as lines. origins: with file and line of each rule behind it."""
    head = [f"mapping: {effective.name}", f"document: {effective.document}"]
    syntax = effective.syntax
    parts = [f"kind: {syntax.kind}"]
    for word in ("directory", "message", "association", "root"):
        if getattr(syntax, word):
            parts.append(f"{word}: {_scalar(getattr(syntax, word))}")
    head.append(f"syntax: {{{', '.join(parts)}}}")
    if effective.ignore:
        head.append(f"ignore: [{', '.join(effective.ignore)}]")
    body = [f"{key}: {text}" + (f"  # {at}" if origins else "") for key, text, at in entry_lines(effective)]
    cannot = [f"cannot {key}: {why}" for key, why in effective.cannot.items()]
    return [*head, *body, *cannot]


def entry_lines(effective: Effective) -> Iterator[tuple[str, str, str]]:
    """Yield (canonical key, what is said of it, file:line) for every rule, list and fallback."""
    for key, entry in effective.entries.items():
        for text, at in _entry(entry):
            yield key, text, at


def _entry(entry: Entry) -> Iterator[tuple[str, str]]:
    if isinstance(entry, Fallback):
        yield entry.other, entry.at
    elif isinstance(entry, ListHead):
        yield _table(_head(entry)), entry.at
    else:
        for rule in entry:
            yield _table(_rule(rule)), rule.at


def _head(head: ListHead) -> Iterator[str]:
    yield f"each: {_scalar(head.each)}"
    yield from _where(head.where)
    if head.tree:
        yield f"tree: {{{', '.join(f'{name}: {_scalar(value)}' for name, value in head.tree.items())}}}"
    if head.group_by:
        yield f"group_by: [{', '.join(head.group_by)}]"
    if head.fn:
        yield f"fn: {head.fn}"
    if head.direction != "both":
        yield f"direction: {head.direction}"


def _rule(rule: Rule) -> Iterator[str]:
    if rule.path or not rule.each:
        yield f"path: {_scalar(rule.path)}"
    if rule.each:
        yield f"each: {_scalar(rule.each)}"
    yield from _where(rule.where)
    if rule.converter:
        yield f"as: {rule.converter}"
    for word in _WORDS:
        value = getattr(rule, word)
        if value not in ("", None):
            yield f"{word}: {_scalar(value)}"
    if rule.choose:
        yield f"choose: {{{', '.join(f'{_scalar(name)}: {_list(codes)}' for name, codes in rule.choose)}}}"
    if rule.when is not None:
        yield f"when: {_when(rule.when)}"
    if rule.required:
        yield "required: 'true'"
    if rule.direction != "both":
        yield f"direction: {rule.direction}"


def _where(where: Conditions) -> Iterator[str]:
    if where:
        yield f"where: {_table(f'{name}: {_list(values)}' for name, values in where)}"


def _when(when: When) -> str:
    parts = [f"{name}: {_list(values)}" for name, values in when.fields]
    if when.negated is not None:
        parts.append(f"not: {_when(when.negated)}")
    if when.options:
        parts.append(f"any: [{', '.join(map(_when, when.options))}]")
    return _table(parts)


def _table(parts: Iterator[str] | list[str]) -> str:
    return f"{{{', '.join(parts)}}}"


def _list(values: tuple[str, ...]) -> str:
    return _scalar(values[0]) if len(values) == 1 else f"[{', '.join(map(_scalar, values))}]"


def _scalar(text: str) -> str:
    plain = text and not text[0].isdigit() and not set(text) & set(" ,:[]{}#'\"*&!%@`|>") and text == text.strip()
    return text if plain else "'" + text.replace("'", "''") + "'"
