"""Every cell of cipher, key transport, digest and signature that openssl can make or read, both ways."""

import os
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gateway.codecs.cms.algorithms import ACCEPTED_CIPHERS, ACCEPTED_DIGESTS, CIPHERS, DIGESTS
from gateway.codecs.cms.enveloped import Envelope, encrypt
from gateway.codecs.cms.identity import Identity, load_identity
from gateway.codecs.cms.signed import Opaque, sign, verify
from gateway.model.faults import PartnerFault

PART = b"Content-Type: application/EDIFACT\r\n\r\nUNB+UNOC:3'\r\n" * 3_000
KEYS = {
    "rsa": ["rsa:2048"],
    "p256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "p521": ["ec", "-pkeyopt", "ec_paramgen_curve:P-521"],
}
OPENSSL_CIPHERS = {name: name.replace("3des-cbc", "des3") for name in CIPHERS}
OAEP = {f"oaep-{name}": name for name in DIGESTS}
KDFS = {"ecdh-sha-1": "p256", "ecdh-sha-256": "p256", "ecdh-sha-384": "p384", "ecdh-sha-512": "p521"}


@cache
def pem(kind: str) -> tuple[bytes, bytes]:
    """Return (key, certificate) made by openssl."""
    with TemporaryDirectory() as folder:
        made = ["-subj", f"/C=DE/O=Lab/CN={kind}", "-keyout", "k", "-out", "c", "-nodes", "-days", "3650"]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", *KEYS[kind], *made], cwd=folder, check=True, capture_output=True
        )
        return Path(folder, "k").read_bytes(), Path(folder, "c").read_bytes()


def identity(kind: str) -> Identity:
    return load_identity(*pem(kind))


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    for kind in KEYS:
        key, certificate = pem(kind)
        (tmp_path / f"{kind}.key").write_bytes(key)
        (tmp_path / f"{kind}.crt").write_bytes(certificate)
    (tmp_path / "part").write_bytes(PART)
    return tmp_path


def openssl(lab: Path, *arguments: str) -> None:
    done = subprocess.run(["openssl", "cms", "-binary", *arguments], cwd=lab, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def transport(name: str) -> tuple[str, list[str]]:
    """Return (kind of key, options) of openssl for a way to carry the content key."""
    if name in OAEP:
        digest = OAEP[name].replace("-", "")
        chosen = ("rsa_padding_mode:oaep", f"rsa_oaep_md:{digest}", f"rsa_mgf1_md:{digest}")
        return "rsa", [part for each in chosen for part in ("-keyopt", each)]
    if name in KDFS:
        digest = name.removeprefix("ecdh-").replace("-", "")
        return KDFS[name], ["-keyopt", f"ecdh_kdf_md:{digest}"]
    return "rsa", []


@pytest.mark.parametrize("form", ["der", "stream", "keyid"])
@pytest.mark.parametrize("way", ["rsa", *OAEP, *KDFS])
@pytest.mark.parametrize("cipher", CIPHERS)
def test_we_decrypt_every_cell_that_openssl_makes(lab: Path, cipher: str, way: str, form: str) -> None:
    kind, options = transport(way)
    more = {"der": [], "stream": ["-stream"], "keyid": ["-keyid"]}[form]
    arguments = ["-encrypt", "-outform", "DER", f"-{OPENSSL_CIPHERS[cipher]}", *more, "-in", "part", "-out", "env"]
    openssl(lab, *arguments, "-recip", f"{kind}.crt", *options)
    raw = (lab / "env").read_bytes()
    if cipher == "3des-cbc" and kind != "rsa":  # wrapped with Triple-DES, which we refuse by name
        with pytest.raises(PartnerFault, match="algorithm-refused"):
            Envelope([raw], [identity(kind)], os.urandom, ACCEPTED_CIPHERS)
        return
    pieces = (raw[at : at + 1_000] for at in range(0, len(raw), 1_000))
    envelope = Envelope(pieces, [identity("p256" if kind == "rsa" else "rsa"), identity(kind)], os.urandom,
                        ACCEPTED_CIPHERS)  # fmt: skip
    assert b"".join(envelope.chunks()) == PART
    assert envelope.cipher_name == cipher


@pytest.mark.parametrize("size", [None, len(PART)], ids=["stream", "der"])
@pytest.mark.parametrize("way", ["rsa", "oaep-sha-1", "oaep-sha-256", "oaep-sha-512", "p256", "p384", "p521"])
@pytest.mark.parametrize("cipher", CIPHERS)
def test_openssl_decrypts_every_cell_that_we_make(lab: Path, cipher: str, way: str, size: int | None) -> None:
    kind = way if way in KEYS else "rsa"
    recipients = [identity("p384" if kind == "rsa" else "rsa").certificate, identity(kind).certificate]
    made = encrypt(
        [PART[:70_000], PART[70_000:]],
        recipients,
        os.urandom,
        cipher_name=cipher,
        size_bytes=size,
        oaep_digest=OAEP.get(way),
    )
    (lab / "env").write_bytes(b"".join(made))
    openssl(
        lab, "-decrypt", "-inform", "DER", "-in", "env", "-recip", f"{kind}.crt", "-inkey", f"{kind}.key", "-out", "out"
    )
    assert (lab / "out").read_bytes() == PART


@pytest.mark.parametrize("cipher", ["aes-128-gcm", "aes-192-gcm", "aes-256-gcm"])
def test_a_changed_gcm_message_gives_no_plaintext_for_good(cipher: str) -> None:
    made = bytearray(b"".join(encrypt([PART], [identity("rsa").certificate], os.urandom, cipher_name=cipher)))
    for at in (len(made) - 100, len(made) - 8):
        changed = bytes(made[:at]) + bytes([made[at] ^ 1]) + bytes(made[at + 1 :])
        with pytest.raises(PartnerFault, match=r"decryption-failed|cms-malformed"):
            list(Envelope([changed], [identity("rsa")], os.urandom, ACCEPTED_CIPHERS).chunks())


def computed(data: bytes) -> dict[str, bytes]:
    found = {}
    for name, digest in DIGESTS.items():
        running = digest.new()
        running.update(data)
        found[name] = running.digest()
    return found


SIGNATURES = {"rsa": "rsa", "pss": "rsa", "p256": "p256", "p384": "p384", "p521": "p521"}


FORMS = ["detached", "opaque", "detached-stream", "opaque-stream"]
CELLS = [
    (way, form) for way in SIGNATURES for form in (FORMS[:2] if way == "pss" else FORMS)
]  # openssl 3.0 streams no PSS


@pytest.mark.parametrize(("way", "form"), CELLS)
@pytest.mark.parametrize("digest", DIGESTS)
def test_we_verify_every_signature_that_openssl_makes(lab: Path, digest: str, way: str, form: str) -> None:
    kind = SIGNATURES[way]
    more = ["-keyopt", "rsa_padding_mode:pss"] if way == "pss" else []
    more += (["-nodetach"] if "opaque" in form else []) + (["-stream"] if "stream" in form else [])
    who = ["-signer", f"{kind}.crt", "-inkey", f"{kind}.key", "-md", digest.replace("-", "")]
    openssl(lab, "-sign", "-outform", "DER", *who, "-in", "part", "-out", "sig", *more)
    raw, pinned = (lab / "sig").read_bytes(), [identity(kind).certificate]
    accepted = ACCEPTED_DIGESTS | {"sha-1"}
    if "opaque" in form:
        opaque = Opaque(raw[at : at + 999] for at in range(0, len(raw), 999))
        assert b"".join(opaque.chunks()) == PART
        found = opaque.verify(pinned, accepted)
        at = raw.index(b"UNB+UNOC")
        changed = Opaque([raw[:at], b"X", raw[at + 1 :]])
        list(changed.chunks())
        with pytest.raises(PartnerFault, match="digest-mismatch"):
            changed.verify(pinned, accepted)
    else:
        found = verify(raw, computed(PART), pinned, accepted)
        with pytest.raises(PartnerFault, match="digest-mismatch"):
            verify(raw, computed(PART + b" "), pinned, accepted)
        broken = (
            raw[:-1] + bytes([raw[-1] ^ 1]) if form == "detached" else raw[:-20] + bytes([raw[-20] ^ 1]) + raw[-19:]
        )
        with pytest.raises(PartnerFault, match=r"signature-invalid|cms-malformed"):
            verify(broken, computed(PART), pinned, accepted)
    assert (found.digest.name, found.kind) == (digest, {"rsa": "rsa", "pss": "rsa-pss"}.get(way, "ecdsa"))


@pytest.mark.parametrize("way", SIGNATURES)
@pytest.mark.parametrize("digest", sorted(ACCEPTED_DIGESTS))
def test_openssl_verifies_every_signature_that_we_make(lab: Path, digest: str, way: str) -> None:
    kind = SIGNATURES[way]
    (lab / "sig").write_bytes(sign(computed(PART)[digest], DIGESTS[digest], identity(kind), pss=way == "pss"))
    arguments = ["-verify", "-inform", "DER", "-in", "sig", "-CAfile", f"{kind}.crt", "-purpose", "any"]
    openssl(lab, *arguments, "-out", "/dev/null", "-content", "part")
    (lab / "part").write_bytes(PART + b" ")
    refused = subprocess.run(
        ["openssl", "cms", "-binary", *arguments, "-out", "/dev/null", "-content", "part"], cwd=lab, capture_output=True
    )
    assert refused.returncode != 0


@pytest.mark.parametrize(
    "odd",
    [
        ["-set_serial", "0", "-subj", "/CN=zero"],
        ["-set_serial", "-5", "-subj", "/CN=negative"],
        ["-subj", "/CN=*.example.org"],
        ["-subj", "/CN=old.example.org/emailAddress=a@example.org"],
        ["-subj", "/O=Gro\u00dfhandel \u914d\u9001/CN=x", "-utf8"],
        ["-newkey", "rsa:4096", "-subj", "/CN=long"],
        ["-days", "36500", "-subj", "/CN=far"],
    ],
    ids=lambda odd: odd[-1] if odd[-1] != "-utf8" else "utf8",
)
def test_certificates_with_oddities_serve_both_ways(lab: Path, odd: list[str]) -> None:
    key = [] if "-newkey" in odd else ["-newkey", "rsa:2048"]
    days = [] if "-days" in odd else ["-days", "3650"]
    command = ["openssl", "req", "-x509", *key, *days, "-nodes", "-keyout", "odd.key", "-out", "odd.crt", *odd]
    subprocess.run(command, cwd=lab, check=True, capture_output=True)
    us = load_identity((lab / "odd.key").read_bytes(), (lab / "odd.crt").read_bytes())
    openssl(lab, "-encrypt", "-outform", "DER", "-aes-128-cbc", "-in", "part", "-out", "env", "odd.crt")
    envelope = Envelope([(lab / "env").read_bytes()], [us], os.urandom, ACCEPTED_CIPHERS)
    assert b"".join(envelope.chunks()) == PART
    who = ["-signer", "odd.crt", "-inkey", "odd.key", "-md", "sha256"]
    openssl(lab, "-sign", "-outform", "DER", *who, "-in", "part", "-out", "sig")
    found = verify((lab / "sig").read_bytes(), computed(PART), [us.certificate], ACCEPTED_DIGESTS)
    assert found.certificate == us.certificate
    (lab / "env").write_bytes(b"".join(encrypt([PART], [us.certificate], os.urandom)))
    openssl(lab, "-decrypt", "-inform", "DER", "-in", "env", "-recip", "odd.crt", "-inkey", "odd.key", "-out", "out")
    assert (lab / "out").read_bytes() == PART
