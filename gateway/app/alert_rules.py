"""What alert rules look for. Pure: from a picture of the gateway to what each rule finds in it."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.app.certificates import Expiry
from gateway.model.faults import OurFault
from gateway.store.alerts import Condition
from gateway.store.view_alert_rows import CERTIFICATE_DAYS, PARAMS, TARGET_KINDS, AlertRule
from gateway.store.view_alerts import Rate
from gateway.store.view_problem_rows import ProblemLine, QueueLine

MOST_TARGETS = 20
_MAIL = re.compile(r"[^\s@<>,;:\"\\()\[\]]{1,64}@[A-Za-z0-9.-]{1,190}")
# What has been sent and not been confirmed in time, by code of the problem that it makes.
UNCONFIRMED = frozenset(("ack.contrl-missing", "as2.receipt-late", "http.not-fetched"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The gateway at one moment, as far as rules look at it. started: since when the rules watch a partner that has
    never sent anything."""

    now: datetime
    partners: Collection[str] = ()
    problems: tuple[ProblemLine, ...] = ()
    queues: tuple[QueueLine, ...] = ()
    last: Mapping[str, datetime] = field(default_factory=dict)
    stock_at: Mapping[str, datetime] = field(default_factory=dict)
    certificates: tuple[Expiry, ...] = ()
    rates: Callable[[timedelta], Mapping[str, Rate]] = lambda window: {}


def conditions(rule: AlertRule, picture: Picture) -> list[Condition]:
    """Return what a rule finds, for its partner or for all."""
    found = _FINDERS[rule.kind](rule, picture)
    return [each for partner, each in found if rule.partner in (None, partner)]


Found = Iterator[tuple[str, Condition]]  # partner, what was found


def _problems(rule: AlertRule, picture: Picture) -> Found:
    """Causes that nobody has taken in hand, each told once however many messages there are."""
    for each in picture.problems:
        if each.state == "open" and each.count >= rule.param("count"):
            yield each.partner, _of_problem(each, "alert.problem")


def _of_problem(each: ProblemLine, code: str) -> Condition:
    return Condition(
        subject=each.id,
        since=each.last_at if each.reopened else each.first_at,
        code=code,
        link=f"/problems/{each.id}",
        params={"partner": each.partner, "problem": each.code, "count": str(each.count), "place": each.place or "-"},
    )


def _overdue(rule: AlertRule, picture: Picture) -> Found:
    for each in picture.problems:
        absent = each.kind == "absent" or each.code in UNCONFIRMED
        if absent and each.state in ("open", "acknowledged") and each.count >= rule.param("count"):
            yield each.partner, _of_problem(each, "alert.overdue-acknowledgement")


def _silent(rule: AlertRule, picture: Picture) -> Found:
    hours = rule.param("hours")
    for partner in sorted(set(picture.partners) & set(picture.last)):
        last = picture.last[partner]
        if picture.now - last >= timedelta(hours=float(hours)):
            yield (
                partner,
                Condition(
                    subject=partner,
                    since=last,
                    code="alert.silent-partner",
                    link=f"/messages?partner={partner}",
                    params={"partner": partner, "hours": str(hours), "last": last.isoformat(timespec="minutes")},
                ),
            )


def _failures(rule: AlertRule, picture: Picture) -> Found:
    window = timedelta(hours=float(rule.param("hours")))
    for partner, rate in sorted(picture.rates(window).items()):
        percent = rate.failed * 100 / rate.total
        if rate.total >= rule.param("least") and percent >= rule.param("percent"):
            yield (
                partner,
                Condition(
                    subject=partner,
                    since=picture.now,
                    code="alert.failure-rate",
                    link=f"/problems?partner={partner}",
                    params={
                        "partner": partner,
                        "percent": f"{percent:.0f}",
                        "failed": str(rate.failed),
                        "total": str(rate.total),
                        "hours": str(rule.param("hours")),
                    },
                ),
            )


def _certificates(rule: AlertRule, picture: Picture) -> Found:
    """Each of the last days that count is a thing of its own: the certificate is told of again at the next."""
    for each in picture.certificates:
        reached = next((day for day in reversed(CERTIFICATE_DAYS) if each.days <= day), None)
        if reached is not None:
            yield (
                each.partner,
                Condition(
                    subject=f"{each.partner} {each.name} {each.on:%Y-%m-%d} {reached}",
                    since=each.on - timedelta(days=reached),
                    code="alert.certificate",
                    link="/partners/" + each.partner,
                    params={
                        "partner": each.partner,
                        "name": each.name,
                        "days": str(each.days),
                        "on": f"{each.on:%Y-%m-%d}",
                    },
                ),
            )


def _queue(rule: AlertRule, picture: Picture) -> Found:
    limit = timedelta(minutes=float(rule.param("minutes")))
    for each in picture.queues:
        if each.oldest_at is not None and each.waiting and picture.now - each.oldest_at >= limit:
            yield (
                each.partner,
                Condition(
                    subject=f"{each.partner} {each.channel} {each.direction}",
                    since=each.oldest_at,
                    code="alert.queue-age",
                    link="/queues",
                    params={
                        "partner": each.partner,
                        "channel": each.channel,
                        "count": str(each.waiting),
                        "minutes": str(int((picture.now - each.oldest_at).total_seconds() // 60)),
                    },
                ),
            )


def _stale(rule: AlertRule, picture: Picture) -> Found:
    for partner, at in sorted(picture.stock_at.items()):
        if picture.now - at >= timedelta(hours=float(rule.param("hours"))):
            yield (
                partner,
                Condition(
                    subject=partner,
                    since=at,
                    code="alert.stale-stock",
                    link="/stock",
                    params={
                        "partner": partner,
                        "at": at.isoformat(timespec="minutes"),
                        "hours": str(rule.param("hours")),
                    },
                ),
            )


_FINDERS: Mapping[str, Callable[[AlertRule, Picture], Found]] = {
    "problem": _problems,
    "silent-partner": _silent,
    "failure-rate": _failures,
    "overdue-acknowledgement": _overdue,
    "certificate": _certificates,
    "queue-age": _queue,
    "stale-stock": _stale,
}


# --- what a person may ask for ----------------------------------------------------------------------------------------


def check_rule(rule: AlertRule, partners: Collection[str]) -> None:
    """Raises OurFault alert.bad-rule, naming the first field that cannot be."""
    if not rule.name.strip() or len(rule.name) > 100:
        raise _bad("name", rule.name, "1-100")
    if rule.kind not in PARAMS:
        raise _bad("kind", rule.kind, ", ".join(PARAMS))
    if rule.partner is not None and rule.partner not in partners:
        raise _bad("partner", rule.partner, ", ".join(sorted(partners)[:20]))
    for name, value in rule.params.items():
        limits = PARAMS[rule.kind].get(name)
        if limits is None or not value.is_finite() or not limits[1] <= value <= limits[2]:
            raise _bad(name, str(value), f"{limits[1]}-{limits[2]}" if limits else ", ".join(PARAMS[rule.kind]) or "-")
    if len(rule.targets) > MOST_TARGETS:
        raise _bad("targets", str(len(rule.targets)), f"0-{MOST_TARGETS}")
    for target in rule.targets:
        _check_target(target.kind, target.address)
    if rule.quiet is not None:
        _check_quiet(rule.quiet.start, rule.quiet.end, rule.quiet.zone)


def _check_target(kind: str, address: str) -> None:
    if kind not in TARGET_KINDS:
        raise _bad("target", kind, ", ".join(TARGET_KINDS))
    if kind == "email":
        if not _MAIL.fullmatch(address):
            raise _bad("target", address, "name@example.org")
        return
    try:
        found = urlsplit(address)
        fine = found.scheme in ("http", "https") and bool(found.hostname) and not found.username
    except ValueError:
        fine = False
    if not fine or len(address) > 500 or not address.isprintable() or " " in address:
        raise _bad("target", address, "https://example.org/path")


def _check_quiet(start: str, end: str, zone: str) -> None:
    for each in (start, end):
        try:
            fine = len(each) == 5 and time.fromisoformat(each).tzinfo is None
        except ValueError:
            fine = False
        if not fine:
            raise _bad("quiet", each, "22:00")
    if start == end:
        raise _bad("quiet", end, "22:00-06:00")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _bad("zone", zone, "Europe/Berlin, Asia/Shanghai, UTC") from None


def _bad(name: str, value: str, expected: str) -> OurFault:
    return OurFault("alert.bad-rule", value=value[:100], name=name, expected=expected)
