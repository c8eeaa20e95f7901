"""Apply: one transaction that reads the snapshot, decides, and writes effects, answers and the new state together.

Applying twice is applying once: effects are unique per message, and a message leaves its state only once.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.domain.customers import with_terms
from gateway.domain.decision import Context, Decision, Snapshot
from gateway.domain.naming import named_items
from gateway.domain.replenishment.ahead import with_ahead
from gateway.domain.replenishment.facts import PlannedAhead
from gateway.domain.table import decide, needs
from gateway.model.documents import Document
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding, Where
from gateway.model.json_form import loads, remember
from gateway.model.partner import Agreement, OwnCompany, Partner
from gateway.pipeline.answers import Answering, aperak_parcel, parcel_for
from gateway.pipeline.batching import send_full_lots
from gateway.pipeline.book import Book
from gateway.pipeline.verdict import check_numbers, wrong_numbers
from gateway.ports.journal import Tx
from gateway.ports.records import LaneClaim, MessageRow

_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What happened, for the shell: whether parcels wait, and the fault if the message was parked."""

    parcels: int = 0
    fault: Fault | None = None


def apply(
    tx: Tx,
    book: Book,
    claim: LaneClaim,
    row: MessageRow,
    now: datetime,
    new_id: Callable[[], str],
    ahead: PlannedAhead | None = None,
) -> Applied:
    """Decide on a parsed message and write everything that follows from it. ahead: plans made for a run before it."""
    partner = book.partner(row.partner)
    answering = Answering(tx=tx, book=book, now=now, new_id=new_id, cause=row.id, test=row.test, family=_family(row))
    try:
        document = row.read or loads(row.document or "")
        if row.fresh and row.document:
            remember(document, row.document)  # it is digested and kept as a record
        decision, snapshot = _decided(tx, book, partner, row, document, now, ahead)
        answering = replace(answering, theirs=_theirs(partner, document, snapshot))
        parcels, notes = [], list(decision.findings)
        for answer in decision.answers:
            made = parcel_for(answering, answer)
            if isinstance(made, Finding):
                notes += [] if answer.optional else [made]
            else:
                parcels.append(made)
                notes += check_numbers(answer.document, book.partner(answer.to), answering.theirs)
    except Fault as fault:
        return _park(tx, answering, claim, row, partner, fault)
    if not row.test:  # a replay, or a corrected document, makes good what was parked under this number
        tx.close_cases(partner.id, [row.id, *filter(None, [row.business_number])], now)
    tx.write_effects(row.id, decision.effects, now, test=row.test)
    tx.add_parcels(parcels, now)
    send_full_lots(answering, parcels)
    placed = [replace(each, where=placed_at(each.where, row.sources)) for each in notes]
    tx.finish_message(claim, row.id, "applied" if parcels else "done", now, findings=placed)
    return Applied(parcels=len(parcels))


def _decided(
    tx: Tx,
    book: Book,
    partner: Partner,
    row: MessageRow,
    document: Document,
    now: datetime,
    ahead: PlannedAhead | None,
) -> tuple[Decision, Snapshot]:
    partners = _with_terms(tx, book.partners, partner)
    context = Context(
        partner=partners[partner.id],
        own=_with_items(tx, book.own, document),
        partners=partners,
        now=now,
        serial=tx.serial(),
        agreement=agreement_of(partner, row, now),
        test=row.test,
        zones=book.zones,
    )
    wanted = with_ahead(needs(document, context), ahead, context)
    snapshot: Snapshot = tx.snapshot(wanted, book.own.warehouse)
    return decide(document, context, snapshot), snapshot


def _theirs(partner: Partner, document: Document, snapshot: Snapshot) -> frozenset[str]:
    """Return the numbers with a wrong check digit that partners gave us: in the document at hand unless it is our
    house's, and in the orders it is about."""
    orders = [each.document for key, each in snapshot.orders.items() if key[0] == "sale" and each.document]
    received = [] if partner.kind in ("house", "self") else [document]
    return wrong_numbers([*received, *orders])


def _with_items(tx: Tx, own: OwnCompany, document: Document) -> OwnCompany:
    """Return our company with the items that document names as our house says them; the tables fill the rest."""
    if not tx.keeps_items():
        return own
    named = named_items(document)
    found = tx.items(named.gtins, named.numbers, all_of_them=named.everything)
    return replace(own, items={**own.items, **found}) if found else own


def _with_terms(tx: Tx, partners: Mapping[str, Partner], sender: Partner) -> Mapping[str, Partner]:
    """Return the partners with the terms that our house has told: the sender's; of our own documents, and of one who
    orders for others, everybody's."""
    alone = sender.kind == "partner" and not sender.orders_for
    told = tx.account_terms(sender.id if alone else None)
    changed = {name: with_terms(partners[name], versions) for name, versions in told.items() if name in partners}
    return {**partners, **changed} if changed else partners


def _family(row: MessageRow) -> str | None:
    return row.mapping.partition("/")[0] if row.mapping else None


def agreement_of(partner: Partner, row: MessageRow, now: datetime) -> Agreement | None:
    """Return the agreement under which the message came in, None for internal documents and acknowledgements."""
    return partner.receives(row.mapping, now.date()) if row.mapping else None


def _park(tx: Tx, answering: Answering, claim: LaneClaim, row: MessageRow, partner: Partner, fault: Fault) -> Applied:
    """Keep the fault at its exact place, open a case, and refuse towards the partner as agreed."""
    finding = replace(fault.as_finding(), where=placed_at(fault.where, row.sources))
    placed = [replace(each, where=placed_at(each.where, row.sources)) for each in fault.findings]
    same = (finding.code, finding.where, finding.value)
    others = [each for each in placed if (each.code, each.where, each.value) != same]
    parcels = []
    try:
        refusal = aperak_parcel(answering, partner, row, finding)
        parcels = [refusal] if refusal else []
    except OurFault as ours:  # no way to refuse is no reason to lose the fault
        others.append(ours.as_finding())
    tx.add_parcels(parcels, answering.now)
    tx.finish_message(
        claim, row.id, "parked", answering.now, fault=finding, owner=fault.owner, findings=[finding, *others]
    )
    if not row.test:
        subject = row.business_number or row.id
        tx.add_case(partner.id, fault.code, subject, {"message": row.id, "value": fault.value or ""}, answering.now)
    return Applied(parcels=len(parcels), fault=fault)


def placed_at(where: Where, sources: Mapping[str, Where]) -> Where:
    """Turn a canonical path (lines[2].item.gtin) into the place in the file that the value was read from.

    When that field has no place of its own (it is missing), the nearest enclosing one is taken.
    """
    if where.path is None or where.offset is not None or where.line is not None:
        return where
    path = where.path
    while path:
        if path in sources:
            return replace(sources[path], path=where.path)
        inside = [key for key in sources if key.startswith((path + ".", path + "["))]
        if inside:
            return replace(sources[inside[0]], path=where.path)
        path = path.rpartition(".")[0] if "." in path else _INDEX.sub("", path) if _INDEX.search(path) else ""
    return where
