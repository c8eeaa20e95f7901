"""Users, passwords, second factors, recovery codes, guesses, sessions and API keys on a real journal."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyotp import TOTP
from sqlalchemy import select, text

from gateway.model.faults import OurFault
from gateway.store import tables as t
from gateway.store.access import Access
from gateway.store.access_guard import FIRST_WAIT, LONGEST_WAIT
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from gateway.store.keys import FileKeys

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
PASSWORD = "wet gravel under tall pines"
STEP = timedelta(seconds=30)


@pytest.fixture
def access(tmp_path: Path) -> Iterator[Access]:
    journal = SqlJournal.open(tmp_path / "journal.db", MemoryBlobs())
    made = Access(journal.reader, journal, FileKeys(tmp_path / "keys", passphrase=b"test"))
    made.add_user("root", "admin", NOW, by="test")
    made.add_user("anna", "operator", NOW, by="test")
    yield made
    journal.close()


def code_of(error: pytest.ExceptionInfo[OurFault]) -> str:
    return error.value.code


def audit(access: Access, action: str) -> list[tuple[str, str, str | None, str | None]]:
    with access._engine.connect() as connection:
        rows = connection.execute(select(t.audit).where(t.audit.c.action == action).order_by(t.audit.c.id))
        return [(row.user, row.subject, row.before, row.after) for row in rows]


def confirmed(access: Access, token: str, code: str, at: datetime) -> bool:
    try:
        access.confirm(token, code, at)
    except OurFault as fault:
        if fault.code != "access.wrong-code":
            raise
        return False
    return True


def with_factor(access: Access, name: str = "anna") -> tuple[TOTP, tuple[str, ...]]:
    secret, _ = access.begin_second_factor(name, NOW, issuer="Lindwerder")
    app = TOTP(secret)
    return app, access.confirm_second_factor(name, app.at(NOW), NOW, by=name)


# --- passwords --------------------------------------------------------------------------------------------------------


def test_a_password_lets_in_and_is_kept_as_argon2_only(access: Access) -> None:
    access.set_password("anna", PASSWORD, NOW, by="anna")
    ticket = access.sign_in("anna", PASSWORD, NOW, address="192.0.2.1")
    assert not ticket.pending
    assert access.session(ticket.token, NOW) is not None
    with access._engine.connect() as connection:
        kept = connection.execute(select(t.user.c.password).where(t.user.c.name == "anna")).scalar_one()
    assert kept.startswith("$argon2id$")
    assert audit(access, "user.password-set") == [("anna", "anna", "none", "set")]


@pytest.mark.parametrize(("name", "password"), [("anna", PASSWORD + "!"), ("anna", ""), ("nobody", PASSWORD)])
def test_a_wrong_password_and_an_unknown_name_are_told_apart_by_nothing(
    access: Access, name: str, password: str
) -> None:
    access.set_password("anna", PASSWORD, NOW, by="anna")
    with pytest.raises(OurFault) as caught:
        access.sign_in(name, password, NOW)
    assert code_of(caught) == "access.wrong-password"
    assert dict(caught.value.params) == {}


def test_without_a_password_nobody_comes_in_by_password(access: Access) -> None:
    with pytest.raises(OurFault):
        access.sign_in("anna", "", NOW)


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaaaaaa", "my-name-is-ANNA-ok", "x" * 201])
def test_a_weak_password_is_refused(access: Access, weak: str) -> None:
    with pytest.raises(OurFault) as caught:
        access.set_password("anna", weak, NOW, by="anna")
    assert code_of(caught) == "access.password-weak"


def test_a_new_password_ends_the_other_sessions(access: Access) -> None:
    access.set_password("anna", PASSWORD, NOW, by="anna")
    here = access.sign_in("anna", PASSWORD, NOW)
    elsewhere = access.sign_in("anna", PASSWORD, NOW)
    access.set_password("anna", PASSWORD + " again", NOW, by="anna", keep=here.token)
    assert access.session(here.token, NOW) is not None
    assert access.session(elsewhere.token, NOW) is None


# --- guessing ---------------------------------------------------------------------------------------------------------


def guess(access: Access, at: datetime, name: str = "anna", address: str = "192.0.2.1", password: str = "x") -> str:
    try:
        access.sign_in(name, password, at, address=address)
    except OurFault as fault:
        return fault.code
    return "in"


def test_who_guesses_waits_longer_each_time_and_others_do_not(access: Access) -> None:
    access.set_password("anna", PASSWORD, NOW, by="anna")
    assert [guess(access, NOW) for _ in range(6)] == ["access.wrong-password"] * 5 + ["access.too-many-tries"]
    assert guess(access, NOW, password=PASSWORD) == "access.too-many-tries"  # the right one does not help now
    assert guess(access, NOW, address="198.51.100.7", password=PASSWORD) == "in"
    assert guess(access, NOW + FIRST_WAIT) == "access.wrong-password"
    assert guess(access, NOW + FIRST_WAIT * 2) == "access.too-many-tries"  # the second wait is twice as long
    assert guess(access, NOW + FIRST_WAIT * 3 + STEP) == "access.wrong-password"


def test_no_wait_is_longer_than_the_longest(access: Access) -> None:
    at = NOW
    for _ in range(16):
        guess(access, at)
        at += LONGEST_WAIT
        assert guess(access, at) == "access.wrong-password"


def test_guesses_at_one_account_from_many_addresses_are_held_up_too(access: Access) -> None:
    answers = [guess(access, NOW, address=f"192.0.2.{number}") for number in range(40)]
    assert answers.count("access.too-many-tries") == 10
    assert answers[:30] == ["access.wrong-password"] * 30


def test_guesses_at_many_accounts_from_one_address_are_held_up_too(access: Access) -> None:
    with access._engine.connect():
        answers = [guess(access, NOW, name=f"user{number}") for number in range(52)]
    assert answers == ["access.wrong-password"] * 50 + ["access.too-many-tries"] * 2


# --- second factor ----------------------------------------------------------------------------------------------------


def test_a_password_alone_is_not_enough_once_a_code_is_asked_for(access: Access) -> None:
    access.set_password("anna", PASSWORD, NOW, by="anna")
    app, _ = with_factor(access)
    later = NOW + STEP
    ticket = access.sign_in("anna", PASSWORD, later)
    assert ticket.pending
    assert access.session(ticket.token, later) is None
    assert access.pending(ticket.token, later) == "anna"
    full = access.confirm(ticket.token, app.at(later), later)
    assert not full.pending
    assert full.token != ticket.token
    assert access.session(full.token, later) is not None
    assert access.pending(ticket.token, later) is None


def test_a_link_asks_for_the_code_too(access: Access) -> None:
    with_factor(access)
    ticket = access.redeem(access.make_login_link("anna", NOW), NOW)
    assert ticket is not None
    assert ticket.pending
    assert access.session(ticket.token, NOW) is None


def test_a_code_counts_once_and_for_its_neighbouring_steps_only(access: Access) -> None:
    access.set_password("anna", PASSWORD, NOW, by="anna")
    app, _ = with_factor(access)
    at = NOW + STEP * 4
    for code, right in (
        (app.at(NOW), False),
        (app.at(at - STEP * 2), False),
        (app.at(at + STEP * 2), False),
        ("", False),
        (app.at(at + STEP), True),
        (app.at(at + STEP), False),
        (app.at(at), False),  # earlier than the one that was used
    ):
        assert confirmed(access, access.sign_in("anna", PASSWORD, at).token, code, at) == right, code


def test_a_pending_session_ends_after_five_minutes(access: Access) -> None:
    access.set_password("anna", PASSWORD, NOW, by="anna")
    app, _ = with_factor(access)
    ticket = access.sign_in("anna", PASSWORD, NOW)
    with pytest.raises(OurFault) as caught:
        access.confirm(ticket.token, app.at(NOW + timedelta(minutes=6)), NOW + timedelta(minutes=6))
    assert code_of(caught) == "access.not-signed-in"


def test_a_recovery_code_works_once_however_it_is_typed(access: Access) -> None:
    access.set_password("anna", PASSWORD, NOW, by="anna")
    _, codes = with_factor(access)
    assert len(set(codes)) == 10
    ticket = access.sign_in("anna", PASSWORD, NOW)
    assert not access.confirm(ticket.token, f" {codes[3].upper().replace('-', ' ')} ", NOW).pending
    again = access.sign_in("anna", PASSWORD, NOW)
    with pytest.raises(OurFault):
        access.confirm(again.token, codes[3], NOW)
    assert access.people(NOW, "anna")[0].recovery_codes == 9
    with pytest.raises(OurFault):
        access.confirm(again.token, access.new_recovery_codes("anna", NOW, by="anna")[0][:-1], NOW)
    with pytest.raises(OurFault):
        access.confirm(again.token, codes[4], NOW)  # replaced


def test_guessed_codes_are_held_up(access: Access) -> None:
    access.set_password("anna", PASSWORD, NOW, by="anna")
    with_factor(access)
    at, answers = NOW + STEP, []
    for number in range(7):
        try:
            access.confirm(access.sign_in("anna", PASSWORD, at).token, f"{number:06}", at)
        except OurFault as fault:
            answers.append(fault.code)
    assert answers == ["access.wrong-code"] * 5 + ["access.too-many-tries"] * 2
    with pytest.raises(OurFault) as caught:
        access.sign_in("anna", PASSWORD, at)
    assert code_of(caught) == "access.too-many-tries"


def test_the_secret_lies_sealed_in_the_database(access: Access, tmp_path: Path) -> None:
    secret, address = access.begin_second_factor("anna", NOW, issuer="Lindwerder & Söhne")
    assert f"secret={secret}" in address
    with access._engine.connect() as connection:
        kept = connection.execute(select(t.user.c.totp).where(t.user.c.name == "anna")).scalar_one()
    assert secret not in kept
    assert FileKeys(tmp_path / "other", passphrase=b"test").unseal(kept) == secret
    with pytest.raises(OurFault) as caught:
        FileKeys(tmp_path / "other", passphrase=b"wrong").unseal(kept)
    assert code_of(caught) == "keys.bad-seal"


def test_a_factor_counts_only_after_a_right_code_and_is_off_after_a_reset(access: Access) -> None:
    access.set_password("anna", PASSWORD, NOW, by="anna")
    secret, _ = access.begin_second_factor("anna", NOW, issuer="")
    assert not access.sign_in("anna", PASSWORD, NOW).pending
    with pytest.raises(OurFault):
        access.confirm_second_factor("anna", "123", NOW, by="anna")
    assert access.pending_second_factor("anna", issuer="")[0] == secret  # type: ignore[index]
    access.confirm_second_factor("anna", TOTP(secret).at(NOW), NOW, by="anna")
    with pytest.raises(OurFault) as caught:
        access.begin_second_factor("anna", NOW, issuer="")
    assert code_of(caught) == "access.factor-on"
    access.end_second_factor("anna", NOW, by="root")
    assert not access.sign_in("anna", PASSWORD, NOW).pending
    assert audit(access, "user.second-factor") == [("anna", "anna", "off", "on"), ("root", "anna", "on", "off")]


# --- users ------------------------------------------------------------------------------------------------------------


def test_a_disabled_user_is_out_at_once_and_every_change_is_in_the_log(access: Access) -> None:
    access.set_password("anna", PASSWORD, NOW, by="anna")
    ticket = access.sign_in("anna", PASSWORD, NOW)
    link = access.make_login_link("anna", NOW, by="root")
    partners = frozenset({"nordmarkt"})
    access.change_user("anna", NOW, by="root", role="planner", partners=partners, fields=frozenset({"prices"}))
    changed = access.session(ticket.token, NOW)
    assert changed is not None
    assert (changed.user.role, changed.user.partners) == ("planner", partners)
    access.disable_user("anna", NOW, by="root")
    assert access.session(ticket.token, NOW) is None
    assert access.redeem(link, NOW) is None
    assert guess(access, NOW, password=PASSWORD) == "access.wrong-password"
    access.enable_user("anna", NOW, by="root")
    assert guess(access, NOW, password=PASSWORD) == "in"
    ((by, subject, before, after),) = audit(access, "user.changed")
    assert (by, subject) == ("root", "anna")
    assert json.loads(before or "") == {"role": "operator"}
    assert json.loads(after or "") == {"role": "planner", "partners": ["nordmarkt"], "fields": ["prices"]}
    assert audit(access, "user.disabled") == [("root", "anna", "enabled", "disabled")]


def test_the_last_administrator_stays_one(access: Access) -> None:
    for change in (
        lambda: access.disable_user("root", NOW, by="root"),
        lambda: access.change_user("root", NOW, by="root", role="operator"),
        lambda: access.change_user("root", NOW, by="root", role="admin", partners=frozenset({"a"})),
    ):
        with pytest.raises(OurFault) as caught:
            change()
        assert code_of(caught) == "access.last-admin"
    assert access.people(NOW, "root")[0].disabled_at is None
    access.add_user("second", "admin", NOW, by="root")
    access.disable_user("root", NOW, by="second")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "bad name", "role": "admin"}, "access.bad-name"),
        ({"name": "anna", "role": "admin"}, "access.user-exists"),
        ({"name": "b", "role": "emperor"}, "access.role-unknown"),
        ({"name": "b", "role": "partner"}, "access.role-unknown"),
        ({"name": "b", "role": "planner", "partner": "a"}, "access.role-unknown"),
        ({"name": "b", "role": "planner", "fields": frozenset({"x"})}, "access.fields-unknown"),
        ({"name": "b", "role": "planner", "partners": frozenset({"x') OR 1=1 --"})}, "access.bad-name"),
        ({"name": "b", "role": "partner", "partner": "x'"}, "access.bad-name"),
    ],
)
def test_a_user_that_makes_no_sense_is_refused(access: Access, values: dict, code: str) -> None:
    with pytest.raises(OurFault) as caught:
        access.add_user(now=NOW, by="test", **values)
    assert code_of(caught) == code


# --- sessions and keys ------------------------------------------------------------------------------------------------


def test_sessions_are_listed_without_what_opens_them_and_revoked(access: Access) -> None:
    access.set_password("anna", PASSWORD, NOW, by="anna")
    ticket = access.sign_in("anna", PASSWORD, NOW, agent="Firefox", address="192.0.2.9")
    other = access.sign_in("anna", PASSWORD, NOW + STEP)
    newest, first = access.sessions(NOW + STEP, "anna")
    assert (first.method, first.address, first.agent) == ("password", "192.0.2.9", "Firefox")
    assert first.id not in ticket.token
    with pytest.raises(OurFault) as caught:
        access.revoke_session(first.id, NOW, by="root", of="root")  # one's own only
    assert code_of(caught) == "access.session-not-found"
    access.revoke_session(first.id, NOW, by="root")
    assert access.session(ticket.token, NOW) is None
    assert access.session(other.token, NOW) is not None
    assert [each.id for each in access.sessions(NOW, "anna")] == [newest.id]
    assert audit(access, "session.revoked") == [("root", "anna", first.id, None)]
    with pytest.raises(OurFault):
        access.revoke_session("", NOW, by="root")


def test_a_key_ends_in_time_knows_its_last_use_and_is_revoked_by_its_id(access: Access) -> None:
    scopes = frozenset({"messages.read"})
    token = access.issue_key("ci", "operator", NOW, by="root", scopes=scopes, expires_at=NOW + timedelta(days=2))
    bearer = access.key_bearer(token, NOW + timedelta(days=1))
    assert bearer is not None
    assert (bearer.user.name, bearer.scopes) == ("key:ci", scopes)
    (line,) = access.keys()
    assert line.used_at == NOW + timedelta(days=1)
    assert line.id not in token
    assert access.key_bearer(token, NOW + timedelta(days=2)) is None
    access.revoke_key(line.id, NOW, by="root")
    assert access.key_bearer(token, NOW) is None
    assert access.keys() == ()
    assert access.key(line.id).revoked_at == NOW  # type: ignore[union-attr]
    assert audit(access, "api-key.revoked") == [("root", "ci", "in use", "revoked")]
    with pytest.raises(OurFault):
        access.issue_key("ci", "operator", NOW, by="root", expires_at=NOW)


def test_a_partners_key_hands_documents_in_as_long_as_its_scopes_say_so(access: Access) -> None:
    from gateway.store.access import digest_of

    sending = access.issue_key("edi", "partner", NOW, by="root", partner="nordmarkt")
    reading = access.issue_key(
        "portal", "partner", NOW, by="root", partner="nordmarkt", scopes=frozenset({"messages.read"})
    )
    ours = access.issue_key("us", "admin", NOW, by="root")
    assert access.partner_for_key(digest_of(sending), NOW) == "nordmarkt"
    assert access.partner_for_key(digest_of(reading), NOW) is None
    assert access.partner_for_key(digest_of(ours), NOW) is None


def test_a_call_is_made_once_and_its_answer_repeated(access: Access) -> None:
    from gateway.store.access_calls import GIVEN_UP_AFTER, Answer

    assert access.begin_call("anna", "k1", "r" * 64, NOW) is None
    with pytest.raises(OurFault) as caught:
        access.begin_call("anna", "k1", "r" * 64, NOW)
    assert code_of(caught) == "api.call-running"
    access.end_call("anna", "k1", Answer(202, '{"id":"1"}'))
    assert access.begin_call("anna", "k1", "r" * 64, NOW) == Answer(202, '{"id":"1"}')
    with pytest.raises(OurFault) as caught:
        access.begin_call("anna", "k1", "s" * 64, NOW)
    assert code_of(caught) == "api.key-reused"
    assert access.begin_call("root", "k1", "s" * 64, NOW) is None  # keys belong to their caller
    assert access.begin_call("root", "k1", "s" * 64, NOW + GIVEN_UP_AFTER) is None  # its process died
    access.end_call("root", "k1", None)
    assert access.begin_call("root", "k1", "s" * 64, NOW) is None  # refused: tried afresh
    assert access.begin_call("anna", "k1", "s" * 64, NOW + timedelta(hours=25)) is None  # forgotten


def test_nothing_in_the_tables_of_access_is_a_token(access: Access) -> None:
    link = access.make_login_link("anna", NOW)
    key = access.issue_key("ci", "operator", NOW, by="root")
    with access._engine.connect() as connection:
        everything = "".join(
            str(row)
            for table in ("user", "session", "api_key", "login_link", "audit")
            for row in connection.execute(text(f'SELECT * FROM "{table}"'))
        )
    assert link not in everything
    assert key not in everything
