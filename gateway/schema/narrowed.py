"""A directory as an overlay changes it: structures and layouts with other status, repeats, or places left out."""

from collections.abc import Mapping
from dataclasses import replace

from gateway.model.faults import OurFault
from gateway.schema.directory import Directory, ElementUse, GroupUse, SegmentLayout, SegmentUse
from gateway.schema.overlay import Change, Overlay


def structure_of(directory: Directory, message: str, overlay: Overlay | None) -> GroupUse:
    """Return the root group of a message type as the overlay has it.

    Raises KeyError when the directory has no such message, OurFault edifact.directory-unreadable when the overlay names
    a place that is not there.
    """
    root = directory.structure(message)
    changes = dict(overlay.structure.get(message, {})) if overlay else {}
    if not changes or overlay is None:
        return root
    used: set[str] = set()
    changed = _group(root, "", changes, used)
    if unknown := set(changes) - used:
        raise OurFault(
            "edifact.directory-unreadable", value=f"{overlay.name}: {message}/{min(unknown)}", directory=directory.name
        )
    return changed


def _group(group: GroupUse, path: str, changes: Mapping[str, Change], used: set[str]) -> GroupUse:
    children: list[SegmentUse | GroupUse] = []
    for child in group.children:
        place = f"{path}{child.name if isinstance(child, GroupUse) else child.tag}"
        change = changes.get(place)
        if isinstance(child, GroupUse):
            child = _group(child, f"{place}/", changes, used)
        if change is not None:
            used.add(place)
            if change.status is None:
                continue
            child = replace(child, required=change.status == "M", repeats=change.repeats or child.repeats)
        children.append(child)
    return GroupUse(name=group.name, required=group.required, repeats=group.repeats, children=tuple(children))


def layout_of(directory: Directory, tag: str, overlay: Overlay | None) -> SegmentLayout:
    """Return the elements of a segment as the overlay has them. Raises KeyError, OurFault as structure_of does."""
    layout = directory.layout(tag)
    changes = overlay.segments.get(tag) if overlay else None
    if not changes or overlay is None:
        return layout
    elements = list(layout.elements)
    for path, change in changes.items():
        try:
            element, component = layout.position(path)
        except KeyError as error:
            raise OurFault(
                "edifact.directory-unreadable", value=f"{overlay.name}: {tag}.{path}", directory=directory.name
            ) from error
        use = elements[element - 1]
        elements[element - 1] = _component(use, component, change) if "." in path else _element(use, change)
    return replace(layout, elements=tuple(elements))


def _element(use: ElementUse, change: Change) -> ElementUse:
    if change.status is None:
        return replace(use, required=False, unused=True)
    return replace(use, required=change.status == "M", repeats=change.repeats or use.repeats)


def _component(use: ElementUse, component: int, change: Change) -> ElementUse:
    components = list(use.components)
    old = components[component - 1]
    unused = change.status is None
    components[component - 1] = replace(old, required=change.status == "M", unused=unused)
    return replace(use, components=tuple(components))
