"""Keys of every kind, made here or by openssl, used for what AS2 needs."""

import secrets
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.codecs.as2 import Protection, open_message, seal
from gateway.codecs.as2.addressing import ReceiptRequest
from gateway.codecs.cms.identity import Identity, load_identity
from gateway.codecs.mime import Headers
from gateway.model.faults import OurFault
from gateway.model.payload import MemoryPayload
from gateway.ports.shell import KEY_KINDS
from gateway.store.keys import FileKeys

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PASSWORD = b"changeit"


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key on a curve with its certificate as PEM, as encrypted PEM and as PKCS12."""
    folder = tmp_path_factory.mktemp("elsewhere")
    key, certificate = folder / "key.pem", folder / "crt.pem"
    openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes", "-days", "30",
        "-subj", "/CN=elsewhere", "-keyout", key, "-out", certificate,
    )  # fmt: skip
    openssl("ec", "-in", key, "-aes256", "-passout", f"pass:{PASSWORD.decode()}", "-out", folder / "locked.pem")
    openssl(
        "pkcs12", "-export", "-inkey", key, "-in", certificate, "-passout", f"pass:{PASSWORD.decode()}",
        "-out", folder / "both.p12",
    )  # fmt: skip
    return folder


def identity(keys: FileKeys, name: str) -> Identity:
    pair = keys.own(name)
    return load_identity(pair.private_pem, pair.certificate_pem)


def exchanged(us: Identity, them: Identity) -> tuple[str, str | None]:
    """Send a signed and encrypted message; return (kind of signature, cipher)."""
    sealed = seal(
        MemoryPayload(b"UNB+'"),
        sender="us",
        receiver="them",
        message_id="<1@us>",
        content_type="application/EDIFACT",
        filename="a.edi",
        protection=Protection(),
        identity=us,
        recipients=[them.certificate],
        receipt=ReceiptRequest(kind="none"),
        random=secrets.token_bytes,
    )
    found = open_message(
        Headers(sealed.headers),
        sealed.content.chunks(),
        identities=[them],
        pinned=[us.certificate],
        protection=Protection(),
        random=secrets.token_bytes,
    )
    assert b"".join(found.payload.chunks()) == b"UNB+'"
    return found.signature_kind or "", found.cipher


@pytest.mark.parametrize("kind", [each for each in KEY_KINDS if each != "rsa-4096"])  # slow to make, and no other case
def test_a_key_of_every_kind_signs_and_decrypts(kind: str, tmp_path: Path) -> None:
    keys = FileKeys(tmp_path, passphrase=b"for tests")
    for name in ("us", "them"):
        keys.create_own(name, name, NOW, kind)
    assert exchanged(identity(keys, "us"), identity(keys, "them")) == (
        "ecdsa" if kind.startswith("ec") else "rsa",
        "aes-256-cbc",
    )


def test_partners_may_have_different_kinds_of_keys(tmp_path: Path) -> None:
    keys = FileKeys(tmp_path, passphrase=b"for tests")
    keys.create_own("curve", "curve", NOW, "ec-p256")
    keys.create_own("rsa", "rsa", NOW)
    assert exchanged(identity(keys, "curve"), identity(keys, "rsa"))[0] == "ecdsa"
    assert exchanged(identity(keys, "rsa"), identity(keys, "curve"))[0] == "rsa"


def test_a_curve_key_made_elsewhere_comes_in_as_pem_locked_pem_and_pkcs12(elsewhere: Path, tmp_path: Path) -> None:
    keys = FileKeys(tmp_path, passphrase=b"for tests")
    certificate = (elsewhere / "crt.pem").read_bytes()
    keys.add_own("open", (elsewhere / "key.pem").read_bytes(), certificate)
    keys.add_own("locked", (elsewhere / "locked.pem").read_bytes(), certificate, PASSWORD)
    keys.add_pkcs12("both", (elsewhere / "both.p12").read_bytes(), PASSWORD)
    for name in ("open", "locked", "both"):
        assert b"ENCRYPTED" in (tmp_path / "own" / f"{name}.key.pem").read_bytes()
        assert exchanged(identity(keys, name), identity(keys, name))[0] == "ecdsa"


@pytest.mark.parametrize("password", [None, b"wrong"])
def test_a_wrong_password_is_said_plainly(elsewhere: Path, tmp_path: Path, password: bytes | None) -> None:
    keys = FileKeys(tmp_path, passphrase=b"for tests")
    certificate = (elsewhere / "crt.pem").read_bytes()
    with pytest.raises(OurFault, match=r"keys\.bad-key"):
        keys.add_own("x", (elsewhere / "locked.pem").read_bytes(), certificate, password)
    with pytest.raises(OurFault, match=r"keys\.bad-key"):
        keys.add_pkcs12("x", (elsewhere / "both.p12").read_bytes(), password)
    assert not keys.has_own("x")


def test_a_key_with_another_ones_certificate_is_refused(elsewhere: Path, tmp_path: Path) -> None:
    keys = FileKeys(tmp_path, passphrase=b"for tests")
    other = keys.create_own("other", "other", NOW, "ec-p384").certificate_pem
    with pytest.raises(OurFault, match=r"keys\.mismatch"):
        keys.add_own("x", (elsewhere / "key.pem").read_bytes(), other)
    assert not keys.has_own("x")
