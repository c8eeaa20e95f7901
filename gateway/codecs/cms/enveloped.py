"""EnvelopedData and AuthEnvelopedData: encrypt for certificates, decrypt with one of our keys; both as a stream.

Decryption gives no oracle: a key that cannot be unwrapped is replaced by a random one of the right length, the work
goes on to the end, and the failure that shows then is the same for every cause.
Source: RFC 5652 sections 6.1 to 6.4, RFC 5083 and 5084 (GCM), RFC 3370 section 4.2.1, RFC 5753, RFC 3218.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
from cryptography.hazmat.primitives.ciphers.modes import CBC, GCM

from gateway.codecs.cms.algorithms import (
    AUTH_ENVELOPED_DATA,
    CIPHERS,
    DATA,
    ENVELOPED_DATA,
    GCM_NONCE_BYTES,
    GCM_TAG_BYTES,
    Cipher,
    CipherUse,
    cipher_identifier,
    cipher_of,
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
from gateway.codecs.cms.keys import agreed, disagree, transported, untransport
from gateway.model.faults import PartnerFault

MAX_RECIPIENTS = 32
_PIECE = 65_536
Random = Callable[[int], bytes]


# --- out ------------------------------------------------------------------------------------------------------------


def _recipient(certificate: Certificate, key: bytes, oaep_digest: str | None) -> bytes:
    named = tlv(SEQUENCE, certificate.issuer, certificate.serial)
    if not isinstance(certificate.public_key, RSAPublicKey):
        return agreed(certificate.public_key, key, named)
    algorithm, encrypted = transported(certificate.public_key, key, oaep_digest)
    return tlv(SEQUENCE, integer(0), named, algorithm, tlv(OCTET_STRING, encrypted))


class _Encryption:
    """Ciphertext in pieces; tail() is what follows the encrypted content, known at its end only."""

    def __init__(self, use: CipherUse, key: bytes) -> None:
        self.use = use
        mode = GCM(use.vector) if use.cipher.is_authenticated else CBC(use.vector)
        self._encryptor = Primitive(use.cipher.primitive(key), mode).encryptor()

    def chunks(self, source: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the ciphertext, CBC with its padding (RFC 5652 section 6.3)."""
        size = 0
        for chunk in source:
            size += len(chunk)
            yield self._encryptor.update(chunk)
        last = b""
        if not self.use.cipher.is_authenticated:
            pad = self.use.cipher.block_length - size % self.use.cipher.block_length
            last = self._encryptor.update(bytes([pad]) * pad)
        yield last + self._encryptor.finalize()

    def size_of(self, plain_bytes: int) -> int:
        block = self.use.cipher.block_length
        return plain_bytes if self.use.cipher.is_authenticated else plain_bytes + block - plain_bytes % block

    def tail(self) -> bytes:
        if not self.use.cipher.is_authenticated:
            return b""
        return tlv(OCTET_STRING, self._encryptor.tag)  # type: ignore[attr-defined]  # GCM encryptors have one


def encrypt(
    chunks: Iterable[bytes],
    recipients: Sequence[Certificate],
    random: Random,
    *,
    cipher_name: str = "aes-256-cbc",
    size_bytes: int | None = None,
    oaep_digest: str | None = None,
) -> Iterator[bytes]:
    """Yield an EnvelopedData (GCM: AuthEnvelopedData): DER when size_bytes of the plaintext is known, else BER.

    recipients: who may decrypt; RSA keys by v1.5 or, when oaep_digest is given, by OAEP; EC keys by ECDH.
    random: gives that many unpredictable bytes.
    """
    cipher = CIPHERS[cipher_name]
    key = random(cipher.key_length)
    vector = random(GCM_NONCE_BYTES if cipher.is_authenticated else cipher.block_length)
    use = CipherUse(cipher=cipher, vector=vector, tag_length=GCM_TAG_BYTES if cipher.is_authenticated else 0)
    infos = sorted(_recipient(each, key, oaep_digest) for each in recipients)
    plain = not cipher.is_authenticated and all(each[0] == SEQUENCE for each in infos)
    version = 0 if plain or cipher.is_authenticated else 2
    front = integer(version) + tlv(SET, *infos)
    encryption = _Encryption(use, key)
    content_type = AUTH_ENVELOPED_DATA if cipher.is_authenticated else ENVELOPED_DATA
    described = DATA + cipher_identifier(use)
    ciphertext = encryption.chunks(chunks)
    if size_bytes is not None:
        size = encryption.size_of(size_bytes)
        tail = GCM_TAG_BYTES + 2 if cipher.is_authenticated else 0
        inner = described + header(context(0, constructed=False), size)
        head = front + header(SEQUENCE, len(inner) + size) + inner
        head = header(SEQUENCE, len(head) + size + tail) + head
        head = content_type + header(context(0), len(head) + size + tail) + head
        yield header(SEQUENCE, len(head) + size + tail) + head
        yield from ciphertext
        yield encryption.tail()
        return
    yield b"\x30\x80" + content_type + b"\xa0\x80\x30\x80" + front + b"\x30\x80" + described + b"\xa0\x80"
    for piece in ciphertext:
        for start in range(0, len(piece), _PIECE):
            yield tlv(OCTET_STRING, piece[start : start + _PIECE])
    yield b"\0\0" * 2 + encryption.tail() + b"\0\0" * 3


# --- in -------------------------------------------------------------------------------------------------------------


class _Keyring:
    """Finds the content key among the recipients of one message. No key is told from a wrong one."""

    def __init__(self, identities: Sequence[Identity]) -> None:
        self._identities = identities
        self.is_ours = False
        self._found: bytes | None = None
        self._refused: PartnerFault | None = None

    def read(self, element: bytes) -> None:
        """Look at one RecipientInfo. Once a key of ours was used, the others are not tried."""
        if self._found is not None:
            return
        try:
            if element[0] == SEQUENCE:
                self._transport(children(element, limit=8))
            elif element[0] == context(1):
                self._agreement(children(element, limit=8))
        except PartnerFault as fault:
            if fault.code != "as2.algorithm-refused":
                raise
            self._refused = fault  # another recipient may be us with an algorithm that we know

    def key(self, cipher: Cipher, random: Random) -> bytes:
        """Return the content key, or a random one. Raises PartnerFault as2.algorithm-refused."""
        if self._found is None and self._refused is not None:
            raise self._refused
        stand_in = random(cipher.key_length)
        return self._found if self._found is not None and len(self._found) == cipher.key_length else stand_in

    def _transport(self, parts: list[bytes]) -> None:
        if len(parts) != 4:
            return
        for identity in self._identities:
            if identity.certificate.is_named_by(parts[1]):
                self.is_ours = True
                self._found = untransport(identity.private_key, parts[2], content(parts[3])) or self._found
                return

    def _agreement(self, parts: list[bytes]) -> None:
        """Read version, originator [0], ukm [1] if any, algorithm, recipients (RFC 5652 section 6.2.2)."""
        ukm = b""
        if len(parts) == 5:
            ukm = tlv(context(0), *_held(parts.pop(2), 1))
        if len(parts) != 4 or parts[1][0] != context(0):
            return
        for each in children(parts[3], limit=MAX_RECIPIENTS):
            named, wrapped = _held(each, 2)
            for identity in self._identities:
                if _is_named(identity.certificate, named):
                    self.is_ours = True
                    (originator,) = _held(parts[1], 1)
                    key = disagree(identity.private_key, originator, ukm, parts[2], content(wrapped))
                    self._found = key or self._found
                    return


def _held(element: bytes, count: int) -> list[bytes]:
    """Return the elements inside one that must hold so many. Raises PartnerFault as2.cms-malformed."""
    found = children(element, limit=count)
    if len(found) != count:
        raise PartnerFault("as2.cms-malformed", detail="recipient")
    return found


def _is_named(certificate: Certificate, named: bytes) -> bool:
    """Compare with a KeyAgreeRecipientIdentifier: issuer and serial, or [0] with a key identifier inside."""
    if named[0] == context(0):
        parts = children(named, limit=4)
        return bool(parts) and certificate.key_identifier == content(parts[0])
    return certificate.is_named_by(named)


class Envelope:
    """One envelope being read. cipher_name is known at once, the plaintext comes from chunks()."""

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
        content_type = reader.element()
        if content_type not in (ENVELOPED_DATA, AUTH_ENVELOPED_DATA):
            raise PartnerFault("as2.cms-malformed", detail="not EnvelopedData")
        reader.enter(context(0))
        reader.enter(SEQUENCE)
        reader.skip()  # version
        if reader.peek() == context(0):
            reader.skip()  # originator's certificates
        keyring = _Keyring(identities)
        reader.enter(SET)
        count = 0
        while reader.peek() is not None:
            count += 1
            if count > MAX_RECIPIENTS:
                raise PartnerFault("as2.cms-malformed", detail="too many recipients")
            keyring.read(reader.element())
        reader.leave()
        if not keyring.is_ours:
            raise PartnerFault("as2.not-for-us")
        reader.enter(SEQUENCE)
        reader.skip()  # content type: what is inside says so itself
        authenticated = content_type == AUTH_ENVELOPED_DATA
        self._use = cipher_of(reader.element(), accepted_ciphers, authenticated=authenticated)
        self._key = keyring.key(self._use.cipher, random)
        self._reader = reader

    @property
    def cipher_name(self) -> str:
        return self._use.cipher.name

    def chunks(self) -> Iterator[bytes]:
        """Yield the plaintext. It is not authenticated: nothing may be done with it before all of it was read and a
        signature inside holds, or GCM's tag did.

        Raises PartnerFault as2.decryption-failed at the end when the padding or the tag is wrong."""
        return self._gcm_chunks() if self._use.cipher.is_authenticated else self._cbc_chunks()

    def _cbc_chunks(self) -> Iterator[bytes]:
        decryptor = Primitive(self._use.cipher.primitive(self._key), CBC(self._use.vector)).decryptor()
        block = self._use.cipher.block_length
        held = b""
        size = 0
        for piece in self._reader.octets(context(0, constructed=False)):
            size += len(piece)
            if len(held) > block:  # not the last: a message of one piece goes on in one piece
                yield held[:-block]
                held = held[-block:]
            held += decryptor.update(piece)
        pad = held[-1] if held else 0
        if size == 0 or size % block or not 1 <= pad <= block or held[-pad:] != bytes([pad]) * pad:
            yield held[:-block]  # what reads it does the same work whether the padding is right or wrong
            raise PartnerFault("as2.decryption-failed")
        yield held[:-pad]

    def _gcm_chunks(self) -> Iterator[bytes]:
        mode = GCM(self._use.vector, None, min_tag_length=self._use.tag_length)
        decryptor = Primitive(self._use.cipher.primitive(self._key), mode).decryptor()
        for piece in self._reader.octets(context(0, constructed=False)):
            yield decryptor.update(piece)
        self._reader.leave()
        if self._reader.peek() == context(1):  # authenticated attributes come after what they would have to precede
            raise PartnerFault("as2.algorithm-refused", kind="cipher", value="authenticated attributes")
        tag = self._reader.primitive(OCTET_STRING, GCM_TAG_BYTES)
        try:
            if len(tag) != self._use.tag_length:
                raise InvalidTag
            decryptor.finalize_with_tag(tag)
        except InvalidTag:
            raise PartnerFault("as2.decryption-failed") from None
