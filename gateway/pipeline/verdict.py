"""How findings become a verdict: the partner's severities first, then any error parks the message."""

from collections.abc import Container, Iterable

from gateway.mapping.check_digits import wrong_check_digits
from gateway.model.documents import Document
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
from gateway.model.partner import Partner
from gateway.schema.validate import weighed
from gateway.texts.catalogue import entry


def weigh(findings: Iterable[Finding], partner: Partner) -> tuple[Finding, ...]:
    """Give each finding the severity that this partner's settings name for its code; drop those set to off."""
    return weighed(findings, partner.severities)


def first_error(findings: Iterable[Finding]) -> Finding | None:
    """Return the finding that parks the message, None when it is good."""
    return next((finding for finding in findings if finding.severity == "error"), None)


_WRITTEN, _ECHOED = "mapping.check-digit-written", "mapping.check-digit-echoed"


def check_numbers(document: Document, partner: Partner, theirs: Container[str] = ()) -> tuple[Finding, ...]:
    """Hold what is to be sent against the check digits of its GTINs, GLNs and SSCCs.

    theirs: wrong numbers of the documents that are answered. One of these is sent back as it came, because the partner
    must find its line again, with a warning.

    Raises OurFault mapping.check-digit-written at the first other one, unless the partner's settings make less of it.
    """
    refused = partner.severities.get(_WRITTEN, "error") == "error"
    told: dict[str, Finding] = {}
    for path, value in wrong_check_digits(document):
        if value in theirs:
            given = (("field", path),)
            told.setdefault(value, Finding(code=_ECHOED, severity="warning", value=value, params=given))
        elif refused:
            raise OurFault(_WRITTEN, Where(path=path), value=value, field=path)
    return weigh(told.values(), partner)


def wrong_numbers(documents: Iterable[Document]) -> frozenset[str]:
    """Return the GTINs, GLNs and SSCCs of documents whose check digit is wrong."""
    return frozenset(value for each in documents for _, value in wrong_check_digits(each))


def owner_of(finding: Finding) -> str:
    """Return who must act: partner, us or network."""
    return entry(finding.code).owner
