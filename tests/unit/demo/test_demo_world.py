"""The first start against the shipped definitions: everybody gets keys, and both sides know each other."""

import shutil
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.app.clock import SystemClock
from gateway.app.instance import open_instance
from gateway.demo.demand import mean_per_day
from gateway.demo.world import BEHAVIOUR, OPENING_DAYS, SEED, Progress, enter, places_of, reset
from gateway.model.faults import OurFault
from gateway.store.keys import FileKeys


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    shutil.copytree("partners", folder / "partners")
    shutil.copy("config.yaml", folder)
    enter(folder, 90)
    return folder


def test_everybody_has_a_place_and_the_certificate_of_the_other_side(root: Path) -> None:
    places = places_of(root)
    gateway_keys = FileKeys(places.settings.var / "keys")
    assert {each.name for each in places.partners()} == set(BEHAVIOUR)
    for each in places.partners():
        if each.as2:
            keys = FileKeys(places.partner(each.name) / "keys")
            assert keys.certificate("gateway") == gateway_keys.own("self").certificate_pem
            assert gateway_keys.certificate(each.name) == keys.own("self").certificate_pem
        if each.http:
            shown = gateway_keys.secret(f"{each.name}-outbound")
            assert sha256(shown.encode()).hexdigest() == each.http.expected_sha256


def test_each_api_key_speaks_for_its_partner_only(root: Path) -> None:
    instance = open_instance(root)
    try:
        tokens = {each.name: each.http.token for each in places_of(root).partners() if each.http}
        assert len(set(tokens.values())) == len(tokens)
        assert {name: instance.keys.partner_for_token(token) for name, token in tokens.items()} == {
            n: n for n in tokens
        }
        progress = Progress.read(places_of(root).progress)
        assert progress
        assert instance.keys.partner_for_token(progress.api_key) is None
    finally:
        instance.close()


def test_history_begins_ninety_days_ago_and_the_clock_stands_there(root: Path) -> None:
    progress = Progress.read(places_of(root).progress)
    today = SystemClock().now().date()
    assert progress
    assert (progress.first_day, progress.last_day) == (today - timedelta(days=90), today - timedelta(days=1))


def test_a_second_entering_makes_nothing_new_and_gives_a_new_link(root: Path) -> None:
    before = [each.run for each in places_of(root).partners()]
    first, link = enter(root, 90)
    again, other = enter(root, 30)
    assert first == again
    assert [each.run for each in places_of(root).partners()] == before
    assert parse_qs(urlsplit(link).query) != parse_qs(urlsplit(other).query)


def test_the_warehouse_opens_with_full_cases_for_about_two_weeks(root: Path) -> None:
    settings = {each.name: each for each in places_of(root).partners()}
    shops = [*settings["nordmarkt"].places, *settings["stadtkette"].places]
    assert len(set(shops)) == 5
    for item in settings["warehouse"].items:
        assert item.opening % item.pack == 0
        assert item.opening >= mean_per_day(SEED, shops, item.gtin) * OPENING_DAYS


def test_a_start_that_was_cut_off_is_made_good_and_a_journal_of_others_is_left_alone(tmp_path: Path) -> None:
    shutil.copytree("partners", tmp_path / "partners")
    shutil.copy("config.yaml", tmp_path)
    var = tmp_path / "var"
    var.mkdir()
    (var / "journal.sqlite").write_bytes(b"not ours")
    with pytest.raises(OurFault, match=r"demo\.journal-not-empty"):
        enter(tmp_path, 2)
    assert (var / "journal.sqlite").read_bytes() == b"not ours"
    (var / "demo.creating").touch()
    progress, _ = enter(tmp_path, 2)
    assert Progress.read(places_of(tmp_path).progress) == progress
    assert reset(tmp_path)
