"""All partners and our company from one version of the definitions, with what is wrong between them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from gateway.config.definitions import Definitions
from gateway.config.fields import Problems, nearest
from gateway.config.partners import SELF, PartnerFile, read_own, read_partner
from gateway.config.planning import FILE as PLANNING_FILE
from gateway.config.planning import read_planning
from gateway.config.trade_terms import read_assortment
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.model.partner import ChannelSettings, OwnCompany, Partner
from gateway.model.planning import PlanAgreement, PlanningTerms

SALES_REPORTS = {"SLSRPT", "ProductActivity", "SalesReport"}  # message types and documents that tell what is sold


@dataclass(slots=True)
class Parties:
    """own: None when partners/self is missing or unreadable. files: of the others, with places."""

    partners: dict[str, Partner] = field(default_factory=dict)
    own: OwnCompany | None = None
    files: dict[str, PartnerFile] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_parties(definitions: Definitions) -> Parties:
    """Read partners/ as far as it can be read; every problem becomes a finding, none stops the others."""
    found = Parties()
    for partner_id in definitions.partner_ids():
        path = f"partners/{partner_id}/partner.yaml"
        problems = Problems(path)
        try:
            if partner_id == SELF:
                _read_self(found, definitions, problems)
            else:
                file = read_partner(partner_id, definitions.files[path], problems)
                found.files[partner_id] = file
                found.partners[partner_id] = _with_assortments(found, definitions, file.partner)
        except OurFault as fault:
            found.findings.append(fault.as_finding())
        found.findings += problems.findings
    if f"partners/{SELF}/partner.yaml" not in definitions.files:
        found.findings += _one(f"partners/{SELF}/partner.yaml", "partner.no-self", SELF)
    _check_between(found)
    if found.own is not None and found.own.suppliers and PLANNING_FILE not in definitions.files:
        found.own = replace(found.own, planning=_usual_planning(found.own, found.partners.values()))
    return found


def _usual_planning(own: OwnCompany, partners: Iterable[Partner]) -> PlanningTerms:
    """Return how our warehouse is planned, where it buys and nobody has said it: as any agreement without further
    words, from what customers' places sell where some partner reports that, else from what customers order."""
    receives = {each.message_type for partner in partners for each in partner.agreements if each.direction == "receive"}
    demand: Literal["sales", "orders"] = "sales" if receives & SALES_REPORTS else "orders"
    return PlanningTerms(
        agreements=(PlanAgreement(id="own", method="purchase", places=(own.warehouse,), demand=demand),)
    )


def _with_assortments(found: Parties, definitions: Definitions, partner: Partner) -> Partner:
    """Return the partner with the tables that its terms name; one that is not there is reported."""
    wanted = sorted({terms.items for terms in partner.terms if terms.items != "all"})
    tables = definitions.below(f"partners/{partner.id}/tables/")
    assortments = {}
    for name in wanted:
        path = f"partners/{partner.id}/tables/{name}.csv"
        if f"{name}.csv" not in tables:
            found.findings += _one(f"partners/{partner.id}/partner.yaml", "partner.no-assortment", name)
            continue
        problems = Problems(path)
        assortments[name] = read_assortment(tables[f"{name}.csv"], problems)
        found.findings += problems.findings
    return replace(partner, assortments=assortments) if assortments else partner


def _read_self(found: Parties, definitions: Definitions, problems: Problems) -> None:
    tables: list[Problems] = []
    own = read_own(definitions.files[problems.file], definitions.below(f"partners/{SELF}/tables/"), problems, tables)
    if (planning := definitions.files.get(PLANNING_FILE)) is not None:
        of_planning = Problems(PLANNING_FILE)
        own = replace(own, planning=read_planning(planning, of_planning, own.warehouse, definitions.partner_ids()))
        tables.append(of_planning)
    found.own = own
    found.partners[SELF] = own.partner
    for table in tables:
        found.findings += table.findings


def _check_between(found: Parties) -> None:
    """Report what no single file shows: one identifier for two partners, a supplier that is not there, two houses."""
    owners: dict[tuple[str, str], str] = {}
    for partner in found.partners.values():
        problems = Problems(f"partners/{partner.id}/partner.yaml")
        names = [("id", each.value) for each in partner.ids]
        names += [("as2", c.settings["id"]) for c in partner.channels.values() if c.settings.get("id")]
        for name in dict.fromkeys(names):
            other = owners.setdefault(name, partner.id)
            if other != partner.id:
                problems.add_at("partner.shared-id", 1, None, name[1], other=other)
        _check_agreements(partner, problems)
        for each in partner.orders_for:
            if each not in found.partners:
                problems.add_at("partner.orders-for-unknown", 1, None, each, nearest=nearest(each, found.partners))
        found.findings += problems.findings
    houses = [partner.id for partner in found.partners.values() if partner.kind == "house"]
    if len(houses) > 1:
        found.findings += _one(f"partners/{houses[1]}/partner.yaml", "partner.two-houses", ", ".join(houses))
    if found.own:
        _check_tables(found, found.own)


def _check_agreements(partner: Partner, problems: Problems) -> None:
    for agreement in partner.agreements:
        channel = partner.channels.get(agreement.over)
        if channel and agreement.direction == "send" and _lacks_url(channel):
            problems.add_at("partner.no-url", 1, None, agreement.mapping, over=agreement.over)
        if channel and channel.kind == "as2" and "certificate" not in channel.settings:
            problems.add_at("partner.no-certificate", 1, None, agreement.mapping, over=agreement.over)


def _lacks_url(channel: ChannelSettings) -> bool:
    """Tell whether nothing says where to send: what the partner fetches, or another one carries, needs no address."""
    needs_none = channel.kind not in ("as2", "http") or channel.settings.get("delivery") == "fetch"
    return not needs_none and "url" not in channel.settings


def _check_tables(found: Parties, own: OwnCompany) -> None:
    suppliers = Problems(f"partners/{SELF}/tables/suppliers.csv")
    for partner in own.suppliers:
        if partner not in found.partners:
            suppliers.add_at("partner.unknown-supplier", 1, None, partner, nearest=nearest(partner, found.partners))
    items = Problems(f"partners/{SELF}/tables/items.csv")
    for supplier in sorted({item.supplier for item in own.items.values() if item.supplier}):
        if supplier not in own.suppliers:
            items.add_at("partner.unknown-supplier", 1, None, supplier, nearest=nearest(supplier, own.suppliers))
    found.findings += suppliers.findings + items.findings


def _one(file: str, code: str, value: str) -> list[Finding]:
    problems = Problems(file)
    problems.add_at(code, 1, None, value)
    return problems.findings
