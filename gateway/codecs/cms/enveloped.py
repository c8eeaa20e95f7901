"""EnvelopedData: encrypt for one or more certificates, decrypt with one of our keys; both as a stream.

Decryption gives no oracle: a key that cannot be unwrapped is replaced by a random one of the right length, the work
goes on to the end, and the failure that shows then is the same for every cause.
Source: RFC 5652 sections 6.1 to 6.4, RFC 3370 section 4.2.1, RFC 3218.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
from cryptography.hazmat.primitives.ciphers.modes import CBC

from gateway.codecs.cms.algorithms import (
    CIPHERS,
    DATA,
    ENVELOPED_DATA,
    RSA,
    Cipher,
    cipher_of,
    identifier,
    with_null,
)
from gateway.codecs.cms.ber import (
    OCTET_STRING,
    SEQUENCE,
    SET,
    BerReader,
    children,
    content,
    context,
    header,
    integer,
    tlv,
)
from gateway.codecs.cms.identity import Certificate, Identity
from gateway.model.faults import PartnerFault

MAX_RECIPIENTS = 32
_PIECE = 65_536
Random = Callable[[int], bytes]


def _recipient(certificate: Certificate, key: bytes) -> bytes:
    return tlv(
        SEQUENCE,
        integer(0),
        tlv(SEQUENCE, certificate.issuer, certificate.serial),
        with_null(RSA),
        tlv(OCTET_STRING, certificate.public_key.encrypt(key, PKCS1v15())),
    )


def _encrypted(chunks: Iterable[bytes], cipher: Cipher, key: bytes, vector: bytes) -> Iterator[bytes]:
    """Yield ciphertext in pieces, the last one with the padding (RFC 5652 section 6.3)."""
    encryptor = Primitive(cipher.primitive(key), CBC(vector)).encryptor()
    size = 0
    for chunk in chunks:
        size += len(chunk)
        yield encryptor.update(chunk)
    pad = cipher.block_length - size % cipher.block_length
    yield encryptor.update(bytes([pad]) * pad) + encryptor.finalize()


def encrypt(
    chunks: Iterable[bytes],
    recipients: Sequence[Certificate],
    random: Random,
    *,
    cipher_name: str = "aes-256-cbc",
    size_bytes: int | None = None,
) -> Iterator[bytes]:
    """Yield an EnvelopedData around chunks: DER when size_bytes of the plaintext is known, else of indefinite length.

    random: gives that many unpredictable bytes.
    """
    cipher = CIPHERS[cipher_name]
    key, vector = random(cipher.key_length), random(cipher.block_length)
    front = integer(0) + tlv(SET, *(_recipient(each, key) for each in recipients))
    described = DATA + tlv(SEQUENCE, cipher.oid, tlv(OCTET_STRING, vector))
    ciphertext = _encrypted(chunks, cipher, key, vector)
    if size_bytes is not None:
        size = size_bytes + cipher.block_length - size_bytes % cipher.block_length
        inner = described + header(context(0, constructed=False), size)
        head = header(SEQUENCE, len(inner) + size) + inner
        head = front + head
        head = header(SEQUENCE, len(head) + size) + head
        head = ENVELOPED_DATA + header(context(0), len(head) + size) + head
        yield header(SEQUENCE, len(head) + size) + head
        yield from ciphertext
        return
    yield b"\x30\x80" + ENVELOPED_DATA + b"\xa0\x80\x30\x80" + front + b"\x30\x80" + described + b"\xa0\x80"
    for piece in ciphertext:
        for start in range(0, len(piece), _PIECE):
            yield tlv(OCTET_STRING, piece[start : start + _PIECE])
    yield b"\0\0" * 5


def _content_key(found: list[tuple[Identity, bytes, bytes]], cipher: Cipher, random: Random) -> bytes:
    """Unwrap the content key with the first of our keys that is named; anything wrong gives a random key."""
    key = random(cipher.key_length)
    identity, algorithm, wrapped = found[0]
    if identifier(algorithm)[0] != RSA:
        raise PartnerFault("as2.algorithm-refused", kind="key transport", value=identifier(algorithm)[0].hex())
    try:
        unwrapped = identity.private_key.decrypt(wrapped, PKCS1v15())
    except ValueError:
        unwrapped = b""
    return unwrapped if len(unwrapped) == cipher.key_length else key


def _read_recipients(reader: BerReader, identities: Sequence[Identity]) -> list[tuple[Identity, bytes, bytes]]:
    """Return (our key, algorithm, wrapped key) for every recipient that is us."""
    found: list[tuple[Identity, bytes, bytes]] = []
    reader.enter(SET)
    count = 0
    while (tag := reader.peek()) is not None:
        count += 1
        if count > MAX_RECIPIENTS:
            raise PartnerFault("as2.cms-malformed", detail="too many recipients")
        element = reader.element()
        parts = children(element, limit=8) if tag == SEQUENCE else []
        if len(parts) == 4:
            found += [
                (each, parts[2], content(parts[3])) for each in identities if each.certificate.is_named_by(parts[1])
            ]
    reader.leave()
    return found


class Envelope:
    """One EnvelopedData being read. cipher_name is known at once, the plaintext comes from chunks()."""

    def __init__(
        self,
        source: Iterable[bytes],
        identities: Sequence[Identity],
        random: Random,
        accepted_ciphers: frozenset[str],
    ) -> None:
        """Raises PartnerFault as2.not-for-us, as2.algorithm-refused, as2.cms-malformed."""
        reader = BerReader(source)
        reader.enter(SEQUENCE)
        if reader.element() != ENVELOPED_DATA:
            raise PartnerFault("as2.cms-malformed", detail="not EnvelopedData")
        reader.enter(context(0))
        reader.enter(SEQUENCE)
        reader.skip()  # version
        if reader.peek() == context(0):
            reader.skip()  # originator's certificates
        recipients = _read_recipients(reader, identities)
        if not recipients:
            raise PartnerFault("as2.not-for-us")
        reader.enter(SEQUENCE)
        reader.skip()  # content type: what is inside says so itself
        self._cipher, self._vector = cipher_of(reader.element(), accepted_ciphers)
        self._key = _content_key(recipients, self._cipher, random)
        self._reader = reader

    @property
    def cipher_name(self) -> str:
        return self._cipher.name

    def chunks(self) -> Iterator[bytes]:
        """Yield the plaintext. It is not authenticated: nothing may be done with it before a signature inside holds.

        Raises PartnerFault as2.decryption-failed at the end when the padding is wrong."""
        decryptor = Primitive(self._cipher.primitive(self._key), CBC(self._vector)).decryptor()
        block = self._cipher.block_length
        held = b""
        size = 0
        for piece in self._reader.octets(context(0, constructed=False)):
            size += len(piece)
            held += decryptor.update(piece)
            if len(held) > block:
                yield held[:-block]
                held = held[-block:]
        pad = held[-1] if held else 0
        if size == 0 or size % block or not 1 <= pad <= block or held[-pad:] != bytes([pad]) * pad:
            raise PartnerFault("as2.decryption-failed")
        yield held[:-pad]
