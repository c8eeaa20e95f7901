"""openssl cms as oracle, both ways: what it makes we read, what we make it reads."""

import os
import subprocess
from pathlib import Path

import pytest
from as2_world import key_pair

from gateway.codecs.cms.algorithms import (
    ACCEPTED_CIPHERS,
    ACCEPTED_DIGESTS,
    AUTH_ENVELOPED_DATA,
    DIGESTS,
    ENVELOPED_DATA,
)
from gateway.codecs.cms.enveloped import Envelope, encrypt
from gateway.codecs.cms.identity import Identity, load_certificates, load_identity
from gateway.codecs.cms.signed import sign, verify
from gateway.model.faults import PartnerFault

PART = b"Content-Type: application/EDIFACT\r\n\r\nUNB+UNOC:3'\r\n" * 3_000


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    for name in ("alpha", "beta"):
        pair = key_pair(name)
        (tmp_path / f"{name}.crt").write_bytes(pair.certificate_pem)
        (tmp_path / f"{name}.key").write_bytes(pair.private_pem)
    (tmp_path / "part").write_bytes(PART)
    return tmp_path


def openssl(lab: Path, *arguments: str) -> None:
    subprocess.run(["openssl", "cms", "-binary", *arguments], cwd=lab, check=True, capture_output=True)


def openssl_signs(lab: Path, digest: str, *more: str) -> bytes:
    who = ["-signer", "alpha.crt", "-inkey", "alpha.key"]
    openssl(lab, "-sign", "-outform", "DER", "-md", digest, "-in", "part", *who, "-out", "sig", *more)
    return (lab / "sig").read_bytes()


def identity(name: str) -> Identity:
    pair = key_pair(name)
    return load_identity(pair.private_pem, pair.certificate_pem)


def digests(data: bytes) -> dict[str, bytes]:
    found = {}
    for name, digest in DIGESTS.items():
        computed = digest.new()
        computed.update(data)
        found[name] = computed.digest()
    return found


@pytest.mark.parametrize("name", ["sha-256", "sha-384", "sha-512"])
def test_openssl_verifies_our_signature(lab: Path, name: str) -> None:
    (lab / "sig").write_bytes(sign(digests(PART)[name], DIGESTS[name], identity("alpha")))
    verify_it = [
        "-verify",
        "-inform",
        "DER",
        "-in",
        "sig",
        "-CAfile",
        "alpha.crt",
        "-purpose",
        "any",
        "-out",
        "/dev/null",
    ]
    openssl(lab, *verify_it, "-content", "part")
    (lab / "part").write_bytes(PART + b" ")
    with pytest.raises(subprocess.CalledProcessError):
        openssl(lab, *verify_it, "-content", "part")


@pytest.mark.parametrize("more", [[], ["-stream"], ["-keyid"], ["-nocerts"], ["-nosmimecap"]], ids=str)
@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512", "sha1"])
def test_we_verify_a_signature_of_openssl(lab: Path, name: str, more: list[str]) -> None:
    signature = openssl_signs(lab, name, *more)
    pinned = [*load_certificates(key_pair("beta").certificate_pem), identity("alpha").certificate]
    accepted = ACCEPTED_DIGESTS | {"sha-1"}
    found = verify(signature, digests(PART), pinned, accepted)
    assert found.certificate == identity("alpha").certificate
    assert found.digest.name.replace("-", "") == name
    with pytest.raises(PartnerFault, match=r"as2\.digest-mismatch"):
        verify(signature, digests(PART + b" "), pinned, accepted)
    with pytest.raises(PartnerFault, match=r"as2\.signer-unknown"):
        verify(signature, digests(PART), pinned[:1], accepted)


def test_sha1_is_refused_unless_the_policy_says_otherwise(lab: Path) -> None:
    signature = openssl_signs(lab, "sha1")
    with pytest.raises(PartnerFault, match=r"as2\.algorithm-refused"):
        verify(signature, digests(PART), [identity("alpha").certificate], ACCEPTED_DIGESTS)


def test_a_signature_without_signed_attributes_is_refused(lab: Path) -> None:
    signature = openssl_signs(lab, "sha256", "-noattr")
    with pytest.raises(PartnerFault, match=r"as2\.signature-invalid"):
        verify(signature, digests(PART), [identity("alpha").certificate], ACCEPTED_DIGESTS)


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 65_535, 65_536, 200_001])
@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("cipher", ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc"])
def test_openssl_decrypts_what_we_encrypt(lab: Path, cipher: str, streamed: bool, size: int) -> None:
    data = os.urandom(size)
    recipients = [identity("beta").certificate, identity("alpha").certificate]
    made = encrypt([data[:100], data[100:]], recipients, os.urandom, cipher_name=cipher,
                   size_bytes=None if streamed else size)  # fmt: skip
    (lab / "env").write_bytes(b"".join(made))
    openssl(
        lab, "-decrypt", "-inform", "DER", "-in", "env", "-recip", "alpha.crt", "-inkey", "alpha.key", "-out", "out"
    )
    assert (lab / "out").read_bytes() == data


@pytest.mark.parametrize("more", [[], ["-stream"], ["-keyid"]], ids=str)
@pytest.mark.parametrize("cipher", ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "des3"])
def test_we_decrypt_what_openssl_encrypts(lab: Path, cipher: str, more: list[str]) -> None:
    openssl(
        lab, "-encrypt", "-outform", "DER", f"-{cipher}", *more, "-in", "part", "-out", "env", "beta.crt", "alpha.crt"
    )
    raw = (lab / "env").read_bytes()
    for step in (1, 7, 65_536):
        pieces = (raw[at : at + step] for at in range(0, len(raw), step))
        envelope = Envelope(pieces, [identity("alpha")], os.urandom, ACCEPTED_CIPHERS | {"3des-cbc"})
        assert b"".join(envelope.chunks()) == PART
    assert envelope.cipher_name == {"des3": "3des-cbc"}.get(cipher, cipher)


def test_triple_des_is_refused_where_the_policy_says_so(lab: Path) -> None:
    openssl(lab, "-encrypt", "-outform", "DER", "-des3", "-in", "part", "-out", "env", "alpha.crt")
    with pytest.raises(PartnerFault, match=r"as2\.algorithm-refused"):
        Envelope([(lab / "env").read_bytes()], [identity("alpha")], os.urandom, ACCEPTED_CIPHERS - {"3des-cbc"})


def test_gcm_that_pretends_to_be_enveloped_data_is_refused(lab: Path) -> None:
    made = encrypt([PART], [identity("alpha").certificate], os.urandom, cipher_name="aes-256-gcm")
    raw = b"".join(made).replace(AUTH_ENVELOPED_DATA, ENVELOPED_DATA)
    with pytest.raises(PartnerFault, match=r"as2\.algorithm-refused"):
        Envelope([raw], [identity("alpha")], os.urandom, ACCEPTED_CIPHERS)
