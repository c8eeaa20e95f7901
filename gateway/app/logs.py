"""The log on stderr: lines to read on a terminal, one JSON object a line where a program reads.

Each object has time, level, event (the logger's name), message; and message_id, arrival_id, parcel_id, partner, lane,
request where they are known. Bytes and secrets are never logged.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime

from aiohttp.http_exceptions import HttpProcessingError

FIELDS = ("message_id", "arrival_id", "parcel_id", "partner", "lane", "request", "path")
_UUID = r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_NAMED = {
    "message_id": re.compile(rf"\bmessage {_UUID}"),
    "arrival_id": re.compile(rf"\barrival {_UUID}"),
    "parcel_id": re.compile(rf"\b(?:parcel|delivery of|wrapping of) {_UUID}"),
    "lane": re.compile(r"\blane (\S+)"),
}


class JsonLines(logging.Formatter):
    """One JSON object a line, with the ids that a message names as fields of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        text = record.getMessage()
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"time": at, "level": record.levelname.lower(), "event": record.name, "message": text}
        for name, pattern in _NAMED.items():
            found = pattern.search(text)
            if found:
                line[name] = found[1]
        line |= {name: str(getattr(record, name)) for name in FIELDS if getattr(record, name, None) is not None}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class StrangersMistakes(logging.Filter):
    """Lets what is no HTTP, which anybody can send at any rate, be one line without the way it took through aiohttp."""

    def filter(self, record: logging.LogRecord) -> bool:
        """See logging.Filter: every record passes, some without their traceback."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.msg, record.args = "no HTTP: %s", (error.message.partition("\n")[0][:200],)
            record.exc_info = None
        return True


def set_up(*, as_json: bool | None = None) -> None:
    """Write the log of this process to stderr. as_json None: as JSON unless stderr is a terminal."""
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    wanted = not sys.stderr.isatty() if as_json is None else as_json
    handler.setFormatter(JsonLines() if wanted else plain)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("aiohttp.server").addFilter(StrangersMistakes())
