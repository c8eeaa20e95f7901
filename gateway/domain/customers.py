"""Customers as our house tells them: a version of the account's record and terms from a day on."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from gateway.domain.decision import Context
from gateway.domain.parties import day_of, trading
from gateway.model.account_terms import AccountTerms
from gateway.model.effects import CustomerSaved
from gateway.model.faults import PartnerFault
from gateway.model.findings import Where
from gateway.model.partner import Partner, Terms
from gateway.model.party_info import PartyInfo, PartyRecord

CUSTOMER = "customer"  # role of a record that is a customer's, whatever place it names
_DAYS_MOST = {"lead_time_days": 365, "payment_days": 365, "response_h": 24 * 31}
_TOLERANCES = ("price_tolerance", "quantity_tolerance")
_AMOUNTS = ("minimum_value", "credit_limit", "auto_value", "auto_quantity", *_TOLERANCES)


def customer_of(context: Context, record: PartyRecord) -> Partner | None:
    """Return the partner that one of the record's identifiers or its account number means."""
    values = {each.value for each in record.party.ids} | ({record.account} if record.account else set())
    return next(
        (p for p in trading(context) if p.id in values or any(each.value in values for each in p.ids)),
        None,
    )


def customer_saved(info: PartyInfo, index: int, customer: Partner, data: Mapping[str, str]) -> CustomerSaved:
    """Return the version that a record of info makes. Raises PartnerFault customer.terms-wrong, customer.period-wrong.

    It is valid from the document's validFrom, else from its day, until the record's validTo.
    """
    record = info.parties[index]
    path = f"parties[{index}]"
    terms = record.terms or AccountTerms()
    check_terms(terms, f"{path}.terms")
    first = day_of(info.valid_from or info.issued_at)
    last = day_of(record.valid_to) if record.valid_to else None
    if last is not None and last < first:
        raise PartnerFault("customer.period-wrong", Where(path=f"{path}.validTo"), value=last.isoformat())
    registration = {"registration": record.registration} if record.registration else {}
    return CustomerSaved(
        key=f"customer:{customer.id}:{first.isoformat()}",
        account=customer.id,
        valid_from=first,
        valid_to=last,
        name=record.party.name or customer.name,
        number=record.account,
        data={**data, **registration},
        terms=terms,
    )


def check_terms(terms: AccountTerms, path: str) -> None:
    """Raises PartnerFault customer.terms-wrong for what no agreement can say."""
    for name, most in _DAYS_MOST.items():
        said = getattr(terms, name)
        if said is not None and not 0 <= said <= most:
            raise _wrong(path, name, str(said))
    for name in _AMOUNTS:
        amount: Decimal | None = getattr(terms, name)
        if amount is not None and amount < 0:
            raise _wrong(path, name, str(amount))
    if bad := [each for each in terms.delivery_days if not 1 <= each <= 7]:
        raise _wrong(path, "delivery_days", str(bad[0]))
    if terms.credit_class not in (None, "A", "B", "C"):
        raise _wrong(path, "credit_class", str(terms.credit_class))
    if terms.currency is not None and not (len(terms.currency) == 3 and terms.currency.isalpha()):
        raise _wrong(path, "currency", terms.currency)


def _wrong(path: str, name: str, value: str) -> PartnerFault:
    return PartnerFault("customer.terms-wrong", Where(path=path), value=value[:80], field=name)


def with_terms(partner: Partner, versions: Iterable[tuple[date, date | None, AccountTerms]]) -> Partner:
    """Return the partner with what our house says over its terms of partner.yaml.

    Each version keeps what partner.yaml says on its first day where it says nothing itself; where both begin on one
    day, our house counts.
    """
    told = [terms.over(partner.terms_on(first), first, last) for first, last, terms in versions]
    if not told:
        return partner
    days = {each.valid_from for each in told}
    kept: tuple[Terms, ...] = tuple(each for each in partner.terms if each.valid_from not in days)
    return replace(partner, terms=(*kept, *told))
