"""Running sessions of everybody, each with a way to end it."""

from aiohttp import web

from gateway.console.pages import PageTable
from gateway.console.reader import Reader

TABLE = PageTable()


@TABLE.get("/sessions", "users.read")
async def sessions_page(reader: Reader) -> web.StreamResponse:
    found = await reader.read(reader.services.access.sessions, reader.services.wall.now())
    return reader.page("sessions.html", sessions=found)


@TABLE.post("/sessions/{id}/end", "users.write")
async def end_session(reader: Reader) -> web.StreamResponse:
    session_id, now = reader.request.match_info["id"], reader.services.wall.now()
    await reader.read(reader.services.access.revoke_session, session_id, now, by=reader.user)
    raise web.HTTPSeeOther("/sessions?done=ended")
