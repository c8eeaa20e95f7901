"""The API's reference page speaks the reader's language."""

from typing import Any

import pytest
from console_scene import NOW, Scene

from gateway.api.surface import all_routes
from gateway.texts.api_summaries import chinese_summary


def test_every_operation_is_told_in_chinese() -> None:
    untold = [f"{each.method} {each.path}" for each in all_routes() if not chinese_summary(each.method, each.path)]
    assert untold == [], "a line each in gateway/texts/api_summaries.py"


@pytest.mark.parametrize(
    ("language", "wanted", "told"),
    [("zh-CN", "重新处理搁置", "用保存的字节重新处理搁置的报文"), ("en", "its kept bytes", "from its kept bytes")],
)
async def test_operations_are_found_by_the_words_of_the_reader(
    scene: Scene, ids: dict[str, str], aiohttp_client: Any, language: str, wanted: str, told: str
) -> None:
    client = await aiohttp_client(scene.app())
    scene.access.add_user("anna", "admin", NOW, by="test")
    await client.get("/login?token=" + scene.access.make_login_link("anna", NOW), allow_redirects=False)
    await client.get(f"/view?language={language}", allow_redirects=False)
    html = await (await client.get("/reference", params={"q": wanted})).text()
    assert told in html
    assert html.count('class="operation') == 1
