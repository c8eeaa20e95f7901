import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from domain_scene import NOW, SHOP, Records, codes, context, only

from gateway.domain import crm
from gateway.domain.decision import Snapshot
from gateway.domain.table import DECIDERS, decide, needs
from gateway.model.acknowledgement import AcknowledgedError, Acknowledgement
from gateway.model.documents import DOCUMENTS
from gateway.model.effects import CaseClosed, CaseOpened, ParcelAnswered
from gateway.model.faults import PartnerFault
from gateway.model.replenishment import ReplenishmentProposal
from gateway.texts.errors import ERRORS

DOMAIN = Path(__file__).parents[3] / "gateway" / "domain"


NOT_TAKEN_YET = {"TransportStatus"}


def test_every_document_has_a_decider_or_is_named_here_and_parks() -> None:
    undecided = {kind.__name__ for kind in set(DOCUMENTS.values()) - set(DECIDERS)}
    assert undecided == {"ReplenishmentProposal", *NOT_TAKEN_YET}
    proposal = ReplenishmentProposal(id="R", issued_at=NOW, supplier="farm", ship_to="1", status="proposed", lines=())
    for ask in (lambda: needs(proposal, context()), lambda: decide(proposal, context(), Snapshot())):
        with pytest.raises(PartnerFault, match=r"document\.not-taken"):
            ask()


def test_every_code_of_the_domain_is_in_the_catalogue_in_both_languages() -> None:
    areas = "item|order|despatch|receiving|sales|stock|plan|ack|document|invoice|payment|return|catalogue|place"
    used = set()
    for file in DOMAIN.rglob("*.py"):
        used |= set(re.findall(rf'"((?:{areas})\.[a-z]+(?:-[a-z]+)+|item\.unknown|item\.inactive)"', file.read_text()))
    assert len(used) > 60
    assert sorted(code for code in used if code not in ERRORS) == []
    for code in used:
        entry = ERRORS[code]
        assert all((entry.en, entry.cure_en)), code
        assert re.search("[\u4e00-\u9fff]", entry.zh), code
        assert re.search("[\u4e00-\u9fff]", entry.cure_zh), code


def acknowledgement(outcome: str, **more: object) -> Acknowledgement:
    facts: dict[str, object] = {"kind": "contrl", "control_reference": "77", **more}
    return Acknowledgement(id="C1", outcome=outcome, **facts)  # type: ignore[arg-type]


def test_an_acknowledgement_settles_the_parcel_and_closes_its_case() -> None:
    made = Records().take(acknowledgement("accepted"), SHOP)
    (word,) = only(ParcelAnswered, made)
    assert (word.partner, word.kind, word.outcome, word.control_reference) == ("shop", "contrl", "accepted", "77")
    assert only(CaseClosed, made)[0].subject == "77"
    assert codes(made) == []


def test_a_refusal_opens_a_case_with_the_partners_words() -> None:
    refused = acknowledgement(
        "rejected",
        kind="application-response",
        control_reference=None,
        document="OR000001",
        errors=(AcknowledgedError(code="12", text="invalid value", where="LIN"),),
    )
    made = Records().take(refused, SHOP)
    word = only(ParcelAnswered, made)[0]
    assert (word.kind, word.document, word.detail) == ("response", "OR000001", "12 invalid value LIN")
    case = only(CaseOpened, made)[0]
    assert (case.account, case.code, case.subject, case.params["said"]) == (
        "shop",
        "ack.rejected",
        "OR000001",
        "12 invalid value LIN",
    )


def test_received_neither_opens_nor_closes_a_case() -> None:
    assert [type(each) for each in Records().take(acknowledgement("received")).effects] == [ParcelAnswered]


def test_an_acknowledgement_must_say_of_what_and_how() -> None:
    with pytest.raises(PartnerFault, match=r"ack\.reference-missing"):
        Records().take(acknowledgement("accepted", control_reference=None))
    with pytest.raises(PartnerFault, match=r"ack\.outcome-unknown"):
        Records().take(acknowledgement("maybe"))


def test_an_activity_outside_the_table_is_a_bug() -> None:
    with pytest.raises(ValueError, match="not in the table"):
        crm.activity("k", "shop", "shipped", "D1", units_sold=1)
    with pytest.raises(ValueError, match="not in the table"):
        crm.activity("k", "shop", "sang", "D1")


def test_measures_come_from_totals_and_need_data() -> None:
    figures = {
        name: Decimal(value) for name, value in {"units_ordered": 40, "units_confirmed": 30, "orders": 0}.items()
    }
    found = crm.measures(figures)
    assert found["confirmed_rate"] == Decimal("0.75")
    assert found["shipped_rate"] == 0
    assert found["lines_per_order"] is None
    assert found["return_rate"] is None


def test_a_number_longer_than_our_records_is_refused_before_anything_else() -> None:
    with pytest.raises(PartnerFault, match=r"document\.number-too-long"):
        needs(replace(acknowledgement("accepted"), id="9" * 201), context())
