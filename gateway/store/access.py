"""Who may come in: users with links, passwords and a second factor, sessions, API keys, calls made once.

Tokens are kept only as their SHA-256: a token is 256 random bits, so that a fast digest is enough; only passwords need
a slow one. Reads go over the read engine, writes through the journal's one writer.
"""

from sqlalchemy import Engine

from gateway.store.access_calls import IdempotentCalls
from gateway.store.access_invites import Invitations
from gateway.store.access_keys import ApiKeys
from gateway.store.access_rows import ROLES, KeyBearer, Sealing, SignedIn, Ticket, User, digest_of
from gateway.store.access_sessions import ABSOLUTE_LIFETIME, IDLE_LIFETIME, LINK_LIFETIME
from gateway.store.sql_tx import SqlTx, Writes

__all__ = [
    "ABSOLUTE_LIFETIME",
    "IDLE_LIFETIME",
    "LINK_LIFETIME",
    "ROLES",
    "Access",
    "KeyBearer",
    "SignedIn",
    "SqlTx",
    "Ticket",
    "User",
    "Writes",
    "digest_of",
]


class Access(Invitations, ApiKeys, IdempotentCalls):
    """sealing: the key store, for the secrets of second factors; None where nobody has one."""

    def __init__(self, engine: Engine, journal: Writes, sealing: Sealing | None = None) -> None:
        self._engine = engine
        self._journal = journal
        self._sealing = sealing

    def keep_secrets_in(self, sealing: Sealing) -> None:
        """Seal secrets with a key store that is opened later than the journal."""
        self._sealing = sealing
