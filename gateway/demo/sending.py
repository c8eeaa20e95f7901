"""gateway demo send: hand any file to a running simulated partner and follow it through the gateway."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientSession

from gateway.demo.links import Away, Gateway, Remote, insist
from gateway.demo.wires import LIMIT_BYTES
from gateway.demo.world import Places, Progress
from gateway.model.faults import OurFault

FOLLOW_S = 20.0
LOOK_EVERY_S = 0.3
AT_REST = frozenset({"done", "parked", "quarantined", "held"})
Say = Callable[[str], None]


async def send_file(places: Places, file: Path, as_partner: str, say: Say) -> bool:
    """Return True when the gateway gave its receipt. Raises OurFault demo.*, config.unreadable."""
    settings = {each.name: each for each in places.partners()}
    progress = Progress.read(places.progress)
    if progress is None:
        raise OurFault("demo.never-started", value=str(places.demo))
    if as_partner not in settings:
        raise OurFault("demo.no-such-partner", value=as_partner, known=", ".join(sorted(settings)))
    data = _read(file)
    address = places.settings.console_port
    async with ClientSession() as session:
        gateway = Gateway(
            session=session, url=f"http://{address.host}:{address.port}", partners_url="", api_key=progress.api_key
        )
        try:
            answer = await Remote(session=session, settings=settings[as_partner]).send(data)
        except Away:
            raise OurFault("demo.not-running", value=as_partner) from None
        entry = answer["sent"][0]
        say(_outcome(as_partner, entry))
        if entry["state"] == "acked":
            await _follow(gateway, as_partner, entry["filename"], say)
    return bool(entry["state"] == "acked")


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LIMIT_BYTES)
    except OSError as error:
        raise OurFault("config.unreadable", at=str(file), detail=error.strerror or "?") from error


def _outcome(partner: str, entry: Mapping[str, Any]) -> str:
    """Return what the gateway answered, in one or two lines."""
    evidence = entry["outcome"]
    sent = f"{partner} sent {entry['kind']} {entry['number']} over {entry['line']} as <{entry['message_id']}>"
    if entry["state"] == "pending":
        return f"{sent}\nno answer yet: the partner goes on trying"
    if "mdn" in evidence:
        mdn = evidence["mdn"]
        kind = "signed MDN" if mdn["signed"] else "unsigned MDN"
        return f"{sent}\n{kind}: {mdn['disposition']}; MIC {mdn['mic']}\n{mdn['text']}".rstrip()
    return f"{sent}\n{evidence.get('status')}: {evidence.get('answer', evidence.get('fault', ''))}"


async def _follow(gateway: Gateway, partner: str, filename: str, say: Say) -> None:
    """Say each change of state of the messages that were in the file, until all are at rest."""
    query = urlencode({"partner": partner, "direction": "in", "text": filename})
    known: dict[str, str] = {}
    for _ in range(int(FOLLOW_S / LOOK_EVERY_S)):
        found = await insist(gateway.messages, query)
        lines = [each for each in found if each.get("filename") == filename]
        for each in reversed(lines):
            if known.get(each["id"]) != each["state"]:
                known[each["id"]] = each["state"]
                await _tell(gateway, each, say)
        messages = [each for each in lines if each["kind"] == "message"] or lines
        if messages and all(each["state"] in AT_REST for each in messages):
            return
        await asyncio.sleep(LOOK_EVERY_S)


async def _tell(gateway: Gateway, line: Mapping[str, Any], say: Say) -> None:
    say(f"  {line['type']} {line.get('businessNumber') or ''} {line['id']}: {line['state']}")
    if line["state"] not in ("parked", "quarantined"):
        return
    detail = await insist(gateway.message, line["id"])
    for problem in (detail or {}).get("problems", ())[:5]:
        say(f"    {problem.get('code')}: {problem.get('text') or problem.get('detail') or ''}")
