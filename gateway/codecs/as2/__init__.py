"""AS2 messages: seal what we send, open what comes, and the header rules. No I/O: bytes in, bytes out.

Source: RFC 4130, RFC 5402, RFC 5751.
"""

from gateway.codecs.as2.addressing import (
    AS2_VERSION,
    FEATURES,
    RECEIPTS,
    Addressing,
    ReceiptRequest,
    ReceiptWish,
    read_addressing,
    read_id,
    write_id,
)
from gateway.codecs.as2.opening import Attached, Opened, open_message
from gateway.codecs.as2.protection import EXPLANATIONS, Protection, modifier
from gateway.codecs.as2.sealing import COMPRESSIONS, Packaging, Part, Sealed, seal
from gateway.codecs.as2.spool import MakeSpool, MemorySpool, Spool

__all__ = [
    "AS2_VERSION",
    "COMPRESSIONS",
    "EXPLANATIONS",
    "FEATURES",
    "RECEIPTS",
    "Addressing",
    "Attached",
    "MakeSpool",
    "MemorySpool",
    "Opened",
    "Packaging",
    "Part",
    "Protection",
    "ReceiptRequest",
    "ReceiptWish",
    "Sealed",
    "Spool",
    "modifier",
    "open_message",
    "read_addressing",
    "read_id",
    "seal",
    "write_id",
]
