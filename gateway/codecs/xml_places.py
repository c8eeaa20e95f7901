"""Where the elements of one document stand, for many elements at once."""

from gateway.codecs.xml import Element
from gateway.model.findings import Where


class Locator:
    """Gives line and path of elements, as gateway.codecs.xml.locate does; remembers the way to those it was asked for.

    Asking for one element after the other would count its brothers each time, which takes minutes in a long document.
    """

    def __init__(self) -> None:
        self._paths: dict[Element, str] = {}

    def __call__(self, element: Element) -> Where:
        return Where(line=element.sourceline, tag=_local(element), path=self.path(element))

    def row(self, element: Element) -> tuple[str | int | None, ...]:
        """Return the same as a row of gateway.model.places."""
        return (None, _local(element), None, None, None, element.sourceline, None, self.path(element))

    def path(self, element: Element) -> str:
        """Return the path by local names, with a number where siblings share the name: /Order/OrderLine[2]/LineItem."""
        found = self._paths.get(element)
        if found is None:
            parent = element.getparent()
            if parent is None:
                self._paths[element] = f"/{_local(element)}"
            else:
                self._number(parent, self.path(parent))
            found = self._paths[element]
        return found

    def _number(self, parent: Element, path: str) -> None:
        children = list(parent)
        totals: dict[str, int] = {}
        for child in children:
            totals[child.tag] = totals.get(child.tag, 0) + 1
        counts: dict[str, int] = {}
        for child in children:
            number = counts[child.tag] = counts.get(child.tag, 0) + 1
            name = _local(child)
            self._paths[child] = f"{path}/{name}[{number}]" if totals[child.tag] > 1 else f"{path}/{name}"


def _local(element: Element) -> str:
    name: str = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    return name
