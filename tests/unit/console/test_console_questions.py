"""How much a page asks of the database: one connection for all it shows, and few questions."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, Scene
from sqlalchemy import event

SIGNED_IN = 1  # connection that tells who asks


@contextmanager
def asked_of(scene: Scene) -> Iterator[list[str]]:
    """Give the statements that are run while it is open, each connection begun by "CONNECTION"."""
    engine, told = scene.journal.reader, list[str]()

    def statement(connection, cursor, text, *_) -> None:
        told.append(text)

    def begun(connection) -> None:
        told.append("CONNECTION")

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "begin", begun)
    yield told
    event.remove(engine, "before_cursor_execute", statement)
    event.remove(engine, "begin", begun)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/messages/{good}", 16),
        ("/messages/{parked}", 13),
        ("/parcels/{parcel}", 18),
        ("/messages/{unread}", 11),
        ("/messages", 18),
    ],
)
async def test_a_page_of_the_log_is_read_over_one_connection(
    scene: Scene, ids: dict[str, str], aiohttp_client, path: str, most: int
) -> None:
    client: TestClient = await aiohttp_client(scene.app())
    scene.access.add_user("anna", "admin", NOW, by="test")
    await client.get("/login?token=" + scene.access.make_login_link("anna", NOW), allow_redirects=False)
    with asked_of(scene) as told:
        answer = await client.get(path.format(**ids))
    assert answer.status == 200
    assert told.count("CONNECTION") <= SIGNED_IN + 1 + (path == "/messages"), told  # named views are kept apart
    questions = [each for each in told if each.startswith(("SELECT", "WITH"))]
    assert len(questions) <= most, "\n".join(questions)
