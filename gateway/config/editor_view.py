"""One look at a draft in the mapping editor: what a person sees at once, made in the preview's child process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.config.editing import Knowledge, Suggestion, suggestions
from gateway.config.preview import Draft, MessagePreview, Preview, PreviewBench
from gateway.config.sample_values import SampleValue, sample_values
from gateway.mapping.differences import NUMBER
from gateway.mapping.printed import entry_lines
from gateway.mapping.rules import Effective

VALUES = 400  # of the sample, shown at once
ELEMENTS = 12  # of each list of the document, shown at once
SUGGESTED = 25  # leftover values that fields are proposed for
STANDARD, COUNTRY = "mappings/standard/", "mappings/country/"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One entry of the effective mapping. layer: standard, country or own. at: file:line."""

    key: str
    text: str
    at: str
    layer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a leftover value could be. number: of the value."""

    number: int
    fields: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """preview: its first message has the first elements of each list only; elements: list -> how many there are.

    values: the sample. proposed: for leftover values. rules: with the layer that gives each
    """

    preview: Preview
    document: str = ""  # canonical type
    values: tuple[SampleValue, ...] = ()
    proposed: tuple[Proposal, ...] = ()
    rules: tuple[RuleLine, ...] = ()
    elements: Mapping[str, int] | None = None
    stands_in: bool = False  # of the version in force, because the draft does not compile; the findings are the draft's


@dataclass(frozen=True, slots=True, kw_only=True)
class LookTask:
    """Picklable. proposals, rules: also made when asked for; a key stroke needs neither."""

    draft: Draft
    position: int = 0  # of the message in the sample
    proposals: bool = True
    rules: bool = True

    def __call__(self, bench: PreviewBench) -> Look:
        return look(bench, self)


def look(bench: PreviewBench, task: LookTask) -> Look:
    """Return what is shown. Raises OurFault as PreviewBench.preview does."""
    found = bench.preview(replace(task.draft, rows=VALUES, elements=ELEMENTS))
    effective = bench.effective(task.draft)
    if effective is None:
        return Look(preview=found)
    message = next((each for each in found.messages if each.position == task.position), None)
    rules = rule_lines(effective) if task.rules else ()
    if message is None:
        return Look(preview=found, document=effective.document, rules=rules)
    tree = bench.tree(task.draft, message.position)
    values = sample_values(tree, effective.syntax, bench.files.directories, message.trace, message.leftovers, VALUES)
    kept = replace(message, trace=(), leftovers=(), differences=message.differences[:60])
    proposed = _proposed(bench, effective, values, message) if task.proposals else ()
    return Look(
        preview=replace(found, messages=(kept,)),
        document=effective.document,
        values=tuple(values),
        proposed=proposed,
        rules=rules,
        elements=message.elements,
    )


def rule_lines(effective: Effective) -> tuple[RuleLine, ...]:
    """Return every entry with the layer that gives it."""
    return tuple(RuleLine(key=key, text=text, at=at, layer=_layer(at)) for key, text, at in entry_lines(effective))


def _layer(at: str) -> str:
    return "standard" if at.startswith(STANDARD) else "country" if at.startswith(COUNTRY) else "own"


def _proposed(
    bench: PreviewBench, effective: Effective, values: Sequence[SampleValue], message: MessagePreview
) -> tuple[Proposal, ...]:
    """Return what the first leftover values could be; one of a path and qualifier stands for those like it."""
    knowledge = Knowledge(bench.relatives(effective))
    filled = {NUMBER.sub("", each.field) for each in message.trace}
    filled |= {key.rpartition(".")[0] for key in filled} | {f"{key}.gln" for key in filled if key.endswith(".ids")}
    told: list[Proposal] = []
    seen: set[tuple[object, ...]] = set()
    chooses = {(each.group, name) for each in values for name, _ in each.qualifiers}
    for each in values:
        key = (each.path, each.qualifiers)
        wanted = each.state == "left" and each.path and (each.group, each.part) not in chooses
        if wanted and key not in seen and len(told) < SUGGESTED:
            seen.add(key)
            fields = suggestions(each, effective, knowledge, filled)
            if fields:
                told.append(Proposal(number=each.number, fields=fields))
    return tuple(told)
