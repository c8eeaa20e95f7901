from collections.abc import Iterator
from pathlib import Path

import pytest
from console_scene import Scene, fill, scenes


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """An empty journal with a console."""
    yield from scenes(tmp_path)


@pytest.fixture
def ids(scene: Scene) -> dict[str, str]:
    """A morning of trade in that journal; ids by name."""
    return fill(scene)
