"""Secrets that lie in the database sealed with the key store's passphrase: AES-256-GCM under a key by scrypt.

The database alone, or a backup of it without the key store, gives none of them away.
"""

import secrets
from base64 import b64decode, b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from gateway.model.faults import OurFault

_MARK = "v1:"
_SALT = b"gateway sealed secrets v1"  # one key for all: the passphrase is random unless a person chose it


@lru_cache(maxsize=4)
def _cipher(passphrase: bytes) -> AESGCM:
    """Deriving takes some 50 ms, once per process."""
    return AESGCM(Scrypt(salt=_SALT, length=32, n=2**14, r=8, p=1).derive(passphrase))


def seal(secret: str, passphrase: bytes) -> str:
    nonce = secrets.token_bytes(12)
    return _MARK + b64encode(nonce + _cipher(passphrase).encrypt(nonce, secret.encode(), _SALT)).decode()


def unseal(sealed: str, passphrase: bytes) -> str:
    """Raises OurFault keys.bad-seal when it was sealed with another passphrase, or damaged."""
    try:
        data = b64decode(sealed.removeprefix(_MARK), validate=True)
        return _cipher(passphrase).decrypt(data[:12], data[12:], _SALT).decode()
    except (InvalidTag, ValueError):
        raise OurFault("keys.bad-seal") from None
