"""What partner.yaml says under `edifact` reaches the bytes: how theirs are read, how ours are written."""

import pytest
from pipeline_scene import (
    FLOUR,
    NORDMARKT,
    NOW,
    OATS,
    OURS,
    Line,
    book,
    envelope,
    message,
    order_body,
    orders,
    read,
    wire,
    with_partner,
)

from gateway.config.edifact_terms import read_terms
from gateway.config.fields import Fields, Problems
from gateway.config.yaml import load
from gateway.model.edifact_terms import EdifactTerms
from gateway.model.findings import Finding
from gateway.pipeline.book import Book


def terms(text: str) -> tuple[EdifactTerms, list[Finding]]:
    problems = Problems("partners/acme/partner.yaml")
    return read_terms(Fields(load(text, problems.file), problems, "edifact")), problems.findings


def use(text: str, partner: str = "nordmarkt") -> Book:
    found, problems = terms(text)
    assert problems == []
    return with_partner(partner, edifact=found)


def codes(text: str, unb: str, *messages: str) -> list[str]:
    data = unb + "".join(messages or (orders("PO-1"),)) + f"UNZ+{len(messages or (1,))}+R1'"
    found = read(data, use=use(text))
    return [each.code for interchange in found.interchanges for each in interchange.findings]


UNB = f"UNB+UNOC:3+{NORDMARKT}:14+{OURS}:14+261101:1200+R1'"


def test_nothing_said_is_the_default_of_everything() -> None:
    assert terms("{}") == (EdifactTerms(), [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("read: {charset: utf-16}", "config.bad-value"),
        ("read: {chraset: utf-8}", "config.unknown-key"),
        ("reads: {}", "config.unknown-key"),
        ("read: {max_age_days: 0}", "config.bad-value"),
        ("read: {password: this-is-longer-than-14}", "config.bad-value"),
        ("write: {level: UNOX}", "config.bad-value"),
        ("write: {references: {first: 100, last: 99}}", "config.bad-value"),
        ("write: {references: {first: 1, last: 100000000000000}}", "config.bad-value"),
        ("write: {references: {gaps: no}}", "config.unknown-key"),
        ("write: {batch: {count: 0}}", "config.bad-value"),
        ("write: {batch: {count: 5, wait: 3}}", "config.unknown-key"),
    ],
)
def test_a_wrong_setting_is_found_with_its_place(text: str, code: str) -> None:
    findings = terms(text)[1]
    assert [each.code for each in findings] == [code]
    assert findings[0].where.line == 1


def test_a_charset_of_the_partner_overrules_unb() -> None:
    name = "Käse–Öl"  # an en dash: windows-1252 only
    note = order_body("PO-1", [(OATS, "5")]).replace("NAD+BY+", f"FTX+AAI+++{name}'NAD+BY+")
    data = envelope(message("ORDERS", note)).decode().encode("cp1252")
    told = read(data).messages[0].findings
    assert "edifact.charset-mismatch" in [each.code for each in told]
    agreed = read(data, use=use("read: {charset: windows-1252}")).messages[0]
    assert agreed.findings == ()
    assert name in (agreed.document or "")


def test_a_severity_of_the_partner_lets_a_code_pass_and_stops_a_warning() -> None:
    data = envelope(message("ORDERS", order_body("PO-1", [(OATS, "5")]).replace("BGM+220", "BGM+ZZZ")))
    (parked,) = read(data).messages
    assert (parked.state, parked.fault and parked.fault.code) == ("parked", "edifact.code-unknown")
    (passed,) = read(data, use=with_partner("nordmarkt", severities={"edifact.code-unknown": "warning"})).messages
    assert "edifact.code-unknown" not in [each.code for each in passed.findings if each.severity == "error"]
    totals = envelope(message("ORDERS", order_body("PO-1", [(OATS, "5")]).replace("CNT+2:1", "CNT+2:7")))
    assert read(totals).messages[0].state == "parsed"
    strict = read(totals, use=with_partner("nordmarkt", severities={"edifact.total-mismatch": "error"}))
    assert strict.messages[0].state == "parked"
    assert wire(strict)[1].startswith("UCM+1+")


def test_a_severity_of_the_partner_counts_for_the_envelope_too() -> None:
    data = envelope(orders("PO-1")).replace(b"UNZ+1+", b"UNZ+9+")
    assert read(data).interchanges[0].status == "rejected"
    lenient = read(data, use=with_partner("nordmarkt", severities={"edifact.count-mismatch": "warning"}))
    assert lenient.interchanges[0].status == "accepted"


@pytest.mark.parametrize(
    ("text", "unb", "code"),
    [
        ("read: {password: SESAME}", UNB.replace("+R1'", "+R1+SESAME'"), None),
        ("read: {password: SESAME}", UNB.replace("+R1'", "+R1+OTHER'"), "edifact.password-wrong"),
        ("read: {password: SESAME}", UNB, "edifact.password-wrong"),
        ("read: {tests: refuse}", UNB.replace("+R1'", "+R1++++++1'"), "edifact.test-refused"),
        ("read: {tests: refuse}", UNB, None),
        ("read: {max_age_days: 3}", UNB, None),
        ("read: {max_age_days: 3}", UNB.replace("261101", "261001"), "edifact.too-old"),
    ],
)
def test_rules_of_the_partner_are_held_against_unb(text: str, unb: str, code: str | None) -> None:
    assert codes(text, unb) == ([code] if code else [])


def test_a_broken_rule_rejects_the_interchange_in_the_contrl() -> None:
    found = read(UNB + orders("PO-1") + "UNZ+1+R1'", use=use("read: {password: SESAME}"))
    assert found.messages[0].state == "parked"
    assert wire(found) == [f"UCI+R1+{NORDMARKT}:14+{OURS}:14+4+12+UNB+7:1"]


def test_a_message_type_without_agreement_is_refused_when_so_agreed() -> None:
    data = UNB + message("ORDRSP", order_body("PO-1", [(OATS, "5")])) + "UNZ+1+R1'"
    parked = read(data)
    assert (parked.messages[0].owner, wire(parked)[0][-2:]) == ("us", "+7")
    refused = read(data, use=use("read: {unagreed: refuse}"))
    assert refused.messages[0].fault is not None
    assert (refused.messages[0].owner, refused.messages[0].fault.code) == ("partner", "edifact.message-not-agreed")
    assert wire(refused)[1].startswith("UCM+1+ORDRSP:D:96A:UN:EAN008+4+17")


def test_contrl_on_request_is_sent_only_when_unb_asks_for_it() -> None:
    on_request = use("read: {contrl: on-request}")
    assert read(UNB + orders("PO-1") + "UNZ+1+R1'", use=on_request).answers == ()
    asks = UNB.replace("+R1'", "+R1++++1'")
    assert len(read(asks + orders("PO-1") + "UNZ+1+R1'", use=on_request).answers) == 1


def test_a_guide_of_the_partner_replaces_the_overlay_of_the_association() -> None:
    directory = book().directories["d96a"]
    from gateway.schema.directory import Directory
    from gateway.schema.overlay import Overlay

    class Guided(Directory):
        @property
        def overlays(self) -> tuple[Overlay, ...]:  # type: ignore[override]
            narrow = {"guide": "x", "values": {"ORDERS": {"BGM": {"C002.1001": "105"}}}}
            return (*directory.overlays, Overlay.of("nordmarkt-guide", narrow))

    guided = Guided("d96a", dict(directory._tables), directory._service)
    base = use("read: {guide: nordmarkt-guide}")
    from dataclasses import replace

    with_guide = replace(base, directories={**base.directories, "d96a": guided})
    found = read(envelope(orders("PO-1")), use=with_guide).messages[0]
    assert found.fault is not None
    assert found.fault.code == "edifact.code-not-agreed"
    assert read(envelope(orders("PO-1")), use=replace(with_guide, partners=book().partners)).messages[0].fault is None


def test_one_wrong_group_holds_only_its_own_messages() -> None:
    def group(reference: str, inside: str, count: int = 1) -> str:
        return f"UNG+ORDERS+{NORDMARKT}+{OURS}+261101:1200+{reference}+UN+D:96A'{inside}UNE+{count}+{reference}'"

    data = UNB + group("G1", orders("PO-1"), count=4) + group("G2", orders("PO-2", reference="2")) + "UNZ+2+R1'"
    found = read(data)
    assert [each.state for each in found.messages] == ["parked", "parsed"]
    assert found.messages[0].fault is not None
    assert found.messages[0].fault.code == "edifact.count-mismatch"
    assert found.interchanges[0].status == "partly"
    assert [each.code for each in found.interchanges[0].findings] == ["edifact.count-mismatch"]
    assert wire(found) == [
        f"UCI+R1+{NORDMARKT}:14+{OURS}:14+7",
        f"UCF+G1+{NORDMARKT}+{OURS}+4+29+UNE+2:1",
    ]


def test_what_cannot_be_read_behind_a_good_interchange_does_not_hold_it() -> None:
    found = read(UNB + orders("PO-1") + "UNZ+1+R1'UIB+UNOA:4+x'")
    assert [(each.type, each.state) for each in found.messages] == [("ORDERS", "parsed"), ("?", "parked")]
    assert found.messages[1].fault is not None
    assert found.messages[1].fault.code == "edifact.interactive-refused"
    assert [each.status for each in found.interchanges] == ["accepted"]
    assert wire(found)[0].endswith("+7")


# what we write


def sent(text: str, *numbers: str) -> list[str]:
    """Take one order for each number; return what goes to nordmarkt, CONTRL first."""
    from gateway.store.journal import SqlJournal

    journal = SqlJournal.in_memory()
    line = Line(journal, use(text))
    line.count_stock(OATS, FLOUR)
    for number in numbers or ("PO-1",):
        line.take(envelope(orders(number), reference=f"R-{number}"))
    found = [each for _, each in line.parcels("nordmarkt")]
    journal.close()
    return found


def test_level_line_ends_una_password_and_request_are_written_as_agreed() -> None:
    contrl, answer, *_ = sent(
        "write: {level: UNOA, transliterate: true, una: true, line_ends: true, password: SESAME, ask_contrl: true}"
    )
    lines = answer.split("\r\n")
    assert lines[0] == "UNA:+.? '"
    assert lines[1].startswith(f"UNB+UNOA:3+{OURS}:14+{NORDMARKT}:14+261102:0900+2+SESAME+++1'")
    assert lines[-2:] == ["UNZ+1+2'", ""]
    assert contrl.splitlines()[1].endswith("+1+SESAME'")  # nobody is asked to acknowledge a CONTRL


def test_syntax_4_has_its_own_date_and_contrl() -> None:
    contrl, answer, *_ = sent("write: {version: '4'}")
    assert contrl.startswith(f"UNB+UNOC:4+{OURS}:14+{NORDMARKT}:14+20261102:0900+1'UNH+1+CONTRL:4:1:UN'")
    assert answer.startswith(f"UNB+UNOC:4+{OURS}:14+{NORDMARKT}:14+20261102:0900+2'UNH+1+ORDRSP:D:96A:UN")


def test_a_decimal_comma_is_announced_and_used_in_numbers_only() -> None:
    from gateway.model.tree import Segment
    from gateway.schema.decimals import with_decimal_mark

    directory = book().directories["d96a"]
    body = [
        Segment("QTY", (("21", "1.5"),)),
        Segment("PRI", (("AAA", "2.25"),)),
        Segment("FTX", (("AAI",), ("",), ("",), ("1.5 l",))),
        Segment("BGM", (("220",), ("PO.1",), ("9",))),
    ]
    found = with_decimal_mark(body, ",", directory)
    assert [each.elements for each in found[:2]] == [(("21", "1,5"),), (("AAA", "2,25"),)]
    assert found[2:] == body[2:]
    assert sent("write: {decimal: ','}")[1].startswith("UNA:+,? '")


def test_references_come_from_the_agreed_range_and_begin_again_behind_its_end() -> None:
    text = "write: {references: {first: 5, last: 14}}"
    found = sent(text, *(f"PO-{number}" for number in range(6)))
    references = [each.split("'")[0].split("+")[5] for each in found]
    assert references == [str(5 + place % 10) for place in range(len(references))]
    assert len(references) > 10


def test_a_message_of_the_partner_in_syntax_4_is_answered_in_the_syntax_agreed_for_writing() -> None:
    assert NOW.strftime("%Y%m%d") in sent("write: {version: '4'}")[0]
