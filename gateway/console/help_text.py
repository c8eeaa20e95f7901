"""The few marks of a help page as HTML: paragraphs, lists, headings, code, bold, links to our own pages."""

import re
from collections.abc import Iterable, Iterator

from markupsafe import Markup, escape

_MARKS = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\((/(?!/)[^)\s]*)\)")
_ITEM = re.compile(r"(- |\d+\. )(.*)")


def rendered(body: str) -> Markup:
    """Return body as HTML. Everything that is no mark is escaped; links lead nowhere but to this application."""
    return Markup("").join(_blocks(body.splitlines()))


def _blocks(lines: list[str]) -> Iterator[Markup]:
    part: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        if line.startswith("```"):
            yield from _flushed(part)
            end = next((n for n in range(place + 1, len(lines)) if lines[n].startswith("```")), len(lines))
            code = "\n".join(lines[place + 1 : end])
            yield Markup("<pre><code>{}</code></pre>").format(code)
            place = end + 1
            continue
        if not line.strip():
            yield from _flushed(part)
        elif line.startswith("## "):
            yield from _flushed(part)
            yield Markup("<h2>{}</h2>").format(_inline(line[3:]))
        else:
            part.append(line)
        place += 1
    yield from _flushed(part)


def _flushed(part: list[str]) -> Iterator[Markup]:
    """Yield a list or a paragraph of the lines gathered, and forget them."""
    if not part:
        return
    if _ITEM.fullmatch(part[0]):
        items: list[str] = []
        for line in part:
            found = _ITEM.fullmatch(line)
            if found:
                items.append(found[2])
            else:
                items[-1] += f" {line.strip()}"
        tag = "ul" if part[0].startswith("- ") else "ol"
        inner = Markup("").join(Markup("<li>{}</li>").format(_inline(each)) for each in items)
        yield Markup(f"<{tag}>") + inner + Markup(f"</{tag}>")  # noqa: S704 - one of two words
    else:
        yield Markup("<p>{}</p>").format(_inline(" ".join(each.strip() for each in part)))
    part.clear()


def _inline(text: str) -> Markup:
    return Markup("").join(_pieces(text))


def _pieces(text: str) -> Iterable[Markup]:
    at = 0
    for found in _MARKS.finditer(text):
        yield escape(text[at : found.start()])
        code, bold, said, words, address = found.groups()
        if code is not None:
            yield Markup("<code>{}</code>").format(code)
        elif bold is not None:
            yield Markup("<strong>{}</strong>").format(bold)
        elif said is not None:
            yield Markup("<em>{}</em>").format(said)
        else:
            yield Markup('<a href="{}">{}</a>').format(address, words)
        at = found.end()
    yield escape(text[at:])
