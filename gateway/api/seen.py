"""The services as one caller sees them: views of the caller's partners and fields, names of those partners, actions on
rows that the caller sees. Every page and every handler gets its services from here, so that none has to remember it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from gateway.api.actions import Actions
from gateway.api.identity import Caller
from gateway.api.services import Definitions, Services
from gateway.domain.crm.contacts import Contact
from gateway.domain.crm.decisions import PartyDecision, TaskDone
from gateway.model.faults import OurFault
from gateway.model.partner import ItemRecord, OwnCompany, Partner
from gateway.store.masking import MaskedViews
from gateway.store.sight import EVERYTHING, Sight
from gateway.store.views import Views

OWN = "self"


def services_for(services: Services, caller: Caller | None) -> Services:
    """Return services narrowed to what caller may see; a stranger is given nothing narrower, as no page reads for one.

    The fields that are not named here hold nothing of partners, or are reached with permissions that need all of them.
    """
    sight = caller.sight if caller else EVERYTHING
    if sight == EVERYTHING:
        return services
    views = services.views.seen_by(sight)
    shown = cast(Views, MaskedViews(views, sight.hidden)) if sight.hidden else views
    if sight.partners is None:
        return replace(services, views=shown)
    actions = cast(Actions, SeenActions(services.actions, views, sight))
    book = services.book
    return replace(services, views=shown, actions=actions, book=lambda: seen_book(book(), sight), partner_desk=None,
                   mapping_editor=None, lookup_desk=None)  # fmt: skip


# --- names ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeenBook:
    """Partners and our own company as far as a caller may see them."""

    partners: Mapping[str, Partner]
    own: OwnCompany


class _Items(Mapping[str, ItemRecord]):
    """Our items by name; who supplies them and at what price is not told."""

    def __init__(self, items: Mapping[str, ItemRecord]) -> None:
        self._items = items

    def __getitem__(self, gtin: str) -> ItemRecord:
        found = self._items[gtin]
        return replace(found, supplier=None, supplier_item=None, sales_price=None, purchase_price=None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


def seen_book(book: Definitions, sight: Sight) -> Definitions:
    """Return the names of the partners seen and of our own company, and our items."""
    partners = {name: each for name, each in book.partners.items() if sight.covers(name) or name == OWN}
    suppliers = {name: each for name, each in book.own.suppliers.items() if sight.covers(name)}
    return SeenBook(partners, replace(book.own, items=_Items(book.own.items), suppliers=suppliers))


# --- actions ----------------------------------------------------------------------------------------------------------

Check = Callable[[Views, Sight, Any], bool]


def _of_partner(views: Views, sight: Sight, partner: str) -> bool:
    return sight.covers(partner)


def _in_log(views: Views, sight: Sight, row_id: str) -> bool:
    return views.kind_of(row_id) is not None


def _proposal(views: Views, sight: Sight, proposal_id: str) -> bool:
    return views.proposal(proposal_id) is not None


def _case(views: Views, sight: Sight, case: str) -> bool:
    return bool(views.crm_case_account(case))


def _of_people(views: Views, sight: Sight, change: Any) -> bool:
    """A change is of an account that is seen; of decisions on accounts, and words of lists, all must be seen."""
    if isinstance(change, TaskDone):
        return views.crm_task(change.id) is not None
    account = None if isinstance(change, PartyDecision) else getattr(change, "account", None)
    known = views.crm_contact(change.id) is not None if isinstance(change, Contact) and change.id else True
    return account is not None and sight.covers(account) and known


def _chosen(views: Views, sight: Sight, chosen: Any) -> bool:
    """A replay of many takes what is of one partner that is seen."""
    return chosen.partner is not None and sight.covers(chosen.partner)


# Action -> what must hold of its first argument. Any other is refused to whoever sees some partners only.
CHECKS: Mapping[str, Check] = {
    "replay": _in_log,
    "resend": _in_log,
    "resubmit": _in_log,
    "decide_proposal": _proposal,
    "decide_order": _of_partner,
    "decide_invoice": _of_partner,
    "instruct_return": _of_partner,
    "mark_problem": _of_partner,
    "case_act": _case,
    "change_people": _of_people,
    "start_replay": _chosen,
}


class SeenActions:
    """Actions of a caller who sees some partners only. views: narrowed to them."""

    def __init__(self, actions: Actions, views: Views, sight: Sight) -> None:
        self._actions, self._views, self._sight = actions, views, sight

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        check = CHECKS.get(name)

        async def guarded(*args: Any, **kwargs: Any) -> Any:
            if check is None:
                raise OurFault("access.not-for-some-partners", value=name)
            if not await asyncio.to_thread(check, self._views, self._sight, args[0]):
                raise OurFault("api.not-found", value=str(args[0])[:100], kind="record")
            return await getattr(self._actions, name)(*args, **kwargs)

        return guarded
