"""What one person may see: rows of some partners only, and not every group of fields.

A narrowed engine puts a common table expression of the same name before every table that a statement names, so that the
statement meets only rows of the partners seen, however it joins them: `WITH "message" AS (SELECT * FROM main."message"
WHERE partner IN (...)) SELECT ... FROM message`. No view can forget the condition. A table without a rule here is empty
to whoever does not see all partners: what is new stays hidden until somebody decides.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, event

from gateway.store.tables import metadata

FIELD_GROUPS = ("prices", "persons", "raw")  # raw: bytes as they were sent, which show everything

PARTNER_ID = re.compile(r"[a-z0-9][a-z0-9._-]*")
_OPTION = "gateway_narrow"
_WORD = re.compile(r"[a-z_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """partners: None is all. hidden: field groups that are not shown. outside: a partner's own person, who sees
    documents but nothing of what our house makes of them (cases, effects, plans, figures)."""

    partners: frozenset[str] | None = None
    hidden: frozenset[str] = frozenset()
    outside: bool = False

    def covers(self, partner: str | None) -> bool:
        return self.partners is None or partner in self.partners


EVERYTHING = Sight()

_OWN = "partner IN ({p})"
_IN = "EXISTS (SELECT 1 FROM {s}%s seen WHERE seen.id = {t}.%s AND seen.partner IN ({p}))"
_IN_LOG = " OR ".join(_IN % (kind, "subject") for kind in ("message", "arrival", "parcel"))
_PLANNED = (
    "EXISTS (SELECT 1 FROM {s}plan_line seen WHERE seen.location = {t}.location AND seen.gtin = {t}.gtin"
    " AND seen.partner IN ({p}))"
)
# What a row must meet, by table; {p}: the partners' ids, {s}: schema, {t}: the table itself.
_RULES: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "arrival",
            "message",
            "parcel",
            "link",
            "business_order",
            "order_line",
            "shipment",
            "logistic_unit",
            "invoice",
            "invoice_line",
            "settlement",
            "return_notice",
            "expectation",
            "sales",
            "reported_stock",
        ),
        _OWN,
    ),
    "payload": "1 = 1",  # reached only by a digest that a row seen names
    "interchange": _IN % ("arrival", "arrival"),
    "event": _IN_LOG,
    "search_key": _IN_LOG,
}
_OF_THE_HOUSE: Mapping[str, str] = {  # seen by our people, not by the partner's
    "effect": _IN % ("message", "message"),
    **dict.fromkeys(("mapping_version", "mapping_draft", "mapping_plan", "back_test", "reread_with"), _OWN),
    "account": "id IN ({p})",
    "activity": "account IN ({p})",
    "crm_event": "account IN ({p})",
    "crm_case": "account IN ({p})",
    "crm_case_event": 'EXISTS (SELECT 1 FROM {s}crm_case seen WHERE seen.id = {t}."case" AND seen.account IN ({p}))',
    "crm_act": 'EXISTS (SELECT 1 FROM {s}crm_case seen WHERE seen.id = {t}."case" AND seen.account IN ({p}))',
    "crm_metric": "account IN ({p})",
    "crm_day": "account IN ({p})",
    "crm_rule": "1 = 1",
    "crm_word": "1 = 1",
    **dict.fromkeys(
        (
            "crm_party",
            "crm_decision",
            "crm_profile",
            "crm_contact",
            "crm_interaction",
            "crm_task",
            "crm_request",
            "crm_erasure",
        ),
        "account IN ({p})",
    ),
    "crm_entry": "account IN ({p}) OR (account IS NULL AND register <> 'connector')",
    **dict.fromkeys(("crm_invitation", "crm_answer"), "account IN ({p})"),
    "case": "account IN ({p})",
    "proposal": "supplier IN ({p})",
    "offer": "supplier IN ({p})",
    "breaker": _OWN,
    "problem": _OWN,
    "legal_hold": _OWN,
    "place": _OWN,
    "customer": "account IN ({p})",
    "calendar": (
        "owner IN ({p}) OR EXISTS (SELECT 1 FROM {s}place seen WHERE seen.gln = {t}.owner AND seen.partner IN ({p}))"
    ),
    "hold": "kind = 'partner' AND key IN ({p})",
    **dict.fromkeys(("plan_line", "plan_order_line", "plan_record"), _OWN),
    **dict.fromkeys(("sales_version", "sales_day", "stock_fact", "receipt_fact"), _OWN),
    **dict.fromkeys(("plan_override", "plan_parameter"), _PLANNED),
}


def narrowed(engine: Engine, sight: Sight) -> Engine:
    """Return an engine over the same connections that shows the rows of sight's partners only."""
    if sight.partners is None:
        return engine
    if not event.contains(engine, "before_cursor_execute", _narrow):
        event.listen(engine, "before_cursor_execute", _narrow, retval=True)
    return engine.execution_options(**{_OPTION: _heads(sight.partners, sight.outside, engine.dialect.name)})


def _narrow(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> tuple[str, Any]:
    heads = connection.get_execution_options().get(_OPTION)
    return (narrowed_statement(statement, heads) if heads else statement), parameters


@lru_cache(maxsize=256)
def _heads(partners: frozenset[str], outside: bool, dialect: str) -> Mapping[str, str]:
    """Return the expression that stands for each table."""
    for each in partners:
        if not PARTNER_ID.fullmatch(each):
            raise ValueError(f"no partner id: {each!r}")
    listed = ", ".join(f"'{each}'" for each in sorted(partners)) or "''"
    schema = "main." if dialect == "sqlite" else ""  # PostgreSQL: within its own definition a name means the table
    rules = _RULES if outside else {**_RULES, **_OF_THE_HOUSE}
    heads = {}
    for name in metadata.tables:
        rule = rules.get(name, "1 = 0").format(p=listed, s=schema, t=f'"{name}"')
        heads[name] = f'"{name}" AS NOT MATERIALIZED (SELECT * FROM {schema}"{name}" WHERE {rule})'  # noqa: S608 - checked
    return heads


def narrowed_statement(statement: str, heads: Mapping[str, str]) -> str:
    """Return statement behind the expressions of the tables that it names. Raises ValueError for what is no query."""
    text = statement.lstrip()
    verb = text[:9].upper()
    if verb.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SHOW ")):
        return statement
    if verb.startswith("WITH RECU") or not verb.startswith(("SELECT", "WITH", "(")):
        raise ValueError("a narrowed connection takes queries only")
    named = set(_WORD.findall(text.lower()))
    expressions = ", ".join(head for name, head in heads.items() if name in named)
    if not expressions:
        return statement
    return f"WITH {expressions}, {text[5:]}" if verb.startswith("WITH") else f"WITH {expressions} {text}"
