"""Whether a node lives, as PostgreSQL knows it: its session holds a lock, which ends with the process at once."""

from hashlib import sha256
from threading import Lock

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

_HOLD = text("SELECT pg_try_advisory_lock(:key)")
_TRY = text("SELECT pg_try_advisory_xact_lock(:key)")


def node_lock(node_id: str) -> int:
    """Return the number of a node's lock."""
    return int.from_bytes(sha256(f"node {node_id}".encode()).digest()[:8], "big", signed=True)


class NodeSession:
    """A connection of its own that holds the node's lock. After an outage of the database it is opened anew."""

    def __init__(self, engine: Engine, node_id: str) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._key = node_lock(node_id)
        self._guard = Lock()
        self._held: Connection | None = self._take()

    def _take(self) -> Connection:
        connection = self._engine.connect()
        connection.execute(_HOLD, {"key": self._key})
        return connection

    def is_alive(self, node_id: str) -> bool:
        """Tell whether another node's session is open. Raises DBAPIError while the database is away."""
        with self._guard:
            if self._held is None:
                self._held = self._take()
            try:
                return not self._held.execute(_TRY, {"key": node_lock(node_id)}).scalar_one()
            except DBAPIError:
                self._held.close()
                self._held = None
                raise

    def close(self) -> None:
        with self._guard:
            if self._held is not None:
                self._held.invalidate()  # a session must not go back to the pool with its lock
                self._held.close()
                self._held = None
