"""Plans with a day and a reminder: what is overdue, what is for today, what comes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from gateway.domain.crm.contacts import TEXT, line, wrong

When = Literal["overdue", "today", "week", "later", "done"]
FAR = timedelta(days=3_650)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """owner: whose plan it is. due_at: until when; remind_at: from when it is shown as a reminder, None: on its day.
    result: what came of it, once done."""

    id: str
    kind: str
    title: str
    owner: str
    due_at: datetime
    account: str | None = None
    contact: str | None = None
    case: str | None = None
    text: str = ""
    remind_at: datetime | None = None
    done_at: datetime | None = None
    result: str | None = None
    actor: str = ""

    def when(self, now: datetime, zone: ZoneInfo) -> When:
        """Tell how near it is, by the calendar of a zone."""
        if self.done_at is not None:
            return "done"
        if self.due_at < now:
            return "overdue"
        days = (self.due_at.astimezone(zone).date() - now.astimezone(zone).date()).days
        return "today" if days <= 0 else "week" if days <= 7 else "later"

    def reminds(self, now: datetime) -> bool:
        return self.done_at is None and self.remind_at is not None and self.remind_at <= now


def checked_task(given: Task, kinds: Iterable[str], now: datetime) -> Task:
    """Return the task as it is kept. Raises OurFault crm.value-wrong."""
    if given.kind not in set(kinds):
        raise wrong("kind", given.kind)
    if abs(given.due_at - now) > FAR:
        raise wrong("due", given.due_at.isoformat())
    if given.remind_at is not None and given.remind_at > given.due_at:
        raise wrong("remind", given.remind_at.isoformat())
    return Task(
        id=given.id,
        kind=given.kind,
        title=line("title", given.title, needed=True, most=300),
        owner=line("owner", given.owner, needed=True, most=100),
        due_at=given.due_at,
        account=given.account or None,
        contact=given.contact or None,
        case=given.case or None,
        text=line("text", given.text, most=TEXT),
        remind_at=given.remind_at,
        actor=given.actor,
    )


def by_nearness(tasks: Sequence[Task], now: datetime, zone: ZoneInfo) -> dict[When, list[Task]]:
    """Return the tasks in the groups of a day's page, each by when it is due."""
    found: dict[When, list[Task]] = {"overdue": [], "today": [], "week": [], "later": [], "done": []}
    for each in sorted(tasks, key=lambda one: (one.due_at, one.id)):
        found[each.when(now, zone)].append(each)
    return found
