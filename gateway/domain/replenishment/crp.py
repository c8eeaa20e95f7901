"""Continuous replenishment: delivery days and stock agreed by both sides, lowered step by step by what really sold, and
put back where it was not enough."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.parties import day_of
from gateway.domain.replenishment.facts import ZERO, Pair
from gateway.model import json_form
from gateway.model.effects import Effect
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Where
from gateway.model.joint import AgreementAct, LevelChange, StockAgreement, StockLevel
from gateway.model.planning_effects import ParameterSaved, PlanChanged, RecordSaved
from gateway.model.values import gtin14, has_valid_check_digit

STOCK = "stock-agreement"  # kind of the record
US, THEM = "us", "them"
OFFERED, ACTIVE, DECLINED, ENDED = "offered", "active", "declined", "ended"
ACTS = ("propose", "accept", "decline", "restore", "end")
MOST_LINES = 20_000
MOST_PAST = 200  # words kept of the course
LONGEST_ID = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Levels that one side or the system proposes. accepted: the sides that have said yes."""

    id: str
    by: str
    at: str
    lines: tuple[LevelChange, ...]
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened to the agreement."""

    at: str
    act: str
    by: str
    lines: int = 0
    reason: str = ""


class Standing(Protocol):
    """What every agreement with a partner has, whatever it is about."""

    @property
    def id(self) -> str: ...
    @property
    def partner(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def history(self) -> tuple[Past, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """An agreement as it stands. levels: in force; former: those in force before the last change, of what it changed;
    since: day of the last change."""

    id: str
    partner: str
    state: str
    terms: StockAgreement
    levels: Mapping[Pair, Decimal] = field(default_factory=dict)
    former: Mapping[Pair, Decimal] = field(default_factory=dict)
    since: date | None = None
    proposal: Proposal | None = None
    history: tuple[Past, ...] = ()

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Return the sides that have not said yes to the open proposal."""
        return () if self.proposal is None else tuple(s for s in (US, THEM) if s not in self.proposal.accepted)


# --- records ----------------------------------------------------------------------------------------------------------


def agreed(record: RecordSaved) -> Agreed:
    """Return the agreement that a record of kind STOCK holds."""
    data = json.loads(record.data)
    terms = json_form.from_plain(data["terms"])
    assert isinstance(terms, StockAgreement), record.id
    proposal = data.get("proposal")
    return Agreed(
        id=record.id,
        partner=record.partner or "",
        state=record.state,
        terms=terms,
        levels=_pairs(data["levels"]),
        former=_pairs(data["former"]),
        since=None if data["since"] is None else date.fromisoformat(data["since"]),
        proposal=None
        if proposal is None
        else Proposal(
            id=proposal["id"],
            by=proposal["by"],
            at=proposal["at"],
            accepted=tuple(proposal["accepted"]),
            lines=tuple(json_form.build(LevelChange, each) for each in proposal["lines"]),
        ),
        history=tuple(Past(**each) for each in data["history"]),
    )


def _pairs(data: Mapping[str, str]) -> dict[Pair, Decimal]:
    return {(key[:13], key[14:]): Decimal(level) for key, level in data.items()}


def _record(found: Agreed) -> RecordSaved:
    proposal = found.proposal
    data: dict[str, Any] = {
        "terms": json_form.document_plain(found.terms),
        "levels": {f"{place} {gtin}": f"{level:f}" for (place, gtin), level in sorted(found.levels.items())},
        "former": {f"{place} {gtin}": f"{level:f}" for (place, gtin), level in sorted(found.former.items())},
        "since": None if found.since is None else found.since.isoformat(),
        "proposal": None
        if proposal is None
        else {
            "id": proposal.id,
            "by": proposal.by,
            "at": proposal.at,
            "accepted": list(proposal.accepted),
            "lines": [json_form.plain(each) for each in proposal.lines],
        },
    }
    return agreement_record(STOCK, found, data)


def agreement_record(kind: str, found: Standing, data: Mapping[str, Any]) -> RecordSaved:
    """Return what is kept of an agreement with a partner: its data and the last of its course."""
    past = [
        {"at": each.at, "act": each.act, "by": each.by, "lines": each.lines, "reason": each.reason}
        for each in found.history[-MOST_PAST:]
    ]
    return RecordSaved(
        key=f"{kind}:{found.id}",
        kind=kind,
        id=found.id,
        state=found.state,
        data=json.dumps({**data, "history": past}, sort_keys=True, ensure_ascii=False),
        partner=found.partner,
    )


# --- what is agreed ---------------------------------------------------------------------------------------------------


def needs(said: StockAgreement, context: Context) -> Needs:
    """Return the agreement as it is known."""
    return Needs(plan_records=frozenset({(STOCK, said.id)}))


def decide(said: StockAgreement, context: Context, snapshot: Snapshot) -> Decision:
    """Offer an agreement, or other terms and levels of one: they are in force when the partner has said yes.

    Raises PartnerFault crp.sender-unexpected, OurFault crp.*.
    """
    if context.partner.kind == "partner":
        raise PartnerFault("crp.sender-unexpected", Where(path="user"), value=context.partner.id)
    _check(said, context)
    known = snapshot.plan_records.get((STOCK, said.id))
    before = agreed(known) if known is not None else None
    if before is not None and before.partner != said.partner:
        raise OurFault("crp.partner-other", Where(path="partner"), value=said.partner)
    levels = before.levels if before is not None and before.state == ACTIVE else {}
    lines = tuple(
        LevelChange(
            place=each.place, gtin=each.gtin, level=levels.get((each.place, each.gtin), ZERO), proposed=each.level
        )
        for each in said.lines
    )
    at = day_text(said.issued_at)
    proposal = Proposal(
        id=f"{said.id}-{len(before.history) if before else 0}", by=US, at=at, lines=lines, accepted=(US,)
    )
    past = before.history if before is not None else ()
    found = Agreed(
        id=said.id,
        partner=said.partner,
        state=ACTIVE if levels else OFFERED,
        terms=said,
        levels=levels,
        former=before.former if before is not None and levels else {},
        since=before.since if before is not None and levels else None,
        proposal=proposal,
        history=(*past, Past(at=at, act="offer", by=said.user or US, lines=len(lines))),
    )
    return Decision(effects=(_record(found),), answers=(Answer(to=said.partner, document=said, optional=True),))


def _check(said: StockAgreement, context: Context) -> None:
    if not said.id or len(said.id) > LONGEST_ID:
        raise OurFault("crp.number-wrong", Where(path="id"), value=said.id[:100])
    if said.partner not in context.partners or context.partners[said.partner].kind != "partner":
        raise OurFault("crp.partner-unknown", Where(path="partner"), value=said.partner[:80])
    fine = (
        0 < len(said.lines) <= MOST_LINES
        and said.delivery_days
        and set(said.delivery_days) <= set(range(1, 8))
        and 1 <= said.period_days <= 366
        and ZERO < said.step < 1
        and ZERO < said.fill <= 1
    )
    if not fine:
        raise OurFault("crp.terms-wrong", Where(path="lines"), value=said.id)
    seen: set[Pair] = set()
    for index, each in enumerate(said.lines):
        _check_line(each, index, said.partner, seen, context)


def _check_line(each: StockLevel, index: int, partner: str, seen: set[Pair], context: Context) -> None:
    terms = context.own.planning
    planned = terms.of_place(each.place) if terms is not None else None
    if planned is None or planned.partner != partner:
        raise OurFault("crp.place-unknown", Where(path=f"lines[{index}].place"), value=each.place[:40])
    valid = has_valid_check_digit(each.gtin) and each.gtin == gtin14(each.gtin)
    if not valid or not ZERO < each.level < 10**9 or (each.place, each.gtin) in seen:
        raise OurFault("crp.level-wrong", Where(path=f"lines[{index}]"), value=f"{each.gtin} {each.level}"[:80])
    seen.add((each.place, each.gtin))


# --- each side's word -------------------------------------------------------------------------------------------------


def act_needs(act: AgreementAct, context: Context) -> Needs:
    """Return the agreement."""
    return Needs(plan_records=frozenset({(STOCK, act.agreement)}))


def decide_act(act: AgreementAct, context: Context, snapshot: Snapshot) -> Decision:
    """Take one side's word: a proposal that both have accepted is in force, in the parameters that orders are made by.

    Raises PartnerFault or, of our own, OurFault crp.*.
    """
    record = snapshot.plan_records.get((STOCK, act.agreement))
    before = agreed(record) if record is not None else None
    side = THEM if context.partner.kind == "partner" else US
    if before is None or (side == THEM and before.partner != context.partner.id):
        raise wrong(side, "crp.unknown", "agreement", act.agreement[:80])
    if act.act not in ACTS or (side == THEM and act.act == "propose"):
        raise wrong(side, "crp.act-unknown", "act", act.act[:40], known=", ".join(ACTS))
    if before.state in (DECLINED, ENDED):
        raise wrong(side, "crp.over", "agreement", before.id)
    past = Past(at=day_text(act.issued_at), act=act.act, by=act.user, lines=len(act.lines), reason=act.reason[:500])
    found = replace(before, history=(*before.history, past))
    effects: list[Effect] = []
    if act.act == "propose":
        found = _propose(found, act, side)
    elif act.act in ("accept", "decline"):
        found, effects = _answer(found, act, side, context.now.date())
    elif act.act == "restore":
        found, effects = _restore(found, act, side, context.now.date())
    else:
        found = replace(found, state=ENDED, proposal=None)
        effects = _parameters(dict.fromkeys(found.levels))
    told = () if side == THEM else (Answer(to=found.partner, document=act, optional=True),)
    return Decision(effects=(_record(found), *effects), answers=told)


def _propose(found: Agreed, act: AgreementAct, side: str) -> Agreed:
    known = all((each.place, each.gtin) in found.levels and ZERO < each.proposed < 10**9 for each in act.lines)
    if found.state != ACTIVE or found.proposal is not None or not act.lines or not known:
        raise wrong(side, "crp.proposal-wrong", "lines", found.id)
    accepted = () if act.user == "system" else (US,)
    proposal = Proposal(
        id=act.proposal or act.id, by=act.user, at=day_text(act.issued_at), lines=act.lines, accepted=accepted
    )
    return replace(found, proposal=proposal)


def _answer(found: Agreed, act: AgreementAct, side: str, today: date) -> tuple[Agreed, list[Effect]]:
    proposal = found.proposal
    if proposal is None or (act.proposal is not None and act.proposal != proposal.id):
        raise wrong(side, "crp.proposal-gone", "proposal", (act.proposal or "")[:80])
    if act.act == "decline":
        return replace(found, proposal=None, state=DECLINED if found.state == OFFERED else found.state), []
    accepted = tuple(dict.fromkeys((*proposal.accepted, side)))
    if not {US, THEM} <= set(accepted):
        return replace(found, proposal=replace(proposal, accepted=accepted)), []
    changed = {(each.place, each.gtin): each.proposed for each in proposal.lines}
    former = {pair: found.levels[pair] for pair in changed if pair in found.levels}
    made = replace(found, state=ACTIVE, levels={**found.levels, **changed}, former=former, since=today, proposal=None)
    return made, _parameters(changed)


def _restore(found: Agreed, act: AgreementAct, side: str, today: date) -> tuple[Agreed, list[Effect]]:
    pairs = [(each.place, each.gtin) for each in act.lines]
    if not pairs or any(pair not in found.former for pair in pairs):
        raise wrong(side, "crp.nothing-before", "lines", found.id)
    back = {pair: found.former[pair] for pair in pairs}
    left = {pair: level for pair, level in found.former.items() if pair not in back}
    return replace(found, levels={**found.levels, **back}, former=left, since=today, proposal=None), _parameters(back)


def _parameters(levels: Mapping[Pair, Decimal | None]) -> list[Effect]:
    """Fill up to the level at every opportunity; level None: as the plan's own terms say."""
    effects: list[Effect] = []
    places: dict[str, list[str]] = {}
    for (place, gtin), level in sorted(levels.items()):
        said = None if level is None else f"{level:f}"
        for name, value in (("rule", None if level is None else "min-max"), ("minimum", said), ("maximum", said)):
            key = f"parameter:{place}:{gtin}:{name}"
            effects.append(ParameterSaved(key=key, location=place, gtin=gtin, name=name, value=value))
        places.setdefault(place, []).append(gtin)
    effects += [
        PlanChanged(key=f"changed:{place}", location=place, gtins=tuple(gtins)) for place, gtins in places.items()
    ]
    return effects


def wrong(side: str, code: str, path: str, value: str, **params: Any) -> PartnerFault | OurFault:
    """Return the fault of what a side has said: the partner's, or our own."""
    if side == THEM:
        return PartnerFault(code, Where(path=path), value=value, **params)
    return OurFault(code, Where(path=path), value=value, **params)


def day_text(moment: date | datetime) -> str:
    """Return the day of a moment in ISO 8601, as records keep it."""
    return day_of(moment).isoformat()
