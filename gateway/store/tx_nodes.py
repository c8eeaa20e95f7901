"""Nodes: the processes that share one journal, and what becomes of the work of one that fell silent."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update

from gateway.ports.records import NodeRow
from gateway.store.forms import micros, moment, optional_micros
from gateway.store.prepared import Inserter, Prepared
from gateway.store.tables import PARCEL_OPEN, lane, node, parcel
from gateway.store.tx_open import OpenTx


def _beat(insert: Inserter) -> Any:
    row = insert(node)
    return row.on_conflict_do_update(
        index_elements=[node.c.id], set_={name: row.excluded[name] for name in ("seen_at", "stopped_at", "build")}
    )


_BEAT = Prepared(_beat, ("id", "host", "pid", "build", "started_at", "seen_at", "stopped_at"))


class NodesTx(OpenTx):
    """Which nodes are alive."""

    def beat(self, node: NodeRow) -> None:
        """See ports.journal."""
        self._driver.run(
            _BEAT,
            id=node.id,
            host=node.host,
            pid=node.pid,
            build=node.build,
            started_at=micros(node.started_at),
            seen_at=micros(node.seen_at),
            stopped_at=optional_micros(node.stopped_at),
        )

    def nodes(self) -> list[NodeRow]:
        """Every node that is known, the newest first."""
        found = self.connection.execute(select(node).order_by(node.c.started_at.desc(), node.c.id))
        return [
            NodeRow(
                id=row.id,
                host=row.host,
                pid=row.pid,
                build=row.build,
                started_at=moment(row.started_at),
                seen_at=moment(row.seen_at),
                stopped_at=None if row.stopped_at is None else moment(row.stopped_at),
            )
            for row in found
        ]

    def take_over(self, node_id: str, wall: datetime, now: datetime) -> list[str]:
        """See ports.journal. If the node was only asleep, its late writes fail on the epoch once another has claimed;
        until then nobody else writes."""
        at = micros(now)
        freed = self.connection.execute(
            update(lane).where(lane.c.owner == node_id).values(owner=None, lease_until=None).returning(lane.c.key)
        ).scalars().all()  # fmt: skip
        self.connection.execute(
            update(parcel)
            .where(text(f"parcel.{PARCEL_OPEN}"), parcel.c.state == "sending", parcel.c.owner == node_id)
            .values(next_at=at, lease_until=at)
        )
        self.connection.execute(
            update(node).where(node.c.id == node_id, node.c.stopped_at.is_(None)).values(stopped_at=micros(wall))
        )
        return sorted(freed)
