from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from portal_scene import FREMD, OATS, World, running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """One running node for a module, with an order to the partner fremd."""
    async with running(tmp_path_factory.mktemp("portal") / "house") as found:
        await found.order_from("fremd", FREMD, {OATS: 24})
        yield found
