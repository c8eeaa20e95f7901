"""Collaborative planning: the joint plan with its rules, and the notes on what breaks them (see joint_exceptions).

The rules are part of the plan and are exchanged with it: who applies them to the same two forecasts finds the same
exceptions, whichever side it is. Source: VICS CPFR (1998), steps 1, 3 to 8.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.replenishment.crp import THEM, US, Past, agreement_record, day_text, wrong
from gateway.domain.replenishment.facts import ZERO
from gateway.model import json_form
from gateway.model.effects import Effect
from gateway.model.forecast import Forecast
from gateway.model.joint import AgreementAct, JointPlan
from gateway.model.planning_effects import OverrideSaved, PlanChanged, RecordSaved

JOINT = "joint-plan"  # kind of the record
OFFERED, AGREED, DECLINED, ENDED = "offered", "agreed", "declined", "ended"
METRICS = ("forecast-difference", "in-stock", "stock-days")
ACTS = ("accept", "decline", "resolve", "freeze", "share", "end")
LONGEST_ID = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """How an exception was resolved. about: place/item/first day/last day."""

    about: str
    at: str
    by: str
    side: str
    reason: str
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """A joint plan as it stands. accepted: the sides that have said yes to exactly this plan. frozen: order forecast
    that stays as it is."""

    id: str
    partner: str
    state: str
    plan: JointPlan
    accepted: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    frozen: Forecast | None = None
    history: tuple[Past, ...] = ()

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Return the sides that have not said yes."""
        return tuple(s for s in (US, THEM) if s not in self.accepted) if self.state == OFFERED else ()


def joint(record: RecordSaved) -> Joint:
    """Return the plan that a record of kind JOINT holds."""
    data = json.loads(record.data)
    plan = json_form.from_plain(data["plan"])
    assert isinstance(plan, JointPlan), record.id
    frozen = None if data["frozen"] is None else json_form.from_plain(data["frozen"])
    return Joint(
        id=record.id,
        partner=record.partner or "",
        state=record.state,
        plan=plan,
        accepted=tuple(data["accepted"]),
        notes=tuple(
            Note(**{**each, "quantity": None if each["quantity"] is None else Decimal(each["quantity"])})
            for each in data["notes"]
        ),
        frozen=frozen if isinstance(frozen, Forecast) else None,
        history=tuple(Past(**each) for each in data["history"]),
    )


def _record(found: Joint) -> RecordSaved:
    data: dict[str, Any] = {
        "plan": json_form.document_plain(found.plan),
        "accepted": list(found.accepted),
        "notes": [
            {
                "about": each.about,
                "at": each.at,
                "by": each.by,
                "side": each.side,
                "reason": each.reason,
                "quantity": None if each.quantity is None else f"{each.quantity:f}",
            }
            for each in found.notes[-500:]
        ],
        "frozen": None if found.frozen is None else json_form.document_plain(found.frozen),
    }
    return agreement_record(JOINT, found, data)


# --- the plan ---------------------------------------------------------------------------------------------------------


def needs(plan: JointPlan, context: Context) -> Needs:
    """Return the plan as it is known."""
    return Needs(plan_records=frozenset({(JOINT, plan.id)}))


def decide(plan: JointPlan, context: Context, snapshot: Snapshot) -> Decision:
    """Offer a plan, from either side: the same plan from both is agreed, another one is an offer of its sender.

    Raises PartnerFault or, of our own, OurFault cpfr.*.
    """
    side = THEM if context.partner.kind == "partner" else US
    partner = context.partner.id if side == THEM else plan.partner
    _check(plan, partner, side, context)
    record = snapshot.plan_records.get((JOINT, plan.id))
    before = joint(record) if record is not None else None
    if before is not None and before.partner != partner:
        raise wrong(side, "cpfr.unknown", "id", plan.id[:80])
    same = before is not None and before.state in (OFFERED, AGREED) and content(before.plan) == content(plan)
    accepted = tuple(dict.fromkeys((*(before.accepted if before is not None and same else ()), side)))
    past = Past(at=day_text(plan.issued_at), act="offer", by=plan.user or side)
    found = Joint(
        id=plan.id,
        partner=partner,
        state=AGREED if {US, THEM} <= set(accepted) else OFFERED,
        plan=before.plan if before is not None and same else plan,
        accepted=accepted,
        notes=before.notes if before is not None else (),
        frozen=before.frozen if before is not None and same else None,
        history=(*(before.history if before is not None else ()), past),
    )
    answers = () if side == THEM else (Answer(to=partner, document=plan, optional=True),)
    return Decision(effects=(_record(found),), answers=answers)


def content(plan: JointPlan) -> str:
    """Return what both sides must agree on: all but who said it when, and by what name one calls the other."""
    plain = json_form.document_plain(plan)
    for name in ("issuedAt", "user", "partner"):
        plain.pop(name, None)
    plain["criteria"] = sorted(plain["criteria"], key=lambda each: (each["metric"], each["limit"]))
    return json.dumps(plain, sort_keys=True)


def _check(plan: JointPlan, partner: str, side: str, context: Context) -> None:
    if not plan.id or len(plan.id) > LONGEST_ID:
        raise wrong(side, "cpfr.number-wrong", "id", plan.id[:100])
    if partner not in context.partners or context.partners[partner].kind != "partner":
        raise wrong(side, "cpfr.partner-unknown", "partner", partner[:80])
    for index, each in enumerate(plan.criteria):
        if each.metric not in METRICS or not ZERO <= each.limit < 10**6:
            value = f"{each.metric} {each.limit}"[:80]
            raise wrong(side, "cpfr.criterion-unknown", f"criteria[{index}]", value, known=", ".join(METRICS))
    terms = context.own.planning
    for index, place in enumerate(plan.places):
        agreement = terms.of_place(place) if terms is not None else None
        if agreement is None or agreement.partner != partner:
            raise wrong(side, "cpfr.place-unknown", f"places[{index}]", place[:40])
    if not plan.criteria or not 0 <= plan.frozen_days <= plan.horizon_days <= 366:
        raise wrong(side, "cpfr.terms-wrong", "frozenDays", plan.id)


# --- each side's word -------------------------------------------------------------------------------------------------


def act_needs(act: AgreementAct, context: Context) -> Needs:
    """Return the plan, and what was said of the item and place that an exception is about."""
    about = _about(act.about)
    pairs = frozenset({about[:2]}) if about is not None else frozenset[tuple[str, str]]()
    return Needs(plan_records=frozenset({(JOINT, act.agreement)}), plan_overrides=pairs)


def decide_act(act: AgreementAct, context: Context, snapshot: Snapshot) -> Decision:
    """Take one side's word on a plan. Raises PartnerFault or, of our own, OurFault cpfr.*."""
    record = snapshot.plan_records.get((JOINT, act.agreement))
    side = THEM if context.partner.kind == "partner" else US
    before = joint(record) if record is not None else None
    if before is None or (side == THEM and before.partner != context.partner.id):
        raise wrong(side, "cpfr.unknown", "agreement", act.agreement[:80])
    if act.act not in ACTS or (side == THEM and act.act == "share"):
        raise wrong(side, "cpfr.act-unknown", "act", act.act[:40], known=", ".join(ACTS))
    if before.state in (DECLINED, ENDED):
        raise wrong(side, "cpfr.over", "agreement", before.id)
    past = Past(at=day_text(act.issued_at), act=act.act, by=act.user, reason=act.reason[:500])
    found = replace(before, history=(*before.history, past))
    effects: list[Effect] = []
    if act.act == "accept":
        accepted = tuple(dict.fromkeys((*found.accepted, side)))
        found = replace(found, accepted=accepted, state=AGREED if {US, THEM} <= set(accepted) else OFFERED)
    elif act.act in ("decline", "end"):
        found = replace(found, state=DECLINED if act.act == "decline" else ENDED)
    elif act.act == "resolve":
        found, effects = _resolve(found, act, side, snapshot)
    elif act.act == "freeze":
        found = replace(found, frozen=act.forecast)
    answers: list[Answer] = []
    if side == US:
        sent = act.forecast if act.act == "share" else None
        answers.append(Answer(to=found.partner, document=sent or replace(act, forecast=None), optional=True))
    return Decision(effects=(_record(found), *effects), answers=tuple(answers))


def _resolve(found: Joint, act: AgreementAct, side: str, snapshot: Snapshot) -> tuple[Joint, list[Effect]]:
    """Keep the note; a quantity that is agreed on is what the place is planned with on those days."""
    about = _about(act.about)
    if about is None or not act.reason.strip() or found.state != AGREED:
        raise wrong(side, "cpfr.note-wrong", "about", (act.about or "")[:100])
    place, gtin, first, last = about
    note = Note(
        about=act.about or "",
        at=day_text(act.issued_at),
        by=act.user,
        side=side,
        reason=act.reason[:2000],
        quantity=act.quantity,
    )
    noted = replace(found, notes=(*found.notes, note))
    if act.quantity is None:
        return noted, []
    if not ZERO <= act.quantity < 10**9:
        raise wrong(side, "cpfr.note-wrong", "quantity", str(act.quantity)[:40])
    effects: list[Effect] = [
        replace(old, key=f"end:{old.id}", active=False)
        for old in snapshot.plan_overrides.get((place, gtin), ())
        if old.kind == "forecast" and old.first_day <= last and first <= old.last_day
    ]
    made = OverrideSaved(
        key=f"override:{act.id}"[:200],
        id=act.id[-80:],
        location=place,
        gtin=gtin,
        kind="forecast",
        quantity=round(act.quantity, 3),
        first_day=first,
        last_day=last,
        reason=f"{found.id}: {act.reason}"[:500],
        author=act.user[:100],
    )
    return noted, [*effects, made, PlanChanged(key=f"changed:{place}", location=place, gtins=(gtin,))]


def _about(text: str | None) -> tuple[str, str, date, date] | None:
    parts = (text or "").split("/")
    if len(parts) != 4 or len(parts[0]) != 13 or len(parts[1]) != 14:
        return None
    try:
        return parts[0], parts[1], date.fromisoformat(parts[2]), date.fromisoformat(parts[3])
    except ValueError:
        return None


def noted(plan: Joint) -> Mapping[str, Note]:
    """Return the last note of each exception."""
    return {each.about: each for each in plan.notes}
