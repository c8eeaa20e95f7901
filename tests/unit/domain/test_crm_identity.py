"""Who a party is: names in one form, candidates with reasons, merging that can be undone."""

import pytest

from gateway.domain.crm.identity import Known, compared, merge, register
from gateway.domain.crm.names import core_name, folded, gln, legal_entity, mail, telephone, vat_number


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller Handels GmbH & Co. KG", "MUELLER HANDELS"),
        ("Café Noir S.A.R.L.", "cafe noir"),
        ("Fratelli Rossi S.p.A.", "Fratelli Rossi spa"),
        ("Nordwind Sp. z o.o.", "NORDWIND"),
        ("上海東方貿易有限公司", "上海东方贸易"),
        ("ＡＢＣ　Ｔｒａｄｉｎｇ Ltd.", "abc trading"),
        ("华联集团股份有限公司", "華聯集團"),
        ("北京百货(集团)有限责任公司", "北京百货"),
    ],
)
def test_a_name_loses_its_legal_form_its_script_and_its_accents(one, other):
    assert core_name(one) == core_name(other)


def test_a_name_of_nothing_but_a_legal_form_stays_itself():
    assert core_name("AG") == "ag"
    assert core_name("集团公司") != ""


def test_long_and_empty_names_are_harmless():
    assert folded("") == ""
    assert len(folded("x" * 100_000)) <= 200


def test_identifiers_are_checked():
    assert gln("9521002000009") == "9521002000009"
    assert gln("9521002000008") is None
    assert gln("952100200000") is None
    assert vat_number("DE 136 695 976") == "DE136695976"
    assert vat_number("DE136695977") is None
    assert legal_entity("213800KUD8LAJWSQ9D15") == "213800KUD8LAJWSQ9D15"
    assert legal_entity("213800KUD8LAJWSQ9D16") is None


def test_telephones_become_one_form():
    assert telephone("030 1234567", "DE") == telephone("+49 (30) 123-4567") == "+49301234567"
    assert telephone("010-6552-9988", "cn") == "+861065529988"
    assert telephone("call me") is None
    assert telephone("1") is None


def test_mail_addresses_become_small_and_are_plausible():
    assert mail(" A.Person@Example.COM ") == "a.person@example.com"
    assert mail("nobody") is None
    assert mail("a b@example.com") is None


NORTH = Known(
    account="north",
    name="Nordmarkt Handels AG",
    identifiers=frozenset({("gln", "9521002000009"), ("vat", "DE136695976")}),
    postcode="20095",
    country="DE",
    telephones=frozenset({"+49301234567"}),
)
EAST = Known(account="east", name="上海东方贸易有限公司", postcode="200001", country="CN")


def test_an_identifier_that_agrees_decides():
    party = Known(account="?", name="NM Zentrallager", identifiers=frozenset({("gln", "9521002000009")}))
    [found] = register([NORTH, EAST]).candidates(party)
    assert (found.account, found.points, found.verdict) == ("north", 100, "same")
    assert found.reasons == ("identifier:gln",)


def test_a_name_and_a_postcode_make_a_candidate_for_a_person_not_a_link():
    party = Known(account="?", name="Nordmarkt Handel", postcode="20095", country="DE")
    [found] = register([NORTH, EAST]).candidates(party)
    assert found.verdict == "strong"
    assert "postcode" in found.reasons


def test_traditional_characters_find_the_simplified_company():
    party = Known(account="?", name="上海東方貿易", postcode="200001")
    assert [each.account for each in register([NORTH, EAST]).candidates(party)] == ["east"]


def test_another_vat_number_or_country_speaks_against():
    party = Known(account="?", name="Nordmarkt Handels AG", identifiers=frozenset({("vat", "DE999999999")}))
    assert compared(party, NORTH) is None
    abroad = Known(account="?", name="Nordmarkt Handels AG", country="AT")
    assert compared(abroad, NORTH) is None


def test_another_gln_does_not_speak_against_because_a_company_has_many():
    party = Known(
        account="?", name="Nordmarkt Handels AG", postcode="20095", identifiers=frozenset({("gln", "9521002000016")})
    )
    assert compared(party, NORTH).verdict == "strong"


def test_two_accounts_with_one_identifier_are_both_told():
    twin = Known(account="twin", name="Other", identifiers=frozenset({("gln", "9521002000009")}))
    party = Known(account="?", name="x", identifiers=frozenset({("gln", "9521002000009")}))
    assert {each.account for each in register([NORTH, twin]).candidates(party)} == {"north", "twin"}


def test_strangers_are_no_candidates():
    assert register([NORTH, EAST]).candidates(Known(account="?", name="Südwind Obst", postcode="80331")) == []


def test_a_shared_telephone_brings_two_names_together():
    party = Known(account="?", name="Nordmarkt Hamburg", telephones=frozenset({"+49301234567"}))
    [found] = register([NORTH]).candidates(party)
    assert "telephone" in found.reasons


def test_merging_fills_blanks_and_remembers_names_and_numbers():
    gone = Known(account="nm", name="NM Handel", identifiers=frozenset({("gln", "9521002000016")}), city="Hamburg")
    found = merge(NORTH, gone)
    assert found.filled == {"city": "Hamburg"}
    assert found.aliases == ("NM Handel",)
    assert found.identifiers == {("gln", "9521002000016")}
    with pytest.raises(ValueError, match="itself"):
        merge(NORTH, NORTH)


def test_twenty_thousand_companies_are_matched_by_blocks():
    companies = [
        Known(
            account=str(index),
            name=f"{chr(97 + index % 26)}{index * 7919 % 9973} Handel",
            postcode=f"{index % 9000:05d}",
        )
        for index in range(20_000)
    ]
    made = register(companies)
    party = Known(account="?", name=companies[777].name, postcode=companies[777].postcode)
    assert made.candidates(party)[0].account == "777"
