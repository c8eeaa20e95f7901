"""What must hold in every journal at every moment, checked by queries that share no code with what writes it."""

from dataclasses import dataclass

from sqlalchemy import Engine, text

from gateway.model.faults import OurFault
from gateway.ports.shell import Blobs

EXAMPLES = 5

# Each query gives the ids of rows that break the rule.
RULES = {
    "an arrival that was read holds a message or an interchange": """
        SELECT a.id FROM arrival a WHERE a.state = 'parsed'
        AND NOT EXISTS (SELECT 1 FROM message m WHERE m.arrival = a.id)
        AND NOT EXISTS (SELECT 1 FROM interchange i WHERE i.arrival = a.id)""",
    "a dedupe key belongs to an arrival that is there, or was archived or dropped in time": """
        SELECT d.arrival FROM dedupe d WHERE d.receipt IS NULL
        AND NOT EXISTS (SELECT 1 FROM arrival a WHERE a.id = d.arrival)""",
    "a message belongs to an arrival that is there": """
        SELECT m.id FROM message m WHERE NOT EXISTS (SELECT 1 FROM arrival a WHERE a.id = m.arrival)""",
    "an interchange belongs to an arrival that is there": """
        SELECT i.arrival FROM interchange i WHERE NOT EXISTS (SELECT 1 FROM arrival a WHERE a.id = i.arrival)""",
    "the bytes of an arrival are there": """
        SELECT a.id FROM arrival a WHERE NOT EXISTS (SELECT 1 FROM payload p WHERE p.sha256 = a.sha256)""",
    "the bytes of a parcel are there": """
        SELECT x.id FROM parcel x WHERE NOT EXISTS (SELECT 1 FROM payload p WHERE p.sha256 = x.sha256)""",
    "a place in an arrival holds one message": """
        SELECT min(m.id) FROM message m GROUP BY m.arrival, m.position HAVING count(*) > 1""",
    "no two arrivals share a place in the order of acceptance": """
        SELECT min(a.id) FROM arrival a GROUP BY a.seq HAVING count(*) > 1""",
    "no two parcels share a place in the order of sending": """
        SELECT min(p.id) FROM parcel p GROUP BY p.seq HAVING count(*) > 1""",
    "a message carries the seq of its arrival": """
        SELECT m.id FROM message m JOIN arrival a ON a.id = m.arrival WHERE m.seq <> a.seq""",
    "an effect belongs to a message that was applied": """
        SELECT DISTINCT e.message FROM effect e LEFT JOIN message m ON m.id = e.message
        WHERE m.id IS NULL OR m.state NOT IN ('applied', 'done')""",
    "an applied message still waits for a parcel": """
        SELECT m.id FROM message m WHERE m.state = 'applied' AND NOT EXISTS (
        SELECT 1 FROM parcel p WHERE p.cause = m.id AND p.state NOT IN ('accepted', 'refused', 'parked', 'expired')
        AND NOT (p.state = 'acked' AND p.expects IS NULL))""",
    "a finished message waits for no parcel": """
        SELECT m.id FROM message m WHERE m.state = 'done' AND EXISTS (SELECT 1 FROM parcel p WHERE p.cause = m.id
        AND p.state IN ('queued', 'waiting', 'wrapped', 'sending', 'retry')
        AND NOT EXISTS (SELECT 1 FROM event e WHERE e.subject = p.id AND e.what = 'resent'))""",
    "a parcel that was sent was wrapped before": """
        SELECT p.id FROM parcel p WHERE p.state IN ('sent', 'acked') AND p.transport_id IS NULL
        AND p.carrier IS NULL""",
    "what is carried has a carrier that is kept": """
        SELECT p.id FROM parcel p WHERE p.carrier IS NOT NULL
        AND p.state NOT IN ('acked', 'accepted', 'refused', 'parked', 'expired')
        AND NOT EXISTS (SELECT 1 FROM parcel c WHERE c.id = p.carrier)""",
    "a parcel that waits for others has a timer": """
        SELECT p.id FROM parcel p WHERE p.state = 'waiting' AND p.carrier IS NULL
        AND NOT EXISTS (SELECT 1 FROM timer t WHERE t.kind = 'batch' AND t.subject = p.lot)""",
    "a Message-ID belongs to one parcel": """
        SELECT min(p.id) FROM parcel p WHERE p.transport_id IS NOT NULL GROUP BY p.partner, p.transport_id
        HAVING count(*) > 1""",
    "a control reference is used once per partner among what is on its way": """
        SELECT min(p.id) FROM parcel p WHERE p.control_reference IS NOT NULL
        AND p.state NOT IN ('acked', 'accepted', 'refused', 'parked', 'expired')
        GROUP BY p.partner, p.control_reference HAVING count(*) > 1""",
    "a finished message holds back no lane": """
        SELECT m.id FROM message m WHERE m.blocks AND m.state IN ('applied', 'done')""",
    "a held message is matched by a hold": """
        SELECT m.id FROM message m WHERE m.state = 'held' AND NOT EXISTS (SELECT 1 FROM hold h WHERE
        (h.kind = 'partner' AND h.key = m.partner) OR (h.kind = 'channel' AND h.key = m.channel)
        OR (h.kind = 'type' AND h.key IN (m.document_type, m.type)))""",
    "a timer of a CONTRL belongs to a parcel that waits for it": """
        SELECT t.subject FROM timer t LEFT JOIN parcel p ON p.id = t.subject WHERE t.kind = 'contrl'
        AND (p.id IS NULL OR p.state IN ('accepted', 'refused'))""",
    "no stock is allocated or backordered below zero": """
        SELECT s.gtin FROM stock s WHERE s.allocated < 0 OR s.backordered < 0""",
}
_BLOBS = "SELECT sha256, size_bytes FROM payload WHERE data IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A rule that does not hold. examples: ids, a few of count."""

    rule: str
    count: int
    examples: tuple[str, ...]


def check(reader: Engine, blobs: Blobs) -> list[Breach]:
    """Return what is broken, all seen in one snapshot; nothing means that every rule holds."""
    with reader.connect() as connection:
        found = {rule: [str(row[0]) for row in connection.execute(text(query))] for rule, query in RULES.items()}
        kept = connection.execute(text(_BLOBS)).all()
    found["a large payload is in the blob folder, whole"] = [
        sha256 for sha256, size_bytes in kept if not _is_whole(blobs, sha256, size_bytes)
    ]
    return [Breach(rule=rule, count=len(ids), examples=tuple(ids[:EXAMPLES])) for rule, ids in found.items() if ids]


def _is_whole(blobs: Blobs, sha256: str, size_bytes: int) -> bool:
    try:
        return blobs.get(sha256).size_bytes == size_bytes
    except OurFault:
        return False
