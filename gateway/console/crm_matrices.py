"""The matrices of service management as drawings of the server's: every dot leads to its account or element."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from aiohttp import web

from gateway.api.crm_matrices import DIRECTIONS, Audit, read_audit, sides_of
from gateway.console.crm import SIDE, portfolio_of
from gateway.console.pages import PageTable
from gateway.console.reader import Reader, segment
from gateway.domain.crm.audit import STANDARD, Element, cuts_of
from gateway.domain.crm.matrices import ADVICE, BANDS, HIGH_START, LOW_END, PRESETS, Scheme

TABLE = PageTable()
MATRICES = ("portfolio", "importance", "evaluation", "position", "loyalty")
_EDGE = 12
LOYALTY_WORDS = ("hostage", "apostle", "defector", "mercenary")  # the corners, from the left above
FIELD_WORDS = ("improve", "advantage", "opportunity", "maintain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """x, y: within the square. kind: asked or measured. text: what a reader hears."""

    x: int
    y: int
    address: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word that stands in a field of a drawing."""

    x: int
    y: int
    anchor: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """across, down: axes in words. ticks: (place, number) along the lower edge and the left one."""

    verticals: tuple[int, ...]
    horizontals: tuple[int, ...]
    words: tuple[Word, ...]
    dots: tuple[Dot, ...]


def across(value: Decimal, low: Decimal, high: Decimal) -> int:
    """Return where a value lies from the left; outside it is drawn at the edge."""
    inside = max(low, min(high, value))
    return _EDGE + round((SIDE - 2 * _EDGE) * (inside - low) / (high - low))


def upwards(value: Decimal, low: Decimal, high: Decimal) -> int:
    """Return the height of a value in the drawing: the highest stands at the top."""
    return SIDE - across(value, low, high)


def corners(words: Sequence[str]) -> tuple[Word, ...]:
    """Place four words: above left, above right, below left, below right."""
    places = ((10, 20, "start"), (SIDE - 10, 20, "end"), (10, SIDE - 10, "start"), (SIDE - 10, SIDE - 10, "end"))
    return tuple(Word(x=x, y=y, anchor=anchor, text=text) for (x, y, anchor), text in zip(places, words, strict=True))


ONE, SEVEN, FIVE = Decimal(1), Decimal(7), Decimal(5)


def draw(found: Audit, matrix: str, reader: Reader) -> Drawing:
    """Return the drawing of a matrix."""
    match matrix:
        case "evaluation":
            return _evaluation(found, reader)
        case "position":
            return _position(found, reader)
        case "loyalty":
            return _loyalty(found, reader)
        case _:
            return _importance(found, reader)


def _dots(found: Audit, reader: Reader) -> tuple[Dot, ...]:
    """Performance across, importance upwards: filled as asked, hollow as measured."""
    dots = []
    for each in found.places:
        for kind, value in (("asked", each.asked), ("measured", each.measured)):
            if each.importance is not None and value is not None:
                name = named(found, each.id, reader)
                text = f"{name}: {reader.words(f'matrix.{kind}')} {value:.1f} / {each.importance:.1f}"
                x, y = across(value, ONE, SEVEN), upwards(each.importance, ONE, SEVEN)
                dots.append(Dot(x=x, y=y, address=address_of(found, each.id), kind=kind, text=text))
    return tuple(dots)


def named(found: Audit, name: str, reader: Reader) -> str:
    """Return what a dot stands for: the account when one element is shown, else the element."""
    if found.element is not None:
        return reader.words.partner(name)
    return element_name(next(each for each in found.elements if each.id == name), reader)


def element_name(element: Element, reader: Reader) -> str:
    """Return the title of an element in the reader's language."""
    if any(element.title == each.title for each in STANDARD if each.id == element.id):
        return reader.words.term("element", element.id)
    return element.title_zh if reader.words.lang == "zh-CN" else element.title


def address_of(found: Audit, name: str) -> str:
    """An account leads to its page, an element to the accounts in it."""
    if found.element is not None:
        return f"/accounts/{segment(name)}"
    return "/matrices?" + urlencode({"matrix": "importance", "direction": found.direction, "element": name})


def _importance(found: Audit, reader: Reader) -> Drawing:
    told = [
        {
            name: (value, each.answers)
            for name, value in (("importance", each.importance), ("performance", each.asked))
            if value is not None
        }
        for each in found.places
    ]
    importance, performance = cuts_of(told, found.scheme)
    return Drawing(
        verticals=(across(performance, ONE, SEVEN),),
        horizontals=(upwards(importance, ONE, SEVEN),),
        words=corners([reader.words.term("field-of", each) for each in FIELD_WORDS]),
        dots=_dots(found, reader),
    )


def _evaluation(found: Audit, reader: Reader) -> Drawing:
    lines = (LOW_END, HIGH_START)
    middles = {"low": Decimal(2), "medium": Decimal(4), "high": Decimal(6)}
    tops = {"low": LOW_END, "medium": HIGH_START, "high": SEVEN}
    words = tuple(
        Word(
            x=across(middles[column], ONE, SEVEN),
            y=upwards(tops[row], ONE, SEVEN) + 18,  # above the dots of its cell
            anchor="middle",
            text=reader.words.term("advice", found.scheme.cells[row, column]),
        )
        for row in BANDS
        for column in BANDS
    )
    return Drawing(
        verticals=tuple(across(each, ONE, SEVEN) for each in lines),
        horizontals=tuple(upwards(each, ONE, SEVEN) for each in lines),
        words=words,
        dots=_dots(found, reader),
    )


def _position(found: Audit, reader: Reader) -> Drawing:
    end, parity = found.scheme.thresholds.end, found.scheme.thresholds.parity
    dots = []
    for each in found.places:
        if each.position is None or each.importance is None:
            continue
        x, y = across(each.position.drawn, -end, end), upwards(each.importance, ONE, SEVEN)
        said = reader.words.term("position", each.position.name)
        text = f"{named(found, each.id, reader)}: {said} {each.position.relative:+.1f}"
        dots.append(Dot(x=x, y=y, address=address_of(found, each.id), kind="asked", text=text))
    words = [reader.words.term("position", each) for each in ("major-weakness", "major-strength")]
    words += [reader.words.term("position", each) for each in ("minor-weakness", "minor-strength")]
    parity_word = Word(x=SIDE // 2, y=20, anchor="middle", text=reader.words.term("position", "parity"))
    return Drawing(
        verticals=tuple(across(each, -end, end) for each in (-parity, parity)),
        horizontals=tuple(upwards(each, ONE, SEVEN) for each in (LOW_END, HIGH_START)),
        words=(*corners(words), parity_word),
        dots=tuple(dots),
    )


def _loyalty(found: Audit, reader: Reader) -> Drawing:
    scheme, dots = found.scheme, []
    for each in found.loyal:
        if each.satisfaction is None or each.loyalty is None:
            continue
        x, y = across(each.satisfaction, ONE, FIVE), upwards(each.loyalty, Decimal(0), ONE)
        text = f"{reader.words.partner(each.account)}: {reader.words.term('loyalty', each.type)}"
        dots.append(Dot(x=x, y=y, address=f"/accounts/{segment(each.account)}", kind="asked", text=text))
    return Drawing(
        verticals=(across(scheme.satisfied, ONE, FIVE),),
        horizontals=(upwards(scheme.loyal, Decimal(0), ONE),),
        words=corners([reader.words.term("loyalty", each) for each in LOYALTY_WORDS]),
        dots=tuple(dots),
    )


@TABLE.get("/matrices", "accounts.read")
async def matrices_page(reader: Reader) -> web.StreamResponse:
    matrix = reader.query("matrix") if reader.query("matrix") in MATRICES else "importance"
    direction = reader.query("direction") if reader.query("direction") in DIRECTIONS else "customer"
    views, partners = reader.services.views, reader.services.book().partners
    if matrix == "portfolio":
        drawn = portfolio_of(await reader.read(views.account_records, ("portfolio",)))
        return reader.page("portfolio.html", drawn=drawn, side=SIDE, matrices=MATRICES, direction=direction)
    element, account = reader.query("element") or None, reader.query("account") or None
    found = await reader.read(read_audit, views, sides_of(partners), direction, element, account)
    return reader.page(
        "matrices.html",
        matrix=matrix,
        matrices=MATRICES,
        directions=DIRECTIONS,
        found=found,
        drawn=draw(found, matrix, reader),
        side=SIDE,
        named=named,
        address_of=address_of,
        element_name=element_name,
        bands=BANDS,
        advices=ADVICE,
        presets=PRESETS,
        settings=await reader.read(views.settings_of),
        scheme_cuts=_cut_words(found.scheme),
    )


def _cut_words(scheme: Scheme) -> dict[str, str]:
    cuts = {"importance": scheme.importance_cut, "performance": scheme.performance_cut}
    words = {name: "mean" if value is None else str(value) for name, value in cuts.items()}
    return {**words, "satisfied": str(scheme.satisfied), "loyal": str(scheme.loyal)}


@TABLE.post("/matrices/settings", "rules.write")
async def set_matrices(reader: Reader) -> web.StreamResponse:
    """Keep the cells, the limits and the cuts; "preset" takes them all back to those of the sources."""
    form = await reader.request.post()
    actions = reader.services.actions
    given: Mapping[str, str] = {name: str(value) for name, value in form.items()}
    if given.get("preset") == "yes":
        for name in await reader.read(reader.services.views.settings_of):
            if name in ("evaluation", "thresholds", "cuts"):
                await actions.drop_entry("setting", name, reader.user)
    else:
        cells = [
            f"{row}/{column}={given[key]}" for row in BANDS for column in BANDS if (key := f"{row}.{column}") in given
        ]
        if cells:
            await actions.save_entry("setting", "evaluation", {"value": " ".join(cells)}, None, reader.user)
        if given.get("thresholds"):
            await actions.save_entry("setting", "thresholds", {"value": given["thresholds"]}, None, reader.user)
        cuts = [
            f"{name}={given[name]}" for name in ("importance", "performance", "satisfied", "loyal") if given.get(name)
        ]
        if cuts:
            await actions.save_entry("setting", "cuts", {"value": " ".join(cuts)}, None, reader.user)
    matrix = given.get("matrix") if given.get("matrix") in MATRICES else "importance"
    raise web.HTTPSeeOther(f"/matrices?matrix={matrix}&done=matrices")
