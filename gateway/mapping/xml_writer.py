"""A document as an XML tree. Elements are written in the order in which the rules first name them, so a mapping lists
its rules in the order of the schema."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.codecs.xml import Element, add_child, is_text, new_root
from gateway.mapping.converters import XML
from gateway.mapping.frames import POSITION, Resources
from gateway.mapping.rules import Rule, Syntax, refuse
from gateway.mapping.target import Scope
from gateway.mapping.writing import Output, allotted, chosen, has_any, outputs, with_fallbacks
from gateway.mapping.xml_reader import ANY, Test, XmlSpot, xml_spot
from gateway.model.documents import Document
from gateway.model.faults import OurFault
from gateway.model.findings import Where

_CURRENCY = "@currencyID"
_WRITE_TIME = XML["time"].write
_UNNUMBERED = "#"  # stands where a running number goes, unless a field has written its own


def _number(element: Element, child: str, number: int) -> None:
    """Write the running number into the child of that name, if nothing else stands there."""
    found = element.find(child) if child else None
    if found is not None and found.text == _UNNUMBERED:
        found.text = str(number)


@dataclass(slots=True)
class Put:
    """Writes the texts of one rule into an element. which: of the takers of a list."""

    output: Output
    attribute: str
    takers: list[Output]
    which: int
    clock: bool = False  # the time of day of a moment, written beside its date

    @property
    def head(self) -> str:
        """The attribute of the scope's object without which there is nothing to write."""
        return self.output.slot.attributes[0]

    @property
    def single(self) -> bool:
        """Tell whether there is but one value to write."""
        return not self.output.slot.many

    def values(self, source: Any) -> list[Any]:
        """Return what this rule has to write of source."""
        if self.output.slot.many:
            return allotted(self.output.slot.get(source), self.takers)[self.which]
        value = self.output.value(source)
        return [] if value is None else [value]

    def place(self, value: Any, element: Element, currency: str) -> bool:
        """Write value; False when it has no text. Raises OurFault mapping.currency-missing or mapping.bad-text."""
        texts = _WRITE_TIME(value) if self.clock else self.output.texts(value)
        text = texts[0]
        if not text:
            return False
        if not is_text(text):
            raise OurFault("mapping.bad-text", Where(path=self.output.rule.key), value=repr(text)[:80])
        if self.attribute:
            element.set(self.attribute, text)
        else:
            element.text = text
        if len(texts) == 1:
            return True
        for name, extra in zip(self.output.converter.companions, texts[1:], strict=False):
            if name == _CURRENCY and not extra:
                extra = currency or _no_currency(self.output.rule)
            if extra:
                element.set(name[1:], extra)
        return True


def _no_currency(rule: Rule) -> str:
    raise OurFault("mapping.currency-missing", Where(path=rule.key), at=rule.at)


@dataclass(slots=True)
class ElementPart:
    """An element. key: its name and conditions, by which rules share it. pure: constants only, never stands alone.

    must: it is always there, because a constant in it is required
    """

    tag: str
    key: tuple[Any, ...]
    fixed: dict[str, str] = field(default_factory=dict)  # attributes; "" the text
    puts: list[Put] = field(default_factory=list)
    parts: "list[ElementPart | RepeatedPart | ListPart | NestedListPart | OnceListPart]" = field(default_factory=list)
    must: bool = False
    stays: bool = False  # written even when it has no value, provided that the element around it has one
    only: Put | None = None  # there is nothing but this one value
    needs: tuple[str, ...] | None = None  # without one of these attributes there is no value; None: there always is

    def settle(self) -> None:
        """Work out what can be passed over, once all rules are in; here and below."""
        for part in self.parts:
            part.settle()
        pure = not self.puts and all(isinstance(part, ElementPart) and part.pure for part in self.parts)
        self.stays = self.must or bool(self.fixed.get("")) or pure  # a constant, written when the field has no value
        self.only = self.puts[0] if len(self.puts) == 1 and not self.parts and self.puts[0].single else None
        self.needs = _heads(self)

    @property
    def pure(self) -> bool:
        """Tell whether it holds constants only."""
        return not self.puts and all(isinstance(part, ElementPart) and part.pure for part in self.parts)

    def emit(self, source: Any, parent: Element, currency: str) -> bool:
        """Append the element to parent when it has a value; tell whether it had."""
        if not self.stays:
            if self.only is not None:
                return self._emit_only(self.only, source, parent, currency)
            if self.needs is not None and not has_any(source, self.needs):
                return False
        element = add_child(parent, self.tag)
        filled = self.fill(source, element, currency)
        if not filled and not self.stays:
            parent.remove(element)
        return filled

    def _emit_only(self, put: Put, source: Any, parent: Element, currency: str) -> bool:
        value = put.output.value(source)
        if value is None:
            return False
        element = add_child(parent, self.tag)
        if not put.place(value, element, currency):
            parent.remove(element)
            return False
        for name, text in self.fixed.items():
            element.set(name, text)  # a text of its own would let it stay
        return True

    def fill(self, source: Any, element: Element, currency: str) -> bool:
        """Write what belongs into the element."""
        filled = False
        for put in self.puts:
            for value in put.values(source):
                filled |= put.place(value, element, currency)
        for part in self.parts:
            filled |= part.emit(source, element, currency)
        for name, text in self.fixed.items():
            if name:
                element.set(name, text)
            elif not element.text:
                element.text = text
        return filled


def _heads(part: ElementPart) -> tuple[str, ...] | None:
    """Return the attributes that the values in part come from; None when one of them is there whatever the document."""
    found: dict[str, None] = {}
    for put in part.puts:
        if put.output.always:
            return None
        found[put.head] = None
    for inner in part.parts:
        if isinstance(inner, ElementPart):
            if inner.needs is None:
                return None
            found |= dict.fromkeys(inner.needs)
        else:
            found[inner.head] = None
    return tuple(found)


@dataclass(slots=True)
class RepeatedPart:
    """One element for each value of a list (notes, identifiers). inner: names from the element down to the text."""

    tag: str
    inner: tuple[str, ...]
    fixed: dict[str, str]
    put: Put

    @property
    def head(self) -> str:
        return self.put.head

    def settle(self) -> None:
        """Nothing is below."""

    def emit(self, source: Any, parent: Element, currency: str) -> bool:
        values = self.put.values(source)
        for value in values:
            element = add_child(parent, self.tag)
            for step in self.inner:
                element = add_child(element, step)
            for name, text in self.fixed.items():
                element.set(name, text)
            self.put.place(value, element, currency)
        return bool(values)


@dataclass(slots=True)
class ListPart:
    """One element for each element of a list."""

    attributes: tuple[str, ...]
    element: ElementPart
    required: tuple[tuple[str, ...], ...]
    number: str = ""  # child that gets a running number

    @property
    def head(self) -> str:
        return self.attributes[0]

    def settle(self) -> None:
        self.element.settle()

    def emit(self, source: Any, parent: Element, currency: str) -> bool:
        found = source
        for name in self.attributes:
            found = getattr(found, name) if found is not None else None
        rows = chosen(found, self.required)
        running = len(parent.findall(self.element.tag)) if self.number else 0
        for place, row in enumerate(rows, running + 1):
            element = add_child(parent, self.element.tag)
            self.element.fill(row, element, currency)
            _number(element, self.number, place)
        return bool(rows)


@dataclass(slots=True)
class NestedListPart:
    """Elements of a list inside an outer element that has values of its own: rows that agree in those share one.

    before, after: the outer element's own content, on both sides of the inner elements
    """

    attributes: tuple[str, ...]
    before: ElementPart
    after: ElementPart
    element: ElementPart
    required: tuple[tuple[str, ...], ...]
    number: str = ""  # child of the outer element that gets a running number

    @property
    def head(self) -> str:
        return self.attributes[0]

    def settle(self) -> None:
        for part in (self.before, self.after, self.element):
            part.settle()

    def emit(self, source: Any, parent: Element, currency: str) -> bool:
        found = source
        for name in self.attributes:
            found = getattr(found, name) if found is not None else None
        rows = chosen(found, self.required)
        last, outer, at = None, None, 0
        for row in rows:
            head = new_root(self.before.tag, {})
            self.before.fill(row, head, currency)
            inside = len(head)
            self.after.fill(row, head, currency)
            content = tuple((each.tag, each.text, *sorted(each.items())) for each in head.iter())
            if outer is None or content != last:
                running = len(parent.findall(self.before.tag)) + 1
                parent.append(head)
                last, outer, at = content, head, inside
                _number(outer, self.number, running)
            inner = add_child(outer, self.element.tag)
            self.element.fill(row, inner, currency)
            outer.insert(at, inner)
            at += 1
        return bool(rows)


@dataclass(slots=True)
class OnceListPart:
    """A list for which the format has room once: its one element and what stands around it, in the same parent."""

    key: str
    attributes: tuple[str, ...]
    before: ElementPart
    after: ElementPart
    element: ElementPart

    @property
    def head(self) -> str:
        return self.attributes[0]

    def settle(self) -> None:
        for part in (self.before, self.after, self.element):
            part.settle()

    def emit(self, source: Any, parent: Element, currency: str) -> bool:
        found = source
        for name in self.attributes:
            found = getattr(found, name) if found is not None else None
        if not found:
            return False
        if len(found) > 1:
            raise OurFault("mapping.one-only", Where(path=self.key), value=str(len(found)), field=self.key)
        self.before.fill(found[0], parent, currency)
        self.element.emit(found[0], parent, currency)
        self.after.fill(found[0], parent, currency)
        return True


class XmlWriter:
    """Compiled once per mapping."""

    def __init__(self, root: Scope, syntax: Syntax, resources: Resources) -> None:
        self.syntax = syntax
        self.resources = resources
        self.fallbacks = root.fallbacks
        self.root = ElementPart(syntax.root, ())
        self.pending: list[tuple[ElementPart, Test]] = []
        self._add(root, self.root, None)
        for part, test in self.pending:  # last: a rule or constant for the same place knows the better order
            self._condition(part, test)
        self.root.settle()

    def write(self, document: Document) -> Element:
        """Return the document element. Raises OurFault mapping.*."""
        element = new_root(self.syntax.root, self.syntax.namespaces)
        document = with_fallbacks(document, self.fallbacks)
        self.root.fill(document, element, getattr(document, "currency", None) or "")
        return element

    def _add(self, scope: Scope, home: ElementPart, outer: NestedListPart | None) -> None:
        """Add the rules of scope in the order of the files, lists and constants among the fields.

        outer: takes the rules that start with ../
        """
        written = outputs(scope, self.resources)
        steps: list[tuple[int, Any]] = []
        for output in written:
            takers = [each for each in written if each.slot is output.slot]
            steps.append((output.rule.rank, (output, takers)))
        steps += [(rule.rank, rule) for rule in scope.free if rule.direction != "in"]
        steps += [(inner.head.rank, inner) for inner in scope.lists if inner.head and inner.head.direction != "in"]
        around = None if outer is None else outer.before
        for _, step in sorted(steps, key=lambda pair: pair[0]):
            rule = step if isinstance(step, Rule) else None if isinstance(step, Scope) else step[0].rule
            place = home
            if rule is not None and rule.path.startswith("../"):
                if around is None:
                    refuse("mapping.unknown-path", rule.at, rule.path)
                place = around
            elif outer is not None:
                around = outer.after
            if isinstance(step, Rule):
                self._fixed(step, scope, place)
            elif isinstance(step, Scope):
                self._list(step, place)
            else:
                output, takers = step
                self._put(output, takers, place)

    def _put(self, output: Output, takers: list[Output], home: ElementPart) -> None:
        rule = output.rule
        spot = xml_spot(rule.path, rule.where, self.syntax, rule.at)
        put = Put(output, spot.attribute, takers, next(n for n, each in enumerate(takers) if each is output))
        if output.slot.many and rule.each:
            depth = len(xml_spot(rule.each, (), self.syntax, rule.at).steps)
            above = self._down(home, spot, depth - 1)
            own = [test for at, test in spot.tests if at == len(spot.steps) and test.values[0] not in ("", ANY)]
            fixed = {test.attribute: test.values[0] for test in own}
            above.parts.append(RepeatedPart(spot.steps[depth - 1], spot.steps[depth:], fixed, put))
            return
        self._down(home, spot, len(spot.steps)).puts.append(put)
        if rule.time:
            clock = xml_spot(rule.time, (), self.syntax, rule.at)
            self._down(home, clock, len(clock.steps)).puts.append(Put(output, "", takers, 0, clock=True))

    def _fixed(self, rule: Rule, scope: Scope, home: ElementPart) -> None:
        spot = _of_parent(xml_spot(rule.path, rule.where, self.syntax, rule.at))
        part = self._down(home, spot, len(spot.steps))
        if rule.required:
            for depth in range(1, len(spot.steps) + 1):
                self._down(home, spot, depth).must = True
        if rule.check == POSITION:
            part.fixed[""] = _UNNUMBERED
        elif rule.check:
            part.puts.append(_count_put(rule, scope, spot, self.resources))
        else:
            part.fixed[spot.attribute] = rule.const or ""

    def _list(self, scope: Scope, home: ElementPart) -> None:
        head = scope.head
        assert head is not None
        spot = xml_spot(head.each, head.where, self.syntax, head.at)
        element = ElementPart(spot.steps[-1], ())
        self.pending += [(element, test) for at, test in spot.tests if at == len(spot.steps)]
        required = tuple(slot.attributes for slot in scope.slots if any(rule.required for rule in slot.rules))
        numbers = [rule for rule in scope.free if rule.check == POSITION and rule.direction != "in"]
        number = xml_spot(numbers[0].path, (), self.syntax, numbers[0].at).steps[0] if numbers else ""
        if not writes_around(scope):
            above = self._down(home, spot, len(spot.steps) - 1)
            self._add(scope, element, None)
            above.parts.append(ListPart(scope.attributes, element, required, number))
            return
        if len(spot.steps) < 2:
            once = NestedListPart(scope.attributes, ElementPart("", ()), ElementPart("", ()), element, required)
            self._add(scope, element, once)
            home.parts.append(OnceListPart(scope.key, once.attributes, once.before, once.after, element))
            return
        above = self._down(home, spot, len(spot.steps) - 2)
        before, after = ElementPart(spot.steps[-2], ()), ElementPart(spot.steps[-2], ())
        self.pending += [(before, test) for at, test in spot.tests if at == len(spot.steps) - 1]
        nested = NestedListPart(scope.attributes, before, after, element, required, number)
        self._add(scope, element, nested)
        above.parts.append(nested)

    def _down(self, home: ElementPart, spot: XmlSpot, depth: int) -> ElementPart:
        """Return the element at depth of spot, made when there is none with the same conditions."""
        for number in range(depth):
            tests = tuple(test for at, test in spot.tests if at == number + 1)
            key = (spot.steps[number], tests)
            found = next((p for p in home.parts if isinstance(p, ElementPart) and p.key == key), None)
            if found is None:
                found = ElementPart(spot.steps[number], key)
                home.parts.append(found)
                self.pending += [(found, test) for test in tests]
            home = found
        return home

    def _condition(self, part: ElementPart, test: Test) -> None:
        """Write a condition as a constant."""
        if test.values[0] in ("", ANY):
            return
        for step in test.steps:
            inner = next((p for p in part.parts if isinstance(p, ElementPart) and p.tag == step), None)
            if inner is None:
                inner = ElementPart(step, (step, ()))
                part.parts.append(inner)
            part = inner
        part.fixed[test.attribute] = test.values[0]


def _of_parent(spot: XmlSpot) -> XmlSpot:
    """Return the spot of a constant with its condition on itself said of the parent: there the other rules say it, and
    the constant only tells where among them it stands."""
    depth = len(spot.steps)
    own = [test for at, test in spot.tests if at == depth and not test.steps and not test.attribute]
    if not own or depth < 2:
        return spot
    moved = tuple((depth - 1, replace(test, steps=spot.steps[-1:])) for test in own)
    kept = tuple((at, test) for at, test in spot.tests if test not in own)
    return replace(spot, tests=(*kept, *moved))


def writes_around(scope: Scope) -> bool:
    """Tell whether a list writes values at the level around its elements (../): that level then repeats too."""
    rules = [*scope.free, *(rule for slot in scope.slots for rule in slot.rules)]
    return any(rule.path.startswith("../") and rule.direction != "in" for rule in rules)


def _count_put(rule: Rule, scope: Scope, spot: XmlSpot, resources: Resources) -> Put:
    """Return a put that writes the number of elements of a list."""
    found: Sequence[Scope] = [each for each in scope.lists if each.key.partition("[")[0] == rule.check]
    if not found:
        refuse("mapping.unknown-list", rule.at, rule.check, [each.key for each in scope.lists])
    slot = next(each for each in scope.slots if each.attributes == found[0].attributes)
    output = Output(rule, slot, XML["int"], lambda value: (str(len(value)),), slot.get)
    return _CountPut(output, spot.attribute, [], 0)


class _CountPut(Put):
    """The list itself is the value, not its elements."""

    __slots__ = ()

    @property
    def single(self) -> bool:
        return False

    def values(self, source: Any) -> list[Any]:
        found = self.output.slot.get(source)
        return [found] if found else []
