"""How a message is protected: by agreement, and what is said when it is not.

Source: RFC 4130 section 7.5 (disposition modifiers).
"""

from dataclasses import dataclass

from gateway.codecs.cms.algorithms import ACCEPTED_CIPHERS, ACCEPTED_DIGESTS
from gateway.model.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """Which layers a message must have (receiving: at least; sending: exactly), by agreement with the partner."""

    signed: bool = True
    encrypted: bool = True
    digests: frozenset[str] = ACCEPTED_DIGESTS
    ciphers: frozenset[str] = ACCEPTED_CIPHERS

    @property
    def name(self) -> str:
        """The form in which read takes it."""
        wanted = (("signed", self.signed), ("encrypted", self.encrypted))
        return "+".join(name for name, is_wanted in wanted if is_wanted) or "plain"

    @classmethod
    def read(cls, text: str) -> "Protection":
        """Parse signed+encrypted, signed, encrypted or plain. Raises ValueError."""
        names = set(text.split("+"))
        if not names <= {"signed", "encrypted"} and names != {"plain"}:
            raise ValueError(f"{text!r} is not one of signed+encrypted, signed, encrypted, plain")
        return cls(signed="signed" in names, encrypted="encrypted" in names)


MODIFIERS = {
    "as2.decryption-failed": "decryption-failed",
    "as2.not-for-us": "decryption-failed",
    "as2.decompression-failed": "decompression-failed",
    "as2.digest-mismatch": "integrity-failed",
    "as2.signature-invalid": "integrity-failed",
    "as2.signer-unknown": "authentication-failed",
    "as2.protection-missing": "insufficient-message-security",
    "as2.unknown-partner": "unknown-trading-relationship",
    "as2.id-reused": "duplicate-document",
    "as2.bad-header": "invalid-message-id",
}


def modifier(fault: Fault) -> str:
    """Return the disposition modifier for a fault (RFC 4130 section 7.5.4).

    For an encrypted message that proved nothing there is one answer for every cause: whoever changes a ciphertext
    must not learn from the answer how far it got. Where the signature held (signed_by), its signer may know.
    """
    if "encrypted" in str(fault.params.get("layers", "")) and "signed_by" not in fault.params:
        return "decryption-failed"
    return MODIFIERS.get(fault.code, "unexpected-processing-error")


EXPLANATIONS = {
    "decryption-failed": "The message could not be decrypted, or is not protected as agreed.",
    "decompression-failed": "The message could not be decompressed.",
    "integrity-failed": "The signature does not fit the content.",
    "authentication-failed": "The message is not signed with a certificate known here for its sender.",
    "insufficient-message-security": "The message is not protected as agreed.",
    "unknown-trading-relationship": "No trading relationship is known for this AS2-From and AS2-To.",
    "duplicate-document": "This Message-ID was used before for other content. It was not processed.",
    "unexpected-processing-error": "The message could not be read.",
    "invalid-message-id": "The Message-ID is missing or not allowed.",
    "sender-equals-receiver": "AS2-From and AS2-To are the same.",
    "unsupported format": "Receipts are signed with application/pkcs7-signature only.",
    "unsupported MIC-algorithms": "None of the MIC algorithms that were required exists here.",
}
