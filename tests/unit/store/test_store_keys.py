"""The key store on disk: what is written, who may read it, and what is refused."""

import stat
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509

from gateway.model.faults import OurFault
from gateway.store.keys import FileKeys, new_token, token_digest

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one own key (slow to make)."""
    folder = tmp_path_factory.mktemp("store") / "keys"
    FileKeys(folder).create_own("self", "Großhandel 配送", NOW)
    return folder


def test_an_own_key_is_made_with_a_certificate_of_five_years(made: Path) -> None:
    pair = FileKeys(made).own("self")
    certificate = x509.load_pem_x509_certificate(pair.certificate_pem)
    assert certificate.subject.rfc4514_string() == "CN=Großhandel 配送"
    assert (certificate.not_valid_after_utc - NOW).days == 1825
    assert pair.private_pem.startswith(b"-----BEGIN PRIVATE KEY-----")


def test_the_private_key_is_encrypted_on_disk_and_readable_by_us_alone(made: Path) -> None:
    FileKeys(made).add_secret("token-of-x", "geheim")
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in (made / "own" / "self.key.pem").read_bytes()
    for path in made.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert not list(made.rglob(".*"))


def test_a_wrong_passphrase_is_said_plainly(made: Path) -> None:
    with pytest.raises(OurFault, match=r"keys\.bad-key"):
        FileKeys(made, passphrase=b"wrong").own("self")


def test_an_own_key_is_never_replaced(made: Path) -> None:
    before = (made / "own" / "self.key.pem").read_bytes()
    with pytest.raises(OurFault, match=r"keys\.exists"):
        FileKeys(made).create_own("self", "again", NOW)
    assert (made / "own" / "self.key.pem").read_bytes() == before


def test_what_a_crash_has_left_of_a_key_is_in_nobodys_way(made: Path) -> None:
    (made / "own" / "half.crt.pem").write_bytes((made / "own" / "self.crt.pem").read_bytes())  # written first
    assert FileKeys(made).create_own("half", "Half", NOW, "ec-p256").certificate_pem


def test_a_key_made_elsewhere_is_taken_in_with_its_own_certificate_only(made: Path, tmp_path: Path) -> None:
    pair = FileKeys(made).own("self")
    other = FileKeys(tmp_path)
    foreign = other.create_own("foreign", "x", NOW)
    with pytest.raises(OurFault, match=r"keys\.mismatch"):
        other.add_own("taken", pair.private_pem, foreign.certificate_pem)
    other.add_own("taken", pair.private_pem, pair.certificate_pem)
    assert other.own("taken").private_pem == pair.private_pem
    assert other.has_own("taken")
    assert not other.has_own("nobody")


def test_a_partner_certificate_counts_at_once_when_it_is_replaced(made: Path, tmp_path: Path) -> None:
    first = FileKeys(made).own("self").certificate_pem
    keys = FileKeys(tmp_path)
    second = keys.create_own("b", "b", NOW).certificate_pem
    keys.add_certificate("beta", first)
    assert keys.certificate("beta") == first
    FileKeys(tmp_path).add_certificate("beta", first + second)  # another process
    assert keys.certificate("beta") == first + second


@pytest.mark.parametrize("pem", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(tmp_path: Path, pem: bytes) -> None:
    with pytest.raises(OurFault, match=r"keys\.bad-certificate"):
        FileKeys(tmp_path).add_certificate("beta", pem)
    assert list((tmp_path / "certificates").iterdir()) == []


@pytest.mark.parametrize("name", ["../self", "a/b", "", ".", "A", "a b", "a\0", "-a", "a--b", "x" * 101, "a.pem"])
@pytest.mark.parametrize(
    "use",
    [
        lambda keys, name: keys.own(name),
        lambda keys, name: keys.certificate(name),
        lambda keys, name: keys.secret(name),
        lambda keys, name: keys.add_secret(name, "x"),
        lambda keys, name: keys.create_own(name, "x", NOW),
    ],
    ids=["own", "certificate", "secret", "add_secret", "create_own"],
)
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str, use: Callable[[FileKeys, str], object]) -> None:
    with pytest.raises(OurFault, match=r"keys\.bad-name"):
        use(FileKeys(tmp_path / "keys"), name)
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    keys = FileKeys(tmp_path)
    for use in (keys.own, keys.certificate, keys.secret):
        with pytest.raises(OurFault, match=r"keys\.missing") as refused:
            use("nobody")
        assert refused.value.value == "nobody"


@pytest.mark.parametrize("value", ["", "  ", "two\nlines", "nul\0"])
def test_a_secret_is_one_line(tmp_path: Path, value: str) -> None:
    with pytest.raises(OurFault, match=r"keys\.bad-secret"):
        FileKeys(tmp_path).add_secret("x", value)


def test_a_token_is_looked_up_by_its_digest_only(tmp_path: Path) -> None:
    asked: list[str] = []

    def lookup(digest: str) -> str | None:
        asked.append(digest)
        return "beta" if digest == sha256(b"right").hexdigest() else None

    keys = FileKeys(tmp_path, lookup)
    assert keys.partner_for_token("right") == "beta"
    assert keys.partner_for_token("wrong") is None
    assert keys.partner_for_token("\udc80") is None
    assert asked[0] == token_digest("right")
    assert all("right" not in each for each in asked)


def test_tokens_are_long_and_never_the_same() -> None:
    assert len({new_token() for _ in range(100)}) == 100
    assert min(len(new_token()) for _ in range(20)) >= 43


def test_a_key_comes_in_from_pkcs12_with_its_certificate(made: Path, tmp_path: Path) -> None:
    import subprocess

    pair = FileKeys(made).own("self")
    (tmp_path / "k").write_bytes(pair.private_pem)
    (tmp_path / "c").write_bytes(pair.certificate_pem)
    command = ["openssl", "pkcs12", "-export", "-inkey", "k", "-in", "c", "-out", "p12", "-passout", "pass:secret"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    store = FileKeys(tmp_path / "other")
    data = (tmp_path / "p12").read_bytes()
    with pytest.raises(OurFault, match=r"keys\.bad-key"):
        store.add_pkcs12("imported", data, b"wrong")
    with pytest.raises(OurFault, match=r"keys\.bad-key"):
        store.add_pkcs12("imported", b"nonsense", None)
    store.add_pkcs12("imported", data, b"secret")
    assert store.own("imported").private_pem == pair.private_pem
    with pytest.raises(OurFault, match=r"keys\.exists"):
        store.add_pkcs12("imported", data, b"secret")
