"""Every path that a rule of a mapping may name, with what it is: from the directory, from the XML Schema, and where
there is none from what partners have sent. For completion in the editor."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.config.editing import list_paths
from gateway.config.sample_values import SampleValue, edifact_paths
from gateway.mapping.rules import Effective, Syntax
from gateway.schema.directory import Directory
from gateway.schema.xsd_grammar import ElementType, XmlGrammar

PATHS_LIMIT = 3_000  # told at once: the elements nearest to the place that is asked for
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalPath:
    """A path as a rule writes it from the message. segment: whose it is (EDIFACT); about: what the schema says of it,
    else its name in words; repeats: more than one may stand there; example: a value that was sent"""

    path: str
    segment: str = ""
    about: str = ""
    repeats: bool = False
    example: str = ""


def legal_paths(
    effective: Effective,
    *,
    directories: Mapping[str, Directory],
    grammar: XmlGrammar | None,
    sent: Iterable[SampleValue] = (),
    below: str = "",
) -> list[LegalPath]:
    """Return the paths of a mapping's source, those nearest to the document element first, at most PATHS_LIMIT.

    grammar: of its XML document, None when there is no schema for it. sent: values of samples, told beside what the
    mapping itself names when nothing else says what is legal. below: only paths that begin with it, ending in /
    """
    syntax = effective.syntax
    directory = directories.get(syntax.directory)
    if syntax.kind == "edifact" and directory is not None:
        paths = edifact_paths(directory, directory.structure(syntax.message))
        legal = (each for each in paths if each.startswith(below))
        return [LegalPath(path=each, segment=each.split("/")[-2].partition("[")[0]) for each in legal]
    top = grammar.root(syntax.root) if grammar is not None else None
    if top is not None:
        return _counted(_of_schema(top, syntax, below))
    return _counted(each for each in _as_sent(effective, sent) if each.path.startswith(below))


def _counted(paths: Iterator[LegalPath]) -> list[LegalPath]:
    return [each for each, _ in zip(paths, range(PATHS_LIMIT), strict=False)]


def _of_schema(top: ElementType, syntax: Syntax, below: str) -> Iterator[LegalPath]:
    """Yield the elements and attributes below a path, level by level: the types of a standard hold each other."""
    prefixes = {space: prefix for prefix, space in syntax.namespaces.items()}
    start = _followed(top, below, prefixes)
    if start is None:
        return
    waiting = deque([(start, below)])
    while waiting:
        here, path = waiting.popleft()
        for use in here.children().values():
            name = _short(use.name, prefixes)
            if name is None:
                continue  # of a namespace that the mapping does not declare
            about = use.about or _in_words(name)
            repeats = use.maximum is None or use.maximum > 1
            yield LegalPath(path=f"{path}{name}", about=about, repeats=repeats)
            yield from (
                LegalPath(path=f"{path}{name}/@{each}", about=_in_words(each))
                for each in (_short(attribute, prefixes) for attribute in use.type.attributes())
                if each is not None
            )
            waiting.append((use.type, f"{path}{name}/"))


def _followed(top: ElementType, below: str, prefixes: Mapping[str, str]) -> ElementType | None:
    here = top
    for step in (each for each in below.split("/") if each):
        use = next((each for each in here.children().values() if _short(each.name, prefixes) == step), None)
        if use is None:
            return None
        here = use.type
    return here


def _short(name: str, prefixes: Mapping[str, str]) -> str | None:
    """Return {namespace}Name as a rule writes it, None when no prefix is declared for its namespace."""
    space, brace, local = name[1:].partition("}") if name.startswith("{") else ("", "", name)
    if not brace:
        return local
    prefix = prefixes.get(space)
    return None if prefix is None else f"{prefix}:{local}" if prefix else local


def _in_words(name: str) -> str:
    """RequestedDeliveryDate -> requested delivery date."""
    return " ".join(_WORD.split(name.rpartition(":")[2].replace("_", " "))).lower()


def _as_sent(effective: Effective, sent: Iterable[SampleValue]) -> Iterator[LegalPath]:
    """Yield what the mapping names and what has been sent, each once, in the order of the samples."""
    examples: dict[str, str] = {}
    for value in sent:
        if value.path:
            examples.setdefault(value.path, value.value)
            for name, said in value.qualifiers:
                if name.startswith("@"):
                    examples.setdefault(f"{value.path}/{name}", said)
    for path in sorted(list_paths(effective)):
        examples.setdefault(path, "")
    for path, example in examples.items():
        yield LegalPath(path=path, about=_in_words(path.rpartition("/")[2].lstrip("@")), example=example[:60])
