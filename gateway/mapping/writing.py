"""While writing: from the document to texts, the same for every syntax."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.mapping.conditions import Holds, compile_when
from gateway.mapping.converters import Converter, Texts
from gateway.mapping.frames import Resources, default_value
from gateway.mapping.rules import KEEP, OTHER, Rule
from gateway.mapping.target import Scope, Slot, getter
from gateway.model.faults import OurFault
from gateway.model.findings import Where


@dataclass(frozen=True, slots=True)
class Output:
    """One rule that writes. value(document): what it has to write, None when there is none or the rule does not count;
    texts(value): the text and its companions."""

    rule: Rule
    slot: Slot
    converter: Converter
    texts: Callable[[Any], Texts]
    value: Callable[[Any], Any]
    always: bool = False  # it has a default


def _value(slot: Slot, default: Any, holds: Holds | None, before: Sequence[Holds]) -> Callable[[Any], Any]:
    """holds: the rule's own condition; before: those of the options that come first."""
    get = getter(slot.attributes)
    if holds is None and not before:
        return get if default is None else lambda source: default if (found := get(source)) is None else found

    def value(source: Any) -> Any:
        if holds is not None and not holds(lambda each: each.get(source)):
            return None
        if any(earlier(lambda each: each.get(source)) for earlier in before):
            return None
        found = get(source)
        return default if found is None else found

    return value


def followed(source: Any, attributes: Sequence[str]) -> Any:
    """Return the value that attributes lead to, None when it or one of its parents is absent."""
    for name in attributes:
        if source is None:
            return None
        source = getattr(source, name)
    return source


def chosen(elements: Any, required: tuple[tuple[str, ...], ...]) -> list[Any]:
    """Return the elements that have every value that the rules of this list require."""
    return [each for each in elements or () if all(followed(each, names) is not None for names in required)]


def has_any(source: Any, names: Sequence[str]) -> bool:
    """Tell whether source has a value for any of the attributes."""
    for name in names:
        found = getattr(source, name)
        if found is not None and found != ():
            return True
    return False


def outputs(scope: Scope, resources: Resources) -> list[Output]:
    """Return the rules of scope that write, in the order of the file.

    Of a slot the first option (the first whose `when` holds), of a list all.
    """
    found = []
    for slot in scope.slots:
        earlier: list[Holds] = []
        for rule in slot.rules:
            if rule.direction == "in" or rule.lookup:
                continue
            holds = compile_when(rule.when, scope, rule.at)
            found.append(_output(rule, slot, resources, holds, tuple(earlier)))
            if not slot.many and holds is None:
                break  # options after an unconditional one are for reading only
            earlier += [holds] if holds is not None else []
    return found


def _output(rule: Rule, slot: Slot, resources: Resources, holds: Holds | None, before: Sequence[Holds]) -> Output:
    converter = resources.converter(rule, slot)
    codes = resources.code_table(rule)
    units = resources.codes.get(converter.units) if converter.units else None
    default = default_value(rule, slot, resources) if rule.default is not None else None
    write = converter.write

    def texts(value: Any) -> Texts:
        text, *beside = write(value)
        if codes is not None and text is not None:
            text = _coded(text, codes.to_wire, rule)
        if units is not None and beside and beside[0]:
            beside[0] = units.to_wire.get(beside[0], beside[0])
        return (text, *beside)

    plain = codes is None and units is None
    value = _value(slot, default, holds, before)
    return Output(rule, slot, converter, write if plain else texts, value, default is not None)


def _coded(text: str, to_wire: Mapping[str, str], rule: Rule) -> str:
    code = to_wire.get(text)
    if code is None and rule.unknown == KEEP and text.startswith(OTHER):
        return text.removeprefix(OTHER)
    if code is None:
        raise OurFault("mapping.no-code", Where(path=rule.key), value=text, table=rule.code or "choose", at=rule.at)
    return code


def allotted(values: Any, takers: list[Output]) -> list[list[Any]]:
    """Deal the values of a list to the rules that write it: each value goes to the first that takes it and has room."""
    dealt: list[list[Any]] = [[] for _ in takers]
    for value in values or ():
        for taker, hand in zip(takers, dealt, strict=True):
            if taker.converter.takes(value) and (taker.rule.each or not hand):
                hand.append(value)
                break
    return dealt


def wrapped(text: str, width: int, parts: int) -> list[str]:
    """Split text at spaces into at most parts pieces of at most width characters; what does not fit is cut off."""
    found: list[str] = []
    words = text.split()
    if len(text) <= width:
        return [" ".join(words)] if words else []
    for word in words:
        if found and len(found[-1]) + 1 + len(word) <= width:
            found[-1] += f" {word}"
            continue
        found.extend(word[start : start + width] for start in range(0, len(word), width))
    return found[:parts]


def with_fallbacks(document: Any, fallbacks: Sequence[tuple[str, str]]) -> Any:
    """Return document with each absent party taken from the one that the mapping names with `otherwise`."""
    added = {
        name: getattr(document, other)
        for name, other in fallbacks
        if getattr(document, name) is None and getattr(document, other) is not None
    }
    return replace(document, **added) if added else document
