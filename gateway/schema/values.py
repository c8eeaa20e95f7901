"""Hold values against those agreed at one place of a message (an overlay's "values")."""

from collections.abc import Iterator, Mapping

from gateway.codecs.edifact_report import add, report
from gateway.model.findings import Finding
from gateway.model.tree import Group, Segment
from gateway.schema.directory import Directory
from gateway.schema.overlay import Codes


def check_values(tree: Group, places: Mapping[str, Codes], directory: Directory, findings: list[Finding]) -> None:
    """Report values that are not agreed. places: "SG2/NAD" -> element ("3035", "C507.2005") -> values."""
    for place, segment in _walk(tree, ""):
        for path, allowed in places.get(place, {}).items():
            element, component = directory.layout(segment.tag).position(path)
            value = segment.get(element, component)
            if value and value not in allowed:
                where = segment.where(element, component)
                add(findings, report("edifact.code-not-agreed", where, value=value, element=path.rpartition(".")[2]))


def _walk(group: Group, path: str) -> Iterator[tuple[str, Segment]]:
    for child in group.children:
        if isinstance(child, Group):
            yield from _walk(child, f"{path}{child.name}/")
        else:
            yield f"{path}{child.tag}", child
