"""The key store: own private keys (encrypted at rest), partners' certificates and secrets, as files under one folder.

    passphrase             of the private keys, made at first start (or given by the shell from the environment)
    own/NAME.key.pem       PKCS#8, encrypted;  own/NAME.crt.pem  its certificate
    certificates/NAME.pem  a partner's certificate; several in one file count side by side while one replaces another
    secrets/NAME           a token we present to a partner

Files are 0600, folders 0700, every write is atomic. Nothing here gives a private key out except to the process itself.
"""

import os
import re
import secrets
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from cryptography.x509.oid import NameOID

from gateway.codecs.cms.identity import load_certificates, load_identity
from gateway.model.faults import OurFault
from gateway.ports.shell import KeyPair
from gateway.store import sealing

_MAKERS: Mapping[str, Callable[[], RSAPrivateKey | EllipticCurvePrivateKey]] = {
    "rsa-2048": lambda: rsa.generate_private_key(public_exponent=65_537, key_size=2_048),
    "rsa-3072": lambda: rsa.generate_private_key(public_exponent=65_537, key_size=3_072),
    "rsa-4096": lambda: rsa.generate_private_key(public_exponent=65_537, key_size=4_096),
    "ec-p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ec-p384": lambda: ec.generate_private_key(ec.SECP384R1()),
}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MAX_FILE_BYTES = 262_144
_VALID_FOR = timedelta(days=5 * 365)
T = TypeVar("T")


def new_token() -> str:
    """Return a secret with 256 bits, for API keys and for what a partner presents to us."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """Return what is stored of a token: SHA-256, lower-case hexadecimal."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


class FileKeys:
    """ports.shell.Keys over a folder. Thread-safe; a changed file counts from the next use on."""

    def __init__(
        self,
        folder: Path,
        lookup_token: Callable[[str], str | None] = lambda digest: None,
        *,
        passphrase: bytes | None = None,
    ) -> None:
        """lookup_token: gives the partner of an API key by the key's SHA-256 (journal); None: unknown or revoked.

        passphrase: of the private keys; None: the one in the folder, made when there is none."""
        self._folder = folder
        self._lookup_token = lookup_token
        self._passphrase = passphrase
        self._cache: dict[tuple[Path, ...], tuple[tuple[int, ...], object]] = {}
        for each in (folder, folder / "own", folder / "certificates", folder / "secrets"):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)

    # --- ports.shell.Keys ---------------------------------------------------------------------------------------------

    def own(self, name: str) -> KeyPair:
        """Raises OurFault keys.missing, keys.bad-key (wrong passphrase), keys.bad-name."""
        key_file, certificate_file = self._own_files(name)

        def load() -> KeyPair:
            certificate_pem = _read(certificate_file, name)
            try:
                key = load_pem_private_key(_read(key_file, name), password=self._secret_of_keys())
            except (ValueError, TypeError) as error:
                raise OurFault("keys.bad-key", value=name, detail="wrong passphrase or damaged file") from error
            private_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            load_identity(private_pem, certificate_pem)
            return KeyPair(name=name, private_pem=private_pem, certificate_pem=certificate_pem)

        return self._cached((key_file, certificate_file), name, load)

    def certificate(self, name: str) -> bytes:
        """Raises OurFault keys.missing, keys.bad-name."""
        path = self._path("certificates", name, ".pem")
        return self._cached((path,), name, lambda: _read(path, name))

    def secret(self, name: str) -> str:
        """Raises OurFault keys.missing, keys.bad-name."""
        path = self._path("secrets", name, "")
        return self._cached((path,), name, lambda: _read(path, name).decode("utf-8").strip())

    def partner_for_token(self, token: str) -> str | None:
        return self._lookup_token(token_digest(token))

    def seal(self, secret: str) -> str:
        """Return secret as it may lie in the database."""
        return sealing.seal(secret, self._secret_of_keys())

    def unseal(self, sealed: str) -> str:
        """Raises OurFault keys.bad-seal."""
        return sealing.unseal(sealed, self._secret_of_keys())

    # --- keeping ------------------------------------------------------------------------------------------------------

    def has_own(self, name: str) -> bool:
        return all(path.exists() for path in self._own_files(name))

    def create_own(self, name: str, common_name: str, now: datetime, kind: str = "rsa-2048") -> KeyPair:
        """Make a key with a self-signed certificate of five years. kind: one of ports.shell.KEY_KINDS; many AS2
        products read RSA only.

        Raises OurFault keys.exists: a key is never replaced by accident."""
        key_file, certificate_file = self._own_files(name)
        if key_file.exists():  # written last: a certificate alone is what a crash has left
            raise OurFault("keys.exists", value=name)
        key = _MAKERS[kind]()
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + _VALID_FOR)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        protection = BestAvailableEncryption(self._secret_of_keys())
        _write(certificate_file, certificate.public_bytes(Encoding.PEM))
        _write(key_file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))
        return self.own(name)

    def add_own(self, name: str, private_pem: bytes, certificate_pem: bytes, password: bytes | None = None) -> None:
        """Take in a key made elsewhere. Raises OurFault keys.bad-key, keys.mismatch, keys.exists."""
        try:
            key = load_pem_private_key(private_pem, password=password)
        except (ValueError, TypeError) as error:
            raise OurFault("keys.bad-key", value=name, detail="cannot be read with this password") from error
        self._keep_own(name, key, certificate_pem)

    def add_pkcs12(self, name: str, data: bytes, password: bytes | None) -> None:
        """Take in a key with its certificate from a PKCS12 file (.p12, .pfx).

        Raises OurFault keys.bad-key, keys.mismatch, keys.exists."""
        try:
            key, certificate, others = load_key_and_certificates(data, password)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise OurFault("keys.bad-key", value=name, detail="cannot be read with this password") from error
        if key is None or certificate is None:
            raise OurFault("keys.bad-key", value=name, detail="no key with its certificate inside")
        chain = b"".join(each.public_bytes(Encoding.PEM) for each in (certificate, *others))
        self._keep_own(name, key, chain)

    def _keep_own(self, name: str, key: PrivateKeyTypes, certificate_pem: bytes) -> None:
        key_file, certificate_file = self._own_files(name)
        if key_file.exists():  # written last: a certificate alone is what a crash has left
            raise OurFault("keys.exists", value=name)
        load_identity(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), certificate_pem)
        _write(certificate_file, certificate_pem)
        protection = BestAvailableEncryption(self._secret_of_keys())
        _write(key_file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))

    def add_certificate(self, name: str, pem: bytes) -> str:
        """Keep a partner's certificate (or several), replacing what was there; return the first one's fingerprint.

        Raises OurFault keys.bad-certificate."""
        found = load_certificates(pem)
        _write(self._path("certificates", name, ".pem"), pem)
        return found[0].fingerprint

    def add_secret(self, name: str, value: str) -> None:
        """Keep a secret, replacing what was there. Raises OurFault keys.bad-secret: empty, or not one line."""
        if not value.strip() or not value.isprintable():
            raise OurFault("keys.bad-secret", name=name)
        _write(self._path("secrets", name, ""), value.strip().encode("utf-8"))

    def load_chain(self, name: str, context: ssl.SSLContext) -> None:
        """Let context serve TLS with one of our keys; it is decrypted by the TLS library, never written in clear.

        Raises OurFault keys.missing, keys.bad-key, keys.bad-name."""
        key_file, certificate_file = self._own_files(name)
        try:
            context.load_cert_chain(certificate_file, key_file, self._secret_of_keys())
        except FileNotFoundError:
            raise OurFault("keys.missing", value=name, kind="own") from None
        except ssl.SSLError as error:
            raise OurFault("keys.bad-key", value=name, detail="no use for TLS") from error

    # --- inside -------------------------------------------------------------------------------------------------------

    def _path(self, kind: str, name: str, suffix: str) -> Path:
        if len(name) > 100 or not _NAME.fullmatch(name):
            raise OurFault("keys.bad-name", value=name)
        return self._folder / kind / f"{name}{suffix}"

    def _own_files(self, name: str) -> tuple[Path, Path]:
        return self._path("own", name, ".key.pem"), self._path("own", name, ".crt.pem")

    def _cached(self, paths: tuple[Path, ...], name: str, load: Callable[[], T]) -> T:
        """Return load()'s value, kept as long as the files do not change: a key costs a slow derivation."""
        try:
            stats = [path.stat() for path in paths]
        except FileNotFoundError:
            raise OurFault("keys.missing", value=name, kind=paths[0].parent.name) from None
        stamp = tuple(part for each in stats for part in (each.st_mtime_ns, each.st_size, each.st_ino))
        kept = self._cache.get(paths)
        if kept is not None and kept[0] == stamp:
            return kept[1]  # type: ignore[return-value]  # stored below by the same load
        value = load()
        self._cache[paths] = (stamp, value)
        return value

    def _secret_of_keys(self) -> bytes:
        if self._passphrase is None:
            path = self._folder / "passphrase"
            if not path.exists():
                _write(path, new_token().encode("ascii"), exclusive=True)
            self._passphrase = _read(path, "passphrase").strip()
        return self._passphrase


# --- TLS client certificates ------------------------------------------------------------------------------------------


def client_anchors(pem: bytes) -> bytes:
    """Return the certificates of a PEM text as ssl takes them (DER, one after the other)."""
    return b"".join(each.der for each in load_certificates(pem))


def is_client(der: bytes, pem: bytes, client_name: str) -> bool:
    """Tell whether a client certificate, verified by TLS, is the one that is agreed.

    client_name empty: it must be one of those in pem. Else it must be issued directly by one of them, which must be
    an authority, and have this common name or DNS name (without wildcards)."""
    agreed = load_certificates(pem)
    if not client_name:
        return any(each.der == der for each in agreed)
    try:
        shown = x509.load_der_x509_certificate(der)
        return client_name in _names(shown) and any(_is_issued(shown, each.der) for each in agreed)
    except ValueError:
        return False


def _is_issued(shown: x509.Certificate, authority_der: bytes) -> bool:
    authority = x509.load_der_x509_certificate(authority_der)
    try:
        basic = authority.extensions.get_extension_for_class(x509.BasicConstraints)
        shown.verify_directly_issued_by(authority)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature):
        return False
    return basic.value.ca


def _names(certificate: x509.Certificate) -> set[str]:
    found = {str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}
    try:
        other = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return found
    return found | set(other.value.get_values_for_type(x509.DNSName))


def _read(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise OurFault("keys.missing", value=name, kind=path.parent.name) from None
    if len(data) > _MAX_FILE_BYTES:
        raise OurFault("keys.bad-key", value=name, detail="file too large")
    return data


def _write(path: Path, data: bytes, *, exclusive: bool = False) -> None:
    """Write atomically and durably with mode 0600. exclusive: keep what another process has written first."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if exclusive:
            try:
                os.link(temporary, path)
            except FileExistsError:
                return
        else:
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
