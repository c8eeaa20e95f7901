"""The packaging of a despatch: as the house packed it, else as the packs of the items say; and the SSCC of each unit.

Pallets and cases are units; a layer only says how much a pallet holds. The goods of one shop never share a unit with
those of another, as far as we build the units.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from gateway.domain.cross_dock import Shipped
from gateway.domain.decision import Context, Snapshot
from gateway.model.despatch_advice import DespatchAdvice, LogisticUnit
from gateway.model.effects import CaseOpened, Effect, NumbersTaken, PackSaved, UnitShipped
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.partner import SsccRange
from gateway.model.values import check_digit, has_valid_check_digit

PALLET, CASE = "201", "CT"  # GS1's code for a pallet 80 x 120 cm; UN/ECE Rec 21: carton
MOST_UNITS = 9_999  # pallets and groups of cases in one despatch
DEEPEST = 20  # units in units
ROOT = "1"  # the whole shipment, where a syntax wants a unit for it (EANCOM CPS+1)
SSCC_LENGTH = 18
NOT_AGAIN = timedelta(days=365)  # GS1 General Specifications section 2.2.1: an SSCC is not used again within a year


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What a despatch is made of. lines: in their units."""

    units: tuple[LogisticUnit, ...]
    lines: tuple[Shipped, ...]
    effects: tuple[Effect, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def outermost(self) -> int:
        """How many units stand on the truck."""
        known = {unit.id for unit in self.units}
        return sum(unit.quantity or 1 for unit in self.units if unit.parent not in known and unit.id != ROOT)


def pack(advice: DespatchAdvice, lines: Sequence[Shipped], context: Context, snapshot: Snapshot) -> Packed:
    """Return the units with their SSCCs and the lines in them.

    Raises PartnerFault despatch.units-unclear, despatch.sscc-wrong, despatch.sscc-of-our-range and
    despatch.too-many-units; OurFault sscc.range-exhausted.
    """
    if advice.units:
        units, packed = advice.units, _placed(advice, lines)
        _check_tree(advice)
    else:
        units, packed = _Builder(snapshot.packs).build(lines)
    findings = list(_shared(units, packed)) if advice.units else []
    said = _said(advice, context, snapshot)
    numbered, taken = _numbered(units, context, snapshot)
    return Packed(
        units=numbered,
        lines=tuple(packed),
        effects=(*taken, *_reused(said, context, snapshot)),
        findings=(*findings, *_warnings(said, context, snapshot)),
    )


def shipped_units(units: Iterable[LogisticUnit], partner: str, shipment: str) -> list[Effect]:
    """Return that these SSCCs are used now."""
    return [
        UnitShipped(key=f"unit:{unit.sscc}", sscc=unit.sscc, partner=partner, shipment=shipment)
        for unit in units
        if unit.sscc
    ]


# --- as the house packed it -------------------------------------------------------------------------------------------


def _placed(advice: DespatchAdvice, lines: Sequence[Shipped]) -> list[Shipped]:
    """A line without a unit is in the only one there is."""
    only = advice.units[0].id if len(advice.units) == 1 else None
    return [
        replace(each, line=replace(each.line, unit=only)) if each.line.unit is None and only else each for each in lines
    ]


def _check_tree(advice: DespatchAdvice) -> None:
    """Raise unless each unit has a number of its own and stands in a known one, no unit in itself."""
    parents = {unit.id: unit.parent for unit in advice.units}
    known = {*parents, None, ROOT}
    seen: set[str] = set()
    for index, unit in enumerate(advice.units):
        above, steps = unit.parent, 0
        while above is not None and above in parents and steps <= DEEPEST:
            above, steps = parents[above], steps + 1
        if unit.parent not in known or unit.id in seen or steps > DEEPEST:
            raise PartnerFault("despatch.units-unclear", Where(path=f"units[{index}]"), value=unit.id)
        seen.add(unit.id)
    for index, line in enumerate(advice.lines):
        if line.unit is not None and line.unit not in known:
            raise PartnerFault("despatch.units-unclear", Where(path=f"lines[{index}].unit"), value=line.unit)


def _shared(units: Sequence[LogisticUnit], lines: Sequence[Shipped]) -> Iterable[Finding]:
    """Warn of a unit with goods of several shops: the cross dock has to open it."""
    shops: dict[str, set[str | None]] = defaultdict(set)
    for each in lines:
        if each.line.unit is not None:
            shops[each.line.unit].add(each.line.final_location)
    for index, unit in enumerate(units):
        if len(shops[unit.id]) > 1:
            where = Where(path=f"units[{index}]")
            yield Finding(code="despatch.unit-for-several-stores", severity="warning", where=where, value=unit.id)


# --- as the packs of the items say ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Builder:
    """Builds pallets and groups of cases; their ids are running numbers after the shipment's."""

    packs: Sequence[PackSaved]
    units: list[LogisticUnit] = field(default_factory=list)
    lines: list[Shipped] = field(default_factory=list)

    def build(self, lines: Iterable[Shipped]) -> tuple[tuple[LogisticUnit, ...], list[Shipped]]:
        """Return the units, and the lines cut so that each is in one unit."""
        shops: dict[str | None, list[Shipped]] = defaultdict(list)
        for each in lines:
            shops[each.line.final_location].append(each)
        for goods in shops.values():
            rests = [rest for each in goods for rest in self._full_pallets(each)]
            if rests:
                self._mixed(rests)
        return tuple(self.units), self.lines

    def _full_pallets(self, each: Shipped) -> list[Shipped]:
        """Put whole pallets of one item aside; return the rest, if any."""
        pallet = _largest(self.packs, each.before.gtin, "pallet", each.units)
        if pallet is None:
            return [each]
        case = _largest(self.packs, each.before.gtin, "case", pallet)
        count = int(each.units // pallet)
        if len(self.units) + 2 * count > MOST_UNITS:
            raise PartnerFault(
                "despatch.too-many-units", Where(path=f"lines[{each.index}]"), value=str(count), most=str(MOST_UNITS)
            )
        for n in range(count):
            unit = self._unit(PALLET)
            whole = each.part(pallet, first=n == 0)
            self._in_cases(whole, case, unit)
        rest = each.units - count * pallet
        return [each.part(rest, first=False)] if rest else []

    def _mixed(self, rests: Sequence[Shipped]) -> None:
        """One unit for what fills no pallet: a single case stands for itself."""
        cases = [_largest(self.packs, each.before.gtin, "case", each.units) for each in rests]
        if len(rests) == 1 and cases[0] == rests[0].units:
            self._put(rests[0], rests[0].units, self._unit(CASE), first=True)
            return
        unit = self._unit(PALLET)
        for each, case in zip(rests, cases, strict=True):
            self._in_cases(each, case, unit)

    def _in_cases(self, each: Shipped, case: Decimal | None, unit: str) -> None:
        """Put goods on a unit: whole cases as a group of their own, the rest as it is."""
        count = int(each.units // case) if case else 0
        boxed = count * case if case else Decimal(0)
        if boxed:
            self._put(each, boxed, self._unit(CASE, parent=unit, quantity=count), first=True)
        if each.units > boxed or not boxed:
            self._put(each, each.units - boxed, unit, first=not boxed)

    def _put(self, each: Shipped, units: Decimal, unit: str, *, first: bool) -> None:
        self.lines.append(each.part(units, first=first, unit=unit))

    def _unit(self, package: str, parent: str | None = None, quantity: int = 1) -> str:
        if len(self.units) >= MOST_UNITS:
            raise PartnerFault("despatch.too-many-units", Where(path="lines"), value=package, most=str(MOST_UNITS))
        number = str(len(self.units) + 2)
        self.units.append(LogisticUnit(id=number, parent=parent, package_type=package, quantity=quantity))
        return number


def _largest(packs: Sequence[PackSaved], gtin: str, level: str, most: Decimal) -> Decimal | None:
    """Return the contents, in units of gtin, of its largest pack of a level that holds at most `most`."""
    fitting = [units for of, units in contents(packs, gtin) if of == level and 0 < units <= most]
    return max(fitting, default=None)


def contents(packs: Sequence[PackSaved], gtin: str) -> list[tuple[str, Decimal]]:
    """Return (level, units of gtin) of every pack that holds gtin, directly or in smaller packs."""
    return [(pack.level, units) for pack, units in packs_around(packs, gtin)]


def whole_pack(packs: Sequence[PackSaved], gtin: str, units: Decimal) -> str | None:
    """Return the GTIN of the one pack that holds exactly so many units of an item: a pallet before a layer before a
    case. None when there is none, or more than one on a level."""
    for level in ("pallet", "layer", "case"):
        found = [pack.gtin for pack, held in packs_around(packs, gtin) if pack.level == level and held == units]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def packs_around(packs: Sequence[PackSaved], gtin: str) -> list[tuple[PackSaved, Decimal]]:
    """Return every pack that holds gtin, directly or in smaller packs, with the units of gtin in it."""
    found: list[tuple[PackSaved, Decimal]] = []
    reached, around = {gtin: Decimal(1)}, [gtin]
    while around:
        inner = around.pop()
        for each in packs:
            if each.inner == inner and each.gtin not in reached:
                reached[each.gtin] = reached[inner] * each.contents
                found.append((each, reached[each.gtin]))
                around.append(each.gtin)
    return found


# --- numbers ----------------------------------------------------------------------------------------------------------


def sscc(numbers: SsccRange, serial: int) -> str:
    """Return the SSCC of a serial number. Raises OurFault sscc.range-exhausted.

    Source: GS1 General Specifications section 3.2 (AI 00): extension digit, company prefix, serial, check digit.
    """
    width = SSCC_LENGTH - 2 - len(numbers.prefix)
    if serial >= 10**width:
        raise OurFault("sscc.range-exhausted", value=numbers.prefix, extension=numbers.extension)
    body = f"{numbers.extension}{numbers.prefix}{serial:0{width}d}"
    return body + check_digit(body)


def _numbered(
    units: Sequence[LogisticUnit], context: Context, snapshot: Snapshot
) -> tuple[tuple[LogisticUnit, ...], tuple[Effect, ...]]:
    """Give the outermost units that have no SSCC the next ones of our range."""
    numbers = context.own.sscc
    wanting = _wanting(units)
    if numbers is None or not wanting:
        return tuple(units), ()
    start = snapshot.ranges.get(numbers.name, 0)
    given = {unit: sscc(numbers, start + n) for n, unit in enumerate(wanting, start=1)}
    taken = NumbersTaken(key="sscc", range=numbers.name, start=start, last=start + len(wanting))
    return tuple(replace(unit, sscc=given.get(unit.id, unit.sscc)) for unit in units), (taken,)


def _wanting(units: Sequence[LogisticUnit]) -> list[str]:
    """Return the ids of single units without SSCC that stand in no numbered one.

    A unit without package type that holds others is the shipment itself.
    """
    by_id = {unit.id: unit for unit in units}
    holds = {unit.parent for unit in units}
    own: dict[str, bool] = {}

    def is_numbered(unit: LogisticUnit) -> bool:
        if unit.id not in own:
            shipment = unit.package_type is None and unit.id in holds
            own[unit.id] = bool(unit.sscc) or (not shipment and not within(unit))
        return own[unit.id]

    def within(unit: LogisticUnit) -> bool:
        above = by_id.get(unit.parent or "")
        return above is not None and (is_numbered(above) or within(above))

    return [unit.id for unit in units if is_numbered(unit) and not unit.sscc and unit.quantity in (None, 1)]


def _said(advice: DespatchAdvice, context: Context, snapshot: Snapshot) -> list[str]:
    """Return the SSCCs that the house gave; raise when one is none, stands twice or is ours to give."""
    found: list[str] = []
    numbers = context.own.sscc
    for index, unit in enumerate(advice.units):
        if not unit.sscc:
            continue
        where = Where(path=f"units[{index}].sscc")
        if not (len(unit.sscc) == SSCC_LENGTH and has_valid_check_digit(unit.sscc)) or unit.sscc in found:
            raise PartnerFault("despatch.sscc-wrong", where, value=unit.sscc)
        if numbers is not None and unit.sscc.startswith(numbers.extension + numbers.prefix):
            serial = int(unit.sscc[1 + len(numbers.prefix) : -1])
            if serial > snapshot.ranges.get(numbers.name, 0):
                raise PartnerFault("despatch.sscc-of-our-range", where, value=unit.sscc)
        found.append(unit.sscc)
    return found


def _earlier(said: Sequence[str], context: Context, snapshot: Snapshot) -> list[UnitShipped]:
    used = [snapshot.units[each] for each in said if each in snapshot.units]
    return [unit for unit, at in used if context.now - at < NOT_AGAIN]


def _reused(said: Sequence[str], context: Context, snapshot: Snapshot) -> list[Effect]:
    return [
        CaseOpened(
            key=f"sscc:{unit.sscc}",
            account=context.partner.id,
            code="despatch.sscc-reused",
            subject=unit.sscc,
            params={"value": unit.sscc, "earlier": unit.shipment},
        )
        for unit in _earlier(said, context, snapshot)
    ]


def _warnings(said: Sequence[str], context: Context, snapshot: Snapshot) -> list[Finding]:
    return [
        Finding(
            code="despatch.sscc-reused",
            severity="warning",
            value=unit.sscc,
            params=(("earlier", unit.shipment),),
        )
        for unit in _earlier(said, context, snapshot)
    ]
