"""Changes to a partner's file by forms: facts, connections, agreements, expected documents, versions put back."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.api.partner_desk import FACT_WORDS, TERM_WORDS, Edit
from gateway.app.definition_edits import Edited, edit_definition
from gateway.app.instance import Instance
from gateway.app.partner_certificates import channel_of, file_of
from gateway.config.edits import drop, put, value_at
from gateway.config.yaml import Path, Plain
from gateway.model.faults import OurFault

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NUMBERS = tuple(map(str, range(1, 8)))
_USUAL = {
    "contrl": "true",
    "contrl_within_h": "24",
    "unknown_item": "park",
    "aperak": "true",
    "backorder": "true",
    "test": "false",
    "envelope": "none",
}


def told(done: Edited) -> Edit:
    return Edit(digest=done.digest, written=done.written, changed=done.changed)


def put_facts(instance: Instance, partner: str, values: Mapping[str, str], user: str, reason: str) -> Edit:
    """Set what is given by its dotted name; an empty value takes it out."""
    instance.book.partner(partner)
    file = file_of(partner)

    def edit(text: str | None) -> str:
        found = text or ""
        for key in FACT_WORDS:
            path: Path = tuple(key.split("."))
            if key in values:
                value = values[key].strip()
                found = put(found, path, value, file) if value else drop(found, path, file)
        return found

    return told(edit_definition(instance, file, edit, user, "partners.facts", partner, reason))


def put_connection(
    instance: Instance, partner: str, over: str, settings: Mapping[str, str], user: str, reason: str
) -> Edit:
    """Set settings of a partner's channel; an empty one is taken out. Raises OurFault partner.unknown, config.*."""
    instance.book.partner(partner)
    file = file_of(partner)

    def edit(text: str | None) -> str:
        found = text or ""
        for key, given in settings.items():
            path: Path = ("channels", over, key)
            value = given.strip()
            found = put(found, path, value, file) if value else drop(found, path, file)
        return found

    return told(edit_definition(instance, file, edit, user, "partners.connection", partner, reason))


def put_agreement(
    instance: Instance, partner: str, values: Mapping[str, str], user: str, place: int | None, reason: str
) -> Edit:
    """values: direction, mapping, and the words of an agreement; usual values are left out of the file."""
    channel_of(instance.book.partner(partner), values.get("over", ""))
    entry: dict[str, Plain] = {values.get("direction", "receive"): values.get("mapping", "")}
    for word in TERM_WORDS:
        value = values.get(word, "").strip()
        if value and value != _USUAL.get(word):
            entry[word] = value

    def edit(text: str | None) -> str:
        listed = value_at(text or "", ("agreements",), file_of(partner))
        count = len(listed) if isinstance(listed, list) else 0
        if place is not None and place >= count:
            raise OurFault("partner.changed-since", value=partner)
        if listed == "" or listed == []:
            text = drop(text or "", ("agreements",), file_of(partner))
        return put(text or "", ("agreements", count if place is None else place), entry, file_of(partner))

    return told(edit_definition(instance, file_of(partner), edit, user, "partners.agreement", partner, reason))


def put_expected(instance: Instance, partner: str, values: Mapping[str, Any], user: str) -> Edit:
    """Add a document that a partner owes: on weekdays, or hours after another. Raises OurFault partner.unknown,
    config.*."""
    instance.book.partner(partner)
    days: Sequence[str] = values.get("days", ())
    entry: dict[str, Plain] = {"document": str(values.get("document", ""))}
    if days:
        names = [WEEKDAYS[int(each) - 1] for each in days if str(each) in _DAY_NUMBERS]
        entry |= {"days": list[Plain](names), "by": str(values.get("by") or "06:00")}
        if values.get("zone"):
            entry["zone"] = str(values["zone"])
    else:
        entry |= {"after": str(values.get("after", "Order")), "hours": str(values.get("hours") or "24")}

    def edit(text: str | None) -> str:
        listed = value_at(text or "", ("expects",), file_of(partner))
        count = len(listed) if isinstance(listed, list) else 0
        return put(text or "", ("expects", count), entry, file_of(partner))

    return told(edit_definition(instance, file_of(partner), edit, user, "partners.expected", partner))


def drop_entry(instance: Instance, partner: str, section: str, place: int, user: str, reason: str) -> Edit:
    """Take an agreement or an expected document out."""
    instance.book.partner(partner)

    def edit(text: str | None) -> str:
        if value_at(text or "", (section, place), file_of(partner)) is None:
            raise OurFault("partner.changed-since", value=partner)
        return drop(text or "", (section, place), file_of(partner))

    return told(edit_definition(instance, file_of(partner), edit, user, f"partners.drop-{section}", partner, reason))


def set_mode(instance: Instance, partner: str, mode: str, user: str, action: str, reason: str) -> Edit:
    """Bring a partner's mode into force: live or test. Raises OurFault partner.unknown, and of edit_definition."""
    instance.book.partner(partner)
    file = file_of(partner)

    def edit(text: str | None) -> str:
        return put(text or "", ("mode",), mode, file)

    return told(edit_definition(instance, file, edit, user, action, partner, reason))


def put_back(instance: Instance, partner: str, path: str, text: str | None, user: str, reason: str) -> Edit:
    """Bring an earlier text of one of the partner's files into force."""
    if not path.startswith(f"partners/{partner}/"):
        raise OurFault("partner.no-such-version", value=path, partner=partner)
    return told(edit_definition(instance, path, lambda _: text, user, "partners.roll-back", partner, reason))
