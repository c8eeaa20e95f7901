"""Calendars as our house tells them for everybody, and a partner for itself and its places."""

import re
from collections.abc import Mapping
from datetime import date, time

from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.domain.parties import day_of
from gateway.model.calendar import Calendar
from gateway.model.calendar_info import CalendarEntry, CalendarInfo
from gateway.model.effects import CalendarSaved, Effect
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.partner import Partner
from gateway.model.values import Moment, Party, has_valid_check_digit

OWN = "self"
EARLIEST = date(2000, 1, 1)
MOST_DAYS = 2_000  # closed or opened in one calendar: more than twenty years of holidays
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")


def needs(info: CalendarInfo, context: Context) -> Needs:
    """Return the places that the entries name: whose they are decides who may speak for them."""
    return Needs(places=frozenset(gln for each in info.calendars if (gln := each.party.gln)))


def decide(info: CalendarInfo, context: Context, snapshot: Snapshot) -> Decision:
    """Keep each entry as a version of its calendar. A partner speaks for itself and its places only.

    Raises PartnerFault calendar.* for week days, times or days that do not exist.
    """
    effects: dict[str, Effect] = {}
    findings: list[Finding] = []
    for index, entry in enumerate(info.calendars):
        path = f"calendars[{index}]"
        owner = _owner(entry.party, context, snapshot)
        if owner is None:
            said = entry.party.any_id or entry.party.name
            findings.append(_finding("calendar.of-another", f"{path}.party", said or context.partner.id))
            continue
        saved = _saved(entry, owner, path, context)
        if saved.key in effects:
            findings.append(_finding("calendar.twice", path, f"{owner} {entry.kind}"))
        effects[saved.key] = saved
    return Decision(effects=tuple(effects.values()), findings=tuple(findings))


def owner_of(context: Context, party: Party) -> str | None:
    """Return the partner id that the party's identifiers mean, else its GLN, else None."""
    for said in party.ids:
        found = account_named(context.partners, said.value, places=False, own=True)
        if found is not None:
            return found
    return party.gln


def account_named(partners: Mapping[str, Partner], said: str, *, places: bool, own: bool | None = None) -> str | None:
    """Return the partner id that a text means as an id or as one of a partner's identifiers, else None.

    places: a GLN that no partner has is returned as it is, and self or our house mean our own company; own: that alone
    """
    ours = places if own is None else own
    for each in partners.values():
        if each.id == said or any(one.value == said for one in each.ids):
            if each.kind == "partner":
                return each.id
            return OWN if ours else None
    return said if places and len(said) == 13 and has_valid_check_digit(said) else None


def _owner(party: Party, context: Context, snapshot: Snapshot) -> str | None:
    """Return whose calendar it is, None when the sender may not tell it."""
    ours = context.partner.kind in ("house", "self")
    if not party.ids:
        return OWN if ours else context.partner.id
    owner = owner_of(context, party)
    if ours or owner is None or owner == context.partner.id:
        return owner
    place = snapshot.places.get(owner)
    return owner if place is not None and place.partner == context.partner.id else None


def _saved(entry: CalendarEntry, owner: str, path: str, context: Context) -> CalendarSaved:
    if wrong := [each for each in entry.weekdays if not 1 <= each <= 7]:
        raise PartnerFault("calendar.weekday-wrong", Where(path=f"{path}.weekdays"), value=str(wrong[0]))
    if (days := max(len(entry.closed), len(entry.opened))) > MOST_DAYS:
        raise PartnerFault("calendar.too-many-days", Where(path=path), value=str(days), most=str(MOST_DAYS))
    zone = entry.zone or "UTC"
    if zone != "UTC" and zone not in context.zones:
        raise PartnerFault("calendar.zone-unknown", Where(path=f"{path}.zone"), value=zone[:80])
    first = day_of(entry.valid_from) if entry.valid_from else EARLIEST
    last = day_of(entry.valid_to) if entry.valid_to else None
    if last is not None and last < first:
        raise PartnerFault("calendar.period-wrong", Where(path=f"{path}.validTo"), value=last.isoformat())
    calendar = Calendar(
        owner=owner,
        kind=entry.kind,
        valid_from=first,
        valid_to=last,
        weekdays=tuple(sorted(set(entry.weekdays))),
        closed=_days(entry.closed),
        opened=_days(entry.opened),
        cut_off=_time(entry.cut_off, f"{path}.cutOff"),
        zone=zone,
    )
    key = f"calendar:{owner}:{entry.kind}:{first.isoformat()}"
    return CalendarSaved(key=key, calendar=calendar, drop=entry.action == "delete")


def _days(said: tuple[Moment, ...]) -> frozenset[date]:
    return frozenset(day_of(each) for each in said)


def _time(said: str | None, path: str) -> time | None:
    if said is None:
        return None
    if not _TIME.match(said):
        raise PartnerFault("calendar.time-wrong", Where(path=path), value=said[:20])
    return time.fromisoformat(said)


def _finding(code: str, path: str, value: str) -> Finding:
    return Finding(code=code, severity="warning", where=Where(path=path), value=value[:80])
