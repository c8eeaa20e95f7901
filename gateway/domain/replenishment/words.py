"""A planner's word on the figures of planning: parameters, overrides, freezing; each can be taken back."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.domain.parties import day_of
from gateway.domain.replenishment import planner_orders
from gateway.domain.replenishment.effective import check
from gateway.domain.replenishment.facts import ZERO, Pair
from gateway.model.effects import Effect
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Where
from gateway.model.planning_effects import OverrideSaved, ParameterSaved, PlanChanged, WordKept
from gateway.model.replenishment import PlanningWord, PlanValue

KINDS = ("parameters", "override", "end-override", "freeze", "unfreeze", "undo", "order", "cancel-order")
MOST = 20_000  # figures of one word


def needs(word: PlanningWord, context: Context) -> Needs:
    """Return what the word changes, as it stands; of an undo the word that it is about."""
    if word.kind in planner_orders.KINDS:
        return planner_orders.needs(word, context)
    pairs = frozenset((each.place, each.gtin) for each in word.values)
    return Needs(
        plan_words=frozenset({word.about}) if word.about else frozenset(),
        plan_parameters=pairs,
        plan_overrides=pairs,
    )


def decide(word: PlanningWord, context: Context, snapshot: Snapshot) -> Decision:
    """Change the figures and keep what stood there.

    Raises PartnerFault plan.sender-unexpected, OurFault plan.word-unknown, plan.place-unknown, plan.parameter-*,
    plan.override-wrong, plan.already-undone, plan.undo-order, plan.order-*.
    """
    if context.partner.kind == "partner":
        raise PartnerFault("plan.sender-unexpected", Where(path="user"), value=context.partner.id)
    if word.kind not in KINDS or len(word.values) > MOST:
        raise OurFault("plan.word-unknown", Where(path="kind"), value=word.kind[:80], known=", ".join(KINDS))
    if word.kind == "undo":
        return _undo(word, snapshot)
    _check_places(word, context)
    if word.kind in planner_orders.KINDS:
        made = planner_orders.decide(word, context, snapshot)
        said = (_kept(word, []), *_changed((v.place, v.gtin) for v in word.values))
        return replace(made, effects=(*made.effects, *said))
    if word.kind in ("override", "end-override"):
        effects, before = _override(word, snapshot, context)
    else:
        effects, before = _parameters(word, snapshot)
    return Decision(effects=(*effects, _kept(word, before), *_changed((v.place, v.gtin) for v in word.values)))


def _kept(word: PlanningWord, before: list[dict[str, Any]]) -> WordKept:
    return WordKept(
        key=f"word:{word.id}",
        id=word.id,
        kind=word.kind,
        author=word.user,
        reason=word.reason,
        before=json.dumps(before, sort_keys=True),
        count=len(before),
    )


def _check_places(word: PlanningWord, context: Context) -> None:
    terms = context.own.planning
    for index, each in enumerate(word.values):
        if terms is None or terms.of_place(each.place) is None:
            raise OurFault("plan.place-unknown", Where(path=f"values[{index}].place"), value=each.place[:80])


def _parameters(word: PlanningWord, snapshot: Snapshot) -> tuple[list[Effect], list[dict[str, Any]]]:
    effects: dict[str, Effect] = {}
    before: list[dict[str, Any]] = []
    for each in word.values:
        name, value = each.name or "", each.value
        if word.kind in ("freeze", "unfreeze"):
            name, value = "frozen", "true" if word.kind == "freeze" else None
        if value is not None:
            check(name, value)
        key = f"parameter:{each.place}:{each.gtin}:{name}"
        old = snapshot.plan_parameters.get((each.place, each.gtin), {}).get(name)
        if key not in effects:
            before.append({"place": each.place, "gtin": each.gtin, "name": name, "value": old})
        effects[key] = ParameterSaved(key=key, location=each.place, gtin=each.gtin, name=name, value=value)
    return list(effects.values()), before


def _override(word: PlanningWord, snapshot: Snapshot, context: Context) -> tuple[list[Effect], list[dict[str, Any]]]:
    effects: list[Effect] = []
    before: list[dict[str, Any]] = []
    for index, each in enumerate(word.values):
        active = snapshot.plan_overrides.get((each.place, each.gtin), ())
        for old in active:
            if old.kind == "forecast" and old.author in context.partners:
                continue  # a partner's forecast stays below a planner's word
            if old.kind == word.what and f"end:{old.id}" not in {effect.key for effect in effects}:
                effects.append(replace(old, key=f"end:{old.id}", active=False))
                before.append({"override": old.id, "place": each.place, "gtin": each.gtin})
        if word.kind == "override":
            effects.append(_new_override(word, each, index))
            before.append({"made": f"{word.id}:{index}", "place": each.place, "gtin": each.gtin})
    return effects, before


def _new_override(word: PlanningWord, value: PlanValue, index: int) -> OverrideSaved:
    fine = (
        value.quantity is not None
        and ZERO <= value.quantity < 10**9
        and value.first_day is not None
        and value.last_day is not None
        and day_of(value.first_day) <= day_of(value.last_day)
        and word.what in ("quantity", "forecast")
        and word.reason.strip()
    )
    if not fine or value.quantity is None or value.first_day is None or value.last_day is None:
        raise OurFault("plan.override-wrong", Where(path=f"values[{index}]"), value=f"{value.place} {value.gtin}"[:80])
    return OverrideSaved(
        key=f"override:{word.id}:{index}",
        id=f"{word.id}:{index}",
        location=value.place,
        gtin=value.gtin,
        kind="forecast" if word.what == "forecast" else "quantity",
        quantity=value.quantity,
        first_day=day_of(value.first_day),
        last_day=day_of(value.last_day),
        reason=word.reason,
        author=word.user,
    )


def _undo(word: PlanningWord, snapshot: Snapshot) -> Decision:
    """Put back what stood there before the word; what others have changed since is overwritten with it."""
    kept = snapshot.plan_words.get(word.about or "")
    if kept is not None and kept.kind in planner_orders.KINDS:
        raise OurFault("plan.undo-order", Where(path="about"), value=kept.id)
    if kept is None or kept.kind == "undo":
        raise OurFault("plan.word-unknown", Where(path="about"), value=(word.about or "")[:80], known="")
    if kept.undone_by is not None:
        raise OurFault("plan.already-undone", Where(path="about"), value=kept.id)
    before = json.loads(kept.before)
    effects: list[Effect] = [replace(kept, undone_by=word.id)]
    for each in before:
        place, gtin = each["place"], each["gtin"]
        if "name" in each:
            key = f"parameter:{place}:{gtin}:{each['name']}"
            effects.append(ParameterSaved(key=key, location=place, gtin=gtin, name=each["name"], value=each["value"]))
    changed = _restored(word, snapshot, before)
    done = WordKept(
        key=f"word:{word.id}", id=word.id, kind="undo", author=word.user, reason=kept.id, before="[]", count=len(before)
    )
    return Decision(effects=(*effects, *changed, done, *_changed((each["place"], each["gtin"]) for each in before)))


def _restored(word: PlanningWord, snapshot: Snapshot, before: list[dict[str, Any]]) -> list[Effect]:
    """End the overrides that the word has made. word.values name their items, so that they are in the snapshot."""
    made = {each["made"] for each in before if "made" in each}
    return [
        replace(old, key=f"end:{old.id}", active=False)
        for active in snapshot.plan_overrides.values()
        for old in active
        if old.id in made
    ]


def _changed(pairs: Iterable[Pair]) -> list[Effect]:
    by_place: dict[str, set[str]] = {}
    for place, gtin in pairs:
        by_place.setdefault(place, set()).add(gtin)
    return [
        PlanChanged(key=f"changed:{place}", location=place, gtins=tuple(sorted(gtins)))
        for place, gtins in sorted(by_place.items())
    ]


def values_of(kept: WordKept) -> tuple[PlanValue, ...]:
    """Return the items and places that a word has changed."""
    pairs = dict.fromkeys((each["place"], each["gtin"]) for each in json.loads(kept.before))
    return tuple(PlanValue(place=place, gtin=gtin) for place, gtin in pairs)
