"""The GS1 logistic label: text above, symbols below, the SSCC lowest. As bars and words at places, for any writer.

Source: GS1 General Specifications section 6.6 (layout), 5.12 table 5 (0.495 to 1.016 mm, 32 mm high).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.codecs.gs1 import Element, element_string, in_order
from gateway.codecs.gs1_code128 import MOST_CHARACTERS, modules

QUIET = 10  # modules left white on each side of a symbol
BAR_HEIGHT, SYMBOL_HEIGHT = 32.0, 37.0  # mm; with the text below it
MARGIN = 4.0
_HEAD, _ROW = 17.0, 4.4  # mm that sender and receiver, and one row of facts, take


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """mm. module: width of the narrowest bar."""

    width: float
    height: float
    module: float


PAPERS = {
    "a6": Paper(width=105, height=148, module=0.495),
    "a5": Paper(width=148, height=210, module=0.6),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What one label says.

    sender, receiver  lines of text under the titles
    facts             (title, text) in the middle; the first is shown largest
    groups            elements that belong together, the most important group first: as many are barcoded as fit
    """

    sscc: str
    sender: tuple[str, ...]
    receiver: tuple[str, ...]
    titles: tuple[str, str] = ("FROM", "TO")
    facts: tuple[tuple[str, str], ...] = ()
    groups: tuple[tuple[Element, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A black rectangle, in mm from the top left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Text whose baseline begins (or, when centred, is centred) at x, y; size: height of the font in mm."""

    x: float
    y: float
    size: float
    text: str
    bold: bool = False
    centred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A label as it is drawn, on paper of a size: bars and words, in millimetres from the upper left."""

    paper: Paper
    title: str
    bars: tuple[Bar, ...]
    words: tuple[Words, ...]


def draw(label: Label, paper: Paper) -> Drawing:
    """Return the label on paper. What is too long for a symbol, or finds no room, stands in the text only."""
    symbols = _symbols(label, paper)
    bars: list[Bar] = []
    words: list[Words] = []
    top = paper.height - len(symbols) * SYMBOL_HEIGHT - 1
    for n, elements in enumerate(symbols):
        y = top + n * SYMBOL_HEIGHT
        bars += _bars(elements, paper, y)
        text = "".join(each.text for each in in_order(elements))
        size = min(3.4, (paper.width - 2 * MARGIN) / max(1, len(text)) / 0.56)
        words.append(Words(x=paper.width / 2, y=y + BAR_HEIGHT + 3.6, size=size, text=text, bold=True, centred=True))
    rules = [Bar(x=MARGIN, y=y, width=paper.width - 2 * MARGIN, height=0.3) for y in (MARGIN + _HEAD - 2, top - 1.5)]
    words = [*_head(label, paper), *_facts(label, paper, top - 2), *words]
    return Drawing(paper=paper, title=f"SSCC {label.sscc}", bars=(*rules, *bars), words=tuple(words))


def _symbols(label: Label, paper: Paper) -> list[tuple[Element, ...]]:
    """Return the elements of each symbol from above to below: first what fits of the groups, last the SSCC."""
    rows = -(-max(0, len(label.facts) - 1) // 2) + 1
    room = int((paper.height - MARGIN - _HEAD - rows * _ROW - 3) // SYMBOL_HEIGHT) - 1
    found: list[tuple[Element, ...]] = []
    for group in label.groups:
        for elements in _fitting(group, paper):
            if len(found) < room:
                found.append(elements)
    return [*found, (Element(ai="00", data=label.sscc),)]


def _fitting(group: Sequence[Element], paper: Paper) -> list[tuple[Element, ...]]:
    """Return the group as one symbol when that is narrow enough, else in several; contents never without their count.

    Source: GS1 General Specifications section 4.13 (mandatory association of (02) and (37)).
    """
    if any(each.ai == "02" for each in group):
        return [tuple(group)] if _fits(group, paper) else []
    found: list[tuple[Element, ...]] = []
    for each in group:
        joined = (*found[-1], each) if found else (each,)
        if _fits(joined, paper):
            found[-1:] = [joined]
        elif _fits((each,), paper):
            found.append((each,))
    return found


def _fits(elements: Sequence[Element], paper: Paper) -> bool:
    data = element_string(elements)
    return len(data) <= MOST_CHARACTERS and (sum(modules(data)) + 2 * QUIET) * paper.module <= paper.width


def _bars(elements: Sequence[Element], paper: Paper, y: float) -> list[Bar]:
    widths = modules(element_string(elements))
    x = (paper.width - sum(widths) * paper.module) / 2
    found = []
    for n, width in enumerate(widths):
        if n % 2 == 0:
            found.append(Bar(x=x, y=y, width=width * paper.module, height=BAR_HEIGHT))
        x += width * paper.module
    return found


def _head(label: Label, paper: Paper) -> list[Words]:
    half = paper.width / 2
    found = []
    for x, title, lines in ((MARGIN, label.titles[0], label.sender), (half, label.titles[1], label.receiver)):
        found.append(Words(x=x, y=MARGIN + 2, size=2.2, text=title))
        for n, line in enumerate(lines[:3]):
            text = _cut(line, half - MARGIN, 3)
            found.append(Words(x=x, y=MARGIN + 5.8 + n * 3.7, size=3, text=text, bold=n == 0))
    return found


def _facts(label: Label, paper: Paper, bottom: float) -> list[Words]:
    half, y = paper.width / 2, MARGIN + _HEAD
    found = []
    for n, (title, text) in enumerate(label.facts):
        whole = n == 0
        x = MARGIN if whole or n % 2 else half
        if not whole and n % 2:
            y += _ROW
        if y + _ROW > bottom:
            break
        room = (paper.width if whole else half) - MARGIN
        found.append(Words(x=x, y=y + 3, size=2, text=title))
        left = x + _width(title, 2) + 1.5
        size = 3.8 if whole else 3
        text = _cut(text, room - (left - x), size)
        found.append(Words(x=left, y=y + 3, size=size, text=text, bold=True))
    return found


def _width(text: str, size: float) -> float:
    """Return about how wide text is: a Chinese character is as wide as high."""
    return sum(1.0 if ord(each) > 0x2E7F else 0.66 if each.isupper() else 0.56 for each in text) * size


def _cut(text: str, room: float, size: float) -> str:
    while text and _width(text, size) > room:
        text = text[:-2] + "…" if len(text) > 2 else ""
    return text
