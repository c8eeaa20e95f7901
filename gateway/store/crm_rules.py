"""Rules as they are kept: versions over the standard ones. The latest version of each id is in force."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from gateway.domain.crm.rules import Condition, Rule
from gateway.domain.crm.standard_rules import STANDARD
from gateway.store.forms import dump, micros
from gateway.store.tables_crm import crm_rule


def rules_in_force(connection: Connection) -> tuple[Rule, ...]:
    """Return every rule by id, the standard ones as they come unless a person has made a version of them."""
    latest = select(crm_rule.c.id, func.max(crm_rule.c.version).label("version")).group_by(crm_rule.c.id).subquery()
    query = select(crm_rule).join(latest, (crm_rule.c.id == latest.c.id) & (crm_rule.c.version == latest.c.version))
    found = {each.id: each for each in STANDARD}
    found.update((row.id, _rule(row)) for row in connection.execute(query))
    return tuple(found[name] for name in sorted(found))


def keep_rule(connection: Connection, rule: Rule, actor: str, now: datetime) -> int:
    """Keep rule as the next version of its id and return that version; the standard one is version 1."""
    query = select(func.max(crm_rule.c.version)).where(crm_rule.c.id == rule.id)
    standard = any(each.id == rule.id for each in STANDARD)
    version = (connection.execute(query).scalar_one() or (1 if standard else 0)) + 1
    row = {
        "id": rule.id,
        "version": version,
        "active": rule.active,
        "rule": dump(rule_data(rule)),
        "actor": actor,
        "at": micros(now),
    }
    connection.execute(insert(crm_rule), [row])
    return version


def rule_data(rule: Rule) -> dict[str, Any]:
    """Return what makes a rule, in JSON form, without id, version and whether it is active."""
    return {
        "opensOn": sorted(rule.opens_on),
        "closesOn": sorted(rule.closes_on),
        "conditions": [{"fact": each.fact, "operator": each.operator, "value": each.value} for each in rule.conditions],
        "direction": rule.direction,
        "caseType": rule.case_type,
        "urgency": rule.urgency,
        "by": rule.by,
        "owner": rule.owner,
    }


def rule_of(name: str, data: dict[str, Any], *, active: bool = True, version: int = 1) -> Rule:
    """Return a rule from its JSON form. Raises KeyError, TypeError for what is none; whether its words are known is for
    domain.crm.rules.faults to say."""
    return Rule(
        id=name,
        opens_on=frozenset(map(str, data["opensOn"])),
        closes_on=frozenset(map(str, data.get("closesOn") or ())),
        conditions=tuple(
            Condition(fact=str(each["fact"]), operator=each["operator"], value=str(each.get("value", "")))
            for each in data.get("conditions") or ()
        ),
        direction=data.get("direction"),
        case_type=str(data.get("caseType", "order")),
        urgency=data.get("urgency", "normal"),
        by=data.get("by", "subject"),
        owner=str(data.get("owner", "account-manager")),
        active=active,
        version=version,
    )


def _rule(row: Any) -> Rule:
    return rule_of(row.id, json.loads(row.rule), active=bool(row.active), version=row.version)
