"""The quick way through a message: one table look-up and one regular expression for each segment.

A message type's structure is compiled to states, one for every place where a segment can stand; a state knows for
each tag where it leads, as long as nothing mandatory is left out on the way. A message that ever leaves these ways
is walked by gateway.schema.walk, which says what is wrong; a segment that its shape does not fit is looked at by
gateway.schema.elements. The quick way never makes a finding, and never takes what the others would report.

Source: UNTDID part 4 chapter 2.3 (order of segments and groups).
"""

from collections.abc import Callable, Sequence

from gateway.model.tree import Group, Segment
from gateway.schema.directory import GroupUse, SegmentUse
from gateway.schema.shapes import Shape

_Chain = tuple[tuple[GroupUse, int], ...]  # from the root: each open group and the place taken in it last


class Move:
    """Where a tag leads.

    depth   of the group it stands in
    again   it repeats the place that was taken there last
    limit   the most that may stand there
    group   name of the group that it opens, None: it opens none
    then    the state it leads to, None until somebody comes this way
    """

    __slots__ = ("again", "chain", "depth", "group", "limit", "shape", "then")

    def __init__(self, chain: _Chain, depth: int, place: int, shape: Shape) -> None:
        use, before = chain[depth]
        child = use.children[place]
        self.depth, self.again, self.limit, self.shape = depth, place == before, child.repeats, shape
        self.group: str | None = None
        self.chain: _Chain = (*chain[:depth], (use, place))
        if isinstance(child, GroupUse):
            self.group = child.name
            self.chain = (*self.chain, (child, 0))
        self.then: dict[str, Move] | None = None


State = dict[str, Move]


class QuickWalk:
    """A message type, compiled for one directory, overlay and set of marks; each state when it is first reached."""

    def __init__(self, structure: GroupUse, shape: Callable[[str], Shape]) -> None:
        """shape: gives the shape of a tag of the structure."""
        self._structure = structure
        self._shape = shape
        self._states: dict[tuple[tuple[str, int], ...], State] = {}
        first = structure.children[0]
        self._opener = first.tag if isinstance(first, SegmentUse) else ""
        self._depths = _depth(structure) + 1

    def _state(self, chain: _Chain) -> State:
        key = tuple((use.name, place) for use, place in chain)
        found = self._states.get(key)
        if found is None:
            found = self._states[key] = {}
            for tag in {tag for use, _ in chain for tag in use.places}:
                if way := _way(chain, tag):
                    found[tag] = Move(chain, *way, self._shape(tag))
        return found

    def _follow(self, move: Move) -> State:
        move.then = self._state(move.chain)
        return move.then

    def run(self, segments: Sequence[Segment]) -> tuple[Group, list[Segment]] | None:
        """Return the tree and the segments that need a closer look; None when the structure needs one."""
        if segments[0].tag != self._opener:
            return None
        root = Group(self._structure.name, [segments[0]])
        lists = [root.children] * self._depths
        counts = [1] * self._depths
        odd: list[Segment] = []
        if not self._shape(self._opener).fits(segments[0].raw):
            odd.append(segments[0])
        state = self._state(((self._structure, 0),))
        for segment in segments[1:]:
            move = state.get(segment.tag)
            if move is None:
                return None
            depth = move.depth
            if move.again:
                counts[depth] = count = counts[depth] + 1
                if count > move.limit:
                    return None
            else:
                counts[depth] = 1
            if move.group is None:
                lists[depth].append(segment)
            else:
                group = Group(move.group, [segment])
                lists[depth].append(group)
                depth += 1
                lists[depth] = group.children
                counts[depth] = 1
            state = move.then or self._follow(move)
            shape = move.shape  # Shape.fits, written out: a call would cost a third of this loop
            raw = segment.raw
            found = shape.match_released(raw) if shape.release in raw else shape.match(raw)
            if found is None:
                if raw.isascii() or not shape.fits_foreign(raw):
                    odd.append(segment)
            elif shape.codes:
                values = found.groups()
                if values not in shape.known and not shape.knows(values):
                    odd.append(segment)
        return root, odd


def _depth(use: GroupUse) -> int:
    return 1 + max((_depth(child) for child in use.children if isinstance(child, GroupUse)), default=0)


def _way(chain: _Chain, tag: str) -> tuple[int, int] | None:
    """Return (depth, place) of the first place that fits; None when something mandatory would be left out.

    A place that may be taken once only and has been is passed over, as the slow walk does.
    """
    for depth in range(len(chain) - 1, -1, -1):
        use, before = chain[depth]
        for place in use.places.get(tag, ()):
            if place < before or (place == before and use.children[place].repeats == 1):
                continue
            left = any(child.required for child in use.children[before + 1 : place])
            closed = any(child.required for inner, at in chain[depth + 1 :] for child in inner.children[at + 1 :])
            opened = use.children[place]
            deep = isinstance(opened, GroupUse) and isinstance(opened.children[0], GroupUse)
            return None if left or closed or deep else (depth, place)
    return None
